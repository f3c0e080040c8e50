"""Regression metrics against scikit-learn and SciPy, with weights, and their behaviour at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from sklearn import metrics as sk

from apps.compute.metrics import regression, regression_tables
from apps.compute.metrics.regression import Regression
from apps.compute.results import MetricResult


def sample(n: int = 301, seed: int = 0, weighted: bool = False) -> Regression:
    """Positive targets with ties, predictions and three quantile columns."""
    rng = np.random.default_rng(seed)
    truth = np.round(rng.gamma(2, 10, n), 0) + 1
    predicted = np.abs(truth + rng.normal(1, 5, n))
    quantiles = {level: predicted + stats.norm.ppf(level) * (3 + truth / 10) for level in (0.1, 0.5, 0.9)}
    weight = rng.gamma(1, 1, n) if weighted else None
    return Regression(truth, predicted, weight, quantiles[0.1], quantiles[0.9], quantiles)


def by_key(data: Regression) -> dict[str, MetricResult]:
    return {metric.key: metric for metric in regression.measure(data)}


@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_equal_scikit_learn(weighted: bool) -> None:
    data = sample(weighted=weighted)
    t, p, w = data.truth, data.predicted, data.weight
    pinball = [sk.mean_pinball_loss(t, q, alpha=a, sample_weight=w) for a, q in data.quantiles.items()]
    expected = {
        "mae": sk.mean_absolute_error(t, p, sample_weight=w),
        "mse": sk.mean_squared_error(t, p, sample_weight=w),
        "rmse": sk.root_mean_squared_error(t, p, sample_weight=w),
        "r2": sk.r2_score(t, p, sample_weight=w),
        "explained_variance": sk.explained_variance_score(t, p, sample_weight=w),
        "median_absolute_error": sk.median_absolute_error(t, p, sample_weight=w),
        "mape": sk.mean_absolute_percentage_error(t, p, sample_weight=w),
        "rmsle": sk.root_mean_squared_log_error(t, p, sample_weight=w),
        "max_error": sk.max_error(t, p),
        "mean_error": np.average(p - t, weights=w),
        "pinball_loss": np.mean(pinball),
        "interval_coverage": np.average((data.low <= t) & (t <= data.high), weights=w),
        "interval_width": np.average(data.high - data.low, weights=w),
        "smape": np.average(2 * np.abs(p - t) / (np.abs(p) + np.abs(t)), weights=w),
        "pearson": np.cov(t, p, aweights=w)[0, 1] / np.sqrt(np.cov(t, aweights=w) * np.cov(p, aweights=w)),
    }
    if not weighted:
        expected |= {"pearson": stats.pearsonr(t, p)[0], "spearman": stats.spearmanr(t, p)[0]}
    found = by_key(data)
    for key, value in expected.items():
        assert found[key].value == pytest.approx(value, rel=1e-12), key
        if key != "max_error":
            assert found[key].low < found[key].value < found[key].high, key


def test_whole_weights_are_as_good_as_repeated_rows() -> None:
    data = sample(n=101)
    times = np.random.default_rng(1).integers(1, 4, 101)
    repeated = by_key(data.rows(np.repeat(np.arange(101), times)))
    weighted = by_key(
        Regression(
            data.truth,
            data.predicted,
            times.astype(np.float64),
            data.low,
            data.high,
            data.quantiles,
        )
    )
    for key, metric in repeated.items():
        assert weighted[key].value == pytest.approx(metric.value, rel=1e-9), key


def test_equal_weights_change_no_value_and_no_interval() -> None:
    data = sample()
    plain = by_key(data)
    weighted = by_key(
        Regression(data.truth, data.predicted, np.full(301, 3.0), data.low, data.high, data.quantiles)
    )
    for key in plain.keys() - {"median_absolute_error"}:  # Its weighted interval is Woodruff's.
        expected, found = plain[key], weighted[key]
        assert found.value == pytest.approx(expected.value, rel=1e-10)
        if expected.low is not None:
            assert (found.low, found.high) == pytest.approx((expected.low, expected.high), rel=1e-10)


def test_percentage_error_of_negative_targets_uses_their_size() -> None:
    """Evidently 0.7.23 gives 1e17 here."""
    truth = np.array([-10.0, -20.0, 40.0])
    found = by_key(Regression(truth, truth + np.array([5.0, -5.0, 9.0])))
    assert found["mape"].value == pytest.approx((0.5 + 0.25 + 0.225) / 3)
    assert found["rmsle"].value is None
    assert found["rmsle"].undefined == regression.NEGATIVE_VALUES


def test_zero_targets_are_noted_and_equal_scikit_learn() -> None:
    data = Regression(np.array([0.0, 2.0]), np.array([1.0, 2.0]))
    found = by_key(data)
    expected = sk.mean_absolute_percentage_error(data.truth, data.predicted)
    assert found["mape"].value == pytest.approx(expected)
    assert found["smape"].value == pytest.approx(1.0)
    (note,) = regression.notes(data)
    assert note.params["count"] == 1


def test_both_zero_is_no_symmetric_error() -> None:
    assert by_key(Regression(np.zeros(3), np.zeros(3)))["smape"].value == 0.0


def test_constant_truth_and_constant_prediction() -> None:
    found = by_key(Regression(np.full(5, 2.0), np.arange(5.0)))
    for key in ("r2", "explained_variance", "pearson", "spearman"):
        assert found[key].value is None
        assert found[key].undefined is not None
    found = by_key(Regression(np.arange(5.0), np.full(5, 2.0)))
    assert found["r2"].value == 0.0
    assert found["pearson"].undefined == regression.CONSTANT


def test_perfect_predictions() -> None:
    found = by_key(Regression(np.arange(10.0), np.arange(10.0)))
    assert (found["mae"].value, found["mae"].low, found["mae"].high) == (0.0, 0.0, 0.0)
    assert (found["r2"].value, found["pearson"].value, found["spearman"].value) == (1.0, 1.0, 1.0)


def test_a_single_row_has_no_intervals() -> None:
    found = by_key(Regression(np.array([3.0]), np.array([5.0])))
    assert found["mae"].value == 2.0
    assert found["mae"].low is None
    assert found["r2"].undefined == regression.ONE_ROW


def test_midranks_equal_scipy() -> None:
    values = np.random.default_rng(5).integers(0, 30, 500).astype(np.float64)
    assert np.array_equal(regression.midranks(values), stats.rankdata(values))


def test_quantile_levels_table() -> None:
    data = sample()
    table = regression_tables.tables(data)["quantile_levels"].columns
    assert table["level"] == [0.1, 0.5, 0.9]
    for level, loss, below in zip(table["level"], table["pinball"], table["below"], strict=True):
        values = data.quantiles[level]
        assert loss == pytest.approx(sk.mean_pinball_loss(data.truth, values, alpha=level))
        assert below == pytest.approx(np.mean(data.truth <= values))


def test_binned_tables_hold_every_row_once() -> None:
    data = sample()
    tables = regression_tables.tables(data)
    for name in ("predicted_vs_actual", "residual_by_prediction", "residual_histogram"):
        assert sum(tables[name].columns["n"]) == 301, name
    error = data.predicted - data.truth
    quantiles = tables["error_quantiles"].columns
    assert quantiles["value"] == pytest.approx(np.quantile(error, quantiles["q"]).tolist())


def test_one_outlier_does_not_squeeze_the_histogram() -> None:
    truth = np.zeros(5000)
    predicted = np.random.default_rng(0).normal(size=5000)
    predicted[0] = 1e9
    table = regression_tables.tables(Regression(truth, predicted))["residual_histogram"].columns
    assert np.count_nonzero(table["n"]) > 20
    assert sum(table["n"]) == 5000
