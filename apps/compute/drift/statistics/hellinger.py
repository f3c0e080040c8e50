"""The Hellinger distance between two sets of shares."""

from __future__ import annotations

import math

import numpy as np

from apps.compute.drift.columns import Floats, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import pool
from apps.compute.drift.statistics.shares import histogram, of_categories, sturges
from apps.compute.messages import gettext_noop


def hellinger(overlaps: Floats) -> float:
    """sqrt(1 - sum(sqrt(p * q))), 0..1, of the terms sqrt(p * q).

    They are added one after the other, as Evidently does: the root makes 1e-8 of the last digit of the sum.
    """
    return float(np.sqrt(1 - np.clip(np.cumsum(overlaps)[-1], 0, 1)))


def hellinger_of_numbers(reference: Numbers, current: Numbers) -> float:
    """In bins of equal width over both sides, as many as Sturges' rule gives for the distinct values, always:
    unlike the other distances, and as Evidently 0.7.23. NaN where `shares.sturges` finds no bins.
    """
    try:
        edges = sturges(reference, current, len(pool(reference, current).values))
    except ValueError:
        return math.nan
    widths = np.diff(edges)
    ours, theirs = (histogram(side, edges) / widths / side.n for side in (reference, current))
    return hellinger(np.sqrt(ours * theirs) * ((edges[-1] - edges[0]) / len(widths)))


def hellinger_of_shares(p: Floats, q: Floats) -> float:
    return hellinger(np.sqrt(p * q))


TEST = DriftTest(
    key="hellinger",
    label=gettext_noop("Hellinger distance"),
    description=gettext_noop(
        "How little the shares of categories or bins overlap: 0 means the same shares, 1 nothing in common. "
        "Small values are noise: with few rows and many categories 0.1 is reached by chance."
    ),
    source="sqrt(1 - sum(sqrt(reference * current))); bins as Evidently 0.7.23",
    is_p_value=False,
    flag=Flag.AT_LEAST,
    limit=0.1,
    numbers=hellinger_of_numbers,
    categories=of_categories(hellinger_of_shares),
)
