"""Celery entries of this app."""

from celery import shared_task

from apps.jobs import sweeper


@shared_task(name="apps.jobs.tasks.sweep")
def sweep() -> None:
    sweeper.sweep()
