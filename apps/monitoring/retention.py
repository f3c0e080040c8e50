"""Raw batches are kept for a set time; what was measured in them stays."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import F, ProtectedError
from django.utils import timezone

from apps.datasets.content import remove_unused_content
from apps.datasets.models import DataFile
from apps.jobs.models import UNFINISHED
from apps.monitoring.models import Batch, LabelUpload, Monitor

#: Files in one transaction.
AT_ONCE = 100
#: So long after its labels are due a batch is kept in any case, where they are late at all.
AFTER_LABELS = timedelta(days=1)


def remove_old() -> None:
    """Delete the files of batches that came longer ago than their monitor keeps them, and then those of
    labels that no kept batch needs.
    """
    now = timezone.now()
    for monitor in Monitor.objects.exclude(retention_days=None).only(
        "pk", "retention_days", "label_delay_hours"
    ):
        # A batch whose labels are still to come cannot be measured without its file.
        waits = timedelta(hours=monitor.label_delay_hours) + AFTER_LABELS
        limit = now - max(timedelta(days=monitor.retention_days or 0), waits)
        while _remove_batches(monitor, limit):
            pass
        while _remove_labels(monitor, limit):
            pass


@transaction.atomic
def _remove_batches(monitor: Monitor, limit: datetime) -> int:
    old = monitor.batches.select_related("file").filter(arrived_at__lt=limit).exclude(file=None)
    old = old.exclude(job__state__in=UNFINISHED).select_for_update(of=("self",), no_key=True)
    batches = list(old.order_by("pk").only("pk", "file__sha256")[:AT_ONCE])
    Batch.objects.filter(pk__in=[batch.pk for batch in batches]).update(
        file=None, evaluated_ticket=F("labels_ticket")
    )
    _delete(batch.file for batch in batches if batch.file)
    return len(batches)


@transaction.atomic
def _remove_labels(monitor: Monitor, limit: datetime) -> int:
    kept = Batch.objects.filter(monitor=monitor, replaced_at=None).exclude(file=None)
    old = monitor.label_uploads.select_related("file").filter(arrived_at__lt=limit).exclude(file=None)
    old = old.exclude(matches__batch__in=kept).exclude(job__state__in=UNFINISHED)
    uploads = list(old.order_by("pk").only("pk", "file__sha256")[:AT_ONCE])
    LabelUpload.objects.filter(pk__in=[upload.pk for upload in uploads]).update(file=None)
    _delete(upload.file for upload in uploads if upload.file)
    return len(uploads)


def _delete(files: Iterable[DataFile]) -> None:
    """What something else names, such as a data set, stays."""
    for file in files:
        try:
            with transaction.atomic():
                file.delete()
        except ProtectedError:
            continue
        transaction.on_commit(partial(remove_unused_content, file.sha256), robust=True)
