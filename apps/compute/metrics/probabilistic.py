"""Metrics of predicted distributions: normal ones, quantiles, or one interval (Gneiting & Raftery 2007).

Losses are negatively oriented: lower is better.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr, ndtri

from apps.compute.metrics import linear, probabilistic_records
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.linear import Found, mean, root
from apps.compute.metrics.probabilistic_records import LEVELS, percent
from apps.compute.metrics.registry import metrics_for
from apps.compute.metrics.regression import pinball
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import Floats, percentile_interval

__all__ = ["LEVELS", "RULES", "Probabilistic", "crps", "interval_score", "measure"]

#: Levels at which a normal distribution's calibration is read.
NORMAL_LEVELS = tuple(float(level) for level in np.arange(1, 20) / 20)
#: Draws for the interval of the calibration error, and their seed.
DRAWS, SEED = 4_000, 0

CALIBRATION = probabilistic_records.CALIBRATION


@dataclass(frozen=True, slots=True)
class Probabilistic:
    """Rows to judge, all arrays (n,) and finite. Of ``std`` (above 0), ``quantiles`` (three levels or more)
    and ``interval`` (its level, both ends) one is given.
    """

    truth: Floats
    predicted: Floats
    weight: Floats | None = None
    std: Floats | None = None
    quantiles: Mapping[float, Floats] = field(default_factory=dict)
    interval: tuple[float, Floats, Floats] | None = None

    def rows(self, index: NDArray[Any] | slice) -> Probabilistic:
        """The rows at ``index``; a view where it is a slice."""
        interval = self.interval
        return Probabilistic(
            self.truth[index],
            self.predicted[index],
            None if self.weight is None else self.weight[index],
            None if self.std is None else self.std[index],
            {level: values[index] for level, values in self.quantiles.items()},
            None if interval is None else (interval[0], interval[1][index], interval[2][index]),
        )

    @property
    def levels(self) -> tuple[float, ...]:
        """Levels at which quantiles are known, in ascending order."""
        return NORMAL_LEVELS if self.std is not None else tuple(sorted(self.quantiles))

    def quantile(self, level: float) -> Floats | None:
        if self.std is not None:
            return np.asarray(self.predicted + self.std * ndtri(level))
        known = next((own for own in self.quantiles if abs(own - level) < 1e-9), None)
        return None if known is None else self.quantiles[known]

    def central(self, level: float) -> tuple[Floats, Floats] | None:
        """Both ends of the central interval that should hold the truth with probability ``level``."""
        if self.interval is not None:
            own, low, high = self.interval
            return (low, high) if abs(own - level) < 1e-9 else None
        ends = self.quantile((1 - level) / 2), self.quantile((1 + level) / 2)
        return None if ends[0] is None or ends[1] is None else (ends[0], ends[1])


def crps(data: Probabilistic) -> Floats | None:
    """Continuous ranked probability score of each row, (n,), in the unit of the target; None for intervals.

    Normal: s (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)), z = (t - p) / s (Gneiting et al. 2005, eq. 5).
    Quantiles: twice their mean pinball loss, which is the integral's sum over evenly spread levels.
    """
    if data.std is not None:
        z = (data.truth - data.predicted) / data.std
        density = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
        return np.asarray(data.std * (z * (2 * ndtr(z) - 1) + 2 * density - 1 / np.sqrt(np.pi)))
    if not data.quantiles:
        return None
    losses = [pinball(data.truth, q, level) for level, q in data.quantiles.items()]
    found: Floats = 2 * np.mean(losses, axis=0)
    return found


def log_score(data: Probabilistic) -> Floats | None:
    """-log of the normal density at the truth, (n,); None without a standard deviation."""
    if data.std is None:
        return None
    z = (data.truth - data.predicted) / data.std
    return np.asarray(z * z / 2 + np.log(data.std) + np.log(2 * np.pi) / 2)


def interval_score(data: Probabilistic, level: float) -> Floats | None:
    """Winkler's score (1972), (n,): width, plus 2 / (1 - level) times how far the truth lies outside."""
    ends = data.central(level)
    if ends is None:
        return None
    low, high = ends
    outside = np.maximum(low - data.truth, 0) + np.maximum(data.truth - high, 0)
    return np.asarray(high - low + 2 / (1 - level) * outside)


