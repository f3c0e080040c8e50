"""Regressions of the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from apps.compute.metrics.regression import Regression, pinball, weighted_quantile
from apps.compute.paired.held import Held
from apps.compute.paired.spread import Spread, linearised
from apps.compute.uncertainty import Floats, Z, effective_n

_EPS = float(np.finfo(np.float64).eps)


class RegressionPairs:
    """``runs`` share their rows, truth and weights."""

    def __init__(self, runs: Sequence[Regression]) -> None:
        self.runs = runs
        self.truth, self.weight = runs[0].truth, runs[0].weight
        self._held: Held[Floats | None] = Held()

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        parts = [
            self._held.of(key, run, partial(self._influence, key, self.runs[run])) for run in (first, second)
        ]
        if parts[0] is None or parts[1] is None:
            return None
        return linearised([parts[0], parts[1]], self.weight)

    def agreement(self, first: int, second: int) -> None:
        return None

    def no_skill(self) -> dict[str, float]:
        """Of the best constant: the mean for squares, the median for sizes, the quantiles for pinball."""
        mean, median = self._mean(self.truth), self._quantile(self.truth, 0.5)
        away = np.abs(self.truth - median)
        found = {
            "mae": self._mean(away),
            "rmse": self._mean((self.truth - mean) ** 2) ** 0.5,
            "r2": 0.0,
            "median_absolute_error": self._quantile(away, 0.5),
        }
        levels = self._common_levels()
        if levels:
            losses = [
                self._mean(pinball(self.truth, np.full(len(self.truth), self._quantile(self.truth, q)), q))
                for q in levels
            ]
            found["pinball_loss"] = float(np.mean(losses))
        return found

    def _mean(self, values: Floats) -> float:
        return float(np.average(values, weights=self.weight))

    def _quantile(self, values: Floats, q: float) -> float:
        if self.weight is None:
            return float(np.quantile(values, q))
        order = np.argsort(values)
        share = np.cumsum(self.weight[order])
        return weighted_quantile(values[order], share / share[-1], q)

    def _common_levels(self) -> list[float]:
        levels = [set(run.quantiles) for run in self.runs if run.quantiles]
        return sorted(levels[0]) if levels and all(each == levels[0] for each in levels) else []

    def _influence(self, key: str, run: Regression) -> Floats | None:
        error = run.predicted - self.truth
        if key == "mae":
            return np.abs(error)
        if key == "mape":
            return np.abs(error) / np.maximum(np.abs(self.truth), _EPS)
        if key == "rmse":
            mean = self._mean(error * error)
            return error * error / (2 * mean**0.5) if mean > 0 else np.zeros(len(error))
        if key == "r2":
            away = (self.truth - self._mean(self.truth)) ** 2
            spread = self._mean(away)
            return -(error * error - self._mean(error * error) / spread * away) / spread if spread else None
        if key == "median_absolute_error":
            return self._median(np.abs(error))
        if key == "pinball_loss" and self._common_levels() and run.quantiles:
            losses = [pinball(self.truth, values, level) for level, values in run.quantiles.items()]
            return np.asarray(np.mean(losses, axis=0))
        return None

    def _median(self, size: Floats) -> Floats:
        """Bahadur's representation (1966): (1/2 - [x <= median]) / density, the density from the width of
        the median's own 95 % interval (Woodruff 1952).
        """
        half = Z * 0.5 / effective_n(self.weight, len(size)) ** 0.5
        low, high = (self._quantile(size, q) for q in (max(0.0, 0.5 - half), min(1.0, 0.5 + half)))
        below = size <= self._quantile(size, 0.5)
        return np.asarray((0.5 - below) * (high - low) / (2 * half))
