"""Metrics of regression; scikit-learn and SciPy are the reference. Error = prediction - truth."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import regression_records  # noqa: F401  (registers the metrics)
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.registry import METRICS, metrics_for
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import (
    Floats,
    Z,
    effective_n,
    log_interval,
    mean_and_variance,
    normal_interval,
    quantile_interval,
    wilson,
)

NEGATIVE_VALUES = Message(gettext_noop("A truth or a prediction is negative."))
CONSTANT_TRUTH = Message(gettext_noop("All true values are the same."))
CONSTANT = Message(gettext_noop("All true values or all predictions are the same."))
ONE_ROW = Message(gettext_noop("There is only one row."))

_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Regression:
    """Rows to judge; all arrays have shape (n,), finite. ``quantiles`` maps a level to its column."""

    truth: Floats
    predicted: Floats
    weight: Floats | None = None
    low: Floats | None = None
    high: Floats | None = None
    quantiles: Mapping[float, Floats] = field(default_factory=dict)

    def rows(self, index: NDArray[Any] | slice) -> Regression:
        """The rows at ``index``; a view where it is a slice."""
        return Regression(
            self.truth[index],
            self.predicted[index],
            None if self.weight is None else self.weight[index],
            None if self.low is None else self.low[index],
            None if self.high is None else self.high[index],
            {level: values[index] for level, values in self.quantiles.items()},
        )


def measure(data: Regression, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order.

    Metrics of intervals and quantiles are left out where the file has none.
    """
    found = {result.key: result for result in (*_errors(data), *_fit(data), *_spread(data))}
    if not headline:
        found |= {result.key: result for result in _correlations(data)}
    return tuple(
        found[metric.key]
        for metric in metrics_for(Task.REGRESSION)
        if metric.key in found and (metric.headline or not headline)
    )


def _errors(data: Regression) -> list[MetricResult]:
    """Means of something per row. All but the bias are positive and skewed: normal on the log scale."""
    n, weight = len(data.truth), data.weight
    error = data.predicted - data.truth
    size = np.abs(error)
    bias, variance = mean_and_variance(error, weight)
    results = [bounded("mean_error", bias, *normal_interval(bias, variance), n, "normal")]
    scale = np.abs(data.truth)
    results.append(_mean("mae", size, weight))
    results.append(_mean("mape", size / np.maximum(scale, _EPS), weight))
    scale += np.abs(data.predicted)
    results.append(_mean("smape", np.divide(2 * size, scale, out=np.zeros(n), where=scale > 0), weight))
    results.append(mse := _mean("mse", error * error, weight))
    results.append(_root("rmse", mse))
    if data.truth.min() < 0 or data.predicted.min() < 0:
        results.append(MetricResult("rmsle", None, n=n, undefined=NEGATIVE_VALUES))
    else:
        logs = np.log1p(data.predicted) - np.log1p(data.truth)
        results.append(_root("rmsle", _mean("rmsle", logs * logs, weight)))
    results.append(MetricResult("max_error", float(size.max()), n=n))
    ordered, low, high = _median(size, weight)
    results.append(bounded("median_absolute_error", ordered, low, high, n, "order statistics"))
    return results


def _mean(key: str, values: Floats, weight: Floats | None) -> MetricResult:
    mean, variance = mean_and_variance(values, weight)
    return bounded(key, mean, *log_interval(mean, variance), len(values), "log-normal")


def _root(key: str, square: MetricResult) -> MetricResult:
    low, high = (np.nan if bound is None else bound**0.5 for bound in (square.low, square.high))
    value = square.value if square.value is not None else np.nan
    return bounded(key, value**0.5, low, high, square.n, square.method)


def _median(values: Floats, weight: Floats | None) -> tuple[float, float, float]:
    """Median and its distribution-free interval. With weights the quantile is scikit-learn's (the mean
    of both neighbours where the cumulated weight hits the half exactly), and the interval Woodruff's
    (1952): the normal interval of the share below, on the effective sample size.
    """
    if weight is None:
        ordered = np.sort(values)
        middle = len(ordered) // 2
        median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
        return float(median), *quantile_interval(ordered, 0.5)
    held = weight > 0
    order = np.argsort(values[held])
    ordered = values[held][order]
    share = np.cumsum(weight[held][order])
    share /= share[-1]
    half = Z * 0.5 / effective_n(weight, len(values)) ** 0.5
    return (
        weighted_quantile(ordered, share, 0.5),
        weighted_quantile(ordered, share, max(0.5 - half, 0.0)),
        weighted_quantile(ordered, share, min(0.5 + half, 1.0)),
    )


def weighted_quantile(ordered: Floats, share: Floats, q: float) -> float:
    """The ``q`` quantile of ascending values whose cumulated shares of the weight are ``share``."""
    at = min(int(np.searchsorted(share, q - 1e-12)), len(ordered) - 1)
    after = min(at + 1, len(ordered) - 1) if abs(share[at] - q) < 1e-12 else at
    return float((ordered[at] + ordered[after]) / 2)


