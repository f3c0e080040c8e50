"""What people do with files."""

from __future__ import annotations

from collections.abc import Mapping

from django.conf import settings
from django.db import transaction
from django.db.models import ProtectedError, Sum

from apps.accounts.models import User
from apps.compute.disk import is_full
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import ColumnRole, roles_to_json
from apps.datasets import storage
from apps.datasets.content import lock_content, remove_unused_content
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.datasets.signals import dataset_replaced
from apps.datasets.uploads import IncomingFile, disk_full
from apps.jobs import services as jobs
from apps.jobs.models import Queue
from apps.projects.access import Action, require
from apps.projects.models import Project

READ_TASK = "apps.datasets.tasks.read"
#: Above this many bytes reading a file goes to the queue for long work.
LONG_FILE_BYTES = 100 * 1024**2
NAME_CHARACTERS, NOTE_CHARACTERS = 120, 2_000


def check_upload(upload: IncomingFile, *, sha256: str = "") -> None:
    """Raise what is wrong with a received file, before anything is stored about it."""
    if upload.fault is not None:
        raise upload.fault
    if upload.size == 0:
        raise InputRejected(
            "empty_file",
            gettext_noop("The file “%(file)s” is empty. Choose a file with a header and rows."),
            file=upload.name,
        )
    if sha256 and sha256.lower() != upload.sha256:
        raise InputRejected(
            "wrong_checksum",
            gettext_noop(
                "The file “%(file)s” arrived with SHA-256 %(got)s, announced was %(expected)s. "
                "Nothing was kept; send the file again."
            ),
            file=upload.name,
            got=upload.sha256,
            expected=sha256,
        )


def _check_quota(project: Project, upload: IncomingFile) -> None:
    used = DataFile.objects.filter(project=project).aggregate(total=Sum("size"))["total"] or 0
    if used + (upload.size or 0) > settings.PROJECT_QUOTA_BYTES:
        raise InputRejected(
            "quota_exceeded",
            gettext_noop(
                "The project may keep %(quota)d MB of files and has %(used)d MB; “%(file)s” needs "
                "%(size)d MB more. Delete files that no run uses, or ask the administrator for more."
            ),
            quota=settings.PROJECT_QUOTA_BYTES // 1_000_000,
            used=used // 1_000_000,
            size=(upload.size or 0) // 1_000_000,
            file=upload.name,
        )


def store_file(
    *, project: Project, user: User, upload: IncomingFile, purpose: str = DataFile.Purpose.PREDICTIONS
) -> DataFile:
    """Keep an upload. Must run in a transaction: the row and the bytes become real together.

    Raises InputRejected for a broken upload and PermissionDenied below the role engineer.
    """
    require(user, Action.UPLOAD, project)
    check_upload(upload)
    Project.objects.select_for_update().get(pk=project.pk)  # two uploads may not share one free byte
    _check_quota(project, upload)
    lock_content(upload.sha256)
    assert upload.path is not None  # noqa: S101  check_upload has raised otherwise
    try:
        storage.adopt(upload.path, upload.sha256)
    except OSError as error:
        if not is_full(error):
            raise
        raise disk_full(upload.name) from error
    upload.path = None
    return DataFile.objects.create(
        project=project,
        uploaded_by=user,
        purpose=purpose,
        name=(upload.name or "file")[:255],
        sha256=upload.sha256,
        size=upload.size or 0,
    )


@transaction.atomic
def submit_file(
    *,
    project: Project,
    user: User,
    upload: IncomingFile,
    purpose: str = DataFile.Purpose.PREDICTIONS,
    roles: Mapping[str, ColumnRole] | None = None,
) -> DataFile:
    """Keep an upload and start the job that reads it."""
    file = store_file(project=project, user=user, upload=upload, purpose=purpose)
    file.roles = roles_to_json(roles or {})
    file.job = jobs.submit_job(
        project=project,
        user=user,
        task=READ_TASK,
        title=f"{file.name}",
        queue=queue_for(file),
    )
    file.save(update_fields=["job", "roles"])
    return file


def queue_for(*files: DataFile | None) -> str:
    """Long work waits in a queue of its own, so that it never holds up short work."""
    return Queue.LONG if sum(f.size for f in files if f) > LONG_FILE_BYTES else Queue.SHORT


@transaction.atomic
def set_roles(*, file: DataFile, user: User, roles: Mapping[str, ColumnRole]) -> DataFile:
    """Record what a person says about the columns of a file that was read."""
    require(user, Action.UPLOAD, file.project)
    names = {column["name"] for column in file.profile or []}
    for name in roles:
        if name not in names:
            raise InputRejected(
                "missing_column",
                gettext_noop("The file “%(file)s” has no column “%(column)s”."),
                column=name,
                file=file.name,
            )
    file.roles = roles_to_json(roles)
    file.save(update_fields=["roles"])
    return file


def delete_file(*, file: DataFile, user: User) -> None:
    """Delete a file that no run uses. Its bytes go when no other file has the same content."""
    require(user, Action.UPLOAD, file.project)
    with transaction.atomic():
        if file.runs.exists() or file.judged_runs.exists():
            raise InputRejected(
                "file_in_use",
                gettext_noop("The file “%(file)s” is evidence of a run, so it stays."),
                file=file.name,
            )
        if file.dataset_versions.exists():
            raise InputRejected(
                "file_in_use",
                gettext_noop("The file “%(file)s” is a version of a data set, so it stays."),
                file=file.name,
            )
        sha256 = file.sha256
        if file.job is not None:
            jobs.cancel_job(job=file.job, user=user)  # else it would fail for want of its file
        try:
            file.delete()
        except ProtectedError as error:  # of an app above this one: a requirement names the file
            raise InputRejected(
                "file_in_use",
                gettext_noop("The file “%(file)s” is named by a requirement, so it stays."),
                file=file.name,
            ) from error
        transaction.on_commit(lambda: remove_unused_content(sha256))


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
