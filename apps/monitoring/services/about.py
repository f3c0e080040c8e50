"""What people say about a monitor and the models that it watches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from apps.accounts.models import User
from apps.compute.drift.spec import QUICK, DriftSpec
from apps.compute.roles import ColumnRoles, roles_from_json, roles_to_json
from apps.compute.selection import Selection
from apps.drift.services import Source
from apps.evaluations.models import ModelVersion
from apps.monitoring.models import Comparable, Monitor, Unit, WatchedModel
from apps.monitoring.models.monitors import every_weekday
from apps.requirements.models import Requirement

#: Fields that the row has under the same name.
PLAIN = (
    *("name", "task", "description", "positive", "threshold"),
    *("starts_at", "every", "unit", "ends_at", "zone", "grace_minutes", "comparable"),
    *("label_delay_hours", "watch_metric", "smallest_drop", "false_alarms", "live_windows", "retention_days"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorAbout:
    """Everything that a person sets; the fields mean what those of `Monitor` mean.

    ``roles`` of the columns that all models share; empty: those of the reference file. A naive time is one
    in ``zone``. ``watch_metric`` empty: accuracy or mean absolute error. No ``requirements``: all of the
    project.
    """

    name: str
    task: str
    reference: Source
    starts_at: datetime
    description: str = ""
    positive: str = ""
    threshold: float | None = None
    roles: ColumnRoles = field(default_factory=dict)
    drift_spec: DriftSpec = QUICK
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

    @classmethod
    def of(cls, monitor: Monitor) -> MonitorAbout:
        """What holds now."""
        return cls(
            **{name: getattr(monitor, name) for name in PLAIN},
            reference=reference_of(monitor),
            roles=roles_from_json(monitor.roles),
            drift_spec=DriftSpec.from_json(monitor.drift_spec),
            weekdays=tuple(monitor.weekdays),
            holidays=tuple(monitor.holidays),
            requirements=tuple(monitor.requirements.all()),
            owners=tuple(monitor.owners.all()),
        )

    def stored(self) -> dict[str, Any]:
        """The fields of the row; requirements and owners are kept beside it."""
        return {
            **{name: getattr(self, name) for name in PLAIN},
            "name": self.name.strip(),
            "description": self.description.strip(),
            "reference_file": self.reference.file,
            "reference_version": self.reference.version,
            "reference_selection": self.reference.selection.to_json(),
            "roles": roles_to_json(self.roles),
            "drift_spec": self.drift_spec.to_json(),
            "weekdays": sorted(set(self.weekdays)),
            "holidays": sorted(set(self.holidays)),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedAbout:
    """A model version to watch. ``roles`` of its prediction and probability columns; empty: those of the
    reference file. ``since`` empty: from the start of the monitor.
    """

    version: ModelVersion
    part: str = WatchedModel.Part.CHAMPION
    roles: ColumnRoles = field(default_factory=dict)
    since: datetime | None = None


def reference_of(monitor: Monitor) -> Source:
    """What the monitor's batches are compared with."""
    selection = Selection.from_json(monitor.reference_selection)
    return Source(monitor.reference_file, monitor.reference_version, selection)
