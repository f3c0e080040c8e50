"""Variances of means whose rows depend on each other: rows of one time series, and of neighbouring times."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import stdtrit

from apps.compute.uncertainty import LEVEL, Floats, Z

#: From this many series on, series are taken as independent of each other.
FEWEST_SERIES = 10
#: Times without which nothing can be said of their dependence.
FEWEST_TIMES = 10

Ints = NDArray[np.int64]


def student(variance: ArrayLike, freedom: float) -> Floats:
    """The variance with which a normal 95 % interval is as wide as Student's t interval with ``freedom``
    degrees of freedom; NaN below 1.
    """
    if freedom < 1:
        return np.full_like(np.asarray(variance, dtype=np.float64), np.nan)
    wider: Floats = np.asarray(variance, dtype=np.float64) * (stdtrit(freedom, 0.5 + LEVEL / 2) / Z) ** 2
    return wider


@dataclass(frozen=True, slots=True)
class Dependence:
    """Which rows belong together: ``series`` and ``time`` (n,) are codes from 0 on, time in its order;
    ``horizon`` is how many steps ahead the farthest row looks.

    With `FEWEST_SERIES` series and more, rows of different series are independent and those of one series
    depend on each other in any way (Liang & Zeger 1986). With fewer, the rows of one time are summed over
    series, and sums of neighbouring times depend on each other (Newey & West 1987; Driscoll & Kraay 1998).
    """

    series: Ints
    time: Ints
    horizon: int

    @property
    def clustered(self) -> bool:
        return len(np.unique(self.series)) >= FEWEST_SERIES

    @property
    def method(self) -> str:
        return "clustered by series" if self.clustered else "Newey-West"

    def rows(self, index: NDArray[np.int64]) -> Dependence:
        return Dependence(self.series[index], self.time[index], self.horizon)

    def variance(self, values: Floats, weight: Floats | None = None) -> float:
        """Variance of the weighted mean of ``values`` (n,), for a normal 95 % interval; NaN where there are
        too few series and times.
        """
        clustered = self.clustered
        sums = self.sums(values, weight, self.series if clustered else self.time)
        if clustered:
            return float(student(np.dot(sums, sums) * len(sums) / (len(sums) - 1), len(sums) - 1))
        lags = max(self.horizon - 1, int(4 * (len(sums) / 100) ** (2 / 9)))
        if len(sums) < max(FEWEST_TIMES, 2 * lags + 1):
            return np.nan
        return float(student(newey_west(sums, lags) * len(sums) / (len(sums) - 1), len(sums) - 1))

    def sums(self, values: Floats, weight: Floats | None, codes: Ints) -> Floats:
        """What the rows of each code that occurs add to the weighted mean's deviation; they sum to 0."""
        share = np.full(len(values), 1 / len(values)) if weight is None else weight / weight.sum()
        held, place = np.unique(codes, return_inverse=True)
        deviation: Floats = share * (values - np.dot(share, values))
        return np.bincount(place, deviation, len(held)).astype(np.float64)


def newey_west(sums: Floats, lags: int) -> float:
    """Variance of the sum of an ordered series that centres on 0, with Bartlett weights 1 - k / (lags + 1)
    (Newey & West 1987): 0 or more.
    """
    return _autocovariances(sums, lags, 1 - np.arange(1, lags + 1) / (lags + 1))


def truncated(sums: Floats, lags: int) -> float:
    """The same with weight 1 for each lag (Hansen & Hodrick 1980), which may come out negative."""
    return _autocovariances(sums, lags, np.ones(lags))


def _autocovariances(sums: Floats, lags: int, weights: Floats) -> float:
    products = [np.dot(sums[lag:], sums[:-lag]) for lag in range(1, lags + 1)]
    return float(np.dot(sums, sums) + 2 * np.dot(weights, products))
