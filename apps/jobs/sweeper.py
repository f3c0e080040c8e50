"""Finds what a lost message, a killed worker or a flushed broker left behind, and puts it back on its way.

Several sweepers may run at once: rows are taken with ``FOR UPDATE SKIP LOCKED``.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.jobs import ending
from apps.jobs.models import Job, State
from apps.jobs.publishing import publish

logger = logging.getLogger(__name__)

#: Rows that one transaction takes; the next sweep takes the next ones.
BATCH = 500


def sweep() -> None:
    """Settle jobs whose worker is lost, then publish queued jobs that no worker claimed."""
    _settle_stale()
    _cancel_waiting()
    _publish_unclaimed()


@transaction.atomic
def _settle_stale() -> None:
    stale = Job.objects.filter(state=State.RUNNING, lease_until__lt=Now())
    for job in stale.select_for_update(skip_locked=True)[:BATCH]:
        logger.warning("The worker of job %s stopped beating (attempt %s).", job.pk, job.attempts)
        assert job.token is not None  # noqa: S101  every running job has one
        if job.cancel_requested:
            ending.end(job.pk, job.token, State.CANCELLED)
        elif _overran(job):
            ending.end(job.pk, job.token, State.FAILED, error=ending.out_of_time())
        elif job.attempts >= job.max_attempts:
            ending.end(job.pk, job.token, State.FAILED, error=ending.worker_lost(job.attempts))
        else:
            Job.objects.filter(pk=job.pk).update(
                state=State.QUEUED, token=None, lease_until=None, published_at=None
            )


def _overran(job: Job) -> bool:
    """Whether its last beat came after the hard limit: then Celery has killed it, and would again."""
    if job.started_at is None or job.lease_until is None:
        return False
    last_beat = job.lease_until - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    limit = timedelta(seconds=settings.JOB_SOFT_LIMIT_SECONDS)
    return last_beat - job.started_at >= limit


@transaction.atomic
def _cancel_waiting() -> None:
    """A job that was given back while its cancellation was asked for waits here."""
    waiting = Job.objects.filter(state=State.QUEUED, cancel_requested=True)
    for job in waiting.select_for_update(skip_locked=True)[:BATCH]:
        Job.objects.filter(pk=job.pk).update(state=State.CANCELLED, finished_at=Now())
        ending.announce(job.pk)


def _publish_unclaimed() -> None:
    """Publish what was never published, and again what waits longer than a lease: its message may be lost.

    A message too many costs one query; the claim lets one worker in.
    """
    old = Now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
    unclaimed = Job.objects.filter(state=State.QUEUED, cancel_requested=False).filter(
        Q(published_at=None) | Q(published_at__lt=old)
    )
    for job_id in list(unclaimed.order_by("queued_at").values_list("pk", flat=True)[:BATCH]):
        if not publish(job_id):
            return  # the broker is away: the next sweep goes on
