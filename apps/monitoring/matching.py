"""The worker's side of labels that arrived: which batches they belong to."""

from __future__ import annotations

from collections.abc import Callable

from apps.jobs.models import Job
from apps.jobs.progress import Progress
from apps.monitoring.models import Batch


def run_match(job: Job, progress: Progress) -> Callable[[], None]:
    raise NotImplementedError


def match_batch(batch: Batch) -> Callable[[], None]:
    """Look for labels of a new batch among the uploads that came before it, or instead of those of the batch
    that it corrects. Reads files, so call it outside a transaction; what it returns saves the matches and
    raises ``labels_ticket`` once for each, and is called in the transaction that saves the check.
    """
    raise NotImplementedError
