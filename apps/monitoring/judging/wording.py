"""Times and metrics in sentences."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.compute.monitoring.rhythm import Rhythm, Unit


def when(rhythm: Rhythm, moment: datetime) -> Message | Quantity:
    """The day where the system lives; with the time of day when windows are shorter than days."""
    local = moment.astimezone(ZoneInfo(rhythm.zone))
    # Noon in UTC is the same day for whoever reads it: the page writes days in its own zone.
    noon = datetime.combine(local.date(), time(12), UTC)
    day = Quantity(noon.timestamp(), "date")
    if rhythm.unit is Unit.DAYS:
        return day
    return Message(gettext_noop("%(day)s, %(time)s"), {"day": day, "time": f"{local:%H:%M}"})


def metric_name(key: str) -> Message | str:
    metric = METRICS.get(key)
    return Message(metric.label) if metric else key


def measured(key: str, value: float | None, low: float | None = None, high: float | None = None) -> Quantity:
    """A value of the metric with its unit."""
    metric = METRICS.get(key)
    return Quantity(value, metric.unit if metric else "number", low, high)


def difference(key: str, value: float | None, low: float | None, high: float | None) -> Quantity:
    """The difference of two values of the metric: of shares in points."""
    metric = METRICS.get(key)
    unit = metric.unit if metric else "number"
    return Quantity(value, "points" if unit == "share" else unit, low, high)


def first_and_more(first: Message, count: int) -> Message:
    """One sentence for several findings: the first and how many more there are."""
    if count == 1:
        return first
    return Message(gettext_noop("%(first)s And %(more)s more."), {"first": first, "more": count - 1})
