"""Long-polling: answer when a job has ended, or when the caller has waited long enough."""

from __future__ import annotations

import threading
import time
from uuid import UUID

from django.db import connection

from apps.jobs.models import ENDED, Job

LONGEST_SECONDS = 30
PAUSE_SECONDS = 0.3
#: Requests of one web process that may wait at a time: each holds a thread that others need.
_places = threading.BoundedSemaphore(8)


def wait_until_ended(job_id: UUID, seconds: float) -> None:
    """Return when the job has ended, after ``seconds`` (at most 30), or at once when too many wait already.

    The database connection is given back while it sleeps.
    """
    deadline = time.monotonic() + min(seconds, LONGEST_SECONDS)
    if not _places.acquire(blocking=False):
        return
    try:
        while not Job.objects.filter(pk=job_id, state__in=ENDED).exists():
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return
            if not connection.in_atomic_block:
                connection.close()
            time.sleep(min(PAUSE_SECONDS, remaining))
    finally:
        _places.release()
