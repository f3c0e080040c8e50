"""Celery entries of this app."""

from celery import shared_task

from apps.datasets import content, pipeline, storage
from apps.jobs import execution

LEFTOVER_SECONDS = 24 * 3600


@shared_task(name="apps.datasets.tasks.read")
def read(job_id: str) -> None:
    execution.execute(job_id, pipeline.read)


@shared_task(name="apps.datasets.tasks.remove_leftovers")
def remove_leftovers() -> None:
    storage.remove_leftovers(LEFTOVER_SECONDS)
    content.remove_orphans(LEFTOVER_SECONDS)
