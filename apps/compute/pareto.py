"""Two objectives at once: what runs reach at their thresholds, what no run reaches together, and the front.

Everything here compares point estimates; intervals do not enter.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.uncertainty import Floats

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Points:
    """Operating points: every run at its working threshold, and at those of its sweep.

    All arrays have shape (points,). ``run`` is the run's key; ``threshold`` is NaN where the file's own
    labels were judged; ``working`` marks the point at which the run was evaluated. ``values`` holds NaN where
    a metric has no value.
    """

    run: NDArray[np.int64]
    threshold: Floats
    working: Flags
    values: Mapping[str, Floats]

    def __len__(self) -> int:
        return len(self.run)

    def of(self, metric: str) -> Floats:
        return self.values.get(metric, np.full(len(self), np.nan))

    def where(self, kept: Flags) -> Points:
        values = {metric: value[kept] for metric, value in self.values.items()}
        return Points(self.run[kept], self.threshold[kept], self.working[kept], values)


def joined(parts: Sequence[Points]) -> Points:
    """Points of several runs; a metric that one of them lacks is NaN there."""
    metrics = sorted({metric for part in parts for metric in part.values})
    return Points(
        np.concatenate([part.run for part in parts] or [np.empty(0, np.int64)]),
        np.concatenate([part.threshold for part in parts] or [np.empty(0)]),
        np.concatenate([part.working for part in parts] or [np.empty(0, np.bool_)]),
        {metric: np.concatenate([part.of(metric) for part in parts]) for metric in metrics},
    )


def _fbeta(beta: float) -> Callable[[Floats, Floats, Floats, Floats], Floats]:
    square = beta * beta
    return lambda tn, fp, fn, tp: (1 + square) * tp / ((1 + square) * tp + square * fn + fp)


def _mcc(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    both = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
    return np.where(both > 0, (tp * tn - fp * fn) / both, 0.0)


def _kappa(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> Floats:
    n = tn + fp + fn + tp
    chance = ((tp + fp) * (tp + fn) + (tn + fp) * (tn + fn)) / (n * n)
    return ((tp + tn) / n - chance) / (1 - chance)


#: Metrics that change with the threshold, from the counts of a confusion table.
OF_COUNTS: Mapping[str, Callable[[Floats, Floats, Floats, Floats], Floats]] = {
    "accuracy": lambda tn, fp, fn, tp: (tp + tn) / (tn + fp + fn + tp),
    "balanced_accuracy": lambda tn, fp, fn, tp: (tp / (tp + fn) + tn / (tn + fp)) / 2,
    "precision": lambda tn, fp, fn, tp: tp / (tp + fp),
    "recall": lambda tn, fp, fn, tp: tp / (tp + fn),
    "specificity": lambda tn, fp, fn, tp: tn / (tn + fp),
    "predicted_positive_rate": lambda tn, fp, fn, tp: (tp + fp) / (tn + fp + fn + tp),
    "f1": _fbeta(1),
    "f0_5": _fbeta(0.5),
    "f2": _fbeta(2),
    "mcc": _mcc,
    "cohen_kappa": _kappa,
}


def metrics_of_counts(tn: Floats, fp: Floats, fn: Floats, tp: Floats) -> dict[str, Floats]:
    """The metrics of `OF_COUNTS` of many confusion tables, NaN where undefined. Shapes (points,)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return {key: function(tn, fp, fn, tp) for key, function in OF_COUNTS.items()}


def holds(values: Floats, limit: float, at_least: bool) -> Flags:
    """Which points meet the limit; a missing value meets none."""
    with np.errstate(invalid="ignore"):
        return values >= limit if at_least else values <= limit


def never_together(held: Flags, common: Flags) -> list[tuple[int, int]]:
    """Pairs of objectives of which each holds somewhere on their common points, and never both at once.

    ``held`` and ``common`` have shape (objectives, points): where an objective holds, and where it can be
    judged at all.
    """
    met, known = (held & common).astype(np.float64), common.astype(np.float64)
    alone, together = met @ known.T > 0, met @ met.T > 0
    pairs = np.argwhere(np.triu(alone & alone.T & ~together, k=1))
    return [(int(first), int(second)) for first, second in pairs]


def front(first: Floats, second: Floats, *, first_up: bool, second_up: bool) -> NDArray[np.int64]:
    """Indices of the points that no other beats in one objective without losing in the other.

    From the best of ``first`` to the best of ``second``. Of equal points the first stands; NaN is left out.
    """
    known = np.flatnonzero(np.isfinite(first) & np.isfinite(second))
    a = first[known] if first_up else -first[known]
    b = second[known] if second_up else -second[known]
    order = np.lexsort((known, -b, -a))
    best = np.maximum.accumulate(b[order])
    ahead = np.concatenate(([True], best[1:] > best[:-1])) if len(order) else np.empty(0, np.bool_)
    return np.asarray(known[order][ahead], dtype=np.int64)
