"""Means of money with their intervals, taken to the year."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import stdtrit

from apps.compute.money.result import Estimate
from apps.compute.uncertainty import LEVEL, Floats, Z, effective_n, mean_and_variance

#: Rows that are spread evenly over the possible prices of a row before its variance is taken.
ADDED = 2.0


def mean_money(values: Floats, weight: Floats | None, possible: Floats | None = None) -> Estimate:
    """Weighted mean of ``values`` (n,) with its 95 % interval.

    Without ``possible``: Student's t on the effective number of rows, no interval from one row. With
    ``possible``, the few prices that a row can have (at the mean amount): normal, with the variance of the
    rows and two more that are spread evenly over these prices (half a row in each cell of a confusion table,
    a quarter in each cell of a paired one: Agresti & Min 2005), so that a cell without rows is not taken for
    an impossible one.
    """
    n = len(values)
    if possible is None:
        mean, variance = mean_and_variance(values, weight)
        if not math.isfinite(variance):
            return Estimate(mean, n=n)
        size = effective_n(weight, n)
        quantile = float(stdtrit(size - 1, 0.5 + LEVEL / 2)) if size > 1 else math.nan
        half = quantile * variance**0.5
        return Estimate(mean, mean - half, mean + half, n) if math.isfinite(half) else Estimate(mean, n=n)
    w = np.ones(n) if weight is None else weight
    total = float(w.sum())
    typical = float(np.dot(w, w)) / total
    added = ADDED / len(possible)
    mass = total + ADDED * typical
    middle = (float(np.dot(w, values)) + added * typical * float(possible.sum())) / mass
    deviation = w * (values - middle)
    squares = float(np.dot(deviation, deviation)) + added * typical**2 * float(
        ((possible - middle) ** 2).sum()
    )
    mean, half = float(np.dot(w, values)) / total, Z * squares**0.5 / mass
    return Estimate(mean, mean - half, mean + half, n)


def scaled(estimate: Estimate, factor: float, shift: float = 0.0) -> Estimate:
    """factor * estimate + shift. A negative factor turns the bounds around."""
    value, low, high = (
        None if part is None else factor * part + shift
        for part in (estimate.value, estimate.low, estimate.high)
    )
    return Estimate(value, high, low, estimate.n) if factor < 0 else Estimate(value, low, high, estimate.n)


def inverse(estimate: Estimate, amount: float) -> Estimate:
    """amount / estimate for an amount >= 0: how much of something that brings ``estimate`` each is needed.

    No value where the estimate is not above 0, no upper end where its lower end is not.
    """
    if amount == 0:
        return Estimate(0.0, 0.0, 0.0, estimate.n)

    def over(part: float | None) -> float | None:
        return amount / part if part is not None and part > 0 else None

    return Estimate(over(estimate.value), over(estimate.high), over(estimate.low), estimate.n)
