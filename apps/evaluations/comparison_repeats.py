"""Runs of one model that differ in their seed or fold alone, as one line: mean, spread, and paired tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from statistics import fmean
from typing import Any

from apps.common.formats import change, change_interval, interval, quantity
from apps.compute.comparison_result import ALPHA, Difference
from apps.compute.corrections import holm
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.repeated import Repeated, paired, repeated
from apps.evaluations.comparison_report import METHODS, Column, p_value, tone_of
from apps.evaluations.models import Run

FOLDS = ("fold", "split")
SEEDS = ("seed", "random_seed", "random_state")
#: Values of one metric, one per run; None: the run has none.
Values = Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Mean:
    """The mean of a metric over the runs of a group, as texts."""

    value: str
    interval: str
    spread: str


@dataclass(frozen=True, slots=True)
class Group:
    """``members`` are the runs with the name of their seed or fold, ``means`` one per metric."""

    name: str
    members: Sequence[tuple[Column, str, str]]
    means: Sequence[Mean | None]


@dataclass(frozen=True, slots=True)
class Between:
    """Two groups by the chosen metric, over ``n`` shared seeds or folds."""

    first: str
    second: str
    n: int
    change: str
    interval: str
    p: str
    tone: str
    method: str


@dataclass(frozen=True, slots=True)
class Repeats:
    metrics: Sequence[Metric]
    chosen: Metric
    groups: Sequence[Group]
    between: Sequence[Between]


def repeats(shown: Sequence[Column], values: Mapping[str, Values], chosen: str) -> Repeats:
    """``values`` has the metrics that are shown; groups are tested by the ``chosen`` one."""
    grouped = _grouped(shown)
    metrics = [METRICS[key] for key in values]
    return Repeats(
        metrics,
        METRICS[chosen],
        [
            Group(
                _name(shown[places[0]].run),
                [(shown[place], _repeat(shown[place].run), _text(chosen, values, place)) for place in places],
                [_mean(metric, _known(values[metric.key], places)) for metric in metrics],
            )
            for places in grouped
        ],
        _between(METRICS[chosen], shown, grouped, values[chosen]),
    )


def _grouped(shown: Sequence[Column]) -> list[list[int]]:
    groups: dict[Any, list[int]] = {}
    for place, column in enumerate(shown):
        groups.setdefault(_what(column.run), []).append(place)
    return list(groups.values())


def _what(run: Run) -> Any:
    """What must be the same in runs of one group; a run without a model stands alone."""
    if run.model_version is None:
        return run.pk
    kept = {name: str(value) for name, value in run.parameters.items() if name not in (*FOLDS, *SEEDS)}
    return run.model_version_id, run.code_revision, tuple(sorted(kept.items()))


def _name(run: Run) -> str:
    return str(run.model_version) if run.model_version else str(run)


def _repeat(run: Run) -> str:
    """The name of the fold, else of the seed."""
    for name in (*FOLDS, *SEEDS):
        if name in run.parameters:
            return f"{name} {run.parameters[name]}"
    return f"seed {run.seed}"


def _of_folds(runs: Sequence[Run]) -> bool:
    return all(any(name in run.parameters for name in FOLDS) for run in runs)


def _known(values: Values, places: Sequence[int]) -> list[float]:
    return [value for place in places if (value := values[place]) is not None]


def _text(key: str, values: Mapping[str, Values], place: int) -> str:
    return quantity(values[key][place], METRICS[key].unit)


def _mean(metric: Metric, values: Sequence[float]) -> Mean | None:
    if not values:
        return None
    found: Repeated = repeated(values)
    spread = "" if found.spread is None else change(found.spread, metric.unit).removeprefix("+")
    return Mean(
        quantity(found.mean, metric.unit, found.low, found.high),
        interval(found.low, found.high, metric.unit, found.mean),
        spread,
    )


def _between(
    metric: Metric, shown: Sequence[Column], grouped: Sequence[Sequence[int]], values: Values
) -> list[Between]:
    found = []
    for first, second in combinations(grouped, 2):
        sides = [{_repeat(shown[p].run): v for p in places if (v := values[p]) is not None}
                 for places in (first, second)]  # fmt: skip
        runs = [shown[place].run for place in (*first, *second)]
        shared = len(sides[0].keys() & sides[1].keys())
        share = _test_to_training(runs, shared) if _of_folds(runs) else None
        difference = paired(sides[0], sides[1], share)
        if difference is not None:
            names = [_name(shown[places[0]].run) for places in (first, second)]
            found.append((names, shared, difference))
    corrected = iter(holm([each.p for _names, _n, each in found if each.p is not None]))
    return [
        _row(metric, names, n, replace(each, corrected=None if each.p is None else next(corrected)))
        for names, n, each in found
    ]


def _row(metric: Metric, names: Sequence[str], n: int, found: Difference) -> Between:
    ends = found.low, found.high
    known = found.corrected is not None and found.corrected < ALPHA
    return Between(
        first=names[0],
        second=names[1],
        n=n,
        change=change(found.value, metric.unit, *ends),
        interval=change_interval(found.value, *ends, metric.unit),
        p="" if found.corrected is None else p_value(found.corrected),
        tone=tone_of(found, higher_is_better=bool(metric.higher_is_better)) if known else "same",
        method=str(METHODS.get(found.method, found.method)),
    )


def _test_to_training(runs: Sequence[Run], folds: int) -> float:
    """Rows of test per row of training: from the files where they are known, else that of ``folds`` folds."""
    known = [run.rows / run.training.rows for run in runs if run.rows and run.training and run.training.rows]
    return fmean(known) if known else 1 / max(folds - 1, 1)
