"""A version whose file cannot be read holds nothing."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.services.files import READ_TASK
from apps.datasets.signals import dataset_replaced
from apps.jobs.models import Job, State
from apps.jobs.signals import job_finished


@receiver(job_finished, dispatch_uid="datasets.block_unreadable")
def block_unreadable(job: Job, **kwargs: Any) -> None:
    """What the data set held before holds again."""
    if job.task != READ_TASK or job.state != State.FAILED:
        return
    states = (DatasetVersion.State.IN_FORCE, DatasetVersion.State.CHECKING)
    versions = DatasetVersion.objects.filter(file__job=job, state__in=states)
    with transaction.atomic():
        for version in versions.select_related("dataset").select_for_update(of=("self",)):
            version.state = DatasetVersion.State.BLOCKED
            version.save(update_fields=["state"])
            dataset_replaced.send(sender=Dataset, dataset=version.dataset)
