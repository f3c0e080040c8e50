"""Tasks that only the fault tests' workers know. Each leaves one row in `fault_effect` when its job succeeds.

The title of the job says for how many seconds to work.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

import numpy as np
import polars as pl
from celery import shared_task
from celery.exceptions import SoftTimeLimitExceeded
from django.db import connection

from apps.compute.messages import Message
from apps.jobs import execution
from apps.jobs.models import Job
from apps.jobs.progress import Progress

STEP = 0.1


@shared_task(name="tests.faults.tasks.work")
def work(job_id: str) -> None:
    execution.execute(job_id, _work)


@shared_task(name="tests.faults.tasks.linger", soft_time_limit=1, time_limit=10)
def linger(job_id: str) -> None:
    execution.execute(job_id, _work)


@shared_task(name="tests.faults.tasks.stall", soft_time_limit=1, time_limit=2)
def stall(job_id: str) -> None:
    execution.execute(job_id, _stall)


@shared_task(name="tests.faults.tasks.hoard")
def hoard(job_id: str) -> None:
    execution.execute(job_id, _hoard)


@shared_task(name="tests.faults.tasks.hoard_in_polars")
def hoard_in_polars(job_id: str) -> None:
    execution.execute(job_id, _hoard_in_polars)


def _work(job: Job, progress: Progress) -> Callable[[], None]:
    seconds = float(job.title)
    started = time.monotonic()
    while (spent := time.monotonic() - started) < seconds:
        progress(Message("Working"), spent / seconds)
        time.sleep(STEP)

    def save() -> None:
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO fault_effect (job_id) VALUES (%s)", [job.pk])

    return save


def _stall(job: Job, progress: Progress) -> Callable[[], None]:
    """Deaf to the soft limit, as a long call into C code would be."""
    while True:
        with contextlib.suppress(SoftTimeLimitExceeded):
            time.sleep(60)


def _hoard(job: Job, progress: Progress) -> Callable[[], None]:
    blocks = [np.ones(2**24) for _ in range(1_000)]
    return blocks.clear


def _hoard_in_polars(job: Job, progress: Progress) -> Callable[[], None]:
    frame = pl.DataFrame({"value": np.ones(2**20)})
    while True:
        frame = pl.concat([frame, frame], rechunk=True)
