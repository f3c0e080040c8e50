"""The demo goes on when the workers have something finished."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.demo.services import begin_third_acts, continue_demo
from apps.jobs.models import Job
from apps.jobs.signals import job_finished


@receiver(job_finished, sender=Job)
def on_job_finished(job: Job, **_: Any) -> None:
    continue_demo(project_id=job.project_id)
    begin_third_acts(project_id=job.project_id)
