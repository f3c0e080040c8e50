"""Influence of single rows, against scikit-learn on all rows but one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from sklearn import metrics as sk

from apps.compute.faults.influence import (
    BINARY,
    MULTICLASS,
    REGRESSION,
    binary_influence,
    multiclass_influence,
    regression_influence,
)
from apps.compute.messages import InputRejected
from apps.compute.metrics.multiclass import prepare
from apps.compute.metrics.regression import Regression

N = 40
RNG = np.random.default_rng(3)
WEIGHTS = (None, RNG.integers(0, 4, N).astype(float))

OF_BINARY: dict[str, Callable[..., float]] = {
    "accuracy": lambda y, p, d, w: sk.accuracy_score(y, d, sample_weight=w),
    "balanced_accuracy": lambda y, p, d, w: sk.balanced_accuracy_score(y, d, sample_weight=w),
    "precision": lambda y, p, d, w: sk.precision_score(y, d, sample_weight=w),
    "recall": lambda y, p, d, w: sk.recall_score(y, d, sample_weight=w),
    "specificity": lambda y, p, d, w: sk.recall_score(~y, ~d, sample_weight=w),
    "f1": lambda y, p, d, w: sk.f1_score(y, d, sample_weight=w),
    "mcc": lambda y, p, d, w: sk.matthews_corrcoef(y, d, sample_weight=w),
    "cohen_kappa": lambda y, p, d, w: sk.cohen_kappa_score(y, d, sample_weight=w),
    "log_loss": lambda y, p, d, w: sk.log_loss(y, p, sample_weight=w),
    "brier": lambda y, p, d, w: sk.brier_score_loss(y, p, sample_weight=w),
    "roc_auc": lambda y, p, d, w: sk.roc_auc_score(y, p, sample_weight=w),
}


def left_out(metric: Callable[..., float], weight: Any, *arrays: Any) -> Any:
    """The change by brute force."""

    def value(kept: Any) -> float:
        return metric(*(a[kept] for a in arrays), None if weight is None else weight[kept])

    whole = value(np.ones(N, bool))
    return [value(np.arange(N) != row) - whole for row in range(N)]


@pytest.mark.parametrize("weight", WEIGHTS, ids=["alike", "weighted"])
@pytest.mark.parametrize("key", BINARY)
def test_binary(key: str, weight: Any) -> None:
    y = RNG.random(N) < 0.4
    p = np.clip(np.round(0.35 * y + RNG.random(N) * 0.6, 2), 0.01, 0.99)  # with ties
    expected = left_out(OF_BINARY[key], weight, y, p, p >= 0.5)
    np.testing.assert_allclose(binary_influence(key, y, p, p >= 0.5, weight), expected, atol=1e-12)


def _macro(function: Callable[..., float], average: str) -> Callable[..., float]:
    return lambda y, d, p, w: function(
        y, d, labels=range(4), average=average, sample_weight=w, zero_division=0
    )


OF_MANY: dict[str, Callable[..., float]] = {
    "accuracy": lambda y, d, p, w: sk.accuracy_score(y, d, sample_weight=w),
    "balanced_accuracy": lambda y, d, p, w: sk.balanced_accuracy_score(y, d, sample_weight=w),
    "precision_macro": _macro(sk.precision_score, "macro"),
    "recall_macro": _macro(sk.recall_score, "macro"),
    "f1_macro": _macro(sk.f1_score, "macro"),
    "precision_weighted": _macro(sk.precision_score, "weighted"),
    "recall_weighted": _macro(sk.recall_score, "weighted"),
    "f1_weighted": _macro(sk.f1_score, "weighted"),
    "mcc": lambda y, d, p, w: sk.matthews_corrcoef(y, d, sample_weight=w),
    "cohen_kappa": lambda y, d, p, w: sk.cohen_kappa_score(y, d, sample_weight=w),
    "log_loss": lambda y, d, p, w: sk.log_loss(y, p, labels=range(4), sample_weight=w),
    "brier_multiclass": lambda y, d, p, w: np.average(((p - np.eye(4)[y]) ** 2).sum(axis=1), weights=w),
}


@pytest.mark.parametrize("weight", WEIGHTS, ids=["alike", "weighted"])
@pytest.mark.parametrize("key", MULTICLASS)
def test_multiclass(key: str, weight: Any) -> None:
    y = RNG.integers(0, 4, N).astype(np.int32)
    p = RNG.dirichlet(np.ones(4), N) * 0.6 + 0.4 * np.eye(4)[y]
    d = p.argmax(axis=1).astype(np.int32)
    data = prepare(("a", "b", "c", "d"), y, d, weight, np.ascontiguousarray(p.T))
    np.testing.assert_allclose(
        multiclass_influence(key, data), left_out(OF_MANY[key], weight, y, d, p), atol=1e-12
    )


OF_NUMBERS: dict[str, Callable[..., float]] = {
    "mae": lambda y, d, w: sk.mean_absolute_error(y, d, sample_weight=w),
    "mse": lambda y, d, w: sk.mean_squared_error(y, d, sample_weight=w),
    "rmse": lambda y, d, w: sk.root_mean_squared_error(y, d, sample_weight=w),
    "mean_error": lambda y, d, w: np.average(d - y, weights=w),
    "mape": lambda y, d, w: sk.mean_absolute_percentage_error(y, d, sample_weight=w),
    "smape": lambda y, d, w: np.average(2 * abs(d - y) / (abs(d) + abs(y)), weights=w),
    "r2": lambda y, d, w: sk.r2_score(y, d, sample_weight=w),
}


@pytest.mark.parametrize("weight", WEIGHTS, ids=["alike", "weighted"])
@pytest.mark.parametrize("key", REGRESSION)
def test_regression(key: str, weight: Any) -> None:
    y = RNG.normal(10, 3, N)
    d = y + RNG.standard_t(3, N)
    expected = left_out(OF_NUMBERS[key], weight, y, d)
    np.testing.assert_allclose(regression_influence(key, Regression(y, d, weight)), expected, atol=1e-10)


def test_the_last_row_of_a_class_has_no_influence_that_is_defined() -> None:
    y = np.array([True, False, False])
    change = binary_influence("roc_auc", y, np.array([0.5, 0.9, 0.1]), y)
    assert np.isnan(change[0])
    np.testing.assert_allclose(change[1:], [0.5, -0.5])


def test_what_cannot_be_said_is_refused() -> None:
    y = np.array([True, False])
    with pytest.raises(InputRejected, match="is not known for the metric ece"):
        binary_influence("ece", y, None, y)
    with pytest.raises(InputRejected, match="log_loss needs probabilities"):
        binary_influence("log_loss", y, None, y)
    with pytest.raises(InputRejected, match="at least two rows"):
        regression_influence("mae", Regression(np.array([1.0]), np.array([2.0])))
