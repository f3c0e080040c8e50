"""The worker's side of metrics: batches whose labels are new, estimates, and the newest windows as one."""

from __future__ import annotations

from collections.abc import Callable

from apps.jobs.models import Job
from apps.jobs.progress import Progress


def run_evaluation(job: Job, progress: Progress) -> Callable[[], None]:
    raise NotImplementedError
