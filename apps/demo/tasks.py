"""Celery entries of this app."""

from celery import shared_task

from apps.demo import replaying
from apps.jobs import execution


@shared_task(name="apps.demo.tasks.replay")
def replay(job_id: str) -> None:
    execution.execute(job_id, replaying.run_replay)
