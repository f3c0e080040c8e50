"""Several runs against each other, on the rows that all have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, islice
from pathlib import Path
from time import perf_counter

import numpy as np
from scipy.special import ndtr

from apps.compute import flips
from apps.compute.aligned import Aligned, Side, align, common_weight
from apps.compute.comparison_result import (
    ALPHA,
    ComparedMetric,
    ComparisonResult,
    Difference,
    Gain,
    ties_of,
)
from apps.compute.corrections import holm
from apps.compute.judged import Judged, JudgedMulticlass
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.registry import Metric, metrics_for
from apps.compute.paired import Pairs
from apps.compute.results import MetricResult, Task
from apps.compute.tasks import TASK_KINDS
from apps.compute.uncertainty import Floats, Z

Progress = Callable[[Message, float], None]
Values = Sequence[Mapping[str, MetricResult]]

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
    rows: Path | None = None,
) -> ComparisonResult:
    """Compare two or more runs of one task; changes are against the first, ranks rest on all pairs.

    Metrics, differences and tests rest on the common rows; ``seed`` fixes what is resampled. The rows in
    which runs differ most are written to ``rows`` (see `flips.write`). InputRejected: see `aligned.align`,
    `aligned.check_truth` and the checks of an evaluation.
    """
    start = perf_counter()
    progress(Message(gettext_noop("Aligning the rows")), 0.0)
    aligned = align(sides)
    weight, notes = common_weight(aligned.inputs)
    progress(Message(gettext_noop("Metrics of each run")), 0.2)
    runs, pairs, more = _judge(sides, aligned, task, weight, seed)
    values = [_by_key(run.measure()[0]) for run in runs]
    progress(Message(gettext_noop("Differences and their intervals")), 0.5)
    compared = [_compared(metric, values, pairs, baseline) for metric in _shared(task, values)]
    progress(Message(gettext_noop("Rows in which the runs differ")), 0.9)
    found = flips.find(runs, classes=TASK_KINDS[task].classes)
    if rows is not None and found is not None:
        flips.write(found, sides, aligned, rows)
    return ComparisonResult(
        task=task,
        n=aligned.inputs[0].frame.height,
        rows=aligned.rows,
        main=TASK_KINDS[task].main,
        metrics=tuple(_corrected(compared, {m.key: m for m in metrics_for(task)})),
        baseline=baseline,
        weighted=weight is not None,
        agreements=tuple(
            each for run in range(1, len(sides)) if (each := pairs.agreement(0, run)) is not None
        ),
        flips=found.counts if found else (),
        kept_flips=found.most if found and rows is not None else None,
        notes=(*notes, *more),
        seed=seed,
        durations={"comparison": perf_counter() - start},
    )


def _judge(
    sides: Sequence[Side], aligned: Aligned, task: Task, weight: Floats | None, seed: int
) -> tuple[Sequence[Judged], Pairs, Sequence[Message]]:
    tasks = TASK_KINDS[task].judging()
    runs = [
        tasks.judge(inputs, weight, positive=side.positive, threshold=side.threshold, seed=seed)
        for inputs, side in zip(aligned.inputs, sides, strict=True)
    ]
    together: tuple[Sequence[Judged], Pairs] = tasks.together(
        [side.name for side in sides], runs, weight, seed
    )
    return (*together, _about_classes(runs))


def _about_classes(runs: Sequence[Judged]) -> list[Message]:
    """Macro averages are over the classes of all runs: a note where that changes a run's own numbers."""
    sets = [set(run.data.classes) for run in runs if isinstance(run, JudgedMulticlass)]
    if not sets or all(each == sets[0] for each in sets):
        return []
    partial = sorted({name for each in sets for other in sets for name in each - other})
    return [Message(_CLASSES_DIFFER, {"classes": ", ".join(partial[:10])})]


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
    tested = all_pairs(metric, found, pairs)
    compared = ComparedMetric(
        key=metric.key,
        values=found,
        differences=tested[: len(found) - 1],
        best=ties_of(found, tested, bool(metric.higher_is_better)).winner,
        no_skill=no_skill,
        pairs=tested,
    )
    return replace(compared, gain=_gain(metric, compared, baseline))


def all_pairs(
    metric: Metric, values: Sequence[MetricResult | None], pairs: Pairs
) -> tuple[Difference | None, ...]:
    """Every two runs, the later minus the earlier, with p-values corrected for the number of pairs (Holm)."""
    places = combinations(range(len(values)), 2)
    return _judged([_difference(metric, values, pairs, *two) for two in places], metric)


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


def _gain(metric: Metric, compared: ComparedMetric, baseline: int | None) -> Gain | None:
    values, no_skill = compared.values, compared.no_skill
    order = _order(metric, values)
    if baseline is None or no_skill is None or baseline not in order:
        return None
    best, own = _value(values[order[0]]), _value(values[baseline])
    if best is None or own is None or (best - no_skill) * -_direction(metric) < _NO_GAIN:
        return None
    way = best - no_skill
    low = high = None
    # A baseline that leads itself has all of the gain by definition: nothing about that is uncertain.
    missing = None if order[0] == baseline else compared.pair(baseline, order[0])
    if missing is not None and missing.low is not None and missing.high is not None:
        low, high = sorted((1 - missing.low / way, 1 - missing.high / way))
    perfect = metric.high if metric.higher_is_better else metric.low
    of_perfect = None if perfect is None else (own - no_skill) / (perfect - no_skill)
    return Gain((own - no_skill) / way, low, high, of_perfect, order[0])


def _judged(
    differences: Sequence[Difference | None], metric: Metric, corrected: Sequence[float] | None = None
) -> tuple[Difference | None, ...]:
    """The differences with corrected p-values, and what is better by them. ``corrected`` has one for each
    that was tested; without it they are corrected for each other.
    """
    if corrected is None:
        corrected = holm([d.p for d in differences if d is not None and d.p is not None])
    following = iter(corrected)
    found: list[Difference | None] = []
    for each in differences:
        if each is None or each.p is None:
            found.append(each)
            continue
        p = next(following)
        better = (each.value > 0) is bool(metric.higher_is_better) if p < ALPHA else None
        found.append(replace(each, corrected=p, better=better))
    return tuple(found)


def _corrected(compared: Sequence[ComparedMetric], known: Mapping[str, Metric]) -> list[ComparedMetric]:
    """The differences from the first run, corrected over runs and metrics (Holm)."""
    tested = [[d.p for d in each.differences if d is not None and d.p is not None] for each in compared]
    corrected = iter(holm([p for of_metric in tested for p in of_metric]))
    return [
        replace(each, differences=_judged(each.differences, known[each.key], list(islice(corrected, len(p)))))
        for each, p in zip(compared, tested, strict=True)
    ]


_CLASSES_DIFFER = gettext_noop(
    "The runs do not know the same classes (not in all of them: %(classes)s). Means over classes are over "
    "the classes of all runs here, so a run's own report may say something else."
)
