"""Celery entries of this app."""

from celery import shared_task

from apps.analysis import pipeline
from apps.jobs import execution


@shared_task(name="apps.analysis.tasks.analyse")
def analyse(job_id: str) -> None:
    execution.execute(job_id, pipeline.run_analysis)
