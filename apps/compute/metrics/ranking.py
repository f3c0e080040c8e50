"""Areas under ROC curves between many classes, with their sampling variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class Areas:
    """AUC of each class against all others, their mean and that mean's variance; and the mean AUC over
    all pairs of classes (None where it was not asked for).
    """

    by_class: Floats
    macro: float
    variance: float
    pairs: float | None


@dataclass(frozen=True, slots=True)
class Placements:
    """One curve: the AUC, and where rows stand among those of the other class (DeLong's components).

    ``level`` (n,) is each row's position among the distinct scores, in ascending order. Per level:
    ``positive`` and ``negative`` are the weights there, ``below`` the share of the negatives below and
    ``above`` that of the positives above, ties counted half.
    """

    level: NDArray[np.int64]
    positive: Floats
    negative: Floats
    below: Floats
    above: Floats
    auc: float

    def of_rows(self, positive: NDArray[np.bool_]) -> Floats:
        """Shape (n,): the component of each row, of which `auc` is the mean in either class."""
        placed = self.above[self.level]
        placed[positive] = self.below[self.level[positive]]
        return placed


def place(score: Floats, positive: NDArray[np.bool_], weight: Floats | None) -> Placements:
    """Placements of the curve that tells ``positive`` rows from the others; both classes have weight."""
    level = _levels(score)
    w = np.ones(len(score)) if weight is None else weight
    everything = np.bincount(level, w).astype(np.float64)
    wp = np.bincount(level[positive], w[positive], len(everything)).astype(np.float64)
    wn = everything - wp
    total = wp.sum()
    below = (np.cumsum(wn) - wn / 2) / wn.sum()
    above = 1 - (np.cumsum(wp) - wp / 2) / total
    return Placements(level, wp, wn, below, above, float(np.dot(wp, below) / total))


def average_precision_influence(curve: Placements, positive: NDArray[np.bool_]) -> tuple[float, Floats]:
    """Average precision of the curve, and each row's influence on it, (n,); the formula stands at
    `metrics.binary.ranking.average_precision`.
    """
    at, against = (values[::-1] for values in (curve.positive, curve.negative))
    total = at.sum() + against.sum()
    above = np.cumsum(at + against) / total
    step = at / total
    precision = np.cumsum(at) / total / above
    prevalence = at.sum() / total
    value = float((precision * step).sum() / prevalence)
    h1 = np.cumsum((step / above)[::-1])
    h2 = np.cumsum((precision * step / above)[::-1])
    influence = -h2[curve.level]
    influence[positive] += (precision[::-1] + h1 - value)[curve.level[positive]]
    return value, np.asarray(influence / prevalence)


def areas(probability: Floats, truth: Codes, weight: Floats | None, *, pairs: bool) -> Areas:
    """One-versus-rest and, with ``pairs``, one-versus-one AUC (Hand & Till 2001) from one sort per class.

    ``probability`` has shape (classes, n); there are two classes or more and each has a row. The variance
    of the macro mean sums squared influences: a row's influence is its DeLong placement (DeLong, DeLong &
    Clarke-Pearson 1988) in each class's curve, averaged over the classes, so that the correlation between
    the curves is taken in. Time for pairs grows with the number of classes times that of rows.
    """
    k, n = probability.shape
    w = np.ones(n) if weight is None else weight
    mass = np.bincount(truth, w, k)
    rows = [np.flatnonzero(truth == code) for code in range(k)] if pairs else []
    by_class, influence, over_pairs = np.empty(k), np.zeros(n), 0.0
    for code, column in enumerate(probability):
        positive = truth == code
        curve = place(column, positive, weight)
        total_p, total_n = mass[code], mass.sum() - mass[code]
        by_class[code] = curve.auc
        influence += (curve.of_rows(positive) - curve.auc) / np.where(positive, total_p, total_n)
        for other in range(k) if pairs else ():
            if other != code:
                of_other = np.bincount(curve.level[rows[other]], w[rows[other]], len(curve.negative))
                wins = np.dot(curve.positive, np.cumsum(of_other) - of_other / 2)
                over_pairs += float(wins / (total_p * mass[other]))
    influence *= w / k  # of the weighted sum
    return Areas(
        by_class,
        float(by_class.mean()),
        float(np.dot(influence, influence)),
        over_pairs / (k * (k - 1)) if pairs else None,
    )


def _levels(values: Floats) -> NDArray[np.int64]:
    """Position of each value among the distinct values, in ascending order."""
    order = np.argsort(values)
    ordered = values[order]
    fresh = np.zeros(len(values), dtype=np.int64)
    fresh[1:] = ordered[1:] != ordered[:-1]
    level = np.empty(len(values), dtype=np.int64)
    level[order] = np.cumsum(fresh)
    return level
