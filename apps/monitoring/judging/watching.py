"""What time alone brings about: silence, snoozes that end, monitors whose message was lost."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from apps.jobs.models import ENDED, UNFINISHED, State
from apps.monitoring.judging.judge import judge
from apps.monitoring.models import Alert, Batch, LabelUpload, Monitor
from apps.monitoring.scheduling import submit_evaluation
from apps.requirements.models import Requirement

logger = logging.getLogger(__name__)

#: So long after a failure metrics are not asked for again by themselves.
AFTER_FAILURE = timedelta(hours=1)


def watch() -> None:
    """Ask for metrics that nobody asked for, and judge every monitor that is due."""
    for monitor in unevaluated():
        try:
            with transaction.atomic():
                submit_evaluation(monitor=monitor, user=monitor.created_by)
        except Exception:  # one monitor must not keep the others from being looked at
            logger.exception("Asking for the metrics of monitor %s failed", monitor.pk)
    for monitor_id in due_monitors():
        try:
            judge(monitor_id)
        except Exception:
            logger.exception("Judging monitor %s failed", monitor_id)


def due_monitors() -> list[int]:
    """Monitors in which something is due, or that changed after they were judged last."""
    now = timezone.now()
    batches = Batch.objects.filter(monitor=OuterRef("pk"), job__state__in=ENDED)
    uploads = LabelUpload.objects.filter(monitor=OuterRef("pk"), job__state__in=ENDED)
    snoozed = Alert.objects.filter(monitor=OuterRef("pk"), resolved_at=None, snoozed_until__lte=now)
    judged = OuterRef("judged_at")
    wishes = Requirement.objects.filter(
        Q(current__created_at__gt=judged) | Q(withdrawn_at__gt=judged), project=OuterRef("project")
    )
    due = (
        Q(judged_at=None)
        | Q(due_at__lte=now)
        | Q(pooled_at__gt=F("judged_at"))
        | Q(evaluation_job__state__in=ENDED, evaluation_job__finished_at__gt=F("judged_at"))
        | Exists(batches.filter(job__finished_at__gt=judged))
        | Exists(uploads.filter(job__finished_at__gt=judged))
        | Exists(snoozed)
        | Exists(wishes)
    )
    active = Q(paused_at=None, archived_at=None)
    stopped = Q(archived_at__gt=F("judged_at")) | Q(archived_at=None, paused_at__gt=F("judged_at"))
    rows = Monitor.objects.filter((active & due) | stopped)
    return list(rows.order_by("pk").values_list("pk", flat=True))


def unevaluated() -> list[Monitor]:
    """Monitors with labels whose metrics nobody computes."""
    waiting = Batch.objects.current().filter(
        monitor=OuterRef("pk"), rows__gt=0, file__isnull=False, labels_ticket__gt=F("evaluated_ticket")
    )
    at_work = Q(evaluation_job__state__in=UNFINISHED)
    just_failed = Q(
        evaluation_job__state=State.FAILED, evaluation_job__finished_at__gt=timezone.now() - AFTER_FAILURE
    )
    rows = Monitor.objects.filter(Exists(waiting), archived_at=None).select_related("created_by", "project")
    return list(rows.exclude(at_work).exclude(just_failed).order_by("pk"))
