"""The metrics of the registry as choices of a form: grouped by task, with their units."""

from __future__ import annotations

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.compute.value import VALUE_PER_YEAR

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
        (label, [(metric.key, _named(metric)) for metric in metrics]) for label, metrics in _groups().items()
    ]
    money = (_("Money"), [(VALUE_PER_YEAR.key, _("Value per year beyond the baseline, by the price list"))])
    return [("", _("No run can measure it: people record the evidence")), *groups, money]


def _groups() -> dict[str, list[Metric]]:
    """The metrics under what they are for, in the order of the registry."""
    found: dict[str, list[Metric]] = {}
    for metric in METRICS.values():
        found.setdefault(_group(metric), []).append(metric)
    return found


def _group(metric: Metric) -> str:
    if metric.of_groups:
        return _("All groups of a column at once")
    if metric.tasks == frozenset(Task):
        return _("Speed, every task")
    return ", ".join(_(kind.label) for kind in TASK_KINDS.values() if kind.key in metric.tasks)


def _named(metric: Metric) -> str:
    return _("%(metric)s, %(unit)s") % {"metric": _(metric.label), "unit": _UNITS[metric.unit]}
