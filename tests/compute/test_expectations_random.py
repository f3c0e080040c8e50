"""Expectations against plain Python on random tables: ties, missing values, infinities, huge numbers."""

from __future__ import annotations

import math
import operator
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compute.expectations import Other, Outcome, State, check, read

NOW = datetime(2024, 1, 1, tzinfo=UTC)
few = settings(max_examples=40, deadline=None)
integers = st.one_of(st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))
floats = st.one_of(st.integers(-3, 3).map(float), st.floats(allow_nan=True, allow_infinity=True))
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=3)


def lists(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    return st.lists(st.none() | values, min_size=1, max_size=40)


def outcome(columns: dict[str, pl.Series], kind: str, names: list[str], **params: Any) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "t.parquet"
        pl.DataFrame(columns).write_parquet(path)
        return check(path, [read(kind, names, params)], now=NOW, others={1: Other("itself", path)})[0]


def is_there(value: Any) -> bool:
    return value is not None and not (isinstance(value, float) and math.isnan(value))


def expect(found: Outcome, tested: int, wrong: list[int]) -> None:
    """``wrong`` are the rows that violate, from 1."""
    assert (found.tested, found.violations) == (tested, len(wrong))
    assert found.state is (State.VIOLATED if wrong else State.HOLDS)
    assert {example.row for example in found.examples} <= set(wrong)
    assert len(found.examples) == 0 if not wrong else len(found.examples) >= min(2, len(wrong))


@few
@given(
    st.one_of(
        st.tuples(st.just(pl.Int64), lists(integers)),
        st.tuples(st.just(pl.Float64), lists(floats)),
        st.tuples(st.just(pl.UInt8), lists(st.integers(0, 255))),
    ),
    st.one_of(st.integers(-5, 5), st.floats(-5, 5), integers),
    st.one_of(st.integers(0, 10), st.floats(0, 1e18)),
)
def test_range(column: tuple[Any, list[Any]], low: float, width: float) -> None:
    dtype, values = column
    high = low + width
    found = outcome({"x": pl.Series(values, dtype=dtype)}, "range", ["x"], min=low, max=high)
    wrong = [row for row, value in enumerate(values, 1) if is_there(value) and not low <= value <= high]
    expect(found, sum(map(is_there, values)), wrong)


@few
@given(st.one_of(lists(integers), lists(floats), lists(texts)), st.integers(1, 3), st.data())
def test_unique(first: list[Any], width: int, data: st.DataObject) -> None:
    dtype = next((type(value) for value in first if value is not None), int)
    columns = {"a": first}
    for name in "bc"[: width - 1]:
        size = len(first)
        columns[name] = data.draw(st.lists(st.none() | st.integers(0, 2), min_size=size, max_size=size))
    known = {int: pl.Int64, float: pl.Float64, str: pl.String}
    series = {
        name: pl.Series(values, dtype=known[dtype if name == "a" else int])
        for name, values in columns.items()
    }
    found = outcome(series, "unique", list(columns))
    rows = list(zip(*columns.values(), strict=True))
    whole = [row for row in rows if all(map(is_there, row))]
    often = Counter(whole)
    wrong = [number for number, row in enumerate(rows, 1) if row in often and often[row] > 1 and row in whole]
    expect(found, len(whole), wrong)
    itself = outcome(series, "no_overlap", list(columns), dataset=1)
    assert (itself.tested, itself.violations) == (len(whole), len(whole))


COMPARE = {
    "<": operator.lt,
    "<=": operator.le,
    "=": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    ">": operator.gt,
}
times = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))
SIDES = {
    "whole": (pl.Int64, integers, pl.UInt64, st.one_of(st.integers(0, 3), st.integers(0, 2**64 - 1))),
    "decimal": (pl.Float64, floats, pl.Float64, floats),
    "texts": (pl.String, texts, pl.String, texts),
    "times": (pl.Datetime("us"), times, pl.Date, times.map(lambda time: time.date())),
}


@pytest.mark.parametrize("side", SIDES)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_relation(side: str, data: st.DataObject) -> None:
    left_type, left, right_type, right = SIDES[side]
    rows = data.draw(st.lists(st.tuples(st.none() | left, st.none() | right), min_size=1, max_size=30))
    sign = data.draw(st.sampled_from(list(COMPARE)))
    columns = {
        "left": pl.Series([row[0] for row in rows], dtype=left_type),
        "right": pl.Series([row[1] for row in rows], dtype=right_type),
    }
    if side == "times":
        rows = [(a, b and datetime(b.year, b.month, b.day)) for a, b in rows]
    there = [(number, row) for number, row in enumerate(rows, 1) if all(map(is_there, row))]
    wrong = [number for number, (a, b) in there if not COMPARE[sign](a, b)]
    expect(outcome(columns, "relation", ["left", "right"], operator=sign), len(there), wrong)
