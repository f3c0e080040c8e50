"""Metrics of forecasts. Error = prediction - truth; the rows of one series depend on each other.

The scaled metrics and sMAPE are means over series of the mean of each series, as in the M4 competition
(Makridakis, Spiliotis & Assimakopoulos 2020); where all series have equally many rows this is the mean over
rows. The others are means over rows.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import forecast_records  # noqa: F401  (registers the metrics)
from apps.compute.metrics.dependence import Dependence, student
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.registry import metrics_for
from apps.compute.metrics.regression import Regression, pinball
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import Bounds, Floats, log_interval, normal_interval, score_interval, wilson

#: The level of an interval that the file gives by two columns, which do not say it.
ASSUMED_LEVELS = (0.025, 0.975)

NO_SCALE = Message(
    gettext_noop(
        "The file has no scale. Add a column with the mean absolute error of the naive forecast on each "
        "series' history, and give it the role “Naive error of the series”."
    )
)
ZERO_SCALE = Message(gettext_noop("The naive error is 0 in every row: no series ever changed before."))
ZERO_TRUTH = Message(gettext_noop("All true values are 0."))

#: What is below this is rounding: equal values.
_NO_VARIANCE = 1e-24

#: One number per row and the rows' weights: their weighted mean is the metric, and their spread its spread.
Terms = tuple[Floats, Floats | None]


@dataclass(frozen=True, slots=True)
class Forecast:
    """``given`` holds truth, prediction, weight, interval and quantiles of n rows. ``series`` and ``time``
    (n,) are codes from 0 on, those of time in its order. ``horizon`` (n,) are whole numbers from 1 on.
    ``scale`` (n,) is 0 or more. ``levels`` are those of the interval's two ends.
    """

    given: Regression
    series: NDArray[np.int64]
    time: NDArray[np.int64]
    horizon: NDArray[np.int64] | None = None
    scale: Floats | None = None
    levels: tuple[float, float] = ASSUMED_LEVELS

    def rows(self, index: NDArray[Any] | slice) -> Forecast:
        return replace(
            self,
            given=self.given.rows(index),
            series=self.series[index],
            time=self.time[index],
            horizon=None if self.horizon is None else self.horizon[index],
            scale=None if self.scale is None else self.scale[index],
        )

    @property
    def error(self) -> Floats:
        return self.given.predicted - self.given.truth

    @property
    def farthest(self) -> int:
        """The largest horizon; 1 where none is given."""
        return 1 if self.horizon is None else int(self.horizon.max())

    def dependence(self) -> Dependence:
        return Dependence(self.series, self.time, self.farthest)


def measure(data: Forecast, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order.

    Metrics of intervals and quantiles are left out where the file has none. Intervals follow
    `dependence.Dependence`; its method is each metric's.
    """
    dependence = data.dependence()
    return tuple(
        estimate(data, metric.key, dependence)
        for metric in metrics_for(Task.FORECAST)
        if metric.key in _TERMS and has(data, metric.key) and (metric.headline or not headline)
    )


def has(data: Forecast, key: str) -> bool:
    """Whether the file carries what the metric needs, but for the scale, whose absence is told."""
    if key in ("interval_coverage", "interval_width", "msis"):
        return data.given.low is not None
    return key != "pinball_loss" or bool(data.given.quantiles)


def estimate(data: Forecast, key: str, dependence: Dependence) -> MetricResult:
    """One metric of ``data`` and its 95 % interval: normal for the bias, Wilson's for coverage, else normal
    on the log scale, each as wide as Student's t.
    """
    terms = _TERMS[key](data)
    if isinstance(terms, Message):
        return MetricResult(key, None, n=len(data.series), undefined=terms)
    values, weight = terms
    mean = float(np.average(values, weights=weight))
    n = len(values) if weight is None else int(np.count_nonzero(weight))
    variance = student(*dependence.variance(values, weight))
    if key == "interval_coverage":
        units = len(dependence.sums(values, weight))
        bounds = _share(min(max(mean, 0.0), 1.0), float(variance), units)
    else:
        bounds = normal_interval(mean, variance) if key == "mean_error" else log_interval(mean, variance)
    return bounded(key, mean, *bounds, n, dependence.method)


def _share(share: float, variance: float, units: int) -> Bounds:
    """Where no unit differs, as where all truths are inside, each counts as one row."""
    if variance <= _NO_VARIANCE:
        return wilson(share * units, units)
    return score_interval(share, variance)


