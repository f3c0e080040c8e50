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
        level = _levels(column)
        wp = np.bincount(level[positive], w[positive])
        wn = np.bincount(level, w, len(wp))
        wp = np.concatenate([wp, np.zeros(len(wn) - len(wp))])
        wn -= wp
        total_p, total_n = mass[code], mass.sum() - mass[code]
        below = (np.cumsum(wn) - wn / 2) / total_n
        above = 1 - (np.cumsum(wp) - wp / 2) / total_p
        by_class[code] = np.dot(wp, below) / total_p
        placement = (above / total_n - by_class[code] / total_n)[level]
        placement[positive] = (below[level[positive]] - by_class[code]) / total_p
        influence += placement
        for other in range(k) if pairs else ():
            if other != code:
                of_other = np.bincount(level[rows[other]], w[rows[other]], len(wn))
                wins = np.dot(wp, np.cumsum(of_other) - of_other / 2)
                over_pairs += float(wins / (total_p * mass[other]))
    influence *= w / k
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
