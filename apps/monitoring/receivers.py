"""What happens below that monitors follow."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.dispatch import receiver

from apps.evaluations.models import ModelVersion
from apps.monitoring.models import Monitor, WatchedModel
from apps.monitoring.services.monitors import hand_over
from apps.releases.models import StageChange
from apps.releases.signals import champion_changed


@receiver(champion_changed, dispatch_uid="monitoring.watch_champion")
def watch_champion(change: StageChange, champion: ModelVersion | None, **kwargs: Any) -> None:
    """Monitors that watch a version of the model as champion watch its new champion from then on.

    A champion that left without a successor is watched on: its system may still run.
    """
    if champion is None:
        return
    watching = WatchedModel.objects.filter(
        part=WatchedModel.Part.CHAMPION, until=None, version__model=champion.model_id
    )
    goes_on = Q(ends_at=None) | Q(ends_at__gt=change.at)
    rows = Monitor.objects.filter(goes_on, archived_at=None, project=change.project_id, models__in=watching)
    for monitor in rows.order_by("pk"):
        hand_over(monitor=monitor, version=champion, user=change.by, at=change.at)
