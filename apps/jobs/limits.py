"""A cap on the memory of a worker's child, so that a huge file costs its job and not the machine."""

from __future__ import annotations

import contextlib
import resource
from typing import Any

from django.conf import settings


def limit_memory(**kwargs: Any) -> None:
    """Cap what this process may allocate at ``JOB_MEMORY_BYTES``; connected to Celery's worker_process_init.

    RLIMIT_DATA counts private writable memory. RLIMIT_AS would count mapped files and reserved addresses
    too: reading and sorting a million rows takes 0.4 GB by the first count and 1.3 GB by the second.
    Python and numpy raise MemoryError at the cap; Polars aborts the process, which the lease then catches.
    """
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    limit = settings.JOB_MEMORY_BYTES
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    # Systems that do not know this limit refuse it; the job then runs without a cap.
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))
