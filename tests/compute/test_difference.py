"""Differences of tables: by hand, and against a model of plain dictionaries."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.compute.difference import TableDifference, difference, schema_difference
from apps.compute.messages import InputRejected
from apps.compute.profile import Kind


def compare(folder: Path, older: pl.DataFrame, newer: pl.DataFrame, *key: str) -> TableDifference:
    paths = [folder / "older.parquet", folder / "newer.parquet"]
    for path, table in zip(paths, (older, newer), strict=True):
        table.write_parquet(path)
    found = difference(*paths, key, lambda message, fraction: None)
    assert TableDifference.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    return found


def test_rows_are_matched_by_their_key(tmp_path: Path) -> None:
    older = pl.DataFrame({"id": [1, 2, 3, 4], "name": ["a", "b", None, "d"], "x": [1.0, 2.0, 3.0, -0.0]})
    newer = pl.DataFrame({"id": [5, 4, 3, 1], "x": [5.0, 0.0, 3.5, 1.0], "name": ["e", "d", "c", "a"]})
    found = compare(tmp_path, older, newer, "id")
    assert (found.added, found.removed, found.changed, found.unchanged) == (1, 1, 1, 2)
    assert [(row.number, row.values) for row in found.removed_rows] == [(2, (2, "b", 2.0))]
    assert found.shown == ("id", "name", "x")
    assert [(row.number, row.values) for row in found.added_rows] == [(1, (5, "e", 5.0))]
    changes = {column.name: column for column in found.columns}
    assert {name: column.rows for name, column in changes.items()} == {"name": 1, "x": 1}
    (change,) = changes["name"].examples
    assert (change.row, change.key, change.older, change.newer) == (3, (3,), None, "c")
    assert (found.compared, found.as_text) == (2, ())


def test_whole_rows_are_counted_without_a_key(tmp_path: Path) -> None:
    older = pl.DataFrame({"a": [1, 1, 2, None], "b": ["x", "x", "y", "z"]})
    newer = pl.DataFrame({"b": ["y", "x", "y", "y"], "a": [2, 1, 2, None], "c": [0, 0, 0, 0]})
    found = compare(tmp_path, older, newer)
    # One of the two (1, x) and (None, z) went; a second (2, y) and (None, y) came.
    assert (found.added, found.removed, found.changed, found.unchanged) == (2, 2, 0, 2)
    assert [row.number for row in found.removed_rows] == [2, 4]
    assert [row.values for row in found.added_rows] == [(2, "y"), (None, "y")]


def test_rows_that_no_key_tells_apart_are_set_aside(tmp_path: Path) -> None:
    older = pl.DataFrame({"id": ["a", "b", "b", None, "c"], "v": [1, 2, 3, 4, 5]})
    newer = pl.DataFrame({"id": ["b", "c", "c", "a", None, None], "v": [2, 5, 5, 9, 4, 4]})
    found = compare(tmp_path, older, newer, "id")
    assert (found.added, found.removed, found.changed, found.unchanged) == (0, 0, 1, 0)
    assert (found.duplicates.older, found.duplicates.newer) == (3, 3)
    assert set(found.duplicates.keys) == {("b",), ("c",)}
    assert (found.keyless.older, found.keyless.newer) == (1, 2)


def test_a_key_of_two_columns(tmp_path: Path) -> None:
    older = pl.DataFrame(
        {"shop": ["A", "A", "B"], "day": [date(2026, 1, d) for d in (1, 2, 1)], "n": [1, 2, 3]}
    )
    newer = pl.DataFrame(
        {"shop": ["B", "A", "A"], "day": [date(2026, 1, d) for d in (1, 2, 3)], "n": [3, 7, 2]}
    )
    found = compare(tmp_path, older, newer, "shop", "day")
    assert (found.added, found.removed, found.changed, found.unchanged) == (1, 1, 1, 1)
    assert found.columns[0].examples[0].key == ("A", "2026-01-02")


def test_columns_of_other_types_are_compared_as_far_as_they_can(tmp_path: Path) -> None:
    older = pl.DataFrame(
        {"id": [1, 2], "n": [1, 2], "t": [10, 20], "d": [date(2026, 1, 1)] * 2, "e": [None, None]},
        schema_overrides={"e": pl.String},
    )
    newer = pl.DataFrame(
        {"id": [1.0, 2.0], "n": [1.0, 2.5], "t": ["10", "x"], "d": [datetime(2026, 1, 1)] * 2, "e": [1, None]}
    ).with_columns(pl.col("d").cast(pl.Datetime("us")))
    found = compare(tmp_path, older, newer, "id")
    assert {column.name: column.rows for column in found.columns} == {"n": 1, "t": 1, "e": 1}
    assert set(found.as_text) == {"t", "e"}


def test_large_integers_differ_by_one(tmp_path: Path) -> None:
    older = pl.DataFrame({"id": [2**53, 2**53 + 1]})
    newer = pl.DataFrame({"id": [2**53 + 1, 2**63]}, schema={"id": pl.UInt64})
    found = compare(tmp_path, older, newer, "id")
    assert (found.added, found.removed, found.unchanged) == (1, 1, 1)


def test_what_is_shown_is_bounded(tmp_path: Path) -> None:
    names = [f"<script>{i}</script>" for i in range(9_999)]
    older = pl.DataFrame({"id": range(50), **{name: ["x" * 5_000] * 50 for name in names[:100]}})
    older = older.with_columns(pl.lit(float("inf")).alias(name) for name in names[100:])
    newer = older.with_columns(
        pl.lit("y" * 5_000).alias(names[0]), *(pl.lit(0.5).alias(name) for name in names[100:])
    )
    found = compare(tmp_path, older, newer, "id")
    assert found.changed == 50
    assert len(found.columns) == 9_900
    assert sum(bool(column.examples) for column in found.columns) == 50
    assert found.columns[1].examples[0].older == "inf"
    assert len(str(found.columns[0].examples[0].older)) == 100
    assert len(json.dumps(found.to_json())) < 1_000_000


@pytest.mark.parametrize(
    ("key", "code", "words"),
    [
        (["old"], "missing_column", "newer version has no column “old”"),
        (["new"], "missing_column", "older version has no column “new”"),
        ([f"k{i}" for i in range(11)], "too_many_key_columns", "at most 10"),
    ],
)
def test_a_key_is_there(tmp_path: Path, key: list[str], code: str, words: str) -> None:
    with pytest.raises(InputRejected, match=words) as caught:
        compare(tmp_path, pl.DataFrame({"id": [1], "old": [1]}), pl.DataFrame({"id": [1], "new": [1]}), *key)
    assert caught.value.code == code


def test_tables_without_rows_or_common_columns(tmp_path: Path) -> None:
    empty = pl.DataFrame({"id": []}, schema={"id": pl.Int64})
    for key in ([], ["id"]):
        found = compare(tmp_path, empty, pl.DataFrame({"id": [1, 2]}), *key)
        assert (found.added, found.removed, found.unchanged) == (2, 0, 0)
        assert compare(tmp_path, empty, empty, *key).is_same
    with pytest.raises(InputRejected, match="no column in common"):
        compare(tmp_path, pl.DataFrame({"a": [1]}), pl.DataFrame({"b": [1]}))


values = st.sampled_from([None, "", "a", "b"])
numbers = st.sampled_from([None, 0, 1, 2])
rows = st.lists(st.tuples(numbers, values, numbers), max_size=12)


def model(older: list[Any], newer: list[Any]) -> dict[str, int]:
    """By key, in plain Python."""
    keyed = [[row for row in table if row[0] is not None] for table in (older, newer)]
    times = [Counter(row[0] for row in table) for table in keyed]
    single = [
        {row[0]: row[1:] for row in table if times[0][row[0]] <= 1 and times[1][row[0]] <= 1}
        for table in keyed
    ]
    both = single[0].keys() & single[1].keys()
    changed = sum(single[0][key] != single[1][key] for key in both)
    return {
        "added": len(single[1].keys() - both),
        "removed": len(single[0].keys() - both),
        "changed": changed,
        "unchanged": len(both) - changed,
    }


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows, rows)
def test_against_a_model(tmp_path: Path, older: list[Any], newer: list[Any]) -> None:
    schema = {"id": pl.Int64, "text": pl.String, "number": pl.Int64}
    tables = [pl.DataFrame(table, schema=schema, orient="row") for table in (older, newer)]
    found = compare(tmp_path, *tables, "id")
    assert {name: getattr(found, name) for name in model(older, newer)} == model(older, newer)
    assert found.older_rows == (
        found.removed + found.changed + found.unchanged + found.duplicates.older + found.keyless.older
    )
    counted = compare(tmp_path, *tables)
    assert counted.removed == (Counter(older) - Counter(newer)).total()
    assert counted.added == (Counter(newer) - Counter(older)).total()
    gone = Counter(row.values for row in counted.removed_rows)
    assert gone == Counter(older) - Counter(newer)


def test_schemas() -> None:
    older = {"a": Kind.INTEGER, "b": Kind.TEXT, "c": Kind.DATE, "d": Kind.FLOAT, "e": Kind.EMPTY}
    newer = {"d": Kind.FLOAT, "a": Kind.FLOAT, "new": Kind.TEXT, "b": Kind.TEXT, "e": Kind.EMPTY}
    found = schema_difference(older, newer)
    assert [field.name for field in found.added] == ["new"]
    assert [field.name for field in found.removed] == ["c"]
    assert [(each.name, each.older, each.newer) for each in found.retyped] == [
        ("a", Kind.INTEGER, Kind.FLOAT)
    ]
    assert found.moved == ("d",)
    assert not schema_difference(older, older)


@given(st.permutations(range(7)))
def test_as_few_columns_as_possible_moved(order: list[int]) -> None:
    kinds = {str(n): Kind.TEXT for n in range(7)}
    moved = schema_difference(kinds, {str(n): Kind.TEXT for n in order}).moved
    stayed = [n for n in order if str(n) not in moved]
    assert stayed == sorted(stayed)
    longest: list[int] = []  # by the definition, over all subsets
    for bits in range(2**7):
        chosen = [n for place, n in enumerate(order) if bits >> place & 1]
        if chosen == sorted(chosen) and len(chosen) > len(longest):
            longest = chosen
    assert len(stayed) == len(longest)
