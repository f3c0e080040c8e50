from celery.signals import worker_process_init
from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "apps.jobs"
    label = "jobs"

    def ready(self) -> None:
        from apps.jobs.limits import limit_memory

        worker_process_init.connect(limit_memory, dispatch_uid="apps.jobs.limits")
