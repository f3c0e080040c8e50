"""Areas under ROC curves between many classes, with their sampling variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.compute.labels import Codes
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class OneVersusRest:
    """AUC of each class against all others, their mean and the mean's variance."""

    by_class: Floats
    macro: float
    variance: float


def one_versus_rest(probability: Floats, truth: Codes, weight: Floats | None) -> OneVersusRest:
    """One-versus-rest AUC of every class; every class must have a row, and not all rows.

    ``probability`` has shape (classes, n). The variance of the macro mean sums squared influences: a
    row's influence is its DeLong placement (DeLong, DeLong & Clarke-Pearson 1988) in each class's
    curve, averaged over classes, so that the correlation between the curves is taken in.
    """
    k, n = probability.shape
    w = np.ones(n) if weight is None else weight
    areas = np.empty(k)
    influence = np.zeros(n)
    for code in range(k):
        positive = truth == code
        order = np.argsort(probability[code])
        ordered = probability[code][order]
        fresh = np.r_[True, ordered[1:] != ordered[:-1]]  # First row of each group of equal scores.
        group = np.cumsum(fresh) - 1
        wp = np.bincount(group, (w * positive)[order])
        wn = np.bincount(group, (w * ~positive)[order])
        below, above = np.cumsum(wn) - wn / 2, np.cumsum(wp) - wp / 2
        total_p, total_n = wp.sum(), wn.sum()
        areas[code] = np.dot(wp, below) / (total_p * total_n)
        placement = np.where(positive[order], below[group] / total_n, 1 - above[group] / total_p)
        scale = np.where(positive[order], 1 / total_p, 1 / total_n)
        influence[order] += (placement - areas[code]) * scale
    influence *= w / k
    return OneVersusRest(areas, float(areas.mean()), float(np.dot(influence, influence)))


def one_versus_one(probability: Floats, truth: Codes, weight: Floats | None) -> float:
    """Mean AUC over all pairs of classes, each scored by either class's column (Hand & Till 2001).

    Every class must have a row. Takes (classes)^2 passes over the rows of two classes.
    """
    k = len(probability)
    rows = [np.flatnonzero(truth == code) for code in range(k)]
    mass = [float(len(r)) if weight is None else float(weight[r].sum()) for r in rows]
    total = 0.0
    for code in range(k):
        column = probability[code]
        positive = column[rows[code]]
        order = np.argsort(positive)
        positive = positive[order]
        wp = None if weight is None else weight[rows[code]][order]
        for other in range(k):
            if other != code:
                wins = _wins(
                    positive, wp, column[rows[other]], None if weight is None else weight[rows[other]]
                )
                total += wins / (mass[code] * mass[other])
    return total / (k * (k - 1))


def _wins(positive: Floats, wp: Floats | None, negative: Floats, wn: Floats | None) -> float:
    """Weight of the pairs that ``positive`` (ascending) wins over ``negative``; a tie is half a win."""
    left = np.searchsorted(positive, negative, "left")
    right = np.searchsorted(positive, negative, "right")
    if wp is None or wn is None:
        return float(len(positive) * len(negative) - (left + right).sum() / 2)
    mass = np.r_[0.0, np.cumsum(wp)]
    return float((wn * (mass[-1] - (mass[left] + mass[right]) / 2)).sum())
