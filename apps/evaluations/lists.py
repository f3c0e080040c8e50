"""Runs in rows: which numbers they show, how they are found and put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.evaluations.models import MetricValue, Run
from apps.projects.models import Project

ORDERS = {"number": "number", "name": "name", "evaluated": "evaluated_at", "state": "job__state"}


@dataclass(frozen=True, slots=True)
class RunRow:
    run: Run
    values: Sequence[tuple[Metric, MetricValue | None]]


def listed_runs(project: Project) -> QuerySet[Run]:
    """Runs without what only their own page shows: a result may be some hundred kilobytes."""
    return (
        Run.objects.filter(project=project)
        .select_related("job", "model_version__model", "created_by")
        .defer("result", "roles", "join_report", "overlap", "parameters", "cross_slices")
        .defer("job__progress_message", "job__error")
    )


def list_metrics(task: str) -> list[Metric]:
    return [METRICS[key] for key in TASK_KINDS[Task(task)].listed] if task else []


def run_rows(runs: Sequence[Run], metrics: Sequence[Metric]) -> list[RunRow]:
    """The runs with their values of ``metrics``, in one query."""
    found = MetricValue.objects.filter(
        run__in=runs, slice_column="", slice_value="", metric__in=[m.key for m in metrics]
    )
    values = {(value.run_id, value.metric): value for value in found}
    return [RunRow(run, [(m, values.get((run.pk, m.key))) for m in metrics]) for run in runs]


def known_order(wanted: str, metrics: Sequence[Metric]) -> str:
    """``wanted`` if it names a column (with "-" before it: from the top down), else the newest first."""
    known = wanted.removeprefix("-") in {*ORDERS, *(metric.key for metric in metrics)}
    return wanted if known else "-number"


def filtered(runs: QuerySet[Run], chosen: Mapping[str, Any]) -> QuerySet[Run]:
    if words := chosen.get("q"):
        fits = (
            Q(name__icontains=words)
            | Q(notes__icontains=words)
            | Q(model_version__model__name__icontains=words)
            | Q(model_version__label__icontains=words)
        )
        if words.isdecimal() and len(words) < 10:
            fits |= Q(number=int(words))
        runs = runs.filter(fits)
    columns = {"task": "task", "state": "job__state", "model": "model_version__model"}
    return runs.filter(**{column: chosen[name] for name, column in columns.items() if name in chosen})


def ordered(runs: QuerySet[Run], order: str) -> QuerySet[Run]:
    key = order.removeprefix("-")
    if key not in ORDERS:
        value = MetricValue.objects.filter(run=OuterRef("pk"), metric=key, slice_column="", slice_value="")
        runs = runs.annotate(sort_value=Subquery(value.values("value")[:1]))
    column = F(ORDERS.get(key, "sort_value"))
    direction = column.desc(nulls_last=True) if order.startswith("-") else column.asc(nulls_last=True)
    return runs.order_by(direction, "-number")
