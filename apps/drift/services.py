"""What people do with drift reports."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max

from apps.accounts.models import User
from apps.compute.drift.spec import DriftSpec
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import ColumnRole, roles_to_json
from apps.compute.selection import EVERYTHING, Selection, check_selection
from apps.datasets import services as datasets
from apps.datasets import storage
from apps.datasets.models import DataFile, DatasetVersion
from apps.datasets.uploads import IncomingFile
from apps.drift.checks import (
    NAME_CHARACTERS,
    REASON_CHARACTERS,
    check_columns,
    check_spec,
    check_text,
    merged,
)
from apps.drift.models import DriftReport, EvidentlyReport, Reference
from apps.jobs import idempotency
from apps.jobs import services as jobs
from apps.jobs.models import Queue
from apps.projects.access import Action, require
from apps.projects.models import Project

COMPARE_TASK = "apps.drift.tasks.compare"
EVIDENTLY_TASK = "apps.drift.tasks.render_evidently"


@dataclass(frozen=True, slots=True)
class Source:
    """One side of a report. ``version`` is the data set version that ``file`` is the content of, if it is
    one: its data set says which values mean "missing" and where the time is.
    """

    file: DataFile
    version: DatasetVersion | None = None
    selection: Selection = EVERYTHING

    @classmethod
    def of_version(cls, version: DatasetVersion, selection: Selection = EVERYTHING) -> Source:
        return cls(version.file, version, selection)

    @property
    def identity(self) -> list[Any]:
        return [str(self.file.pk), self.version.pk if self.version else None, self.selection.to_json()]


def reference_of(project: Project) -> Source | None:
    """What the project's reports compare with unless they say otherwise."""
    row = Reference.objects.select_related("file", "version__dataset").filter(project=project).first()
    return Source(row.file, row.version, Selection.from_json(row.selection)) if row else None


