"""The worker's side of labels that arrived: which batches they belong to."""

from __future__ import annotations

from collections.abc import Callable

from apps.jobs.models import Job
from apps.jobs.progress import Progress


def run_match(job: Job, progress: Progress) -> Callable[[], None]:
    raise NotImplementedError