def terms(data: Forecast, key: str) -> Terms | None:
    """What each row adds to a metric; None where it is undefined or the file does not carry it."""
    if key not in _TERMS or not has(data, key):
        return None
    found = _TERMS[key](data)
    return None if isinstance(found, Message) else found


def row_pinball(data: Forecast) -> Floats:
    """Pinball loss of each row, the mean over the given quantiles."""
    losses = [pinball(data.given.truth, values, level) for level, values in data.given.quantiles.items()]
    return np.asarray(np.mean(losses, axis=0))


def _root(data: Forecast) -> Terms:
    """The root's linear approximation, so that the mean of the terms is the root itself."""
    squares, weight = data.error**2, data.given.weight
    root = float(np.average(squares, weights=weight)) ** 0.5
    return (root + (squares - root**2) / (2 * root) if root > 0 else np.zeros(len(squares))), weight


def _wape(data: Forecast) -> Terms | Message:
    size, level, weight = np.abs(data.error), np.abs(data.given.truth), data.given.weight
    mean = float(np.average(level, weights=weight))
    if not mean:
        return ZERO_TRUTH
    ratio = float(np.average(size, weights=weight)) / mean
    return ratio + (size - ratio * level) / mean, weight


def _smape(data: Forecast) -> Terms:
    both = np.abs(data.given.truth) + np.abs(data.given.predicted)
    values = np.divide(2 * np.abs(data.error), both, out=np.zeros(len(both)), where=both > 0)
    return values, _per_series(data, np.ones(len(both), dtype=bool))


def _per_series(data: Forecast, usable: NDArray[np.bool_]) -> Floats:
    """Weights with which each series that has a usable row counts the same."""
    own = usable.astype(np.float64) if data.given.weight is None else data.given.weight * usable
    mass = np.bincount(data.series, own)[data.series]
    return np.divide(own, mass, out=np.zeros(len(own)), where=mass > 0)


def _scaled(data: Forecast, values: Callable[[Forecast], Floats]) -> tuple[Floats, Floats] | Message:
    """``values`` of the rows over their scale. Rows of scale 0 have no weight."""
    if data.scale is None:
        return NO_SCALE
    usable = data.scale > 0
    weight = _per_series(data, usable)
    if not weight.any():
        return ZERO_SCALE
    scale = np.where(usable, data.scale, 1.0)
    return np.where(usable, values(data) / scale, 0.0), weight


def _rmsse(data: Forecast) -> Terms | Message:
    """The root of each series' mean square, as in `_root`."""
    found = _scaled(data, lambda rows: rows.error)
    if isinstance(found, Message):
        return found
    scaled, weight = found
    square = np.bincount(data.series, weight * scaled**2)[data.series]  # Weights of a series sum to 1.
    root = np.sqrt(square)
    change = np.divide(scaled**2 - square, 2 * root, out=np.zeros(len(root)), where=root > 0)
    return root + change, weight


def interval_score(data: Forecast) -> Floats:
    """Width, and what a truth outside misses by over the probability of that side (Gneiting & Raftery 2007):
    for a central interval 2 / (1 - level).
    """
    (low, high), truth = _ends(data), data.given.truth
    below, above = np.maximum(low - truth, 0), np.maximum(truth - high, 0)
    return np.asarray(high - low + below / data.levels[0] + above / (1 - data.levels[1]))


def _ends(data: Forecast) -> tuple[Floats, Floats]:
    """ValueError without an interval: ask `has` first."""
    if data.given.low is None or data.given.high is None:
        raise ValueError("There is no interval.")
    return data.given.low, data.given.high


def _coverage(data: Forecast) -> Terms:
    low, high = _ends(data)
    inside: NDArray[np.bool_] = (low <= data.given.truth) & (data.given.truth <= high)
    return inside.astype(np.float64), data.given.weight


def _width(data: Forecast) -> Terms:
    low, high = _ends(data)
    return high - low, data.given.weight


_TERMS: Mapping[str, Callable[[Forecast], Terms | Message]] = {
    "mae": lambda data: (np.abs(data.error), data.given.weight),
    "rmse": _root,
    "mean_error": lambda data: (data.error, data.given.weight),
    "wape": _wape,
    "series_smape": _smape,
    "mase": lambda data: _scaled(data, lambda rows: np.abs(rows.error)),
    "rmsse": _rmsse,
    "msis": lambda data: _scaled(data, interval_score),
    "interval_coverage": _coverage,
    "interval_width": _width,
    "pinball_loss": lambda data: (row_pinball(data), data.given.weight),
}
