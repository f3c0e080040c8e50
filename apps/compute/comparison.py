"""Several runs against the first of them, on the rows that all have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Any

import numpy as np
from scipy.special import ndtr

from apps.compute.aligned import Aligned, Side, align, common_weight
from apps.compute.comparison_result import ALPHA, ComparedMetric, ComparisonResult, Difference, Gain
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.registry import Metric, metrics_for
from apps.compute.paired import Pairs
from apps.compute.results import MetricResult, Task
from apps.compute.tasks import TASK_KINDS
from apps.compute.uncertainty import Floats, Z

Progress = Callable[[Message, float], None]
Values = list[Mapping[str, MetricResult]]

#: What lies this near to no skill is no gain to be shared.
_NO_GAIN = 1e-9
#: What is below this is rounding: equal predictions.
_NO_VARIANCE = 1e-30


def compare(
    sides: Sequence[Side],
    task: Task,
    progress: Progress,
    *,
    baseline: int | None = None,
    seed: int = 0,
) -> ComparisonResult:
    """Compare two or more runs of one task; the first is compared against.

    Metrics, differences and tests rest on the common rows; ``seed`` fixes the only bootstrap (calibration
    error). InputRejected: see `aligned.align`, `aligned.check_truth` and the checks of an evaluation.
    """
    start = perf_counter()
    progress(Message(gettext_noop("Aligning the rows")), 0.0)
    aligned = align(sides)
    weight, notes = common_weight(aligned.inputs)
    progress(Message(gettext_noop("Metrics of each run")), 0.3)
    values, pairs = _judge(sides, aligned, task, weight, seed)
    progress(Message(gettext_noop("Differences and their intervals")), 0.6)
    compared = [_compared(metric, values, pairs, baseline) for metric in _shared(task, values)]
    return ComparisonResult(
        task=task,
        n=aligned.inputs[0].frame.height,
        rows=aligned.rows,
        main=TASK_KINDS[task].main,
        metrics=tuple(_corrected(compared, {m.key: m for m in metrics_for(task)})),
        baseline=baseline,
        weighted=weight is not None,
        agreements=tuple(
            found for run in range(1, len(sides)) if (found := pairs.agreement(0, run)) is not None
        ),
        notes=notes,
        seed=seed,
        durations={"comparison": perf_counter() - start},
    )


def _judge(
    sides: Sequence[Side], aligned: Aligned, task: Task, weight: Floats | None, seed: int
) -> tuple[Values, Pairs]:
    tasks = TASK_KINDS[task].judging()
    runs = [
        tasks.judge(inputs, weight, positive=side.positive, threshold=side.threshold, seed=seed)
        for inputs, side in zip(aligned.inputs, sides, strict=True)
    ]
    runs, pairs = tasks.together([side.name for side in sides], runs, weight, seed)
    return [_by_key(run.measure()[0]) for run in runs], pairs


def _by_key(metrics: Sequence[MetricResult]) -> dict[str, MetricResult]:
    return {metric.key: metric for metric in metrics}


def _shared(task: Task, values: Values) -> list[Metric]:
    """The headline metrics by which one run can be better than another, that any run has."""
    return [
        metric
        for metric in metrics_for(task)
        if metric.headline
        and metric.higher_is_better is not None
        and "latency" not in metric.needs
        and any(metric.key in found for found in values)
    ]


def _compared(metric: Metric, values: Values, pairs: Pairs, baseline: int | None) -> ComparedMetric:
    found = tuple(run.get(metric.key) for run in values)
    no_skill = pairs.no_skill().get(metric.key)
    return ComparedMetric(
        key=metric.key,
        values=found,
        differences=tuple(_difference(metric, found, pairs, 0, run) for run in range(1, len(found))),
        best=_best_beyond_doubt(metric, found, pairs),
        no_skill=no_skill,
        gain=_gain(metric, found, pairs, baseline, no_skill),
    )


def _value(result: MetricResult | None) -> float | None:
    """None also where a value is a convention only."""
    return None if result is None or result.undefined is not None else result.value


def _difference(
    metric: Metric, values: Sequence[MetricResult | None], pairs: Pairs, first: int, second: int
) -> Difference | None:
    before, after = _value(values[first]), _value(values[second])
    if before is None or after is None:
        return None
    change = after - before
    spread = pairs.spread(metric.key, first, second)
    if spread is None or not np.isfinite(spread.variance):
        return Difference(change)
    if spread.variance < _NO_VARIANCE:  # every row differs by the same: as a rule by nothing
        same = abs(change) < _NO_GAIN
        return Difference(change, change, change, 1.0 if same else None, method=spread.method)
    error = spread.variance**0.5
    p = spread.p if spread.p is not None else float(2 * ndtr(-abs(change) / error))
    return Difference(change, change - Z * error, change + Z * error, p, method=spread.method)


def _order(metric: Metric, values: Sequence[MetricResult | None]) -> list[int]:
    """Places of the runs that have a value, the best first."""
    known = [(place, value) for place, result in enumerate(values) if (value := _value(result)) is not None]
    return [place for place, _value in sorted(known, key=lambda run: run[1] * _direction(metric))]


def _direction(metric: Metric) -> int:
    return -1 if metric.higher_is_better else 1


def _best_beyond_doubt(metric: Metric, values: Sequence[MetricResult | None], pairs: Pairs) -> int | None:
    """The best run if it beats each other at 5 % after Holm's correction, and all have a value."""
    order = _order(metric, values)
    if len(order) < len(values):
        return None
    others = [_difference(metric, values, pairs, order[0], other) for other in order[1:]]
    p = [other.p if other is not None and other.p is not None else 1.0 for other in others]
    return order[0] if max(holm(p)) < ALPHA else None


