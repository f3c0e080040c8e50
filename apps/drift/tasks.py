"""Celery entries of this app."""

from celery import shared_task

from apps.datasets.tasks import LEFTOVER_SECONDS
from apps.drift import evidently_html, pipeline
from apps.jobs import execution


@shared_task(name="apps.drift.tasks.compare")
def compare(job_id: str) -> None:
    execution.execute(job_id, pipeline.run_comparison)


@shared_task(name="apps.drift.tasks.render_evidently")
def render_evidently(job_id: str) -> None:
    execution.execute(job_id, evidently_html.run_rendering)


@shared_task(name="apps.drift.tasks.remove_leftovers")
def remove_leftovers() -> None:
    evidently_html.remove_orphans(LEFTOVER_SECONDS)
