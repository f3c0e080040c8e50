"""Means of money with their intervals, taken to the year."""

from __future__ import annotations

import math
from dataclasses import dataclass

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
    return mean_of_sums(Sums.of(values, weight), possible)


@dataclass(frozen=True, slots=True)
class Sums:
    """Of ``n`` rows: the sums of the weights w, of w², and of the money v as w v, w² v and w² v²."""

    n: int
    w: float
    ww: float
    wv: float
    wwv: float
    wwvv: float

    @classmethod
    def of(cls, values: Floats, weight: Floats | None) -> Sums:
        w = np.ones(len(values)) if weight is None else weight
        weighted = w * values
        return cls(
            n=len(values),
            w=float(w.sum()),
            ww=float(np.dot(w, w)),
            wv=float(weighted.sum()),
            wwv=float(np.dot(weighted, w)),
            wwvv=float(np.dot(weighted, weighted)),
        )


def mean_of_sums(sums: Sums, possible: Floats) -> Estimate:
    """`mean_money` with ``possible`` prices, from sums alone."""
    typical = sums.ww / sums.w
    added = ADDED / len(possible)
    mass = sums.w + ADDED * typical
    middle = (sums.wv + added * typical * float(possible.sum())) / mass
    of_rows = sums.wwvv - 2 * middle * sums.wwv + middle**2 * sums.ww
    of_added = added * typical**2 * float(((possible - middle) ** 2).sum())
    mean, half = sums.wv / sums.w, Z * (max(of_rows, 0.0) + of_added) ** 0.5 / mass
    return Estimate(mean, mean - half, mean + half, sums.n)


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
