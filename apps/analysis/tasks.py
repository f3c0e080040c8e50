"""Celery entries of this app."""

from celery import shared_task

from apps.analysis import correcting, pipeline
from apps.jobs import execution


@shared_task(name="apps.analysis.tasks.analyse")
def analyse(job_id: str) -> None:
    execution.execute(job_id, pipeline.run_analysis)


@shared_task(name="apps.analysis.tasks.relabel")
def relabel(job_id: str) -> None:
    execution.execute(job_id, correcting.run_relabelling)
