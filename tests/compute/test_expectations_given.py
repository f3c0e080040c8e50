"""What people may expect, what they are told otherwise, and what a profile suggests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute import tables
from apps.compute.expectations import KINDS, State, check, describe, read, suggest
from apps.compute.messages import InputRejected
from apps.compute.profile import profile_table

DATA = Path(__file__).parents[1] / "data" / "predictions"
NOW = datetime(2024, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("kind", "columns", "params", "code", "about"),
    [
        ("between", ["x"], {}, "unknown_kind", "kind"),
        ("range", [], {"min": 1}, "wrong_columns", "columns"),
        ("range", ["x", "y"], {"min": 1}, "wrong_columns", "columns"),
        ("relation", ["x", "x"], {"operator": "<"}, "column_twice", "columns"),
        ("relation", ["x"], {"operator": "<"}, "wrong_columns", "columns"),
        ("relation", ["x", "y"], {"operator": "=="}, "wrong_param", "operator"),
        ("row_count", ["x"], {"min": 1}, "wrong_columns", "columns"),
        ("range", [" "], {"min": 1}, "wrong_columns", "columns"),
        ("range", ["x\0"], {"min": 1}, "wrong_columns", "columns"),
        ("range", ["x" * 1_001], {"min": 1}, "wrong_columns", "columns"),
        ("range", ["x"], {"min": 1, "mean": 2}, "unknown_param", "mean"),
        ("unique", ["x"], {"min": 1}, "unknown_param", "min"),
        ("range", ["x"], {}, "param_missing", "min"),
        ("range", ["x"], {"min": "1,5"}, "wrong_param", "min"),
        ("range", ["x"], {"min": "inf"}, "wrong_param", "min"),
        ("range", ["x"], {"min": True}, "wrong_param", "min"),
        ("range", ["x"], {"min": 10**400}, "wrong_param", "min"),
        ("range", ["x"], {"min": 2, "max": 1}, "wrong_param", "max"),
        ("range", ["x"], {"min": 2, "max": "2024-01-01"}, "wrong_param", "max"),
        ("range", ["x"], {"min": "2024-01-02", "max": "2024-01-01"}, "wrong_param", "max"),
        ("missing", ["x"], {"at_most": "102%"}, "wrong_param", "at_most"),
        ("missing", ["x"], {"at_most": "little"}, "wrong_param", "at_most"),
        ("missing", ["x"], {}, "param_missing", "at_most"),
        ("values", ["x"], {"values": []}, "param_missing", "values"),
        ("values", ["x"], {"values": [[1]]}, "wrong_param", "values"),
        ("values", ["x"], {"values": ["a\0"]}, "wrong_param", "values"),
        ("values", ["x"], {"values": ["\ud800"]}, "wrong_param", "values"),
        ("values", ["x"], {"values": ["a" * 201]}, "wrong_param", "values"),
        ("values", ["x"], {"values": list(range(1_001))}, "wrong_param", "values"),
        ("regex", ["x"], {"pattern": "(a"}, "wrong_param", "pattern"),
        ("regex", ["x"], {"pattern": "a)|(b"}, "wrong_param", "pattern"),
        ("regex", ["x"], {"pattern": "(?<=a)b"}, "wrong_param", "pattern"),
        ("regex", ["x"], {"pattern": "(a{1000}){1000}"}, "wrong_param", "pattern"),
        ("regex", ["x"], {"pattern": "a" * 501}, "wrong_param", "pattern"),
        ("regex", ["x"], {"pattern": {"a": 1}}, "wrong_param", "pattern"),
        ("type", ["x"], {"type": "int"}, "wrong_param", "type"),
        ("row_count", [], {}, "param_missing", "min"),
        ("row_count", [], {"min": 2, "max": 1}, "wrong_param", "max"),
        ("row_count", [], {"min": 1.5}, "wrong_param", "min"),
        ("freshness", ["x"], {"at_most": 0, "unit": "days"}, "wrong_param", "at_most"),
        ("freshness", ["x"], {"at_most": 1, "unit": "weeks"}, "wrong_param", "unit"),
        ("columns", ["x"], {"exact": "maybe"}, "wrong_param", "exact"),
        ("no_overlap", ["x"], {}, "param_missing", "dataset"),
    ],
)
def test_what_cannot_be_expected(kind: str, columns: list[str], params: Any, code: str, about: str) -> None:
    with pytest.raises(InputRejected) as caught:
        read(kind, columns, params)
    assert (caught.value.code, caught.value.message.params["parameter"]) == (code, about)
    assert "%(" not in str(caught.value)


def test_text_of_a_form_means_the_same_as_json() -> None:
    assert read("missing", ["x"], {"at_most": " 2.5% "}).params == {"at_most": 0.025}
    assert read("range", ["x"], {"min": " -3", "max": "1e3"}).params == {"min": -3, "max": 1000.0}
    assert read("range", ["x"], {"min": "", "max": "2024-01-31"}).params == {"max": "2024-01-31"}
    assert read("values", ["x"], {"values": " a\n\nb \na"}).params == {"values": ["a", "b"]}
    assert read("values", ["x"], {"values": [True, 1, "1"]}).params == {"values": [True, 1, "1"]}
    assert read("columns", ["x"], {}).params == {"exact": False}


def test_markup_is_only_text() -> None:
    sentence = describe(read("values", ["<b>x</b>"], {"values": ["<script>"]}))
    assert str(sentence) == "<b>x</b> is one of: <script>"


def normalised(source: Path, folder: Path) -> Path:
    path = folder / f"{source.parent.name}.parquet"
    tables.normalise(source, path, tables.sniff(source, source.name), tables.Limits(), lambda _m, _f: None)
    return path


@pytest.mark.parametrize("name", ["adult/truth.parquet", "bike/truth.csv.gz", "room_occupancy/truth.csv.gz"])
def test_suggestions_hold_on_the_data_they_were_read_from(name: str, tmp_path: Path) -> None:
    path = normalised(DATA / name, tmp_path)
    profiles = profile_table(path)
    rows = profiles[0].rows
    now = datetime(2018, 2, 1, tzinfo=UTC)
    proposals = suggest(profiles, rows, now=now, time_column="timestamp", key_columns=["id"])
    said = {str(describe(each.expectation)) for each in proposals}
    assert "id is different in every row" in said
    assert all(str(each.reason) for each in proposals)
    assert len({each.key for each in proposals}) == len(proposals)
    outcomes = check(path, [each.expectation for each in proposals], now=now)
    assert {found.state for found in outcomes} == {State.HOLDS}
    if name.startswith("adult"):
        assert "sex is one of: Male, Female" in said
    if name.startswith("room"):
        assert "The newest timestamp is at most 42 days old" in said


def test_suggestions_leave_room_and_see_what_is_odd(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    rows = 1_000
    frame = pl.DataFrame(
        {
            "income": [50.0 + i % 100 for i in range(rows - 1)] + [99_999.0],
            "gap": [None if i % 4 == 0 else i for i in range(rows)],
            "same": [7] * rows,
            "rate": [i / rows for i in range(rows)],
            "nothing": pl.Series([None] * rows, dtype=pl.String),
            "id": [f"r{i}" for i in range(rows)],
            "at": [NOW - timedelta(hours=5, minutes=i) for i in range(rows)],
        }
    )
    frame.write_parquet(path)
    proposals = suggest(profile_table(path), rows, now=NOW, time_column="at", key_columns=["id", "same"])
    found = {(each.expectation.kind, each.expectation.columns): each for each in proposals}
    assert found["range", ("income",)].expectation.params == {"min": 0, "max": 110_000}
    assert "special value" in str(found["range", ("income",)].reason)
    assert found["missing", ("gap",)].expectation.params == {"at_most": 0.375}
    assert found["missing", ("rate",)].expectation.params == {"at_most": 0.0}
    assert found["values", ("same",)].expectation.params == {"values": [7]}
    assert found["range", ("rate",)].expectation.params == {"min": 0, "max": 1}
    assert found["freshness", ("at",)].expectation.params == {"at_most": 10, "unit": "hours"}
    assert found["row_count", ()].expectation.params == {"min": 500, "max": 2_000}
    assert ("unique", ("id", "same")) in found
    assert ("range", ("id",)) not in found
    assert not any(
        "nothing" in each.expectation.columns for each in proposals if each.expectation.kind != "columns"
    )


def test_every_kind_says_what_it_is() -> None:
    for kind in KINDS.values():
        assert kind.label
        assert kind.description
        assert all(param.label for param in kind.params)
