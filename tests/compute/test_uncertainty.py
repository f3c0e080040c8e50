"""Intervals against statsmodels, scipy, published tables and hand-work."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from apps.compute.uncertainty import (
    count_variance,
    effective_n,
    fisher_interval,
    log_interval,
    mean_and_variance,
    normal_interval,
    percentile_interval,
    quantile_interval,
    resample_counts,
    score_interval,
    wilson,
)


@given(n=st.integers(1, 10**9), share=st.floats(0, 1))
def test_wilson_is_statsmodels(n: int, share: float) -> None:
    hits = round(share * n)
    low, high = wilson(hits, n)
    expected = proportion_confint(hits, n, method="wilson")
    assert (float(low), float(high)) == pytest.approx(expected, rel=1e-9, abs=1e-12)
    assert low <= hits / n <= high


def test_wilson_of_newcombe_1998() -> None:
    """Table I of Newcombe (1998): 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
    low, high = wilson([81, 15, 0, 1], [263, 148, 20, 29])
    np.testing.assert_allclose(low, [0.2553, 0.0624, 0.0, 0.0061], atol=5e-5)
    np.testing.assert_allclose(high, [0.3662, 0.1605, 0.1611, 0.1718], atol=5e-5)


def test_wilson_of_nothing_is_unknown() -> None:
    assert np.isnan(wilson(0, 0)).all()


def test_score_interval_of_a_share_is_wilsons() -> None:
    share, n = np.array([0.02, 0.3, 0.9]), 250
    found = score_interval(share, share * (1 - share) / n)
    np.testing.assert_allclose(found, wilson(share * n, n), rtol=1e-12)
    # The same on another range.
    doubled = score_interval(2 * share - 1, 4 * share * (1 - share) / n, low=-1, high=1)
    np.testing.assert_allclose(doubled, [2 * bound - 1 for bound in found], rtol=1e-9, atol=1e-12)


def test_mean_and_variance() -> None:
    values = np.array([1.0, 4.0, 2.0, 8.0])
    assert mean_and_variance(values) == pytest.approx((3.75, stats.sem(values) ** 2))
    assert mean_and_variance(values, np.full(4, 3.0)) == pytest.approx(mean_and_variance(values))
    # By hand: weights 1, 1, 2 of 0, 2, 3 have mean 2; deviations times weights are -2, 0, 2.
    mean, variance = mean_and_variance(np.array([0.0, 2.0, 3.0]), np.array([1.0, 1.0, 2.0]))
    assert (mean, variance) == pytest.approx((2.0, 8 / 16 * 3 / 2))


def test_mean_of_one_row_has_no_variance() -> None:
    mean, variance = mean_and_variance(np.array([5.0]), np.array([2.0]))
    assert mean == 5.0
    assert np.isnan(variance)


def test_effective_n() -> None:
    assert effective_n(None, 7) == 7
    assert effective_n(np.full(5, 0.2), 5) == pytest.approx(5)
    assert effective_n(np.array([1.0, 3.0]), 2) == pytest.approx(16 / 10)


def test_normal_and_log_intervals() -> None:
    expected = stats.norm.interval(0.95, loc=2.0, scale=0.5)
    assert [float(bound) for bound in normal_interval(2.0, 0.25)] == pytest.approx(expected)
    low, high = log_interval(2.0, 0.25)
    expected = np.exp(stats.norm.interval(0.95, loc=np.log(2.0), scale=0.25))
    assert [float(low), float(high)] == pytest.approx(expected.tolist())
    assert log_interval(0.0, 0.0) == (0, 0)


def test_fisher_interval_is_scipys() -> None:
    x = np.arange(30.0)
    y = x + 10 * np.sin(x)
    result = stats.pearsonr(x, y)
    expected = result.confidence_interval(0.95)
    low, high = fisher_interval(result.statistic, 30)
    assert (float(low), float(high)) == pytest.approx((expected.low, expected.high))
    assert np.isnan(fisher_interval(0.5, 3)).all()


@pytest.mark.parametrize("q", [0.5, 0.9, 0.99])
def test_quantile_interval_holds_the_quantile(q: float) -> None:
    """Ranks by the exact binomial probability of holding the quantile."""
    n = 2000
    low, high = quantile_interval(np.arange(1.0, n + 1), q)
    # P(low-th value <= quantile < high-th value) = P(low <= B < high), B binomial.
    held = stats.binom.cdf(high - 1, n, q) - stats.binom.cdf(low - 1, n, q)
    assert 0.95 <= held < 0.96


def test_count_variance_of_a_share_is_the_binomial_one() -> None:
    counts = np.array([[30.0, 70.0], [5.0, 15.0]])
    variance = count_variance(lambda t: t[..., 0] / (t[..., 0] + t[..., 1]), counts)
    np.testing.assert_allclose(variance, [0.3 * 0.7 / 100, 0.25 * 0.75 / 20])


def test_count_variance_of_the_log_odds_ratio_is_woolfs() -> None:
    counts = np.array([10.0, 20.0, 30.0, 5.0])
    variance = count_variance(lambda t: np.log(t[..., 0] * t[..., 3] / (t[..., 1] * t[..., 2])), counts)
    assert float(variance) == pytest.approx((1 / counts).sum())


def test_count_variance_with_weights_is_that_of_rows() -> None:
    rng = np.random.default_rng(1)
    hit, weight = rng.random(400) < 0.3, rng.exponential(size=400)
    counts = np.array([weight[hit].sum(), weight[~hit].sum()])
    squares = np.array([(weight[hit] ** 2).sum(), (weight[~hit] ** 2).sum()])
    found = count_variance(lambda t: t[..., 0] / (t[..., 0] + t[..., 1]), counts, squares)
    _, expected = mean_and_variance(hit.astype(float), weight)
    assert float(found) == pytest.approx(expected * 399 / 400)


def test_resampled_counts_have_the_spread_of_resampled_rows() -> None:
    rng = np.random.default_rng(2)
    weight = rng.exponential(size=300)
    plain = resample_counts(np.array([300.0, 0.0]), None, 20_000, rng)
    weighted = resample_counts(np.array([weight.sum(), 0.0]), np.array([weight @ weight, 0.0]), 20_000, rng)
    assert plain.shape == weighted.shape == (20_000, 2)
    assert plain.mean(axis=0) == pytest.approx([300, 0], rel=0.005)
    assert plain.var(axis=0) == pytest.approx([300, 0], rel=0.05)
    assert weighted.mean(axis=0) == pytest.approx([weight.sum(), 0], rel=0.005)
    assert weighted.var(axis=0) == pytest.approx([weight @ weight, 0], rel=0.05)


def test_percentile_interval_leaves_nan_out() -> None:
    samples = np.append(np.arange(1001.0), np.nan)
    assert percentile_interval(samples) == pytest.approx((25, 975))
    assert np.isnan(percentile_interval(np.array([np.nan]))).all()
