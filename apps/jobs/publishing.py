"""Handing a queued job to the broker. A message holds only the job's id; a lost one only costs time."""

from __future__ import annotations

import logging
from uuid import UUID

from celery import current_app
from django.conf import settings
from django.db.models.functions import Now

from apps.jobs.models import Job, State

logger = logging.getLogger(__name__)

#: How long a request may wait for a broker that does not answer.
PATIENCE_SECONDS = 2


def publish(job_id: UUID) -> bool:
    """Send the message of a job that waits, and note when.

    Returns False when the broker did not take it, which is logged and not raised.
    """
    job = Job.objects.filter(pk=job_id, state=State.QUEUED).only("task", "queue").first()
    if job is None:
        return True
    try:
        _send(job.task, str(job.pk), job.queue)
    except Exception as error:  # each transport raises its own kinds; the sweeper publishes again
        logger.warning("The broker did not take job %s, the sweeper will try again: %s", job.pk, error)
        return False
    Job.objects.filter(pk=job.pk, state=State.QUEUED).update(published_at=Now())
    return True


def _send(task: str, job_id: str, queue: str) -> None:
    # A connection of its own, tried once: a pooled one would be tried for ever while the broker is down.
    options = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "max_retries": 0}
    if "socket_timeout" in options:  # Redis: for a broker that takes connections and never answers
        options |= {"socket_timeout": PATIENCE_SECONDS, "socket_connect_timeout": PATIENCE_SECONDS}
    with current_app.connection_for_write(
        connect_timeout=PATIENCE_SECONDS, transport_options=options
    ) as connection:
        current_app.send_task(task, args=[job_id], queue=queue, connection=connection, retry=False)
