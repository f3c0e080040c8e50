"""The Celery app. A message only wakes a worker up; the job row in PostgreSQL is the truth."""

import os

from celery import Celery
from kombu import Queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlsd_portal.settings")

app = Celery("mlsd_portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.conf.task_queues = [Queue("short"), Queue("long"), Queue("report")]
app.autodiscover_tasks()


@app.on_after_finalize.connect
def schedule(sender: Celery, **kwargs: object) -> None:
    from django.conf import settings

    sender.add_periodic_task(
        settings.JOB_SWEEP_SECONDS,
        sender.signature("apps.jobs.tasks.sweep"),
        name="sweep jobs",
        expires=settings.JOB_SWEEP_SECONDS,
    )
    sender.add_periodic_task(
        3_600, sender.signature("apps.datasets.tasks.remove_leftovers"), name="remove leftovers"
    )
    sender.add_periodic_task(
        3_600, sender.signature("apps.drift.tasks.remove_leftovers"), name="remove pages of Evidently"
    )
    sender.add_periodic_task(
        60, sender.signature("apps.requirements.tasks.review"), name="review verdicts", expires=60
    )
    sender.add_periodic_task(
        60, sender.signature("apps.monitoring.tasks.watch"), name="watch monitors", expires=60
    )
    sender.add_periodic_task(
        3_600, sender.signature("apps.monitoring.tasks.remove_old"), name="remove old batches"
    )
    sender.add_periodic_task(
        15, sender.signature("apps.notifications.tasks.deliver"), name="deliver messages", expires=15
    )
