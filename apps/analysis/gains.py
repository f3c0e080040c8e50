"""What corrected labels brought: the metrics of the same predictions before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from apps.common.formats import change, exact
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import EvaluationResult, MetricResult
from apps.compute.tasks import TASK_KINDS

#: Of the values that are compared: finer than an interval supports, as nothing but the labels differs.
DECIMALS = 4


@dataclass(frozen=True, slots=True)
class MetricGain:
    """One metric before and after; ``change`` is after minus before, None where one of them is not
    defined.
    """

    metric: Metric
    label: str
    before: MetricResult
    after: MetricResult

    @property
    def change(self) -> float | None:
        if self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def said(self) -> str:
        """With sign and unit."""
        return change(self.change, self.metric.unit)


@dataclass(frozen=True, slots=True)
class Gain:
    """``main`` is the metric that says in one number how good a run of this task is; ``rows`` are the metrics
    of the report's main table.
    """

    heading: str
    main: MetricGain
    rows: Sequence[MetricGain]
    n_before: int
    n_after: int


def gain_of(before: Mapping[str, Any], after: Mapping[str, Any]) -> Gain:
    """From the stored results of two finished runs of one task."""
    was, now = EvaluationResult.from_json(before), EvaluationResult.from_json(after)
    later = {metric.key: metric for metric in now.metrics}
    rows = [
        MetricGain(METRICS[metric.key], _(METRICS[metric.key].label), metric, later[metric.key])
        for metric in was.metrics
        if metric.key in METRICS
        and metric.key in later
        and METRICS[metric.key].headline
        and "latency" not in METRICS[metric.key].needs
    ]
    main = next((row for row in rows if row.metric.key == TASK_KINDS[was.task].main), rows[0])
    return Gain(_heading(main), main, rows, was.n, now.n)


def _heading(main: MetricGain) -> str:
    if main.before.value is None or main.after.value is None:
        return _("The labels are corrected and the run is judged again")
    said = {
        "metric": main.label,
        "before": exact(round(main.before.value, DECIMALS), main.metric.unit),
        "after": exact(round(main.after.value, DECIMALS), main.metric.unit),
    }
    return _("%(metric)s %(before)s → %(after)s") % said
