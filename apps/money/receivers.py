"""What happens below that the money of runs depends on."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from apps.evaluations.models import Run
from apps.evaluations.signals import baseline_named, run_finished
from apps.money.services import count_newest, count_run
from apps.projects.models import Project
from apps.requirements.signals import prices_changed


@receiver(run_finished, dispatch_uid="money.count_run")
def count_finished_run(run: Run, **kwargs: Any) -> None:
    with transaction.atomic():
        count_run(run)


@receiver(baseline_named, dispatch_uid="money.count_against_baseline")
@receiver(prices_changed, dispatch_uid="money.count_at_prices")
def count_anew(project: Project, **kwargs: Any) -> None:
    with transaction.atomic():
        count_newest(project)
