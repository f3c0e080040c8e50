"""Metrics of predicted counts, which are means of Poisson distributions; scikit-learn is the reference.

Truth is a whole number from 0 on, prediction above 0. Error = prediction - truth.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from scipy.special import xlogy

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import (
    count_records,  # noqa: F401  (registers the metrics)
    linear,
)
from apps.compute.metrics.linear import Found, Undefined, mean, ratio, root
from apps.compute.metrics.registry import metrics_for
from apps.compute.metrics.regression import Regression
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import Floats

SAME_TRUTH = Undefined(Message(gettext_noop("All true counts are the same, so there is nothing to explain.")))


def deviance(truth: Floats, predicted: Floats) -> Floats:
    """Unit deviance of Poisson, 2 (t log(t / p) - t + p), (n,): 0 or more."""
    found: Floats = 2 * (xlogy(truth, truth / predicted) - truth + predicted)
    return np.maximum(found, 0.0)


def exact(data: Regression) -> Floats:
    """1 where the prediction, rounded to a whole number, is the truth, (n,)."""
    hit: Floats = (np.rint(data.predicted) == data.truth).astype(np.float64)
    return hit


def _poisson_deviance(data: Regression) -> Found:
    return mean(deviance(data.truth, data.predicted), data.weight)


def _d2(data: Regression) -> Found:
    """1 - deviance / deviance of the mean. The mean is the constant with the least deviance, so that it is
    estimated as well does not show in the influence.
    """
    level = float(np.average(data.truth, weights=data.weight))
    held = data.truth if data.weight is None else data.truth[data.weight > 0]
    if held.min() == held.max():
        return SAME_TRUTH
    blind = deviance(data.truth, np.full(len(data.truth), level))
    found = ratio(deviance(data.truth, data.predicted), blind, data.weight)
    return found.mapped(1 - found.value, -1.0)


def _dispersion(data: Regression) -> Found:
    return mean((data.truth - data.predicted) ** 2 / data.predicted, data.weight)


def _zeros(data: Regression) -> Found:
    """Observed less expected share."""
    return mean((data.truth == 0) - np.exp(-data.predicted), data.weight)


#: Key -> estimate of a file.
RULES: Mapping[str, Callable[[Regression], Found]] = {
    "poisson_deviance": _poisson_deviance,
    "poisson_d2": _d2,
    "mae": lambda data: mean(np.abs(data.predicted - data.truth), data.weight),
    "rmse": lambda data: root(mean((data.predicted - data.truth) ** 2, data.weight)),
    "mean_error": lambda data: mean(data.predicted - data.truth, data.weight),
    "exact_count_share": lambda data: mean(exact(data), data.weight),
    "zero_share": lambda data: mean((data.truth == 0).astype(np.float64), data.weight),
    "expected_zero_share": lambda data: mean(np.exp(-data.predicted), data.weight),
    "excess_zeros": _zeros,
    "count_dispersion": _dispersion,
}
_INTERVALS = {
    "poisson_deviance": linear.positive,
    "poisson_d2": linear.below_one,
    "mae": linear.positive,
    "rmse": linear.positive,
    "mean_error": linear.signed,
    "exact_count_share": linear.share,
    "zero_share": linear.share,
    "expected_zero_share": linear.score,
    "excess_zeros": linear.signed,
    "count_dispersion": linear.positive,
}


def measure(data: Regression, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order."""
    wanted = [m.key for m in metrics_for(Task.COUNT) if m.key in RULES and (m.headline or not headline)]
    found = linear.results(
        {key: RULES[key](data) for key in wanted}, _INTERVALS, data.weight, len(data.truth)
    )
    return tuple(found.values())
