"""The statistics of drift against Evidently 0.7.23's own functions.

All that needs Evidently is in this one file: importing it takes seconds.
"""

from __future__ import annotations

import math
import os
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compute.drift.automatic import choose, choose_categories, choose_numbers
from apps.compute.drift.columns import Categories, Numbers
from apps.compute.drift.registry import TESTS, ColumnKind, Flag

os.environ["DO_NOT_TRACK"] = "1"  # before the import
with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import pandas as pd
    from evidently.legacy.calculations import stattests
    from evidently.legacy.calculations.stattests import registry, tvd_stattest
    from evidently.legacy.core import ColumnType

#: Ours differ on purpose, tested below; of `cramer_von_mises` the exact p-values.
DIFFERENT = {"mannw", "TVD", "fisher_exact", "g_test"}
NUMBERS = [key for key, test in TESTS.items() if test.numbers and key not in DIFFERENT]
CATEGORIES = [key for key, test in TESTS.items() if test.categories and key not in DIFFERENT]


def evidently(key: str, reference: Any, current: Any, kind: ColumnType) -> tuple[float, bool]:
    """Value and flag; the value is NaN where Evidently refuses."""
    (test, *_) = registry._registered_stat_tests[key].values()
    assert test.default_threshold == TESTS[key].limit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = test(pd.Series(reference), pd.Series(current), kind, None)
        except (ValueError, IndexError, ZeroDivisionError):
            return math.nan, False
    return float(result.drift_score), bool(result.drifted)


def agree(key: str, ours: float, theirs: tuple[float, bool]) -> None:
    assert ours == pytest.approx(theirs[0], rel=1e-9, abs=1e-9, nan_ok=True), key
    assert TESTS[key].is_flagged(ours, TESTS[key].limit) == theirs[1], key


def check_numbers(reference: Any, current: Any) -> None:
    """Two arrays of one type; whole numbers keep theirs, which has wider bins."""
    ours = [
        Numbers(np.sort(side.astype(np.float64)), np.issubdtype(side.dtype, np.integer))
        for side in (reference, current)
    ]
    constant = ours[0].distinct == ours[1].distinct == 1
    for key in NUMBERS:
        if key == "cramer_von_mises" and max(ours[0].n, ours[1].n) <= 20:
            continue
        if key == "t_test" and constant:  # of rounding noise there
            continue
        with np.errstate(all="ignore"):
            value = TESTS[key].numbers(*ours)
        agree(key, value, evidently(key, reference, current, ColumnType.Numerical))
    chosen = registry.get_stattest(pd.Series(reference), pd.Series(current), ColumnType.Numerical, None)
    assert choose_numbers(*ours) == chosen.name


SHAPES = {
    "continuous": lambda rng, n: rng.normal(size=n),
    "rounded": lambda rng, n: np.round(rng.normal(size=n), 1),
    "hours": lambda rng, n: rng.integers(0, 24, n),
    "few": lambda rng, n: rng.integers(0, 6, n),
    "binary": lambda rng, n: rng.integers(0, 2, n),
    "constant": lambda rng, n: np.full(n, 0.1),
    "heavy tail": lambda rng, n: rng.exponential(size=n) ** 5,
    "hardly varying": lambda rng, n: rng.normal(size=n) * 1e-5,
    "mostly one value": lambda rng, n: rng.integers(0, 50, n) * (rng.random(n) < 0.1),
}
SIZES = [1, 2, 3, 4, 9, 21, 25, 130, 999, 1000, 1001, 1500]


