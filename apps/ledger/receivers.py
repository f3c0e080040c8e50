"""What happens below that belongs into the ledger."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from apps.evaluations.models import Run
from apps.evaluations.signals import run_finished
from apps.ledger.services import enter_run


@receiver(run_finished, dispatch_uid="ledger.enter_run")
def enter(run: Run, **kwargs: Any) -> None:
    fresh = Run.objects.select_related("project", "parent", "training", "created_by", "file", "truth")
    enter_run(fresh.get(pk=run.pk))
    for child in fresh.filter(parent=run, result__isnull=False):  # it was evaluated before its parent
        enter_run(child)
