"""The worker's side of a job: claim it, do the work, and save result and success in one transaction.

The row is the truth. A message may come twice, late or never, and a worker may die at any line; every move
is an UPDATE that names the state and the token it starts from, so the loser of a race changes nothing.
"""

from __future__ import annotations

import logging
import secrets
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from django.db.models.functions import Now
from polars.exceptions import PanicException

from apps.compute import disk
from apps.compute.messages import InputRejected
from apps.jobs import ending
from apps.jobs.models import Job, State
from apps.jobs.progress import Heartbeat, JobCancelled, Progress

__all__ = ["Progress", "Save", "Work", "execute"]

logger = logging.getLogger(__name__)

Save = Callable[[], None]
#: Reads and computes outside any transaction and returns what saves the result. ``save`` runs in the
#: transaction that marks the job as succeeded, and never when the job was cancelled or taken over. It runs
#: again after a lost connection, so it only writes to the database.
Work = Callable[[Job, Progress], Save]

TRANSIENT = (OperationalError, InterfaceError)


def execute(job_id: str, work: Work) -> None:
    """Run ``work`` for this job, unless another worker has it or it has ended. Errors end in the row."""
    job = claim(uuid.UUID(job_id))
    if job is None:
        logger.info("Job %s is not to be done (any more); leaving.", job_id)
        return
    heartbeat = Heartbeat(job)
    try:
        with heartbeat:
            save = work(job, Progress(job, heartbeat))
        if not _through_outages(lambda: finish(job, save)):
            raise JobCancelled
    except JobCancelled:
        if not _through_outages(lambda: _end(job, State.CANCELLED)):
            logger.warning("Job %s was taken over by another worker; its work here is dropped.", job.pk)
    except InputRejected as fault:
        error = ending.rejected(fault)
        _through_outages(lambda: _end(job, State.FAILED, error=error))
    except MemoryError:
        logger.exception("Job %s ran out of memory.", job.pk)
        _through_outages(lambda: _end(job, State.FAILED, error=ending.out_of_memory()))
    except SoftTimeLimitExceeded:
        logger.exception("Job %s ran out of time.", job.pk)
        _through_outages(lambda: _end(job, State.FAILED, error=ending.out_of_time()))
    except (Exception, PanicException) as error:
        _fail_on_our_side(job, error)


def claim(job_id: uuid.UUID) -> Job | None:
    """Take the job if it waits or its worker stopped beating, and attempts remain. None: leave it alone."""
    token = uuid.uuid4()
    claimed = (
        Job.objects.filter(pk=job_id, attempts__lt=F("max_attempts"), cancel_requested=False)
        .filter(Q(state=State.QUEUED) | Q(state=State.RUNNING, lease_until__lt=Now()))
        .update(
            state=State.RUNNING,
            token=token,
            lease_until=Now() + timedelta(seconds=settings.JOB_LEASE_SECONDS),
            attempts=F("attempts") + 1,
            started_at=Now(),
            progress=0.0,
            progress_message=None,
        )
    )
    if not claimed:
        return None
    return Job.objects.select_related("project", "created_by").filter(pk=job_id, token=token).first()


def finish(job: Job, save: Save) -> bool:
    """Save the result and mark the job as succeeded, both or neither. False: it is not ours any more."""
    with transaction.atomic():
        won = Job.objects.filter(
            pk=job.pk, token=job.token, state=State.RUNNING, cancel_requested=False
        ).update(
            state=State.SUCCEEDED,
            progress=1.0,
            progress_message=None,
            error=None,
            error_reference="",
            token=None,
            lease_until=None,
            finished_at=Now(),
        )
        if won:
            save()
            ending.announce(job.pk)
    return bool(won)


def requeue(job: Job, reference: str = "") -> bool:
    """Give the job back for another attempt. The sweeper publishes it, so the database gets some time."""
    given_back = Job.objects.filter(
        pk=job.pk, token=job.token, state=State.RUNNING, attempts__lt=F("max_attempts")
    ).update(state=State.QUEUED, token=None, lease_until=None, published_at=None, error_reference=reference)
    return bool(given_back)


def _end(job: Job, state: State, *, error: ending.Error | None = None, reference: str = "") -> bool:
    assert job.token is not None  # noqa: S101  claim has set it
    return ending.end(job.pk, job.token, state, error=error, reference=reference)


def _fail_on_our_side(job: Job, error: BaseException) -> None:
    reference = secrets.token_hex(4).upper()
    logger.error("Error %s in job %s (%s).", reference, job.pk, job.task, exc_info=error)
    if isinstance(error, TRANSIENT) and _through_outages(lambda: requeue(job, reference)):
        return
    apology = ending.disk_full() if disk.is_full(error) else ending.internal_error(reference)
    _through_outages(lambda: _end(job, State.FAILED, error=apology, reference=reference))


def _through_outages(move: Callable[[], bool]) -> bool:
    """Try a move again while the database is away, for as long as a lease. Compare-and-set makes it safe.

    A database that stays away leaves the job to the sweeper: its lease runs out.
    """
    deadline = time.monotonic() + settings.JOB_LEASE_SECONDS
    pause = 0.2
    while True:
        try:
            return move()
        except TRANSIENT:
            connection.close()
            if time.monotonic() + pause > deadline:
                raise
            time.sleep(pause)
            pause = min(2 * pause, 5.0)
