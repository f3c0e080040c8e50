"""The Mann-Whitney U test: whether values of one side tend to be larger."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import ndtr

from apps.compute.drift.columns import Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import pool
from apps.compute.messages import gettext_noop

#: As scipy: exact when a side has at most this many values and none are tied.
MOST_EXACT = 8


def mann_whitney_p_value(reference: Numbers, current: Numbers) -> float:
    """Two-sided p-value, 0..1, with correction for ties and continuity.

    Evidently asks only whether the current values are larger (alternative "less"), so a fall has a p-value
    near 1 there. Ours sees both.
    """
    both = pool(reference, current)
    n, m = reference.n, current.n
    upto = both.reference + both.current
    before = np.concatenate(([0], upto[:-1]))
    ties = (upto - before).astype(np.float64)
    rank_sum = float((np.diff(both.reference, prepend=0) * ((before + upto + 1) / 2)).sum())
    u = rank_sum - n * (n + 1) / 2
    u = min(u, n * m - u)
    if min(n, m) <= MOST_EXACT and len(ties) == n + m:
        return min(1.0, 2 * _share_up_to(round(u), min(n, m), max(n, m)))
    total = n + m
    variance = n * m / 12 * (total + 1 - float((ties**3 - ties).sum()) / (total * (total - 1)))
    if variance <= 0:
        return 1.0
    return min(1.0, float(2 * ndtr((u + 0.5 - n * m / 2) / math.sqrt(variance))))


def _share_up_to(u: int, n: int, m: int) -> float:
    """Share of all orders of n and m values whose U is at most ``u``.

    The orders by U have the generating function prod (1 - q^(m+i)) / (1 - q^i), i = 1..n: each factor takes
    one shifted subtraction and one sum with stride i.
    """
    orders = np.zeros(u + 1)
    orders[0] = 1
    for i in range(1, n + 1):
        orders[m + i :] -= orders[: max(u + 1 - m - i, 0)].copy()
        padded = np.append(orders, np.zeros(-len(orders) % i)).reshape(-1, i)
        orders = padded.cumsum(axis=0).reshape(-1)[: u + 1]
    return float(orders.sum()) / math.comb(n + m, n)


TEST = DriftTest(
    key="mannw",
    label=gettext_noop("Mann–Whitney U test"),
    description=gettext_noop(
        "How likely it is by chance alone that values of one side are larger as often. It sees a rise or a "
        "fall, also with extremes, and is blind to a change of spread. With many rows even a change that "
        "does not matter gets a tiny p-value."
    ),
    source="scipy.stats.mannwhitneyu, two-sided (Evidently 0.7.23 tests for a rise alone)",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.05,
    numbers=mann_whitney_p_value,
)