def covered(data: Probabilistic, level: float) -> Floats | None:
    """1 where the truth lies in the central interval, ends included, (n,)."""
    ends = data.central(level)
    if ends is None:
        return None
    return ((ends[0] <= data.truth) & (data.truth <= ends[1])).astype(np.float64)


def width(data: Probabilistic, level: float) -> Floats | None:
    ends = data.central(level)
    return None if ends is None else ends[1] - ends[0]


def below(data: Probabilistic) -> list[Floats]:
    """For each of ``data.levels``: 1 where the truth is at or below that quantile, (n,)."""
    quantiles = (data.quantile(level) for level in data.levels)
    return [(data.truth <= q).astype(np.float64) for q in quantiles if q is not None]


def calibration_error(shares: Floats, levels: tuple[float, ...]) -> Floats:
    """Mean of |share - level| over the levels; ``shares`` has shape (..., levels)."""
    return np.asarray(np.abs(shares - np.array(levels)).mean(axis=-1))


def _mean(data: Probabilistic, values: Floats | None) -> Found | None:
    return None if values is None else mean(values, data.weight)


def _of_level(
    rule: Callable[[Probabilistic, float], Floats | None], level: float, data: Probabilistic
) -> Found | None:
    return _mean(data, rule(data, level))


#: Key -> estimate of a file, None where the file does not carry what it needs.
RULES: Mapping[str, Callable[[Probabilistic], Found | None]] = {
    "crps": lambda data: _mean(data, crps(data)),
    "log_score": lambda data: _mean(data, log_score(data)),
    "mae": lambda data: mean(np.abs(data.predicted - data.truth), data.weight),
    "rmse": lambda data: root(mean((data.predicted - data.truth) ** 2, data.weight)),
    "mean_error": lambda data: mean(data.predicted - data.truth, data.weight),
    **{
        f"{name}_{percent(level)}": partial(_of_level, rule, level)
        for name, rule in (("coverage", covered), ("width", width), ("interval_score", interval_score))
        for level in LEVELS
    },
}
_INTERVALS = {
    "crps": linear.positive,
    "log_score": linear.signed,
    "mae": linear.positive,
    "rmse": linear.positive,
    "mean_error": linear.signed,
    **{f"coverage_{percent(level)}": linear.share for level in LEVELS},
    **{
        f"{name}_{percent(level)}": linear.positive
        for name in ("width", "interval_score")
        for level in LEVELS
    },
}


def measure(data: Probabilistic, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order.

    What the form of the prediction does not give is left out: log score without a standard deviation, scores
    of intervals that are not among the quantiles.
    """
    wanted = [m.key for m in metrics_for(Task.PROBABILISTIC) if m.headline or not headline]
    estimates = {key: RULES[key](data) for key in wanted if key in RULES}
    given = {key: found for key, found in estimates.items() if found is not None}
    found = linear.results(given, _INTERVALS, data.weight, len(data.truth))
    if data.levels:
        found[CALIBRATION] = _calibration(data)
    return tuple(found[key] for key in wanted if key in found)


def _calibration(data: Probabilistic) -> MetricResult:
    """Chance alone makes the error greater than 0, and draws around the observed shares make it greater by
    about as much again. So the low end is the high end of the draws, mirrored at the value (basic bootstrap).
    The high end is that of the draws themselves: mirrored too, intervals of a small error may hold it in
    two thirds of samples only.
    """
    n = len(data.truth)
    flags = np.stack(below(data))
    w = np.full(n, 1 / n) if data.weight is None else data.weight / data.weight.sum()
    shares = np.average(flags, axis=1, weights=w)
    value = float(calibration_error(shares, data.levels))
    if n < 2:
        return MetricResult(CALIBRATION, value, n=n)
    deviations = (flags - shares[:, None]) * w
    # Not by BLAS, whose threads stall where cores are shared.
    covariance = np.einsum("in,jn->ij", deviations, deviations) * n / (n - 1)
    # Levels that never differ from row to row make the covariance singular; the SVD takes that in.
    noise = np.random.default_rng(SEED).multivariate_normal(
        np.zeros(len(shares)), covariance, DRAWS, method="svd"
    )
    _, high = percentile_interval(calibration_error(shares + noise, data.levels))
    return bounded(CALIBRATION, value, max(2 * value - high, 0.0), high, n, "bootstrap")
