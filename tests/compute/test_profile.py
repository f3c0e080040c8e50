"""Profiles against scipy, NumPy and hand counts."""

from __future__ import annotations

import json
import math
from datetime import date, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from apps.compute import profile
from apps.compute.profile import ColumnProfile, Kind, TopValue, profile_table


def profiled(folder: Path, frame: pl.DataFrame) -> dict[str, ColumnProfile]:
    path = folder / "table.parquet"
    frame.write_parquet(path)
    profiles = profile_table(path)
    assert [column.name for column in profiles] == frame.columns
    for column in profiles:
        stored = json.loads(json.dumps(column.to_json(), allow_nan=False))
        assert ColumnProfile.from_json(stored) == column
    return {column.name: column for column in profiles}


def test_numbers_equal_numpy(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(3, 2, 5_000)
    column = profiled(tmp_path, pl.DataFrame({"x": values}))["x"]
    assert column.kind is Kind.FLOAT
    assert (column.rows, column.missing, column.distinct, column.is_unique) == (5_000, 0, 5_000, True)
    assert column.minimum == values.min()
    assert column.maximum == values.max()
    assert column.mean == pytest.approx(values.mean(), rel=1e-12)
    assert column.std == pytest.approx(values.std(ddof=1), rel=1e-12)
    for level, value in column.quantiles:
        assert value == np.quantile(values, level, method="inverted_cdf")
    counts, edges = np.histogram(values, bins=30)
    assert column.counts == tuple(counts)
    assert column.edges == pytest.approx(edges, rel=1e-12)
    assert column.examples == tuple(values[:3])
    outside = (values < 0) | (values > 1)
    assert (column.outside_unit, column.outside_unit_row) == (outside.sum(), outside.argmax() + 1)


def test_missing_and_infinite_values_have_places(tmp_path: Path) -> None:
    column = profiled(tmp_path, pl.DataFrame({"x": [0.5, None, math.inf, 0.25, -math.inf, None]}))["x"]
    assert (column.missing, column.missing_row) == (2, 2)
    assert (column.infinite, column.infinite_row) == (2, 3)
    assert (column.outside_unit, column.outside_unit_row) == (2, 3)
    assert (column.minimum, column.maximum, column.mean) == (0.25, 0.5, 0.375)
    assert sum(column.counts) == 2
    assert not column.is_unique


def test_only_infinite_values(tmp_path: Path) -> None:
    column = profiled(tmp_path, pl.DataFrame({"x": [math.inf, math.inf]}))["x"]
    assert (column.minimum, column.mean, column.std, column.counts) == (None, None, None, ())
    assert column.top == (TopValue("inf", 2),)


def test_range_that_overflows(tmp_path: Path) -> None:
    column = profiled(tmp_path, pl.DataFrame({"x": [-1.7e308, 0.0, 1.7e308]}))["x"]
    assert sum(column.counts) == 3
    assert all(math.isfinite(float(edge)) for edge in column.edges)


def test_few_integers_get_a_bin_each(tmp_path: Path) -> None:
    column = profiled(tmp_path, pl.DataFrame({"x": pl.Series([3, 1, 1, 5, None], dtype=pl.Int8)}))["x"]
    assert column.kind is Kind.INTEGER
    assert (column.edges, column.counts) == ((1, 2, 3, 4, 5, 6), (2, 0, 1, 0, 1))
    assert column.top == (TopValue(1, 2, (2, 3)), TopValue(3, 1), TopValue(5, 1))


def test_wide_integers_keep_their_digits(tmp_path: Path) -> None:
    low, high = -(2**63), 2**63 - 1
    column = profiled(tmp_path, pl.DataFrame({"x": [low, 0, high, high]}))["x"]
    assert (column.minimum, column.maximum) == (low, high)
    assert sum(column.counts) == 4
    unsigned = profiled(tmp_path, pl.DataFrame({"x": pl.Series([2**64 - 1, 1], dtype=pl.UInt64)}))["x"]
    assert unsigned.maximum == 2**64 - 1


def test_texts(tmp_path: Path) -> None:
    texts = ["b", "a", None, "b", "1.5", "b", "a", ""]
    column = profiled(tmp_path, pl.DataFrame({"t": texts}))["t"]
    assert column.kind is Kind.TEXT
    assert (column.distinct, column.missing, column.missing_row) == (4, 1, 3)
    assert column.top == (
        TopValue("b", 3, (1, 4)),
        TopValue("a", 2, (2, 7)),
        TopValue("1.5", 1),
        TopValue("", 1),
    )
    assert (column.not_number, column.not_number_row) == (6, 1)
    assert column.mean_length == pytest.approx(8 / 7)
    assert column.examples == ("b", "a", "b")


def test_long_texts_are_cut(tmp_path: Path) -> None:
    column = profiled(tmp_path, pl.DataFrame({"t": ["x" * 5_000] * 2}))["t"]
    assert column.examples[0] == "x" * 199 + "…"
    assert column.top == (TopValue("x" * 199 + "…", 2),)


def test_doubled_ids_show_their_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame({"n": [1, 2, 3, 2, 4, 5], "t": ["a", "b", "c", "b", "d", "e"]})
    columns = profiled(tmp_path, frame)
    assert columns["n"].top[0] == TopValue(2, 2, (2, 4))
    assert columns["t"].top[0] == TopValue("b", 2, (2, 4))
    assert not columns["n"].is_unique
    assert not columns["t"].is_unique


def test_top_values_of_many(tmp_path: Path) -> None:
    values = np.repeat(np.arange(100), np.arange(1, 101))
    columns = profiled(tmp_path, pl.DataFrame({"n": values, "t": [str(value) for value in values]}))
    assert [top.value for top in columns["n"].top] == list(range(99, 79, -1))
    assert [top.count for top in columns["n"].top] == list(range(100, 80, -1))
    assert [top.value for top in columns["t"].top] == [str(value) for value in range(99, 79, -1)]
    assert columns["t"].distinct == 100


def test_times_dates_and_booleans(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "naive": [datetime(1969, 12, 31, 23, 59, 59, 500_000), datetime(2026, 1, 1)],
            "day": [date(1970, 1, 2), date(1969, 1, 1)],
            "flag": [True, None],
        }
    ).with_columns(pl.col("naive").dt.replace_time_zone("UTC").alias("zoned"))
    columns = profiled(tmp_path, frame)
    assert columns["naive"].kind is Kind.TIMESTAMP
    assert columns["naive"].minimum == "1969-12-31T23:59:59.500000"
    assert columns["zoned"].maximum == "2026-01-01T00:00:00+00:00"
    assert sum(columns["naive"].counts) == 2
    assert (columns["day"].kind, columns["day"].minimum, columns["day"].maximum) == (
        Kind.DATE,
        "1969-01-01",
        "1970-01-02",
    )
    assert columns["flag"].kind is Kind.BOOLEAN
    assert (columns["flag"].mean, columns["flag"].examples, columns["flag"].missing) == (1.0, (True,), 1)


