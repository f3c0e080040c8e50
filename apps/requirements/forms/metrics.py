"""The metrics of the registry as choices of a form: grouped by task, with their units."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import Task
from apps.compute.value import VALUE_PER_YEAR

_GROUPS: dict[frozenset[Task], Promise] = {
    frozenset({Task.BINARY}): gettext_lazy("Two classes"),
    frozenset({Task.BINARY, Task.MULTICLASS}): gettext_lazy("Two and more classes"),
    frozenset({Task.MULTICLASS}): gettext_lazy("More classes"),
    frozenset({Task.REGRESSION}): gettext_lazy("Numbers (regression)"),
    frozenset(Task): gettext_lazy("Speed, every task"),
}
_UNITS: dict[str, Promise | str] = {
    "share": "%",
    "ms": gettext_lazy("ms"),
    "per_second": gettext_lazy("per second"),
    "target": gettext_lazy("in the unit of the target"),
    "ratio": gettext_lazy("times"),
    "count": gettext_lazy("count"),
    "score": gettext_lazy("score"),
}


def metric_choices() -> list[tuple[Any, Any]]:
    """The empty choice, the groups of metrics, and money."""
    groups: list[tuple[Any, Any]] = [
        (label, [(metric.key, _named(metric)) for metric in METRICS.values() if metric.tasks == tasks])
        for tasks, label in _GROUPS.items()
    ]
    money = (_("Money"), [(VALUE_PER_YEAR.key, _("Value per year beyond the baseline, by the price list"))])
    return [("", _("No run can measure it: people record the evidence")), *groups, money]


def _named(metric: Metric) -> str:
    return _("%(metric)s, %(unit)s") % {"metric": _(metric.label), "unit": _UNITS[metric.unit]}
