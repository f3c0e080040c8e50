"""Celery entries of this app."""

from celery import shared_task

from apps.notifications.sending import delivering


@shared_task(name="apps.notifications.tasks.deliver")
def deliver() -> None:
    """Attempt every delivery that is due."""
    delivering.deliver()
