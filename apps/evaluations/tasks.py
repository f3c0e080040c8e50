"""Celery entries of this app."""

from celery import shared_task

from apps.evaluations import comparing, pipeline
from apps.jobs import execution


@shared_task(name="apps.evaluations.tasks.evaluate")
def evaluate(job_id: str) -> None:
    execution.execute(job_id, pipeline.run_evaluation)


@shared_task(name="apps.evaluations.tasks.compare")
def compare(job_id: str) -> None:
    execution.execute(job_id, comparing.run_comparison)
