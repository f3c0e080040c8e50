"""Variances of means whose rows depend on each other: rows of one time series, and of neighbouring times."""

from __future__ import annotations

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
    given = np.asarray(variance, dtype=np.float64)
    if not freedom >= 1:
        return np.full_like(given, np.nan)
    wider: Floats = given * (stdtrit(freedom, 0.5 + LEVEL / 2) / Z) ** 2
    return wider


class Dependence:
    """Which rows belong together: ``series`` and ``time`` (n,) are codes, those of time in its order;
    ``horizon`` is how many steps ahead the farthest row looks.

    With `FEWEST_SERIES` series and more, rows of different series are independent and those of one series
    depend on each other in any way (Liang & Zeger 1986). With fewer, the rows of one time are summed over
    series, and sums of neighbouring times depend on each other (Newey & West 1987; Driscoll & Kraay 1998).
    A unit is a series in the first case, else a time.
    """

    def __init__(self, series: Ints, time: Ints, horizon: int) -> None:
        held, place = np.unique(series, return_inverse=True)
        self.clustered = len(held) >= FEWEST_SERIES
        if not self.clustered:
            held, place = np.unique(time, return_inverse=True)
        self.horizon, self._place, self._units = horizon, place, len(held)

    @property
    def method(self) -> str:
        return "clustered by series" if self.clustered else "Newey-West"

    def variance(self, values: Floats, weight: Floats | None = None) -> tuple[float, float]:
        """Variance of the weighted mean of ``values`` (n,), and the degrees of freedom of its Student's t:
        series less one, or 3 / (2 b) for times, b being the share of all times in a lag window. The variance
        for times is divided by its expectation under no dependence, 1 - b + b^2 / 3 (Kiefer & Vogelsang
        2005). NaN where times are too few.

        Times depend on each other as far as the forecasts of them overlap (horizon - 1 lags), and at least
        over 1.3 sqrt(T) lags (Lazarus, Lewis, Stock & Watson 2018).
        """
        sums = self.sums(values, weight)
        units = len(sums)
        if self.clustered:
            return (float(np.dot(sums, sums)) * units / (units - 1) if units > 1 else np.nan), units - 1
        lags = max(self.horizon - 1, int(np.ceil(1.3 * units**0.5)))
        if self.too_few(units, lags):
            return np.nan, np.nan
        share = (lags + 1) / units
        return newey_west(sums, lags) / (1 - share + share**2 / 3), 1.5 / share

    def sums(self, values: Floats, weight: Floats | None) -> Floats:
        """What the rows of each unit with weight add to the deviation of the weighted mean; they sum to 0."""
        share = np.full(len(values), 1 / len(values)) if weight is None else weight / weight.sum()
        deviation = share * (values - np.dot(share, values))
        found = np.bincount(self._place, deviation, self._units).astype(np.float64)
        return found[np.bincount(self._place, share, self._units) > 0]

    @staticmethod
    def too_few(times: int, lags: int) -> bool:
        return times < max(FEWEST_TIMES, 2 * lags)


def newey_west(sums: Floats, lags: int) -> float:
    """Variance of the sum of an ordered series that centres on 0, with Bartlett weights 1 - k / (lags + 1)
    (Newey & West 1987): 0 or more. It is the mean square of the sums of all windows of lags + 1 times, those
    that reach beyond the ends included.
    """
    width = lags + 1
    total = np.cumsum(np.pad(sums, width))
    windows = total[width:] - total[:-width]
    return float(np.dot(windows, windows) / width)


def truncated(sums: Floats, lags: int) -> float:
    """The same with weight 1 for each lag (Hansen & Hodrick 1980), which may come out negative."""
    later = sum(float(np.dot(sums[lag:], sums[:-lag])) for lag in range(1, lags + 1))
    return float(np.dot(sums, sums)) + 2 * later
