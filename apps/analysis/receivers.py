"""What happens below that starts an analysis."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.dispatch import receiver

from apps.analysis.models import Standing
from apps.analysis.registry import KINDS
from apps.analysis.services import start_if_it_fits
from apps.evaluations.models import Run
from apps.evaluations.signals import run_finished


@receiver(run_finished, dispatch_uid="analysis.ask_run")
def ask_run(run: Run, **kwargs: Any) -> None:
    """The standing questions of the project, as far as they fit the run."""
    for standing in Standing.objects.filter(project=run.project_id).select_related("created_by"):
        with transaction.atomic():
            fresh = Run.objects.select_related("project", "file", "truth").get(pk=run.pk)
            start_if_it_fits(
                run=fresh, user=standing.created_by, kind=KINDS[standing.kind], params=standing.params
            )
