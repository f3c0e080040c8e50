"""The operating points of a project's newest runs, for contradictions and their ways out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np

from apps.compute.pareto import Points, joined, metrics_of_counts
from apps.compute.results import EvaluationResult, MetricResult, Table, Task
from apps.compute.value import VALUE_PER_YEAR, Prices, value_at_thresholds, value_per_year
from apps.evaluations.models import Run
from apps.requirements.facts import Facts, RunFact

#: So many of the newest runs are looked at with all their thresholds; older ones as they were evaluated.
MOST_RUNS = 50
PARTS = {
    "tables__threshold_sweep": "sweep",
    "tables__confusion": "confusion",
    "metrics": "metrics",
    "threshold": "threshold_used",
    "weighted": "weighted",
    "n": "n_rows",
}


def points_of(facts: Facts, metrics: Collection[str]) -> Points:
    """All runs, the newest at every threshold; one query that leaves the large parts of results alone."""
    runs = facts.runs[:MOST_RUNS]
    rows = Run.objects.filter(pk__in=[run.pk for run in runs], result__isnull=False).values_list(
        "pk", *(f"result__{path}" for path in PARTS)
    )
    results = {pk: dict(zip(PARTS.values(), parts, strict=True)) for pk, *parts in rows}
    swept = [_of_run(run, results[run.pk], metrics, facts) for run in runs if run.pk in results]
    return joined([*swept, _as_evaluated(facts.runs[MOST_RUNS:], metrics, facts)])


def _as_evaluated(runs: Sequence[RunFact], metrics: Collection[str], facts: Facts) -> Points:
    """One point for each run from the numbers that are read anyway; money is not among them."""
    values = {key: np.full(len(runs), np.nan) for key in metrics}
    for place, run in enumerate(runs):
        for key in metrics:
            for measured in facts.measured.get((run.pk, key, ""), ()):
                values[key][place] = np.nan if measured.value is None else measured.value
    return Points(
        np.array([run.pk for run in runs], dtype=np.int64),
        np.array([run.threshold for run in runs], dtype=np.float64),  # None becomes NaN
        np.ones(len(runs), dtype=np.bool_),
        values,
    )


def _of_run(run: RunFact, stored: Mapping[str, Any], metrics: Collection[str], facts: Facts) -> Points:
    """The working point first, then the sweep, if the run has one. Money is what goes beyond the baseline."""
    prices, baseline = facts.prices, facts.baseline_values.get(run.data)
    result = _result(run, stored)
    known = {metric.key: metric.value for metric in result.metrics if metric.value is not None}
    if VALUE_PER_YEAR.key in metrics and prices is not None:
        money = facts.values.get(run.pk) if prices.by_amount(result.task) else value_per_year(result, prices)
        if money is not None and money.value is not None:
            known[VALUE_PER_YEAR.key] = money.value
    sweep = result.tables.get("threshold_sweep")
    count = 1 + (len(sweep) if sweep is not None else 0)
    values = {key: np.full(count, known.get(key, np.nan), dtype=np.float64) for key in metrics}
    threshold = np.full(count, np.nan if result.threshold is None else result.threshold)
    if sweep is not None:
        threshold[1:] = sweep.columns["threshold"]
        for key, swept in _swept(result, sweep, prices).items():
            if key in values:
                values[key][1:] = swept
    if VALUE_PER_YEAR.key in values and baseline is not None and baseline.value is not None:
        values[VALUE_PER_YEAR.key] -= baseline.value
    working = np.zeros(count, dtype=np.bool_)
    working[0] = True
    return Points(np.full(count, run.pk, dtype=np.int64), threshold, working, values)


def _result(run: RunFact, stored: Mapping[str, Any]) -> EvaluationResult:
    """The parts of a stored result that operating points and money need."""
    tables = {
        name: Table(columns)
        for name, columns in (("threshold_sweep", stored["sweep"]), ("confusion", stored["confusion"]))
        if columns
    }
    return EvaluationResult(
        task=Task(run.task),
        n=stored["n_rows"],
        metrics=tuple(MetricResult.from_json(metric) for metric in stored["metrics"]),
        threshold=stored["threshold_used"],
        weighted=stored["weighted"],
        tables=tables,
    )


def _swept(result: EvaluationResult, sweep: Table, prices: Prices | None) -> dict[str, Any]:
    tn, fp, fn, tp = (np.array(sweep.columns[name], dtype=np.float64) for name in ("tn", "fp", "fn", "tp"))
    swept: dict[str, Any] = dict(metrics_of_counts(tn, fp, fn, tp))
    money = value_at_thresholds(result, prices) if prices is not None else None
    if money is not None:
        swept[VALUE_PER_YEAR.key] = np.array(money.columns["value"], dtype=np.float64)
    return swept
