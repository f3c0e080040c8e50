"""Latency percentiles and throughput."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom

from apps.compute.metrics import latency


def test_percentiles_are_numpys_with_intervals_from_order_statistics() -> None:
    values = np.random.default_rng(0).lognormal(3, 0.5, 1000)
    found = {metric.key: metric for metric in latency.measure(values)}
    ordered = np.sort(values)
    for key, level in latency.PERCENTILES.items():
        assert found[key].value == pytest.approx(np.quantile(values, level))
        ranks = np.searchsorted(ordered, [found[key].low, found[key].high]) + 1
        held = binom.cdf(ranks[1] - 1, 1000, level) - binom.cdf(ranks[0] - 1, 1000, level)
        assert 0.95 <= held < 0.985
    mean = found["latency_mean"]
    assert mean.value == pytest.approx(values.mean())
    throughput = found["throughput"]
    assert throughput.value == pytest.approx(1000 / values.mean())
    assert (throughput.low, throughput.high) == pytest.approx((1000 / mean.high, 1000 / mean.low))


def test_all_zero_has_no_throughput() -> None:
    assert "throughput" not in {metric.key for metric in latency.measure(np.zeros(5))}


def test_one_value_is_every_percentile() -> None:
    found = {metric.key: metric for metric in latency.measure(np.array([7.0]))}
    assert found["latency_p99"].value == 7.0
    assert found["latency_mean"].low is None


@pytest.mark.parametrize("values", [np.random.default_rng(0).lognormal(3, 1, 500), np.full(9, 2.0)])
def test_histogram_counts_every_value_once(values: np.ndarray) -> None:
    tables = latency.tables(values)
    histogram = tables["latency_histogram"].columns
    assert sum(histogram["n"]) == len(values)
    assert histogram["high"][-1] == values.max()
    assert tables["latency"].columns["value"][0] == pytest.approx(np.median(values))
