"""How old what is live is: the champions and the data to train on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from apps.datasets.models import Dataset, DatasetVersion
from apps.evaluations.models import ModelVersion
from apps.projects.models import Project
from apps.releases.models import Stage, StageChange
from apps.releases.stages import newest_changes


@dataclass(frozen=True, slots=True)
class Age:
    """Of a champion. ``data`` is that of the newest training data in force when it became the champion: it
    cannot be younger than they are. None: the project has no data set for training.
    """

    version: ModelVersion
    since: datetime
    live: timedelta
    data: timedelta | None


def champion_ages(project: Project, now: datetime | None = None) -> list[Age]:
    """The champions of the project's models, the oldest first; two queries."""
    now = now or timezone.now()
    changes = newest_changes(project.stage_changes.filter(at__lte=now)).select_related("version__model")
    champions = [change for change in changes if change.stage == Stage.CHAMPION]
    trained = _training_data(project)
    return [
        Age(change.version, change.at, now - change.at, _age(trained, change, now))
        for change in sorted(champions, key=lambda change: change.at)
    ]


def _training_data(project: Project) -> list[datetime]:
    versions = DatasetVersion.objects.filter(
        project=project, dataset__role=Dataset.Role.TRAINING, state=DatasetVersion.State.IN_FORCE
    )
    return list(versions.order_by("created_at").values_list("created_at", flat=True))


def _age(trained: Iterable[datetime], change: StageChange, now: datetime) -> timedelta | None:
    before = [moment for moment in trained if moment <= change.at]
    return now - before[-1] if before else None
