"""Counts of both sides in the same cells, and how they would come out again by chance.

Everything random is drawn from one table of normals that all columns share: drawing binomials anew for every
column would take longer than comparing it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from apps.compute.drift.columns import Categories, Counts, Floats, Numbers
from apps.compute.drift.statistics.pooled import value_counts
from apps.compute.drift.statistics.shares import MOST_VALUES, histogram, sturges

#: Draws need no more digits, and take half the time.
Draws = NDArray[np.float32]

#: Quantiles of each side that become points.
QUANTILES = 60
#: Cells times draws at a time. Columns with more cells are drawn less often, at least `FEWEST_DRAWS` times.
MOST_DRAWN, FEWEST_DRAWS = 400_000, 10
#: Tables of normals up to this width are kept.
KEPT_WIDTH = 300


@dataclass(frozen=True, eq=False)
class Cells:
    """``reference`` and ``current`` (k,) are counts. ``points`` (k,) are the values that stand for the cells,
    ascending; of categories and bins they are mere positions.
    """

    reference: Counts
    current: Counts
    points: Floats


def fine_cells(reference: Numbers, current: Numbers) -> Cells:
    """At most about 170 points: quantiles of both sides, and single values towards the ends, where a heavy
    tail has its weight. A value belongs to the first point that is not smaller. With up to `QUANTILES` rows
    on each side every value is a point of its own.
    """
    points = np.unique(np.concatenate([_landmarks(reference.values), _landmarks(current.values)]))
    return _counted(reference, current, points)


def binned_cells(reference: Numbers, current: Numbers) -> Cells:
    """The cells in which Evidently's distances on bins count numbers."""
    if reference.distinct <= MOST_VALUES:
        counts = value_counts(reference, current)
    else:
        edges = sturges(reference, current, reference.n + current.n)
        counts = histogram(reference, edges), histogram(current, edges)
    return Cells(*counts, np.arange(len(counts[0]), dtype=np.float64))


def label_cells(categories: Categories) -> Cells:
    return Cells(
        categories.reference, categories.current, np.arange(len(categories.reference), dtype=np.float64)
    )


def resampled(cells: Cells, draws: int, seed: int) -> tuple[Draws, Draws]:
    """Shares (draws, k) of both sides, as the bootstrap would find them.

    Poisson counts with the observed means, as rounded normals, divided by their sum: the multinomial
    bootstrap to first order. A draw without any row gives NaN.
    """
    first, second = normals(draws, len(cells.points), seed)
    return (
        _shares(drawn(cells.reference, np.sqrt(cells.reference), first)),
        _shares(drawn(cells.current, np.sqrt(cells.current), second)),
    )


def split(counts: Counts, rows: int, draws: int, seed: int) -> tuple[Draws, Draws]:
    """Shares (draws, k) of two random parts of ``counts``, of which the second has about ``rows`` rows.

    Its counts are binomial, as rounded normals: a hypergeometric split to first order.
    """
    table, _ = normals(draws, len(counts), seed)
    part = rows / counts.sum()
    second = drawn(counts * part, np.sqrt(counts * part * (1 - part)), table)
    whole = counts.astype(np.float32)
    np.minimum(second, whole, out=second)
    return _shares(whole - second), _shares(second)


def draws_for(cells: Cells, wanted: int) -> int:
    return min(wanted, max(FEWEST_DRAWS, MOST_DRAWN // len(cells.points)))


def drawn(mean: Floats | Counts, deviation: Floats, table: Draws) -> Draws:
    """Counts (draws, k) with this mean and standard deviation (k,) or (draws, k), whole and not negative."""
    counts = table * deviation.astype(np.float32)
    counts += mean.astype(np.float32)
    np.rint(counts, out=counts)
    np.maximum(counts, np.float32(0), out=counts)
    return counts


def normals(draws: int, width: int, seed: int) -> tuple[Draws, Draws]:
    """Two tables (draws, width), the same for all columns."""
    if width > KEPT_WIDTH:
        return _table(draws, width, seed)
    first, second = _kept_table(draws, seed)
    return first[:, :width], second[:, :width]


def _shares(counts: Draws) -> Draws:
    with np.errstate(invalid="ignore", divide="ignore"):
        counts /= counts.sum(axis=1, keepdims=True)
    return counts


def _landmarks(values: Floats) -> Floats:
    n = len(values)
    ends = 4 ** np.arange((n.bit_length() + 1) // 2)
    places = np.concatenate([np.linspace(0, n - 1, QUANTILES).astype(np.int64), ends - 1, n - ends])
    found: Floats = values[places]
    return found


def _counted(reference: Numbers, current: Numbers, points: Floats) -> Cells:
    return Cells(_counts(reference.values, points), _counts(current.values, points), points)


def _counts(values: Floats, points: Floats) -> Counts:
    return np.diff(np.searchsorted(values, points, side="right"), prepend=0)


@lru_cache(maxsize=4)
def _kept_table(draws: int, seed: int) -> tuple[Draws, Draws]:
    return _table(draws, KEPT_WIDTH, seed)


def _table(draws: int, width: int, seed: int) -> tuple[Draws, Draws]:
    rng = np.random.default_rng(seed)
    first, second = rng.standard_normal((2, draws, width), dtype=np.float32)
    return first, second
