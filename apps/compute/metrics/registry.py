"""The one list of metrics. Forms, the API, documentation and requirements all read it.

A task's module registers its own records (and ``classification.py`` those that binary and
multiclass share), so that adding a metric touches one file.
"""

from __future__ import annotations

from dataclasses import dataclass

from apps.compute.results import Task


@dataclass(frozen=True, slots=True)
class Metric:
    """What is known of a metric before any data: names, direction, unit and what it needs.

    ``label`` and ``description`` are message ids for translation. ``higher_is_better`` is None for
    numbers that describe the data rather than judge the model (prevalence). ``unit`` is ``"share"``
    (0..1, may be shown as a percentage), ``"score"`` (no unit), ``"count"``, ``"target"`` (unit of
    the predicted quantity), ``"ms"``, ``"ratio"`` or ``"per_second"``. ``needs`` names what the file
    must carry: ``"labels"``, ``"probability"``, ``"quantiles"``, ``"interval"``, ``"latency"``.
    ``headline`` metrics lead the report and are given per slice. ``low``/``high`` are the ends of
    the possible range, None where there is none. ``source`` says where the formula comes from.

    ``of_groups`` metrics speak of all groups of a column at once (the worst group, the difference between
    groups); a requirement names the column with them. ``by_analysis`` metrics are measured by a question of
    its own to the rows (fairness, protocols), not by each evaluation. ``formula`` is plain text; ``meaning``
    and ``misleads`` are message ids for the metric's own page: what it means in plain words, and when it
    misleads.
    """

    key: str
    label: str
    tasks: frozenset[Task]
    higher_is_better: bool | None
    unit: str
    needs: frozenset[str]
    description: str
    source: str
    low: float | None = 0.0
    high: float | None = 1.0
    headline: bool = False
    of_groups: bool = False
    by_analysis: bool = False
    formula: str = ""
    meaning: str = ""
    misleads: str = ""


#: Key -> record, in the order of the report.
METRICS: dict[str, Metric] = {}


def register(*metrics: Metric) -> None:
    """Add records. A key that is taken is a programming error (ValueError)."""
    for metric in metrics:
        if metric.key in METRICS:
            raise ValueError(f"The metric {metric.key!r} is registered twice.")
        METRICS[metric.key] = metric


def metrics_for(task: Task) -> tuple[Metric, ...]:
    """The metrics that every evaluation of ``task`` measures, in the order of the report."""
    return tuple(metric for metric in METRICS.values() if task in metric.tasks and not metric.by_analysis)
