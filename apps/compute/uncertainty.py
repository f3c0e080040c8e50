"""95 % confidence intervals. Functions work on scalars or arrays alike and return (low, high).

Weights are importance weights of independently drawn rows. Variances with weights come from
linearisation (Taylor expansion; Särndal, Swensson & Wretman 1992, ch. 5): the statistic's influence
of each row is multiplied by its weight, and squares are summed. With equal weights everything below
is the usual unweighted formula, and multiplying all weights by a constant changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import bdtrik, ndtri

Floats = NDArray[np.float64]
Bounds = tuple[Floats, Floats]

LEVEL = 0.95
Z = float(ndtri(0.5 + LEVEL / 2))


def wilson(successes: ArrayLike, n: ArrayLike, z: float = Z) -> Bounds:
    """Wilson's score interval of a binomial share (Wilson 1927; Brown, Cai & DasGupta 2001).

    ``successes`` and ``n`` need not be whole: an effective sample size is welcome. n = 0 gives NaN. ``z`` is
    the normal quantile of another confidence than 95 %.
    """
    n = np.asarray(n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.asarray(successes, dtype=np.float64) / n
        centre = (share + z * z / (2 * n)) / (1 + z * z / n)
        half = z / (1 + z * z / n) * np.sqrt(np.maximum(share * (1 - share) / n, 0) + (z / (2 * n)) ** 2)
    # Rounding must not push the bound past an estimate of exactly 0 or 1.
    low = np.where(share <= 0, np.minimum(share, 0), np.maximum(centre - half, 0))
    high = np.where(share >= 1, np.maximum(share, 1), np.minimum(centre + half, 1))
    return low, high


def score_interval(
    estimate: ArrayLike, variance: ArrayLike, *, low: float = 0.0, high: float = 1.0
) -> Bounds:
    """Wilson's interval for any estimate on [low, high] whose variance is known.

    The estimate is treated as a share observed on the effective sample size share (1 - share) /
    variance (Korn & Graubard 1998), which keeps the bounds inside the range and off symmetry.
    An estimate at an end of the range needs a variance that is not 0: smooth the counts first.
    """
    span = high - low
    share = (np.asarray(estimate, dtype=np.float64) - low) / span
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = share * (1 - share) / (np.asarray(variance, dtype=np.float64) / span**2)
        bounds = wilson(share * effective, effective)
    return low + span * bounds[0], low + span * bounds[1]


def effective_n(weight: Floats | None, n: int) -> float:
    """Kish's effective sample size (sum w)^2 / sum w^2; ``n`` without weights."""
    if weight is None:
        return float(n)
    return float(weight.sum() ** 2 / np.dot(weight, weight))


def mean_and_variance(values: Floats, weight: Floats | None = None) -> tuple[float, float]:
    """Weighted mean of ``values`` and the variance of that mean (NaN for fewer than 2 rows).

    Ratio estimator: sum w^2 (x - mean)^2 / (sum w)^2, times n / (n - 1).
    """
    n = len(values)
    if weight is None:
        mean = float(values.mean()) if n else np.nan
        return mean, float(values.var(ddof=1) / n) if n > 1 else np.nan
    total = float(weight.sum())
    mean = float(np.dot(weight, values) / total)
    deviation = (values - mean) * weight
    return mean, float(np.dot(deviation, deviation) / total**2 * n / (n - 1)) if n > 1 else np.nan


def normal_interval(estimate: ArrayLike, variance: ArrayLike) -> Bounds:
    """estimate -+ 1.96 standard errors."""
    estimate = np.asarray(estimate, dtype=np.float64)
    half = Z * np.sqrt(np.asarray(variance, dtype=np.float64))
    return estimate - half, estimate + half


def log_interval(estimate: ArrayLike, variance: ArrayLike) -> Bounds:
    """Normal on the log scale, for quantities that are positive and skewed (losses, errors).

    The standard error of log x is that of x over x (delta method). An estimate of 0 gives (0, 0).
    """
    estimate = np.asarray(estimate, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.exp(Z * np.sqrt(np.asarray(variance, dtype=np.float64)) / estimate)
        return np.where(estimate > 0, estimate / factor, 0.0), np.where(estimate > 0, estimate * factor, 0.0)


def fisher_interval(correlation: ArrayLike, n: ArrayLike) -> Bounds:
    """Fisher's z interval of a Pearson correlation from ``n`` > 3 (effective) rows; else NaN."""
    n = np.asarray(n, dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.arctanh(np.asarray(correlation, dtype=np.float64))
        half = Z / np.sqrt(np.where(n > 3, n - 3, np.nan))
        return np.tanh(centre - half), np.tanh(centre + half)


def quantile_interval(ordered: Floats, q: float) -> tuple[float, float]:
    """Distribution-free interval of the ``q`` quantile from ascending values (order statistics).

    The ranks come from the binomial distribution (Conover 1999, 3.2); in small samples the ends of
    the sample bound what can be said.
    """
    n = len(ordered)
    tail = (1 - LEVEL) / 2
    first, last = (int(np.ceil(bdtrik(p, n, q))) for p in (tail, 1 - tail))
    return float(ordered[max(first - 1, 0)]), float(ordered[min(last, n - 1)])


def count_variance(
    statistic: Callable[[NDArray[np.complex128]], NDArray[np.complex128]],
    counts: Floats,
    squares: Floats | None = None,
) -> Floats:
    """Delta-method variance of a function of multinomial counts, for many tables at once.

    ``counts`` has shape (..., cells); ``squares`` holds the sums of squared weights per cell (the
    counts themselves without weights). ``statistic`` maps (..., cells) to (...) by arithmetic alone
    and must not depend on the scale of the counts; it is differentiated by complex steps (Squire &
    Trapp 1998), which are exact to rounding.
    """
    squares = counts if squares is None else squares
    total = counts.sum(axis=-1, keepdims=True)
    shares = counts / total
    step = 1e-30
    gradient = np.empty_like(shares)
    for cell in range(counts.shape[-1]):
        moved = shares.astype(np.complex128)
        moved[..., cell] += 1j * step
        gradient[..., cell] = statistic(moved).imag / step
    gradient -= (gradient * shares).sum(axis=-1, keepdims=True)
    return np.asarray((gradient**2 * squares / total**2).sum(axis=-1))


def resample_counts(
    counts: Floats, squares: Floats | None, resamples: int, rng: np.random.Generator
) -> Floats:
    """Bootstrap of rows that are summed into cells: shape (resamples, *counts.shape).

    A Poisson bootstrap (Chamandy et al. 2012): each row enters Poisson(1) times, so a cell of n
    equal rows sums to Poisson(n), whatever the number of rows. With weights a cell's sum has mean
    sum w and variance sum w^2; a scaled Poisson of the cell's effective size has both.
    """
    shape = (resamples, *counts.shape)
    if squares is None:
        return rng.poisson(counts, shape).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = np.where(counts > 0, squares / counts, 1.0)
    return np.asarray(rng.poisson(counts / scale, shape) * scale)


def percentile_interval(samples: Floats) -> tuple[float, float]:
    """The middle 95 % of bootstrap ``samples`` along the first axis, NaN left out."""
    tail = 100 * (1 - LEVEL) / 2
    kept = samples[np.isfinite(samples)]
    if len(kept) == 0:
        return np.nan, np.nan
    low, high = np.percentile(kept, [tail, 100 - tail])
    return float(low), float(high)