@settings(deadline=None, max_examples=60)
@given(
    shape=st.sampled_from(sorted(SHAPES)),
    n=st.sampled_from(SIZES),
    m=st.sampled_from(SIZES),
    shift=st.sampled_from([0, 0, 1]),
    seed=st.integers(0, 2**32),
)
def test_numbers_equal_evidently_s(shape: str, n: int, m: int, shift: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    check_numbers(SHAPES[shape](rng, n), SHAPES[shape](rng, m) + shift)


@settings(deadline=None, max_examples=40)
@given(*[st.lists(st.integers(-8, 30).map(lambda tenths: tenths / 10), min_size=1, max_size=30)] * 2)
def test_small_tables_of_numbers_equal_evidently_s(reference: list[float], current: list[float]) -> None:
    check_numbers(np.array(reference), np.array(current))


def test_bins_of_whole_numbers_are_at_least_one_wide() -> None:
    rng = np.random.default_rng(0)
    reference = np.concatenate([np.arange(21), rng.integers(0, 21, 2**20)])
    current = 20 - reference[:1000] // 2
    ours = [np.sort(side.astype(np.float64)) for side in (reference, current)]
    whole, floats = (
        TESTS["jensenshannon"].numbers(*(Numbers(side, flag) for side in ours)) for flag in (True, False)
    )
    agree("jensenshannon", whole, evidently("jensenshannon", reference, current, ColumnType.Numerical))
    agree("jensenshannon", floats, evidently("jensenshannon", *ours, ColumnType.Numerical))
    assert whole != floats


@settings(deadline=None, max_examples=40)
@given(
    reference=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40),
    current=st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=40),
    times=st.sampled_from([1, 1, 100]),
    only=st.sampled_from(["abcdefgh", "abc", "ab", "a"]),
)
def test_categories_equal_evidently_s(
    reference: list[str], current: list[str], times: int, only: str
) -> None:
    sides = [[label if label in only else "a" for label in side] * times for side in (reference, current)]
    column = categories(*sides)
    for key in CATEGORIES:
        agree(key, TESTS[key].categories(column), evidently(key, *sides, ColumnType.Categorical))
    tvd = tvd_stattest._total_variation_distance(*map(pd.Series, sides))
    assert TESTS["TVD"].categories(column) == pytest.approx(tvd, abs=1e-9)
    half = min(map(len, sides))  # Evidently takes sides of one size for these
    halves = [side[:half] for side in sides]
    column = categories(*halves)
    agree("g_test", TESTS["g_test"].categories(column), evidently("g_test", *halves, ColumnType.Categorical))
    if len(column.labels) <= 2:
        theirs = evidently("fisher_exact", *halves, ColumnType.Categorical)
        agree("fisher_exact", TESTS["fisher_exact"].categories(column), theirs)
    chosen = registry.get_stattest(*map(pd.Series, sides), ColumnType.Categorical, None)
    assert choose_categories(categories(*sides)) == chosen.name


def categories(reference: list[str], current: list[str]) -> Categories:
    labels = sorted({*reference, *current})
    counts = [np.array([side.count(label) for label in labels]) for side in (reference, current)]
    return Categories(labels, *counts)


def test_mann_whitney_sees_a_fall_that_evidently_misses() -> None:
    rng = np.random.default_rng(0)
    high, low = rng.normal(1, 1, 500), rng.normal(0, 1, 600)
    fall, rise = (evidently("mannw", *pair, ColumnType.Numerical) for pair in ((high, low), (low, high)))
    assert fall == (pytest.approx(1), False)
    assert rise == (pytest.approx(0, abs=1e-9), True)
    ours = TESTS["mannw"].numbers(Numbers(np.sort(high)), Numbers(np.sort(low)))
    assert ours == pytest.approx(2 * rise[0], rel=1e-9)


def test_cramer_von_mises_counts_exactly_where_evidently_rounds() -> None:
    """9 values a side: 24,310 of 48,620 orders, which a float of 16 bits does not count to."""
    rng = np.random.default_rng(5)
    a, b = rng.normal(size=9), rng.normal(0.5, size=9)
    ours = TESTS["cramer_von_mises"].numbers(Numbers(np.sort(a)), Numbers(np.sort(b)))
    assert (ours * math.comb(18, 9)) % 1 == pytest.approx(0, abs=1e-9)
    theirs, _ = evidently("cramer_von_mises", a, b, ColumnType.Numerical)
    assert theirs == pytest.approx(ours, abs=1e-3)
    assert theirs != pytest.approx(ours, abs=1e-6)


def test_a_column_that_hardly_varies_has_evidently_s_value() -> None:
    """A shift by 5 standard deviations, not flagged: the norm is at least 0.001."""
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1e-5, 2000), rng.normal(5e-5, 1e-5, 2000)
    value = TESTS["wasserstein"].numbers(Numbers(np.sort(a)), Numbers(np.sort(b)))
    agree("wasserstein", value, evidently("wasserstein", a, b, ColumnType.Numerical))
    assert value < TESTS["wasserstein"].limit


@pytest.mark.parametrize("rows", [1000, 1001])
def test_texts_are_compared_as_evidently_does(rows: int) -> None:
    texts = pd.Series(["a text"] * rows)
    chosen = registry.get_stattest(texts, texts, ColumnType.Text, None)
    assert choose(ColumnKind.TEXT, rows, 1) == chosen.name


def test_all_of_evidently_s_methods_for_columns_are_offered() -> None:
    """But Epps-Singleton and the maximum mean discrepancy, which nobody asked for."""
    theirs = {name for name in registry._registered_stat_tests if not name.endswith("text_content_drift")}
    assert theirs - TESTS.keys() == {stattests.epps_singleton_test.name, "empirical_mmd"}
    assert {key for key, test in TESTS.items() if test.flag is Flag.AT_MOST} == {"ks", "cramer_von_mises"}
