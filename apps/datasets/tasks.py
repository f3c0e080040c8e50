"""Celery entries of this app."""

from celery import shared_task

from apps.datasets import checking, content, differences, pipeline, storage
from apps.jobs import execution

LEFTOVER_SECONDS = 24 * 3600
REFERENCE_SECONDS = 30 * 24 * 3600


@shared_task(name="apps.datasets.tasks.read")
def read(job_id: str) -> None:
    execution.execute(job_id, pipeline.read)


@shared_task(name="apps.datasets.tasks.difference")
def difference(job_id: str) -> None:
    execution.execute(job_id, differences.run_difference)


@shared_task(name="apps.datasets.tasks.check")
def check(job_id: str) -> None:
    execution.execute(job_id, checking.run_check)


@shared_task(name="apps.datasets.tasks.remove_leftovers")
def remove_leftovers() -> None:
    storage.remove_leftovers(LEFTOVER_SECONDS)
    content.remove_orphans(LEFTOVER_SECONDS)
    storage.remove_unused_references(REFERENCE_SECONDS)
