"""The usual number of rows: what is inside, what is outside, and how often by chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from apps.compute.monitoring.volume import usual_rows


def test_fewer_than_four_windows_say_nothing() -> None:
    assert usual_rows([]) is None
    assert usual_rows([100, 101, 99]) is None
    assert usual_rows([100, 101, 99, 100]) is not None


def test_constant_counts_vary_like_a_poisson_count() -> None:
    usual = usual_rows([1000] * 30)
    assert usual is not None
    low, high = stats.poisson.interval(0.99, 1000)
    assert usual.low == pytest.approx(low, abs=4)  # a little wider: the mean itself is estimated
    assert usual.high == pytest.approx(high, abs=4)
    assert usual.low <= low
    assert usual.high >= high
    assert usual.windows == 30


def test_empty_windows_expect_few_rows() -> None:
    usual = usual_rows([0] * 20)
    assert usual is not None
    assert (usual.low, usual.high) == (0, 4)


def test_counts_that_vary_widen_the_interval() -> None:
    calm, wild = usual_rows([1000, 1010, 990, 1005] * 5), usual_rows([1000, 1300, 700, 1150] * 5)
    assert calm is not None
    assert wild is not None
    assert wild.low < 700 < calm.low < calm.high < 1300 < wild.high


def test_windows_that_broke_down_do_not_widen_it() -> None:
    rows = [1000, 1010, 990, 1005, 995, 1002, 998, 1008] * 3
    with_gaps = usual_rows([*rows, 0, 0, 0])
    assert with_gaps is not None
    assert with_gaps.low > 800


def test_a_trend_is_within() -> None:
    rows = [1000 + 20 * window for window in range(51)]
    usual = usual_rows(rows[:50])
    assert usual is not None
    assert usual.low <= rows[50] <= usual.high


@given(st.lists(st.integers(0, 10**9), min_size=4, max_size=60))
def test_it_holds_the_median_and_is_never_negative(rows: list[int]) -> None:
    usual = usual_rows(rows)
    assert usual is not None
    assert 0 <= usual.low <= np.median(rows) <= usual.high


COUNTS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "poisson": lambda rng, size: rng.poisson(500, size),
    "few": lambda rng, size: rng.poisson(3, size),
    "overdispersed": lambda rng, size: rng.negative_binomial(50, 50 / 1050, size),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", COUNTS)
@pytest.mark.parametrize("windows", [4, 8, 20, 50])
def test_about_one_window_in_a_hundred_is_outside_by_chance(name: str, windows: int) -> None:
    rng = np.random.default_rng(5)
    outside = 0
    for _ in range(3000):
        *earlier, newest = COUNTS[name](rng, windows + 1).tolist()
        usual = usual_rows(earlier)
        assert usual is not None
        outside += not usual.low <= newest <= usual.high
    assert outside / 3000 <= 0.02
