"""The statistics of drift against real data with known results, scipy and hand-work."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from apps.compute.drift.automatic import choose_categories, choose_numbers
from apps.compute.drift.columns import Categories, Numbers
from apps.compute.drift.registry import TESTS
from apps.compute.drift.statistics.kolmogorov_smirnov import ks_statistic
from apps.compute.drift.statistics.wasserstein import wasserstein

DATA = Path(__file__).parents[2] / "data"
MAJORITY = pl.col("education").is_in(["Some-college", "HS-grad", "Bachelors"])
HALF = (pl.col("id").cast(pl.UInt64) * 2654435761) % 2**32 < 2**31
ONE_DAY = pl.col("day") == "2017-12-23"
DECEMBER = pl.col("window") == "reference_dec22_23"
JANUARY_2011 = (pl.col("yr") == 0) & (pl.col("mnth") == 1)
FEBRUARY_2011 = (pl.col("yr") == 0) & (pl.col("mnth") == 2)
#: Golden file -> rows of the reference and of the current side.
SPLITS = {
    "adult_by_education": (~MAJORITY, MAJORITY),
    "adult_null_even_odd": (pl.col("id") % 2 == 0, pl.col("id") % 2 == 1),
    "bike_2011_vs_2012": (pl.col("yr") == 0, pl.col("yr") == 1),
    "bike_jan_vs_feb_2011": (JANUARY_2011, FEBRUARY_2011),
    "elec2_before_after_vic_feed": (pl.col("id") < 17424, pl.col("id") >= 17424),
    "occupancy_dec22_23_vs_holiday": (DECEMBER, pl.col("window") == "holiday_dec24_26"),
    "occupancy_dec22_23_vs_january": (DECEMBER, pl.col("window") == "january"),
    "occupancy_null_hash_halves": (ONE_DAY & HALF, ONE_DAY & ~HALF),
}
#: Evidently's display names, which it gives for a method that it chose itself.
DISPLAY_NAMES = {
    "wasserstein": "Wasserstein distance (normed)",
    "jensenshannon": "Jensen-Shannon distance",
    "ks": "K-S p_value",
    "chisquare": "chi-square p_value",
    "z": "Z-test p_value",
}


def numbers(values: Sequence[float]) -> Numbers:
    return Numbers(np.sort(np.asarray(values, dtype=np.float64)))


def numbers_of(column: pl.Series) -> Numbers:
    whole = column.dtype.is_integer() and not column.null_count()
    return Numbers(column.drop_nulls().cast(pl.Float64).sort().to_numpy(), whole)


def categories_of(reference: pl.Series, current: pl.Series) -> Categories:
    labels = pl.concat([reference, current]).unique().sort().to_list()
    sides = [dict(side.value_counts().iter_rows()) for side in (reference, current)]
    counts = [np.array([side.get(label, 0) for label in labels]) for side in sides]
    return Categories(labels, *counts)


def approx(value: float) -> Any:
    return pytest.approx(value, rel=1e-9, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("name", SPLITS)
def test_real_data_give_the_known_results(name: str) -> None:
    """Every value of every column: scipy's, Evidently's by each method, and its automatic verdicts."""
    golden = json.loads((DATA / "golden" / "drift" / f"{name}.json").read_text())
    path = DATA / golden["file"]
    frame = pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)
    reference, current = (frame.filter(rows) for rows in SPLITS[name])
    own, evidently = golden["own_reference"], golden["evidently"]
    found, flagged = 0, 0
    for column, methods in evidently["by_method"].items():
        ours, theirs = reference[column], current[column]
        if column in own["numeric"]:
            sides = numbers_of(ours), numbers_of(theirs)
            chosen = choose_numbers(*sides)
            value_of = {key: test.numbers(*sides) for key, test in TESTS.items() if test.numbers}
            check_numbers(own["numeric"][column], value_of, *sides)
        else:
            counts = categories_of(ours.drop_nulls(), theirs.drop_nulls())
            chosen = choose_categories(counts)
            value_of = {key: test.categories(counts) for key, test in TESTS.items() if test.categories}
            check_categories(own["categorical"][column], ours, theirs)
        for key, expected in methods.items():
            if key != "mannw":  # one-sided there
                assert value_of[key] == approx(expected["value"]), (column, key)
                assert TESTS[key].limit == expected["threshold"]
                found += 1
        preset = evidently["preset_default"][column]
        assert DISPLAY_NAMES[chosen] == preset["method"]
        assert value_of[chosen] == approx(preset["value"])
        flagged += TESTS[chosen].is_flagged(value_of[chosen], preset["threshold"])
    assert found >= 50
    assert flagged == evidently["preset_drifted_columns"]["count"]


def check_numbers(
    expected: dict[str, float], value_of: dict[str, float], reference: Numbers, current: Numbers
) -> None:
    assert ks_statistic(reference, current) == approx(expected["ks_stat"])
    assert value_of["ks"] == approx(expected["ks_p"])
    assert value_of["mannw"] == approx(expected["mannwhitney_p"])
    assert wasserstein(reference.values, current.values) == approx(expected["wasserstein"])
    assert value_of["wasserstein"] == approx(expected["wasserstein_over_ref_std_ddof0"])


def check_categories(expected: dict[str, float], reference: pl.Series, current: pl.Series) -> None:
    """Here a missing value counts as a category."""
    filled = [side.cast(pl.String).fill_null("(missing)") for side in (reference, current)]
    counts = categories_of(*filled)
    assert TESTS["TVD"].categories(counts) == approx(expected["tvd"])
    js = TESTS["jensenshannon"].categories(counts)
    assert js == approx(expected["jensenshannon_distance_base_e"])


#: Ties, constants, tiny and unequal samples, wide ranges.
VALUES = [
    st.integers(0, 3).map(float),
    st.integers(-20, 20).map(lambda tenths: tenths / 10),
    st.floats(-1e6, 1e6, allow_subnormal=False),
    st.just(0.1),
]


@st.composite
def sides(draw: st.DrawFn) -> tuple[Numbers, Numbers]:
    values = draw(st.sampled_from(VALUES))
    largest = draw(st.sampled_from([3, 9, 40]))
    return tuple(numbers(draw(st.lists(values, min_size=1, max_size=largest))) for _ in range(2))


SCIPY: dict[str, Callable[..., float]] = {
    "ed": stats.energy_distance,
    "ks": lambda a, b: stats.ks_2samp(a, b).pvalue,
    "mannw": lambda a, b: stats.mannwhitneyu(a, b).pvalue,
    "cramer_von_mises": lambda a, b: stats.cramervonmises_2samp(a, b).pvalue,
    "anderson": lambda a, b: stats.anderson_ksamp([a, b], variant="midrank").pvalue,
    "t_test": lambda a, b: stats.ttest_ind(a, b).pvalue,
}


def check_scipy(reference: Numbers, current: Numbers) -> None:
    a, b = reference.values, current.values
    exact = {"mannw": min(len(a), len(b)) <= 8, "cramer_von_mises": max(len(a), len(b)) <= 20}
    for key, theirs in SCIPY.items():
        ours = TESTS[key].numbers(reference, current)
        if math.isnan(ours) or exact.get(key):  # both below
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = theirs(a, b)
        assert ours == approx(expected), key
    expected = stats.wasserstein_distance(a, b)
    assert wasserstein(a, b) == pytest.approx(expected, rel=1e-9, abs=1e-12)


@settings(deadline=None, max_examples=60)
@given(sides())
def test_values_equal_scipy_s(pair: tuple[Numbers, Numbers]) -> None:
    reference, current = pair
    if reference.values[0] == reference.values[-1] and current.values[0] == current.values[-1]:
        return  # a t-test of rounding noise in scipy
    check_scipy(reference, current)


@pytest.mark.parametrize(("n", "m"), [(10_001, 9_999), (40_000, 12), (9, 30_011), (70_000, 35_000)])
def test_values_equal_scipy_s_on_many_rows(n: int, m: int) -> None:
    rng = np.random.default_rng(n)
    check_scipy(numbers(rng.normal(size=n)), numbers(rng.normal(0.02, 1.1, size=m)))
    rounded = [np.round(rng.exponential(size=size), 1) for size in (n, m)]
    check_scipy(*map(numbers, rounded))


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 8), st.integers(1, 12), st.randoms(use_true_random=False))
def test_mann_whitney_is_exact_for_few_values_without_ties(n: int, m: int, random: Any) -> None:
    values = random.sample(range(1000), n + m)
    a, b = numbers(values[:n]), numbers(values[n:])
    expected = stats.mannwhitneyu(a.values, b.values, method="exact").pvalue
    assert TESTS["mannw"].numbers(a, b) == approx(expected)


def test_mann_whitney_stays_fast_with_few_against_many() -> None:
    """By hand: all of 2 values below all of 100,000 is one of comb(100002, 2) orders, and so is above."""
    a, b = numbers([-2.0, -1.0]), numbers(np.arange(100_000.0))
    assert TESTS["mannw"].numbers(a, b) == pytest.approx(2 / math.comb(100_002, 2), rel=1e-9)


@pytest.mark.parametrize(
    ("key", "reference", "current"),
    [
        ("t_test", [1.0], [2.0]),
        ("t_test", [0.1, 0.1], [0.1, 0.1, 0.1]),
        ("anderson", [1.0, 1.0, 1.0], [1.0, 1.0]),
        ("anderson", [1.0], [2.0, 3.0]),
        ("cramer_von_mises", [1.0], [2.0, 3.0]),
        ("chisquare", [1.0, 1.0], [1.0]),
        ("hellinger", [1.0], [1.0 + 2.0**-52]),
        ("psi", [*map(float, range(21)), 1.7e308], [-1.7e308]),
        ("jensenshannon", [*map(float, range(21)), 1.7e308], [-1.7e308]),
    ],
)
def test_what_is_not_defined_is_nan(key: str, reference: list[float], current: list[float]) -> None:
    assert math.isnan(TESTS[key].numbers(numbers(reference), numbers(current)))


@pytest.mark.parametrize(
    ("key", "reference", "current", "value"),
    [
        ("wasserstein", [0.0, 2.0], [1.0, 3.0], 1.0),
        ("wasserstein", [0.0, 2.0], [1.0], 1.0),
        ("wasserstein", [0.0, 0.0], [0.0005], 0.5),  # the norm is never under 0.001
        ("t_test", [1.0, 1.0], [2.0, 2.0], 0.0),
        ("ed", [0.0], [2.0], 2.0),
        ("z", [0.0, 0.0], [0.0], 1.0),
        ("jensenshannon", [0.0], [1.0], math.sqrt(math.log(2))),
    ],
)
def test_values_by_hand(key: str, reference: list[float], current: list[float], value: float) -> None:
    assert TESTS[key].numbers(numbers(reference), numbers(current)) == approx(value)


@pytest.mark.parametrize(
    ("reference", "current"), [([8, 2], [1, 5]), ([0, 3], [9, 9]), ([500, 400], [50_000, 41_000])]
)
def test_counts_of_unequal_size_equal_scipy_s(reference: list[int], current: list[int]) -> None:
    """Evidently refuses these sides for Fisher's and the G-test."""
    column = Categories(["a", "b"], np.array(reference), np.array(current))
    fisher = stats.fisher_exact([current, reference]).pvalue
    assert TESTS["fisher_exact"].categories(column) == approx(fisher)
    with np.errstate(divide="ignore"):
        expected = column.reference * (sum(current) / sum(reference))
        g = stats.power_divergence(column.current, expected, lambda_="log-likelihood").pvalue
    assert TESTS["g_test"].categories(column) == approx(g)


def test_fisher_s_test_takes_two_categories() -> None:
    assert math.isnan(TESTS["fisher_exact"].categories(Categories("abc", np.ones(3, int), np.ones(3, int))))
    assert TESTS["fisher_exact"].categories(Categories("a", np.array([3]), np.array([5]))) == 1.0


def test_total_variation_is_the_share_of_rows_to_change() -> None:
    column = Categories("abc", np.array([5, 5, 0]), np.array([2, 5, 3]))
    assert TESTS["TVD"].categories(column) == approx(0.3)
