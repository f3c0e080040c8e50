"""What people say about a monitor and the models that it watches, and what may be said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from apps.accounts.models import User
from apps.compute.drift.spec import DriftSpec
from apps.compute.roles import ColumnRoles
from apps.drift.services import Source
from apps.evaluations.models import ModelVersion
from apps.monitoring.models import Comparable, Unit, WatchedModel
from apps.monitoring.models.monitors import every_weekday
from apps.requirements.models import Requirement


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorAbout:
    """Everything that a person sets; the fields mean what those of `Monitor` mean.

    ``roles`` of the columns that all models share; empty: those of the reference file. A naive time is one in
    ``zone``. ``watch_metric`` empty: accuracy or mean absolute error. No ``requirements``: all of the project.
    """

    name: str
    task: str
    reference: Source
    starts_at: datetime
    description: str = ""
    positive: str = ""
    threshold: float | None = None
    roles: ColumnRoles = field(default_factory=dict)
    drift_spec: DriftSpec = field(default_factory=DriftSpec)
    every: int = 1
    unit: str = Unit.DAYS
    ends_at: datetime | None = None
    zone: str = "UTC"
    weekdays: Sequence[int] = field(default_factory=every_weekday)
    holidays: Sequence[date] = ()
    grace_minutes: int = 60
    comparable: str = Comparable.AUTO
    label_delay_hours: int = 0
    requirements: Sequence[Requirement] = ()
    watch_metric: str = ""
    smallest_drop: float = 0.02
    false_alarms: float = 0.05
    live_windows: int = 10
    owners: Sequence[User] = ()
    retention_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedAbout:
    """A model version to watch. ``roles`` of its prediction and probability columns; empty: those of the
    reference file. ``since`` empty: from the start of the monitor.
    """

    version: ModelVersion
    part: str = WatchedModel.Part.CHAMPION
    roles: ColumnRoles = field(default_factory=dict)
    since: datetime | None = None
