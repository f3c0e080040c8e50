"""How the labels of each row are ordered by their probabilities; scikit-learn is the reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from apps.compute.uncertainty import Floats

#: Cells that are ranked at a time.
CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class RankedLabels:
    """One number per row, (n,).

    ``precision``: mean over the true labels of the share of true ones among the labels at or above it; 1
    where no label or every label is true. ``loss``: share of the pairs of a true and another label that are
    in the wrong order, ties too; 0 where there is no pair. ``coverage``: how far down the list one must go to
    meet all true labels; 0 where there is none (Tsoumakas, Katakis & Vlahavas 2010).
    """

    precision: Floats
    loss: Floats
    coverage: Floats


def rank_labels(truth: NDArray[np.bool_], score: Floats, known: NDArray[np.bool_]) -> RankedLabels:
    """All arrays have shape (labels, n); labels that are not ``known`` take no place in the order."""
    labels, n = truth.shape
    precision, loss, coverage = np.ones(n), np.zeros(n), np.zeros(n)
    block = max(1, CELLS // labels)
    for start in range(0, n, block):
        rows = slice(start, start + block)
        true = truth[:, rows] & known[:, rows]
        # Of each label: how many known ones, and how many true ones, have its score or a higher one.
        falling = np.where(known[:, rows], -score[:, rows], np.inf)
        above = rankdata(falling, method="max", axis=0)
        true_above = rankdata(np.where(true, falling, np.inf), method="max", axis=0)
        relevant, others = true.sum(axis=0), (known[:, rows] & ~true).sum(axis=0)
        both = (relevant > 0) & (others > 0)
        shares = np.where(true, true_above / above, 0.0).sum(axis=0)
        np.divide(shares, relevant, out=precision[rows], where=both)
        wrong = np.where(true, above - true_above, 0.0).sum(axis=0)
        np.divide(wrong, relevant * others, out=loss[rows], where=both)
        coverage[rows] = np.where(true, above, 0.0).max(axis=0)
    return RankedLabels(precision, loss, coverage)
