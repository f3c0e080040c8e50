"""From a classifier's scores to probabilities: isotonic regression, and whether it helps at all.

Definitions of NannyML 0.13.1 (``nannyml.calibration``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import isotonic_regression
from sklearn.model_selection import StratifiedShuffleSplit

from apps.compute.metrics.ranking import place
from apps.compute.uncertainty import Floats

#: Scores, ascending, and the probability at each; straight lines between them, constant outside.
Knots = tuple[Floats, Floats]

#: A map of more knots is thinned to this many.
MOST_KNOTS = 256
#: Scores that separate the classes better than this are not calibrated.
SEPARATED = 0.999
SPLITS = 10
TEST_SHARE = 0.1
SEED = 42
BINS = 10


def fit(score: Floats, truth: NDArray[np.bool_]) -> Knots:
    """The non-decreasing step map from ``score`` to the share of ``truth`` with the least squared error.

    Arrays of shape (n,), n >= 1. Equal to scikit-learn's IsotonicRegression: one block of tied or pooled
    scores keeps its two ends. More than `MOST_KNOTS` knots are thinned, see `thin`.
    """
    distinct, level = np.unique(score, return_inverse=True)
    return thin(_fit_levels(distinct, level, truth), MOST_KNOTS)


def probability(knots: tuple[Sequence[float] | Floats, Sequence[float] | Floats], score: Floats) -> Floats:
    """The map at ``score``, shape (n,)."""
    return np.interp(score, *knots)


def needed(score: Floats, truth: NDArray[np.bool_]) -> bool:
    """Whether maps learnt on nine tenths of the rows have a smaller expected calibration error on the rest.

    Ten random splits that keep the share of the classes, all their tests in one sum. Not needed where there
    is one class or where the classes are separated (ROC AUC above 0.999); cannot be told, so not done, with
    a single row of a class or fewer than eleven rows.
    """
    of_class = np.bincount(truth, minlength=2)
    if of_class.min() < 2 or len(truth) <= SPLITS or place(score, truth, None).auc > SEPARATED:
        return False
    distinct, level = np.unique(score, return_inverse=True)
    splitter = StratifiedShuffleSplit(SPLITS, test_size=TEST_SHARE, random_state=SEED)
    before, after, happened = [], [], []
    for train, test in splitter.split(level, truth):
        knots = _fit_levels(distinct, level[train], truth[train])
        before.append(score[test])
        after.append(probability(knots, score[test]))
        happened.append(truth[test])
    observed = np.concatenate(happened)
    return calibration_error(np.concatenate(before), observed) > calibration_error(
        np.concatenate(after), observed
    )


def calibration_error(forecast: Floats, happened: NDArray[np.bool_]) -> float:
    """Mean gap between forecast and observed share over bins of equally many rows, at least four rows.

    Bins have n // 10 rows, two where n is 20 or less, and the last takes what is left over too; rows of equal
    forecast stay in their order.
    """
    n = len(forecast)
    bins = n // 2 if n <= 2 * BINS else BINS
    starts = np.arange(0, n + 1, n // bins)[:-1]
    order = np.argsort(forecast, kind="stable")
    gaps = np.add.reduceat(forecast[order] - happened[order], starts)
    return float(np.abs(gaps).sum() / n)


def thin(knots: Knots, most: int) -> Knots:
    """At most ``most`` of the knots, both ends among them, at about equal steps of the probability.

    The thinned map stays monotone and meets the given one at every knot kept. Between two of them both lie
    in the same range, at most (p_last - p_first) / (most / 2 - 1) wide, so neither is off by more: 0.0079
    with 256 knots. Wider jumps keep both ends and lose nothing.
    """
    score, value = knots
    if len(score) <= most:
        return knots
    height = (value - value[0]) / (value[-1] - value[0])
    step = np.floor(height * (most // 2 - 1)).astype(np.int64)
    fresh = np.flatnonzero(np.diff(step))
    kept = np.unique(np.r_[0, fresh, fresh + 1, len(score) - 1])
    return score[kept], value[kept]


def _fit_levels(distinct: Floats, level: NDArray[np.int64], truth: NDArray[np.bool_]) -> Knots:
    """`fit` without thinning for rows at the positions ``level`` of the ascending scores ``distinct``."""
    rows = np.bincount(level, minlength=len(distinct))
    held = rows > 0
    weight = rows[held]
    share = np.bincount(level, truth, len(distinct))[held] / weight
    value = np.asarray(isotonic_regression(share, weights=weight).x)
    score = distinct[held]
    inside = np.zeros(len(value), np.bool_)
    inside[1:-1] = (value[1:-1] == value[:-2]) & (value[1:-1] == value[2:])
    return score[~inside], value[~inside]