def _fit(data: Regression) -> list[MetricResult]:
    """R2 and explained variance: 1 - ratio of two means. The ratio's interval is normal on the log scale,
    its variance that of the linearised ratio.
    """
    n, weight = len(data.truth), data.weight
    keys = ("r2", "explained_variance")
    if n == 1 or _constant(data.truth, weight):
        why = ONE_ROW if n == 1 else CONSTANT_TRUTH
        return [MetricResult(key, None, n=n, undefined=why) for key in keys]
    error = data.predicted - data.truth
    spread = (data.truth - np.average(data.truth, weights=weight)) ** 2
    mean_spread = np.average(spread, weights=weight)
    results = []
    for key, offset in zip(keys, (0.0, np.average(error, weights=weight)), strict=True):
        squares = (error - offset) ** 2
        ratio = np.average(squares, weights=weight) / mean_spread
        _, variance = mean_and_variance((squares - ratio * spread) / mean_spread, weight)
        low, high = log_interval(ratio, variance)
        results.append(bounded(key, float(1 - ratio), 1 - high, 1 - low, n, "delta"))
    return results


def _constant(values: Floats, weight: Floats | None) -> bool:
    held = values if weight is None else values[weight > 0]
    return bool(held.min() == held.max())


def _correlations(data: Regression) -> list[MetricResult]:
    n, weight = len(data.truth), data.weight
    keys = ("pearson", "spearman")
    if _constant(data.truth, weight) or _constant(data.predicted, weight):
        why = ONE_ROW if n == 1 else CONSTANT
        return [MetricResult(key, None, n=n, undefined=why) for key in keys]
    r, variance = _pearson(data.truth, data.predicted, weight)
    rho, _ = _pearson(midranks(data.truth, weight), midranks(data.predicted, weight), weight)
    size = effective_n(weight, n)
    rho_variance = (1 + rho**2 / 2) / (size - 3) if size > 3 else np.nan
    exact = 1 - r**2 < _EPS
    r_variance = 0.0 if exact else variance / (1 - r**2) ** 2
    return [
        bounded("pearson", r, *_from_z(r, r_variance), n, "delta"),
        bounded("spearman", rho, *_from_z(rho, rho_variance), n, "fisher z"),
    ]


def _from_z(correlation: float, variance: float) -> tuple[float, float]:
    """Interval whose ends are normal on Fisher's z scale, where the variance is ``variance``."""
    if abs(correlation) >= 1 - _EPS:
        return correlation, correlation
    low, high = normal_interval(np.arctanh(correlation), variance)
    return float(np.tanh(low)), float(np.tanh(high))


def _pearson(x: Floats, y: Floats, weight: Floats | None) -> tuple[float, float]:
    """Correlation and its delta-method variance, from the influence xy - r (x^2 + y^2) / 2 of
    standardised x and y (valid without normality and with unequal spread).
    """
    x, y = (values - np.average(values, weights=weight) for values in (x, y))
    x /= np.average(x * x, weights=weight) ** 0.5
    y /= np.average(y * y, weights=weight) ** 0.5
    product = x * y
    r = min(max(float(np.average(product, weights=weight)), -1.0), 1.0)
    product -= r / 2 * (x * x + y * y)
    return r, mean_and_variance(product, weight)[1]


def midranks(values: Floats, weight: Floats | None = None) -> Floats:
    """Rank of each value among all, ties sharing their mean rank; with weights the weight up to it."""
    order = np.argsort(values)
    ordered = values[order]
    fresh = np.empty(len(values), dtype=bool)
    fresh[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=fresh[1:])
    starts = np.flatnonzero(fresh)
    if weight is None:
        stops = np.append(starts[1:], len(values))
        rank = (starts + stops + 1) / 2
    else:
        mass = np.add.reduceat(weight[order], starts)
        rank = np.cumsum(mass) - mass / 2
        stops = np.append(starts[1:], len(values))
    ranks = np.empty(len(values))
    ranks[order] = np.repeat(rank, stops - starts)
    return ranks


def _spread(data: Regression) -> list[MetricResult]:
    """Judges of the intervals and quantiles that the file gives."""
    n, weight = len(data.truth), data.weight
    results = []
    low, high = data.low, data.high
    if low is not None and high is not None:
        inside = (low <= data.truth) & (data.truth <= high)
        share, size = float(np.average(inside, weights=weight)), effective_n(weight, n)
        results.append(bounded("interval_coverage", share, *wilson(share * size, size), n, "wilson"))
        results.append(_mean("interval_width", high - low, weight))
    if data.quantiles:
        losses = [pinball(data.truth, values, level) for level, values in data.quantiles.items()]
        results.append(_mean("pinball_loss", np.mean(losses, axis=0), weight))
    return results


def pinball(truth: Floats, predicted: Floats, level: float) -> Floats:
    """Quantile loss of each row (Koenker & Bassett 1978): level * under-, (1 - level) * over-prediction."""
    short = truth - predicted
    return np.maximum(level * short, (level - 1) * short)


def notes(data: Regression) -> list[Message]:
    """What the reader should know before trusting a number."""
    zeros = int(np.count_nonzero(data.truth == 0))
    if not zeros:
        return []
    name = METRICS["mape"].label
    return [Message(_ZERO_TRUTH, {"count": zeros, "metric": name})]


_ZERO_TRUTH = gettext_noop(
    "%(count)s rows have a true value of 0. A percentage error divides by it, so the %(metric)s is not "
    "meaningful here; the symmetric one is."
)
