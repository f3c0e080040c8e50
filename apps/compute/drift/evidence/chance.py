"""p-values of "no change" from the counts of both sides. All are two-sided and ask for independent rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import chdtrc, gammaincc, kolmogorov, xlogy

from apps.compute.drift.columns import Floats
from apps.compute.drift.evidence.cells import Cells

#: The least expected count of a cell in the chi-square test; smaller ones are pooled (Cochran 1954).
LEAST_EXPECTED = 5
#: So many rare categories get a test of their own.
MANY_RARE = 50


def of_ordered(cells: Cells) -> float:
    """Numbers: the smaller of two p-values, doubled.

    One is Kolmogorov's and Smirnov's, which sees a difference in the middle. The other is of the best single
    cut by its likelihood ratio, times the number of cuts (Bonferroni): it sees a change in a tail, such as
    the first values of a column that used to be constant.
    """
    below = np.stack([np.cumsum(cells.reference), np.cumsum(cells.current)]).astype(np.float64)
    n, m = (float(rows) for rows in below[:, -1])
    gap = float(np.abs(below[0] / n - below[1] / m).max())
    smooth = float(kolmogorov(gap * np.sqrt(n * m / (n + m))))
    cuts: int = below.shape[1] - 1
    if cuts < 1:
        return 1.0
    table = np.stack([below[:, :-1], below[:, -1:] - below[:, :-1]])
    sharpest = float(chdtrc(1, _likelihood_ratio(table).max()))
    return min(1.0, 2 * smooth, 2 * cuts * sharpest)


def of_labels(cells: Cells) -> float:
    """Categories: chi-square after pooling what is rare. Where there are at least `MANY_RARE` rare ones, the
    smaller p-value of this and of `_rare`, doubled.
    """
    counts = np.stack([cells.reference, cells.current]).astype(np.float64)
    expected = counts.sum(axis=0) * counts.sum(axis=1).min() / counts.sum()
    rare = expected < LEAST_EXPECTED
    common = _chi_square(_pooled(counts, rare))
    if np.count_nonzero(rare) < MANY_RARE:
        return common
    return min(1.0, 2 * common, 2 * _rare(counts[:, rare]))


def _likelihood_ratio(table: Floats) -> Floats:
    """G of 2 x 2 tables (part, side, table): twice the log-likelihood gained by two shares instead of one."""
    sides, parts, total = table.sum(axis=0), table.sum(axis=1), table.sum(axis=(0, 1))
    gained = xlogy(table, table).sum(axis=(0, 1)) + xlogy(total, total)
    found: Floats = 2 * (gained - xlogy(sides, sides).sum(axis=0) - xlogy(parts, parts).sum(axis=0))
    return np.maximum(found, 0)


def _pooled(counts: Floats, rare: NDArray[np.bool_]) -> Floats:
    """Rare cells become one; when that is still rare, it joins the smallest of the others."""
    kept, pool = counts[:, ~rare], counts[:, rare].sum(axis=1)
    if not pool.sum():
        return kept
    if kept.shape[1] and pool.sum() * counts.sum(axis=1).min() / counts.sum() < LEAST_EXPECTED:
        kept[:, kept.sum(axis=0).argmin()] += pool
        return kept
    return np.column_stack([kept, pool])


def _chi_square(counts: Floats) -> float:
    if counts.shape[1] < 2:
        return 1.0
    expected = counts.sum(axis=1, keepdims=True) * counts.sum(axis=0) / counts.sum()
    return float(chdtrc(counts.shape[1] - 1, ((counts - expected) ** 2 / expected).sum()))


def _rare(counts: Floats) -> float:
    """Chi-square over cells too small for its distribution, which is matched by mean and variance instead.

    Given its total t, a cell's count on one side is binomial with the share p of that side, so its
    (x - t p)^2 / (t p q) has mean 1, variance 2 + (1 - 6 p q) / (t p q) and covariance q - p with x. That
    the sum of all x is known takes K^2 (1 - 4 p q) / (N p q) off the variance of the sum over K cells. It
    then is taken as a scaled chi-square, where that has enough degrees of freedom to be trusted in the tail.
    """
    totals = counts.sum(axis=0)
    rows, k = totals.sum(), counts.shape[1]
    p = counts[1].sum() / rows
    pq = p * (1 - p)
    if pq == 0:
        return 1.0
    statistic = ((counts[1] - totals * p) ** 2 / (totals * pq)).sum()
    variance = 2 * k + (1 - 6 * pq) / pq * (1 / totals).sum() - k**2 * (1 - 4 * pq) / (rows * pq)
    if variance < 1e-6 * k or 2 * k**2 / variance < 10:
        return 1.0
    return float(gammaincc(k**2 / variance, statistic * k / variance))
