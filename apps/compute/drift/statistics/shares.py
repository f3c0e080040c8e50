"""The shares of rows that PSI and the divergences compare: of categories, of distinct values or of bins.

Evidently 0.7.23 puts numbers in bins of equal width over both sides together when the reference has more
than 20 distinct values, as many as Sturges' rule says; else it compares distinct values. The edges depend
on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from apps.compute.drift.columns import Categories, Counts, Floats, Numbers
from apps.compute.drift.statistics.pooled import value_counts

#: With more distinct values in the reference, numbers are put in bins.
MOST_VALUES = 20

#: What stands for an empty share in a logarithm, unless a share is as small itself.
FLOOR = 1e-4


#: From two sets of shares, each 0..1 with sum 1, to a number.
Distance = Callable[[Floats, Floats], float]


def of_numbers(distance: Distance) -> Callable[[Numbers, Numbers], float]:
    """The distance between two sides of numbers; NaN where `sturges` finds no bins."""

    def between(reference: Numbers, current: Numbers) -> float:
        if reference.distinct <= MOST_VALUES:
            ours, theirs = value_counts(reference, current)
        else:
            try:
                edges = sturges(reference, current, reference.n + current.n)
            except ValueError:
                return math.nan
            ours, theirs = histogram(reference, edges), histogram(current, edges)
        return distance(ours / reference.n, theirs / current.n)

    return between


def of_categories(distance: Distance) -> Callable[[Categories], float]:
    """The distance between two sides of categories."""

    def between(column: Categories) -> float:
        return distance(column.reference / column.reference.sum(), column.current / column.current.sum())

    return between


def without_zeros(shares: Floats) -> Floats:
    """As Evidently fills them: with 1e-4, or a millionth of the smallest share where that is at most 1e-4."""
    smallest = shares[shares > 0].min()
    return np.where(shares == 0, smallest / 10**6 if smallest <= FLOOR else FLOOR, shares)


def sturges(reference: Numbers, current: Numbers, n: int) -> Floats:
    """Edges over both sides of log2(n) + 1 bins, as `numpy.histogram_bin_edges(..., "sturges")` makes them
    of n values. ValueError: the values are too close for so many bins, or too far apart for a float.
    """
    low = float(min(reference.values[0], current.values[0]))
    high = float(max(reference.values[-1], current.values[-1]))
    width = (high - low) / (math.log2(n) + 1)
    if reference.whole and current.whole:
        width = max(width, 1.0)
    return np.histogram_bin_edges(np.array([low, high]), math.ceil((high - low) / width) if high > low else 1)


def histogram(side: Numbers, edges: Floats) -> Counts:
    """Counts between the edges, the last bin closed: `numpy.histogram` without reading all the values."""
    below = side.values.searchsorted(edges)
    below[-1] = side.values.searchsorted(edges[-1], side="right")
    return np.diff(below)