def submit_report(
    *,
    project: Project,
    user: User,
    current: Source,
    reference: Source | None = None,
    name: str = "",
    spec: DriftSpec | None = None,
    idempotency_key: str = "",
) -> DriftReport:
    """Compare data that the portal has with ``reference``, else with the project's reference.

    Two requests with one ``idempotency_key`` make one report. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, project)
    spec = spec or DriftSpec()
    said = [current.identity, reference and reference.identity, name, spec.to_json()]
    return _once(
        user,
        idempotency_key,
        [project.slug, *said],
        lambda: _create(project, user, current, reference, name, spec),
    )


def submit_upload_report(
    *,
    project: Project,
    user: User,
    upload: IncomingFile,
    selection: Selection = EVERYTHING,
    reference: Source | None = None,
    name: str = "",
    spec: DriftSpec | None = None,
    roles: Mapping[str, ColumnRole] | None = None,
    sha256: str = "",
    idempotency_key: str = "",
) -> DriftReport:
    """Keep an upload and compare it, as `submit_report`; with a refusal nothing is kept.

    ``roles`` are said of the columns of the file, ``sha256`` is checked on arrival when it is given.
    """
    require(user, Action.UPLOAD, project)
    datasets.check_upload(upload, sha256=sha256)
    spec = spec or DriftSpec()
    said_roles = roles_to_json(roles or {})
    said = [upload.sha256, selection.to_json(), reference and reference.identity, name, spec.to_json()]

    def create() -> DriftReport:
        file = datasets.store_file(project=project, user=user, upload=upload, purpose=DataFile.Purpose.DATA)
        if said_roles:
            file.roles = said_roles
            file.save(update_fields=["roles"])
        return _create(project, user, Source(file, selection=selection), reference, name, spec)

    return _once(user, idempotency_key, [project.slug, *said, said_roles], create)


def _once(user: User, key: str, said: list[Any], create: Callable[[], DriftReport]) -> DriftReport:
    with transaction.atomic():
        if not key:
            return create()
        fingerprint = idempotency.fingerprint("drift", *said)
        if job := idempotency.first_job(user=user, key=key, fingerprint=fingerprint):
            return DriftReport.objects.select_related("job", "project").get(job=job)
        report = create()
        idempotency.remember(user=user, key=key, fingerprint=fingerprint, job=report.job)
        return report


def _create(
    project: Project,
    user: User,
    current: Source,
    reference: Source | None,
    name: str,
    spec: DriftSpec,
) -> DriftReport:
    reference = reference or reference_of(project)
    if reference is None:
        raise InputRejected(
            "no_reference",
            gettext_noop(
                "The project has no reference to compare with. Name the file to compare with in this report, "
                "or make one the project's reference."
            ),
        )
    name = check_text(name, NAME_CHARACTERS, Message(gettext_noop("name")))
    check_spec(spec)
    for source in (reference, current):
        check_source(project, source)
    _check_pair(reference, current, spec)
    special = merged(*(s.version.dataset.special_values for s in (reference, current) if s.version))
    job = jobs.submit_job(
        project=project,
        user=user,
        task=COMPARE_TASK,
        title=name or current.file.name,
        queue=datasets.queue_for(reference.file, current.file),
    )
    return DriftReport.objects.create(
        project=project,
        number=_next_number(project),
        name=name,
        reference_file=reference.file,
        reference_version=reference.version,
        reference_selection=reference.selection.to_json(),
        current_file=current.file,
        current_version=current.version,
        current_selection=current.selection.to_json(),
        spec=spec.to_json(),
        special_values=special,
        series=series_of(reference, special),
        job=job,
        created_by=user,
    )


def check_source(project: Project, source: Source) -> None:
    """Raise InputRejected when the project cannot compare this."""
    if source.file.project_id != project.pk:
        raise InputRejected(
            "file_of_other_project",
            gettext_noop("The file “%(file)s” belongs to another project. Upload it to this one."),
            file=source.file.name,
        )
    if source.version is not None and source.version.file_id != source.file.pk:
        raise InputRejected(
            "file_of_other_version",
            gettext_noop("The file “%(file)s” is not the content of %(version)s."),
            file=source.file.name,
            version=str(source.version),
        )
    table = storage.table_path(source.file.sha256)
    if source.file.is_read and table.exists():  # else the job finds out
        check_selection(source.selection, table)


def _check_pair(reference: Source, current: Source, spec: DriftSpec) -> None:
    if (reference.file.sha256, reference.selection) == (current.file.sha256, current.selection):
        raise InputRejected(
            "identical_sides",
            gettext_noop(
                "Both sides are the same rows of “%(file)s”, so there is nothing to compare. Choose another "
                "file, or other rows of this one."
            ),
            file=current.file.name,
        )
    if reference.file.is_read and current.file.is_read:
        check_columns(
            spec, *({column["name"] for column in s.file.profile or ()} for s in (reference, current))
        )


def _next_number(project: Project) -> int:
    """Two reports at once get two numbers."""
    Project.objects.select_for_update().only("pk").get(pk=project.pk)
    last = DriftReport.objects.filter(project=project).aggregate(last=Max("number"))["last"]
    return (last or 0) + 1


def series_of(reference: Source, special: Mapping[str, Any]) -> str:
    """Equal for reports that compare with the same rows."""
    said = [reference.file.sha256, reference.selection.key, special]
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]


@transaction.atomic
def set_reference(*, project: Project, user: User, source: Source, reason: str = "") -> Reference:
    """Reports compare with this from now on, unless they say otherwise. Those that are there stay."""
    require(user, Action.UPLOAD, project)
    reason = check_text(reason, REASON_CHARACTERS, Message(gettext_noop("reason")))
    check_source(project, source)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)
    row, _created = Reference.objects.update_or_create(
        project=project,
        defaults={
            "file": source.file,
            "version": source.version,
            "selection": source.selection.to_json(),
            "reason": reason,
            "set_by": user,
        },
    )
    return row


def current_of(report: DriftReport) -> Source:
    """The current side of a report, to be named as the reference or compared again."""
    return Source(report.current_file, report.current_version, Selection.from_json(report.current_selection))


@transaction.atomic
def request_evidently(*, report: DriftReport, user: User) -> EvidentlyReport:
    """Evidently's own page of this report: the same one however often it is asked for.

    Its job may have failed; `jobs.services.retry_job` runs it again. InputRejected: the report has no result.
    """
    require(user, Action.UPLOAD, report.project)
    locked = DriftReport.objects.select_for_update(no_key=True).only("pk", "result").get(pk=report.pk)
    if made := EvidentlyReport.objects.select_related("job").filter(report=report).first():
        return made
    if not locked.is_finished:
        raise InputRejected(
            "report_unfinished",
            gettext_noop(
                "Drift report %(number)d has no result yet. Evidently's page can be made when it has one."
            ),
            number=report.number,
        )
    job = jobs.submit_job(
        project=report.project,
        user=user,
        task=EVIDENTLY_TASK,
        title=f"Evidently: {report}",
        queue=Queue.REPORT,
    )
    return EvidentlyReport.objects.create(report=report, job=job, created_by=user)
