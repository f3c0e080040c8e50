"""The metrics that a requirement may name: the registry, and money per year at the project's prices."""

from __future__ import annotations

from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.value import VALUE_PER_YEAR, Prices
from apps.compute.verdicts import Scale
from apps.requirements.models import ValueCase

#: The kind of analysis that counts money row by row; an app above registers it.
MONEY = "money"


def metric_of(key: str) -> Metric | None:
    return VALUE_PER_YEAR if key == VALUE_PER_YEAR.key else METRICS.get(key)


def scale_of(metric: Metric) -> Scale:
    """The scale on which the metric's intervals are taken as normal."""
    return Scale(metric.low, metric.high)


def prices_of(case: ValueCase) -> Prices:
    return Prices(**{name: getattr(case, name) for name in Prices.__dataclass_fields__})
