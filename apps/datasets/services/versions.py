"""What people do with the versions of a data set, and which of them counts."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import DataFile, Dataset, DatasetVersion, VersionDifference
from apps.datasets.services.about import check_columns, check_key, check_length
from apps.datasets.services.expectations import start_check
from apps.datasets.services.files import check_upload, queue_for, submit_file
from apps.datasets.signals import dataset_replaced
from apps.datasets.uploads import IncomingFile
from apps.jobs import services as jobs
from apps.projects.access import Action, require

DIFFERENCE_TASK = "apps.datasets.tasks.difference"
NOTE_CHARACTERS = 2_000

Origin = DatasetVersion.Origin
State = DatasetVersion.State


def version_in_force(dataset: Dataset) -> DatasetVersion | None:
    """What the data set holds now, with its file."""
    return dataset.versions.select_related("file").filter(state=State.IN_FORCE).first()


@transaction.atomic
def add_version(
    *,
    dataset: Dataset,
    user: User,
    file: DataFile | None = None,
    upload: IncomingFile | None = None,
    note: str = "",
    parent: DatasetVersion | None = None,
    origin: str = Origin.UPLOAD,
) -> DatasetVersion:
    """Give the data set new content: a file of the project, or one that has just arrived.

    Where something is expected of the data it is checked first, and counts once it passes. From then on
    whatever was judged on the version before is stale. ``parent``: what it was made from, the version in
    force unless said. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, dataset.project)
    check_length(note, NOTE_CHARACTERS, "note_too_long")
    sent = upload if file is None else file
    if sent is None:
        raise InputRejected("no_file", gettext_noop("No file was chosen. Choose the file of the version."))
    if isinstance(sent, DataFile):
        _check_file(sent, dataset)
    else:
        check_upload(sent)
    if parent is not None and parent.dataset_id != dataset.pk:
        raise InputRejected(
            "foreign_parent", gettext_noop("A version is made from a version of the same data set.")
        )
    # Two people at once get two numbers; a requirement that names the data set need not wait for them.
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)
    newest = dataset.versions.select_related("file").first()
    if newest is not None and newest.file.sha256 == sent.sha256:
        raise InputRejected(
            "same_content",
            gettext_noop("Version %(number)d has the same content as “%(file)s”, so nothing is replaced."),
            number=newest.number,
            file=sent.name,
        )
    if not isinstance(sent, DataFile):
        purpose = DataFile.Purpose.TRUTH if dataset.role == Dataset.Role.HOLDOUT else DataFile.Purpose.DATA
        sent = submit_file(project=dataset.project, user=user, upload=sent, purpose=purpose)
    is_checked = dataset.expectations.exists()
    version = DatasetVersion.objects.create(
        project_id=dataset.project_id,
        dataset=dataset,
        number=(newest.number if newest else 0) + 1,
        state=State.CHECKING if is_checked else State.IN_FORCE,
        file=sent,
        parent=parent or version_in_force(dataset),
        origin=origin,
        note=note.strip(),
        created_by=user,
    )
    if is_checked:
        start_check(version=version, user=user)
    else:
        dataset_replaced.send(sender=Dataset, dataset=dataset)
    return version


def _check_file(file: DataFile, dataset: Dataset) -> None:
    if file.project_id != dataset.project_id:
        raise InputRejected(
            "file_of_other_project",
            gettext_noop("The file “%(file)s” belongs to another project. Upload it to this one."),
            file=file.name,
        )
    if dataset.role == Dataset.Role.HOLDOUT and file.purpose != DataFile.Purpose.TRUTH:
        raise InputRejected(
            "not_a_truth_file",
            gettext_noop(
                "“%(file)s” is no truth file. A hold-out takes truth files: upload the rows with their true "
                "values as a truth file."
            ),
            file=file.name,
        )
    if file.purpose == DataFile.Purpose.PREDICTIONS:
        raise InputRejected(
            "predictions_file",
            gettext_noop(
                "“%(file)s” is a file of predictions. A data set takes truth files and files of data: upload "
                "the rows that it shall hold."
            ),
            file=file.name,
        )


@transaction.atomic
def start_difference(
    *,
    older: DatasetVersion,
    newer: DatasetVersion,
    user: User,
    key_columns: Sequence[str] | None = None,
) -> VersionDifference:
    """The difference of two versions by these columns: the one that is there, or a new one with its job.

    Without ``key_columns`` those of the data set count; of an empty list whole rows are compared.
    """
    dataset = older.dataset
    require(user, Action.UPLOAD, dataset.project)
    if newer.dataset_id != dataset.pk or older.pk == newer.pk:
        raise InputRejected(
            "no_two_versions", gettext_noop("Choose two different versions of the same data set.")
        )
    if older.number > newer.number:
        older, newer = newer, older
    key = list(dataset.key_columns if key_columns is None else key_columns)
    check_key(key)
    for version in (older, newer):
        if version.file.is_read:
            check_columns(key, version.file)
    Dataset.objects.select_for_update(no_key=True).get(pk=dataset.pk)  # asked twice at once: one job
    known = VersionDifference.objects.filter(older=older, newer=newer, key_columns=key)
    if found := known.select_related("job").first():
        return found
    return VersionDifference.objects.create(
        project_id=dataset.project_id,
        older=older,
        newer=newer,
        key_columns=key,
        job=jobs.submit_job(
            project=dataset.project,
            user=user,
            task=DIFFERENCE_TASK,
            title=f"{dataset}: {older.number} – {newer.number}",
            queue=queue_for(older.file, newer.file),
        ),
    )
