"""Signs of life of a running job: the heartbeat that keeps the lease, and the progress that people see."""

from __future__ import annotations

import logging
import threading
import time
from datetime import timedelta
from types import TracebackType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.functions import Now

from apps.compute.messages import Message
from apps.jobs.ending import message_json
from apps.jobs.models import Job, JobQuerySet, State

logger = logging.getLogger(__name__)

#: Seconds between two writes of the progress.
PROGRESS_SECONDS = 0.7


class JobCancelled(Exception):  # noqa: N818  it is no error
    """The job was cancelled or belongs to another worker by now: stop working on it."""


def _held(job: Job) -> JobQuerySet:
    return Job.objects.filter(pk=job.pk, token=job.token, state=State.RUNNING, cancel_requested=False)


class Heartbeat:
    """Extends the lease from a thread of its own with a connection of its own, while the block runs.

    ``stop_work`` is set once the job was cancelled or the token is no longer ours. A database that is away
    sets nothing: the token decides when it is back.
    """

    def __init__(self, job: Job) -> None:
        self.job = job
        self.stop_work = threading.Event()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"heartbeat-{job.pk}", daemon=True)

    def __enter__(self) -> Heartbeat:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # Joined, so that no beat runs against the transaction that finishes the job.
        self._ended.set()
        self._thread.join()

    def _beat(self) -> None:
        lease = timedelta(seconds=settings.JOB_LEASE_SECONDS)
        try:
            while not self._ended.wait(settings.JOB_LEASE_SECONDS / 5):
                try:
                    if not _held(self.job).update(lease_until=Now() + lease):
                        self.stop_work.set()
                        return
                except (DatabaseError, InterfaceError) as error:
                    logger.warning("No heartbeat for job %s: %s", self.job.pk, error)
                    connection.close()
        finally:
            connection.close()


class Progress:
    """Called by the work with a sentence and the share that is done, as often as it likes.

    Raises JobCancelled when the work is to stop. Writes at most every `PROGRESS_SECONDS`.
    """

    def __init__(self, job: Job, heartbeat: Heartbeat) -> None:
        self._job = job
        self._heartbeat = heartbeat
        self._next_write = 0.0

    def __call__(self, message: Message, fraction: float) -> None:
        if self._heartbeat.stop_work.is_set():
            raise JobCancelled
        if time.monotonic() < self._next_write:
            return
        self._next_write = time.monotonic() + PROGRESS_SECONDS
        try:
            held = _held(self._job).update(
                progress=min(max(fraction, 0.0), 1.0), progress_message=message_json(message)
            )
        except (DatabaseError, InterfaceError) as error:
            # Progress is a courtesy; the work goes on while the database is away.
            logger.warning("No progress written for job %s: %s", self._job.pk, error)
            connection.close()
            return
        if not held:
            raise JobCancelled
