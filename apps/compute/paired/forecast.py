"""Forecasts of the same rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.special import stdtr

from apps.compute.metrics.dependence import newey_west, student, truncated
from apps.compute.metrics.forecast import Forecast, row_pinball, terms
from apps.compute.paired.regression import RegressionPairs
from apps.compute.paired.spread import Spread
from apps.compute.uncertainty import Floats


class ForecastPairs:
    """``runs`` share their rows, truth, weights, series, times, horizons and scale."""

    def __init__(self, runs: Sequence[Forecast]) -> None:
        self.runs = runs
        self.dependence = runs[0].dependence()
        self.weight = runs[0].given.weight
        self.quantiles = [set(run.given.quantiles) for run in runs]

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        """With many series a t test over series. With few, the Diebold-Mariano test for the losses that are
        sums over rows, and for all else the variance of Newey & West.
        """
        if key == "pinball_loss" and self.quantiles[first] != self.quantiles[second]:
            return None
        before, after = (terms(self.runs[run], key) for run in (first, second))
        if before is None or after is None:
            return None
        change, weight = after[0] - before[0], before[1]
        losses = None if self.dependence.clustered else self._losses(key, first, second)
        if losses is not None:
            return self._diebold_mariano(change, losses)
        variance, freedom = self.dependence.variance(change, weight)
        if not variance > 0:
            return Spread(variance, self.dependence.method)
        mean = float(np.average(change, weights=weight))
        p = float(2 * stdtr(freedom, -abs(mean) / variance**0.5))
        return Spread(float(student(variance, freedom)), self.dependence.method, p)

    def _losses(self, key: str, first: int, second: int) -> Floats | None:
        """What each row costs the second run more than the first, (n,)."""
        runs = self.runs[first], self.runs[second]
        if key == "mae":
            sides = [np.abs(run.error) for run in runs]
        elif key == "rmse":
            sides = [run.error**2 for run in runs]
        elif key == "pinball_loss":
            sides = [row_pinball(run) for run in runs]
        else:
            return None
        return sides[1] - sides[0]

    def _diebold_mariano(self, change: Floats, losses: Floats) -> Spread:
        """Diebold & Mariano (1995) on the mean loss of each time, with the correction and the t distribution
        of Harvey, Leybourne & Newbold (1997). The farthest horizon h says how many neighbours overlap: h - 1
        with weight 1, and with Bartlett's weights where that gives no positive variance. The interval is
        that of ``change``, by the same rule.
        """
        variance, times = self._corrected(losses)
        if not variance > 0:
            return Spread(variance, "diebold-mariano")
        mean = float(np.average(losses, weights=self.weight))
        p = float(2 * stdtr(times - 1, -abs(mean) / variance**0.5))
        return Spread(float(student(self._corrected(change)[0], times - 1)), "diebold-mariano", p)

    def _corrected(self, values: Floats) -> tuple[float, int]:
        """Variance of the mean of ``values``, corrected for few times, and the number of times; NaN where
        they are too few.
        """
        sums = self.dependence.sums(values, self.weight)
        times, h = len(sums), self.dependence.horizon
        if self.dependence.too_few(times, h - 1):
            return np.nan, times
        variance = truncated(sums, h - 1)
        if variance <= 0:
            variance = newey_west(sums, h - 1)
        return variance * times / (times + 1 - 2 * h + h * (h - 1) / times), times

    def agreement(self, first: int, second: int) -> None:
        return None

    def no_skill(self) -> dict[str, float]:
        """Of the best constant for all series and times, as for a regression."""
        found = RegressionPairs([run.given for run in self.runs]).no_skill()
        level = float(np.average(np.abs(self.runs[0].given.truth), weights=self.weight))
        kept = {key: found[key] for key in ("mae", "rmse", "pinball_loss") if key in found}
        return kept | ({"wape": kept["mae"] / level} if level else {})
