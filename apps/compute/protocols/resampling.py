"""Seeded bootstraps whose cost does not grow with the rows: they resample sums over random blocks of units.

A unit is what was drawn independently: a row, an image, a sequence, a user. Units are dealt into at most
`BLOCKS` blocks at random; a statistic that depends on sums over units is then a function of sums over blocks,
and drawing blocks with replacement is drawing units in bunches (the bag of little pieces; Politis, Romano &
Wolf 1999, ch. 2, for independent units). With at most `BLOCKS` units it is the plain bootstrap.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.compute.uncertainty import Floats, percentile_interval

BLOCKS, RESAMPLES = 400, 1_000
#: Numbers that one resampled array may hold.
MOST_CELLS = 10_000_000

Integers = NDArray[np.int64] | NDArray[np.int32]


def deal(units: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """Shape (units,): the block of each unit, blocks of equal size as far as possible."""
    blocks = min(units, BLOCKS)
    return rng.permutation(units) % blocks if units > blocks else np.arange(units)


def block_sums(block: Integers, cell: Integers, cells: int, weight: Floats | None = None) -> Floats:
    """Shape (blocks, cells): how many items (or what ``weight``) each block has in each cell."""
    blocks = int(block.max()) + 1
    flat = block.astype(np.int64) * cells + cell
    return np.bincount(flat, weight, blocks * cells).reshape(blocks, cells).astype(np.float64)


def resample(sums: Floats, rng: np.random.Generator) -> Floats:
    """Shape (resamples, cells): sums over as many blocks, drawn with replacement."""
    blocks, cells = sums.shape
    resamples = int(np.clip(MOST_CELLS // max(cells, 1), 100, RESAMPLES))
    times = rng.multinomial(blocks, np.full(blocks, 1 / blocks), resamples)
    return np.asarray(times @ sums)


def ratio_min(numerator: Floats, denominator: Floats) -> Floats:
    """The least of the ratios along the last axis, groups without a row left out."""
    with np.errstate(divide="ignore", invalid="ignore"):
        shares = np.where(denominator > 0, numerator / denominator, np.inf)
    least = shares.min(axis=-1)
    return np.where(np.isfinite(least), least, np.nan)


def interval(samples: Floats, value: float) -> tuple[float, float]:
    """The middle 95 % of ``samples``, stretched to ``value`` where it lies outside."""
    low, high = percentile_interval(samples)
    return min(low, value), max(high, value)
