"""The domain classifier of a whole table, on real splits and on tables made by hand."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from apps.compute.drift.classifier import MOST_ROWS, table_score
from tests.golden import DATA


@pytest.fixture(scope="module")
def adult() -> pl.DataFrame:
    return pl.read_parquet(DATA / "datasets" / "adult_census.parquet")


def kinds(table: pl.DataFrame, *left_out: str) -> dict[str, str]:
    return {
        name: "number" if dtype.is_numeric() else "category"
        for name, dtype in table.schema.items()
        if name not in left_out
    }


def test_no_drift_between_even_and_odd_rows(adult: pl.DataFrame) -> None:
    halves = (adult.filter(pl.col("id") % 2 == remainder) for remainder in (0, 1))
    score = table_score(*halves, kinds(adult, "id"))
    assert score is not None
    assert score.low <= 0.5 <= score.high
    assert score.auc == pytest.approx(0.5, abs=0.03)
    assert (score.n, score.drivers) == (2 * MOST_ROWS, ())


def test_columns_that_drive_the_score(adult: pl.DataFrame) -> None:
    common = pl.col("education").is_in(["Some-college", "HS-grad", "Bachelors"])
    sides = adult.filter(~common), adult.filter(common)
    score = table_score(*sides, kinds(adult, "id"))
    assert score is not None
    assert score.auc == 1
    assert score.low > 0.99
    assert score.drivers[0].column == "education"
    assert score.drivers[0].loss > 0.4
    without = table_score(*sides, kinds(adult, "id", "education", "education-num"))
    assert without is not None
    assert 0.6 < without.low < without.auc < without.high < 0.8
    assert [driver.column for driver in without.drivers[:2]] == ["age", "occupation"]


def test_a_combination_that_no_single_column_shows() -> None:
    """Both columns are as before; they used to agree, and now differ."""
    rng = np.random.default_rng(1)
    x = rng.normal(size=4_000)
    noise = rng.normal(size=4_000) * 0.3
    reference = pl.DataFrame({"x": x[:2_000], "y": x[:2_000] + noise[:2_000]})
    current = pl.DataFrame({"x": x[2_000:], "y": -x[2_000:] + noise[2_000:]})
    score = table_score(reference, current, {"x": "number", "y": "number"})
    assert score is not None
    assert score.low > 0.8
    assert {driver.column for driver in score.drivers} == {"x", "y"}


def test_missing_values_are_seen() -> None:
    values = pl.Series(np.random.default_rng(2).normal(size=1_000))
    gaps = values.set(pl.Series(np.arange(1_000) % 4 > 0), None)
    for kind, dtype in (("number", pl.Float64), ("category", pl.String)):
        sides = (pl.DataFrame({"x": side.cast(dtype)}) for side in (values.round(0), gaps.round(0)))
        score = table_score(*sides, {"x": kind})
        assert score is not None
        assert score.low > 0.8


def test_odd_columns() -> None:
    table = pl.DataFrame(
        {
            "missing": pl.Series([None] * 60, dtype=pl.Float64),
            "no label": pl.Series([None] * 60, dtype=pl.String),
            "infinite": [float("inf"), float("-inf"), float("nan"), None, 1e300, 0.0] * 10,
            "constant": [1] * 60,
            "unique": [f"id {k}" for k in range(60)],
            "flag": [True, None, False] * 20,
            "text": ["some words"] * 60,
        }
    )
    odd = {
        "missing": "number",
        "no label": "category",
        "infinite": "number",
        "constant": "number",
        "unique": "category",
        "flag": "boolean",
        "text": "text",
    }
    score = table_score(table[::2], table[1::2], odd)
    assert score is not None
    assert score.low <= 0.5 <= score.high
    assert table_score(table[:10], table[10:], odd) is None
    assert table_score(table[:30], table[30:], {"text": "text"}) is None


def test_times_give_the_sides_away() -> None:
    """Which is why the caller leaves them out."""
    days = pl.DataFrame({"day": pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 12, 31), eager=True)})
    score = table_score(days[:183], days[183:], {"day": "date"})
    assert score is not None
    assert score.low > 0.9
