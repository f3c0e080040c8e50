"""Estimates with what each row adds to them: the intervals of runs and of their differences come from that.

Linearisation (Taylor expansion; Särndal, Swensson & Wretman 1992, ch. 5): a smooth function of means varies
like the mean of its rows' influences. The influences of two runs on the same rows can be subtracted, which
pairs the runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from apps.compute.messages import Message
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult
from apps.compute.uncertainty import (
    Bounds,
    Floats,
    effective_n,
    log_interval,
    mean_and_variance,
    normal_interval,
    score_interval,
    wilson,
)

#: What is below this is rounding: rows that do not differ.
NO_VARIANCE = 1e-24


@dataclass(frozen=True, slots=True)
class Linear:
    """``influence`` (n,) is how far each row moves ``value``; its weighted mean is 0."""

    value: float
    influence: Floats

    def mapped(self, value: float, slope: float) -> Linear:
        """A function of this estimate with that value and that derivative here."""
        return Linear(value, slope * self.influence)


@dataclass(frozen=True, slots=True)
class Undefined:
    """Why there is no estimate; ``value`` is scikit-learn's convention, where it has one."""

    why: Message
    value: float | None = None


Found = Linear | Undefined


def mean(values: Floats, weight: Floats | None) -> Linear:
    """Weighted mean of ``values`` (n,), n > 0."""
    found = float(np.average(values, weights=weight))
    return Linear(found, values - found)


def ratio(above: Floats, below: Floats, weight: Floats | None) -> Linear:
    """Sum of ``above`` over the sum of ``below``, which must not be 0. A mean over some rows alone is the
    ratio of values that are 0 elsewhere to 1 for the rows that count.
    """
    size = float(np.average(below, weights=weight))
    found = float(np.average(above, weights=weight)) / size
    return Linear(found, (above - found * below) / size)


def root(square: Linear) -> Linear:
    """The square root, of a mean of squares."""
    value = square.value**0.5
    return square.mapped(value, 0.5 / value if value > 0 else 0.0)


def average(parts: Iterable[Linear]) -> Linear:
    """The plain mean of one estimate or more of the same rows."""
    value, influence, size = 0.0, np.zeros(()), 0
    for part in parts:
        value, influence, size = value + part.value, influence + part.influence, size + 1
    return Linear(value / size, influence / size)


# Intervals

#: Estimate, variance and effective number of rows -> both ends, and the method's name.
Interval = Callable[[float, float, float], tuple[Bounds, str]]


def positive(value: float, variance: float, size: float) -> tuple[Bounds, str]:
    """Normal on the log scale: for losses and errors."""
    return log_interval(value, variance), "log-normal"


def signed(value: float, variance: float, size: float) -> tuple[Bounds, str]:
    """Normal: for what may have either sign."""
    return normal_interval(value, variance), "normal"


def below_one(value: float, variance: float, size: float) -> tuple[Bounds, str]:
    """For 1 - ratio, such as R2: the ratio is normal on the log scale."""
    low, high = log_interval(1 - value, variance)
    return (1 - high, 1 - low), "delta"


def share(value: float, variance: float, size: float) -> tuple[Bounds, str]:
    """Wilson's, for a share of the rows."""
    return wilson(value * size, size), "wilson"


def score(value: float, variance: float, size: float) -> tuple[Bounds, str]:
    """Within 0..1, for what is no share of the rows; Wilson's where no row differs."""
    if variance > NO_VARIANCE and 0 < value < 1:
        return score_interval(value, variance), "delta"
    return wilson(value * size, size), "wilson"


def correlation(value: float, variance: float, size: float) -> tuple[Bounds, str]:
    """Within -1..1, for a mean of correlations."""
    if variance > NO_VARIANCE and -1 < value < 1:
        return score_interval(value, variance, low=-1.0, high=1.0), "delta"
    low, high = wilson((value + 1) / 2 * size, size)
    return (2 * low - 1, 2 * high - 1), "wilson"


def results(
    found: Mapping[str, Found], intervals: Mapping[str, Interval], weight: Floats | None, n: int
) -> dict[str, MetricResult]:
    """The estimates of ``n`` rows with their 95 % intervals; keys without an interval have none."""
    size = effective_n(weight, n)
    return {key: _result(key, each, intervals.get(key), weight, n, size) for key, each in found.items()}


def _result(
    key: str, found: Found, interval: Interval | None, weight: Floats | None, n: int, size: float
) -> MetricResult:
    if isinstance(found, Undefined):
        return MetricResult(key, found.value, n=n, undefined=found.why)
    if interval is None:
        return MetricResult(key, found.value, n=n)
    variance = mean_and_variance(found.influence, weight)[1]
    (low, high), method = interval(found.value, variance, size)
    return bounded(key, found.value, low, high, n, method)
