"""What people do with data sets: data under one name, whose content is replaced by versions."""

from __future__ import annotations

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.datasets.signals import dataset_replaced
from apps.projects.access import Action, require
from apps.projects.models import Project

NAME_CHARACTERS, NOTE_CHARACTERS = 120, 2_000


@transaction.atomic
def add_dataset(*, project: Project, user: User, name: str, role: str = Dataset.Role.HOLDOUT) -> Dataset:
    """Name data whose content will be replaced from time to time. It has no version yet."""
    require(user, Action.UPLOAD, project)
    name = " ".join(name.split())
    if not name:
        raise InputRejected("empty_name", gettext_noop("Give the data set a name, such as “Hold-out”."))
    if len(name) > NAME_CHARACTERS:
        raise InputRejected(
            "name_too_long",
            gettext_noop("A data set's name has at most %(most)d characters."),
            most=NAME_CHARACTERS,
        )
    if role not in Dataset.Role.values:
        raise InputRejected(
            "unknown_role",
            gettext_noop("There is no use “%(role)s” of a data set. Known: %(known)s."),
            role=role,
            known=", ".join(Dataset.Role.values),
        )
    Project.objects.select_for_update().get(pk=project.pk)  # of two equal names the later one is refused
    if Dataset.objects.filter(project=project, name=name).exists():
        raise InputRejected(
            "name_taken", gettext_noop("The project has a data set named “%(name)s” already."), name=name
        )
    return Dataset.objects.create(project=project, name=name, role=role)


@transaction.atomic
def add_version(*, dataset: Dataset, user: User, file: DataFile, note: str = "") -> DatasetVersion:
    """Replace what the data set holds. Whatever was judged on the version before is stale from now on."""
    require(user, Action.UPLOAD, dataset.project)
    if file.project_id != dataset.project_id:
        raise InputRejected(
            "file_of_other_project",
            gettext_noop("The file “%(file)s” belongs to another project. Upload it to this one."),
            file=file.name,
        )
    if file.purpose != DataFile.Purpose.TRUTH:
        raise InputRejected(
            "not_a_truth_file",
            gettext_noop(
                "“%(file)s” is a file of predictions. A data set takes truth files: upload the rows with "
                "their true values as a truth file."
            ),
            file=file.name,
        )
    note = note.strip()
    if len(note) > NOTE_CHARACTERS:
        raise InputRejected(
            "note_too_long",
            gettext_noop("The note has %(length)d characters; at most %(most)d are kept."),
            length=len(note),
            most=NOTE_CHARACTERS,
        )
    # Two people at once get two numbers; a requirement that names the data set need not wait for them.
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    newest = dataset.versions.select_related("file").first()
    if newest is not None and newest.file.sha256 == file.sha256:
        raise InputRejected(
            "same_content",
            gettext_noop("Version %(number)d has the same content as “%(file)s”, so nothing is replaced."),
            number=newest.number,
            file=file.name,
        )
    version = DatasetVersion.objects.create(
        project_id=dataset.project_id,
        dataset=dataset,
        number=(newest.number if newest else 0) + 1,
        file=file,
        note=note,
        created_by=user,
    )
    dataset_replaced.send(sender=Dataset, dataset=dataset)
    return version