def _gain(
    metric: Metric,
    values: Sequence[MetricResult | None],
    pairs: Pairs,
    baseline: int | None,
    no_skill: float | None,
) -> Gain | None:
    order = _order(metric, values)
    if baseline is None or no_skill is None or baseline not in order:
        return None
    best, own = _value(values[order[0]]), _value(values[baseline])
    if best is None or own is None or (best - no_skill) * -_direction(metric) < _NO_GAIN:
        return None
    way = best - no_skill
    low = high = None
    # A baseline that leads itself has all of the gain by definition: nothing about that is uncertain.
    missing = None if order[0] == baseline else _difference(metric, values, pairs, baseline, order[0])
    if missing is not None and missing.low is not None and missing.high is not None:
        low, high = sorted((1 - missing.low / way, 1 - missing.high / way))
    perfect = metric.high if metric.higher_is_better else metric.low
    of_perfect = None if perfect is None else (own - no_skill) / (perfect - no_skill)
    return Gain((own - no_skill) / way, low, high, of_perfect, order[0])


def holm(p_values: Sequence[float]) -> list[float]:
    """P-values corrected for their number (Holm 1979), in the given order."""
    order = np.argsort(p_values, kind="stable")
    factors = np.arange(len(p_values), 0, -1)
    steps = np.minimum(np.maximum.accumulate(np.asarray(p_values)[order] * factors), 1.0)
    corrected = np.empty(len(p_values))
    corrected[order] = steps
    return [float(p) for p in corrected]


def _corrected(compared: Sequence[ComparedMetric], known: Mapping[str, Metric]) -> list[ComparedMetric]:
    """Holm's correction over runs and metrics, and what is better by it."""
    tested = [d.p for metric in compared for d in metric.differences if d is not None and d.p is not None]
    corrected = iter(holm(tested))

    def judged(difference: Difference | None, metric: Metric) -> Difference | None:
        if difference is None or difference.p is None:
            return difference
        p = next(corrected)
        better: dict[str, Any] = {}
        if p < ALPHA:
            better["better"] = (difference.value > 0) is bool(metric.higher_is_better)
        return replace(difference, corrected=p, **better)

    return [
        replace(each, differences=tuple(judged(d, known[each.key]) for d in each.differences))
        for each in compared
    ]
