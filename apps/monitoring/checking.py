"""The worker's side of a batch: what it holds, without labels."""

from __future__ import annotations

from collections.abc import Callable

from apps.jobs.models import Job
from apps.jobs.progress import Progress


def run_check(job: Job, progress: Progress) -> Callable[[], None]:
    raise NotImplementedError
