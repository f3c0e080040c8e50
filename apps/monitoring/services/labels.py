"""Labels that arrive: in any order, in part, more than once, also before their batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets import services as datasets
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile
from apps.jobs import idempotency
from apps.jobs import services as jobs
from apps.monitoring.models import LabelUpload, Monitor
from apps.monitoring.services.checks import locked
from apps.monitoring.services.incoming import received
from apps.projects.access import Action, require
from apps.requirements.services.checks import check_text

MATCH_TASK = "apps.monitoring.tasks.match"


def submit_labels(
    *,
    monitor: Monitor,
    user: User,
    upload: IncomingFile | None = None,
    rows: Sequence[Mapping[str, Any]] | None = None,
    id_column: str = "",
    label_column: str = "",
    sha256: str = "",
    idempotency_key: str = "",
    arrived_at: datetime | None = None,
) -> LabelUpload:
    """Keep labels and start the job that finds their batches.

    Of several labels of one id the newest upload's counts, within an upload the last row's. Ids that no batch
    has wait for one. Missing labels say nothing. Columns that are not named are found by their names and
    roles. A paused monitor takes labels too. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, monitor.project)
    for name, column in (("id_column", id_column), ("label_column", label_column)):
        check_text(LabelUpload, name, column)
    if rows is not None and not rows:
        raise InputRejected(
            "no_labels", gettext_noop("No row was sent. Send at least one id with its label.")
        )
    content = received(monitor, upload, rows, sha256)
    try:
        with transaction.atomic():
            fingerprint = idempotency.fingerprint(
                "labels", monitor.pk, content.sha256, id_column, label_column
            )
            if idempotency_key and (
                job := idempotency.first_job(user=user, key=idempotency_key, fingerprint=fingerprint)
            ):
                return LabelUpload.objects.select_related("job", "monitor").get(job=job)
            kept = _create(monitor, user, content, id_column, label_column, arrived_at or timezone.now())
            if idempotency_key:
                idempotency.remember(user=user, key=idempotency_key, fingerprint=fingerprint, job=kept.job)
            return kept
    finally:
        if rows is not None:
            content.close()


def _create(
    monitor: Monitor,
    user: User,
    content: IncomingFile,
    id_column: str,
    label_column: str,
    arrived_at: datetime,
) -> LabelUpload:
    monitor = locked(monitor)
    project = monitor.project
    file = datasets.store_file(project=project, user=user, upload=content, purpose=DataFile.Purpose.LABELS)
    number = (monitor.label_uploads.aggregate(last=Max("number"))["last"] or 0) + 1
    job = jobs.submit_job(
        project=project,
        user=user,
        task=MATCH_TASK,
        title=f"{monitor.name}: {file.name}",
        queue=datasets.queue_for(file),
    )
    return LabelUpload.objects.create(
        monitor=monitor,
        number=number,
        file=file,
        sha256=file.sha256,
        id_column=id_column,
        label_column=label_column,
        arrived_at=arrived_at,
        job=job,
        created_by=user,
    )