def test_empty_columns(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {"t": pl.Series([None, None], dtype=pl.String), "x": pl.Series([None, None], dtype=pl.Float64)}
    )
    for column in profiled(tmp_path, frame).values():
        assert (column.kind, column.missing, column.missing_row, column.distinct) == (Kind.EMPTY, 2, 1, 0)
        assert not column.is_unique


def test_batches_agree_with_one_pass(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pl.read_parquet(Path(__file__).parents[1] / "data/predictions/bike/combined_hgb.parquet")
    whole = profiled(tmp_path, frame)
    monkeypatch.setattr(profile, "BATCH_CELLS", 1)
    assert profiled(tmp_path, frame) == whole


def test_real_file_equals_polars(tmp_path: Path) -> None:
    frame = pl.read_parquet(Path(__file__).parents[1] / "data/predictions/adult/truth.parquet")
    columns = profiled(tmp_path, frame)
    for name in frame.columns:
        counts = frame[name].drop_nulls().value_counts().sort("count", descending=True)
        assert columns[name].missing == frame[name].null_count()
        assert columns[name].distinct == counts.height
        if counts.height < frame.height:
            assert [top.count for top in columns[name].top] == counts["count"].head(20).to_list()
    assert columns["id"].is_unique
    assert columns["sex"].top[0].value == "Male"
