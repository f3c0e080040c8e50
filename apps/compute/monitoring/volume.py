"""How many rows are usual in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, pi, sqrt

import numpy as np
from scipy.special import ndtri, stdtrit

FEWEST = 4  # windows
TAIL = 0.005  # on each side: one window in a hundred lies outside by chance

# The median absolute deviation of a normal sample, times 1.4826, is too small by these factors (Croux &
# Rousseeuw 1992); from 10 values on by n / (n - 0.8).
_SMALL_SAMPLE = {4: 1.363, 5: 1.206, 6: 1.200, 7: 1.140, 8: 1.129, 9: 1.107}


@dataclass(frozen=True, slots=True)
class UsualRows:
    """A prediction interval for the next window, from ``windows`` earlier ones."""

    low: int
    high: int
    windows: int


def usual_rows(earlier: Sequence[int]) -> UsualRows | None:
    """From the row counts of earlier comparable windows, the newest last; None with fewer than `FEWEST`.

    A 99 % interval around the median: the wider of what counts vary by themselves (Poisson) and of what these
    windows varied (median absolute deviation). A few windows that broke down do not widen it.
    """
    windows = len(earlier)
    if windows < FEWEST:
        return None
    rows = np.asarray(earlier, dtype=np.float64)
    median = float(np.median(rows))
    deviation = 1.4826 * float(np.median(np.abs(rows - median)))
    deviation *= _SMALL_SAMPLE.get(windows, windows / (windows - 0.8))
    widening = sqrt(1 + pi / 2 / windows)  # the median of a normal sample has the variance pi / 2n
    # Half the degrees of freedom: a median absolute deviation is as sure as a deviation of fewer values.
    reach = float(stdtrit((windows - 1) / 2, 1 - TAIL)) * widening * deviation
    low, high = _poisson(median, float(ndtri(1 - TAIL)) * widening)
    return UsualRows(
        low=max(0, floor(min(median - reach, low))), high=ceil(max(median + reach, high)), windows=windows
    )


def _poisson(mean: float, z: float) -> tuple[float, float]:
    """Between which counts of this mean lie: 2 sqrt(x + 3/8) has the variance 1 (Anscombe 1948)."""
    root = sqrt(mean + 3 / 8)
    return max(root - z / 2, 0) ** 2 - 3 / 8, (root + z / 2) ** 2 - 3 / 8
