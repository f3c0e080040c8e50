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
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile, disk_full
from apps.jobs import services as jobs
from apps.jobs.models import Queue
from apps.projects.access import Action, require
from apps.projects.models import Project

READ_TASK = "apps.datasets.tasks.read"
#: Above this many bytes reading a file goes to the queue for long work.
LONG_FILE_BYTES = 100 * 1024**2


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
        if file.runs.exists() or file.judged_runs.exists() or file.trained_runs.exists():
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
        except ProtectedError as error:  # of an app above this one
            raise InputRejected(
                "file_in_use",
                gettext_noop(
                    "The file “%(file)s” is named by a requirement, is a side of a drift report or the "
                    "project's reference, so it stays."
                ),
                file=file.name,
            ) from error
        transaction.on_commit(lambda: remove_unused_content(sha256))
