"""What is expected of a table, kind by kind, on tables made by hand."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.expectations import Expectation, Other, Outcome, State, check, describe, read
from apps.compute.expectations.kinds import keys

NOW = datetime(2024, 3, 10, 12, tzinfo=UTC)
HOLDS, VIOLATED, UNDECIDED = State.HOLDS, State.VIOLATED, State.UNDECIDED
TABLE = {
    "age": [17, 20, None, 65, 130],
    "share": [0.0, 0.5, 1.0, None, 1.5],
    "unsigned": pl.Series([0, 1, 2, 3, 2**64 - 1], dtype=pl.UInt64),
    "whole": [1.0, 2.0, None, 4.0, 5.5],
    "kind": ["a", "b", None, "c", "a"],
    "code": ["AB12", "AB1", "xAB12", None, "AB12\n"],
    "mixed": ["1", "2.5", "NA", "word", "4"],
    "yes": [True, False, None, True, True],
    "day": [date(2024, 3, 8), date(2024, 3, 9), None, date(2024, 3, 9), date(2024, 3, 1)],
    "at": [datetime(2024, 3, 9, hour) for hour in (0, 6, 12, 18, 23)],
    "zoned": [datetime(2024, 3, 9, hour, tzinfo=UTC) for hour in (0, 6, 13, 18, 22)],
    "midnight": [datetime(2024, 3, number) for number in (1, 2, 3, 4, 5)],
    "nothing": pl.Series([None] * 5, dtype=pl.String),
    "id": [1, 2, 2, None, None],
    "<b>x</b>": [1, 2, 3, 4, 5],
}


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("table") / "table.parquet", TABLE)


def write(path: Path, columns: dict[str, Any]) -> Path:
    pl.DataFrame(columns).write_parquet(path)
    return path


def outcome(path: Path, kind: str, columns: list[str], /, said: Any = None, **params: Any) -> Outcome:
    expectation = read(kind, columns, params)
    assert str(describe(expectation))
    (found,) = check(path, [expectation], now=NOW, **(said or {}))
    return found


CASES = [
    # kind, columns, params, state, rows tested, numbers of the rows that violate
    ("range", ["age"], {"min": 17, "max": 130}, HOLDS, 4, []),
    ("range", ["age"], {"min": 17.5}, VIOLATED, 4, [1]),
    ("range", ["age"], {"max": 129.9}, VIOLATED, 4, [5]),
    ("range", ["age"], {"min": -1e300, "max": 1e300}, HOLDS, 4, []),
    ("range", ["share"], {"min": 0, "max": 1}, VIOLATED, 4, [5]),
    ("range", ["unsigned"], {"min": -5, "max": 2**64 - 1}, HOLDS, 5, []),
    ("range", ["unsigned"], {"max": 2**64 - 2}, VIOLATED, 5, [5]),
    ("range", ["day"], {"min": "2024-03-08", "max": "2024-03-09"}, VIOLATED, 4, [5]),
    ("range", ["at"], {"max": "2024-03-09"}, HOLDS, 5, []),  # a day lasts until its end
    ("range", ["at"], {"max": "2024-03-09T22:59"}, VIOLATED, 5, [5]),
    ("range", ["zoned"], {"min": "2024-03-09T03:00+02:00"}, VIOLATED, 5, [1]),
    ("range", ["zoned"], {"min": "2024-03-09T02:00+02:00"}, HOLDS, 5, []),
    ("range", ["kind"], {"min": 1}, UNDECIDED, 0, []),
    ("range", ["age"], {"min": "2024-01-01"}, UNDECIDED, 0, []),
    ("range", ["nothing"], {"min": 1}, HOLDS, 0, []),
    ("range", ["gone"], {"min": 1}, UNDECIDED, 0, []),
    ("values", ["kind"], {"values": ["a", "b", "c"]}, HOLDS, 4, []),
    ("values", ["kind"], {"values": "a\nb\n"}, VIOLATED, 4, [4]),
    ("values", ["age"], {"values": "17\n20\n65\nunknown"}, VIOLATED, 4, [5]),
    ("values", ["age"], {"values": [17, 20.0, 65, 130]}, HOLDS, 4, []),
    ("values", ["age"], {"values": ["x"]}, UNDECIDED, 0, []),
    ("values", ["yes"], {"values": [True]}, VIOLATED, 4, [2]),
    ("values", ["day"], {"values": ["2024-03-08", "2024-03-09"]}, VIOLATED, 4, [5]),
    ("regex", ["code"], {"pattern": "[A-Z]{2}[0-9]{2}"}, VIOLATED, 4, [2, 3, 5]),
    ("regex", ["code"], {"pattern": "AB12|AB1|xAB12|(?s:AB12.)"}, HOLDS, 4, []),
    ("regex", ["age"], {"pattern": "[0-9]+"}, UNDECIDED, 0, []),
    ("missing", ["age"], {"at_most": 0.2}, HOLDS, 5, [3]),
    ("missing", ["age"], {"at_most": "19.9%"}, VIOLATED, 5, [3]),
    ("missing", ["nothing"], {"at_most": 0.99}, VIOLATED, 5, [1, 2, 3, 4, 5]),
    ("type", ["age"], {"type": "integer"}, HOLDS, 4, []),
    ("type", ["age"], {"type": "number"}, HOLDS, 4, []),
    ("type", ["age"], {"type": "text"}, VIOLATED, 4, [1, 2, 4, 5]),
    ("type", ["whole"], {"type": "integer"}, VIOLATED, 4, [5]),
    ("type", ["mixed"], {"type": "number"}, VIOLATED, 4, [4]),
    ("type", ["mixed"], {"type": "integer"}, VIOLATED, 4, [2, 4]),
    ("type", ["mixed"], {"type": "text"}, HOLDS, 5, []),
    ("type", ["yes"], {"type": "boolean"}, HOLDS, 4, []),
    ("type", ["day"], {"type": "date"}, HOLDS, 4, []),
    ("type", ["at"], {"type": "date"}, VIOLATED, 5, [2, 3, 4, 5]),
    ("type", ["midnight"], {"type": "date"}, HOLDS, 5, []),
    ("type", ["zoned"], {"type": "time"}, HOLDS, 5, []),
    ("type", ["day"], {"type": "time"}, VIOLATED, 4, [1, 2, 4, 5]),
    ("type", ["nothing"], {"type": "integer"}, HOLDS, 0, []),
    ("unique", ["kind"], {}, VIOLATED, 4, [1, 5]),
    ("unique", ["id"], {}, VIOLATED, 3, [2, 3]),
    ("unique", ["id", "age"], {}, HOLDS, 2, []),
    ("unique", ["share"], {}, HOLDS, 4, []),
    ("unique", ["nothing"], {}, HOLDS, 0, []),
    ("unique", ["gone"], {}, UNDECIDED, 0, []),
    ("relation", ["age", "whole"], {"operator": ">"}, HOLDS, 4, []),
    ("relation", ["whole", "<b>x</b>"], {"operator": "="}, VIOLATED, 4, [5]),
    ("relation", ["unsigned", "age"], {"operator": "<"}, VIOLATED, 4, [5]),
    ("relation", ["at", "zoned"], {"operator": "!="}, VIOLATED, 5, [1, 2, 4]),
    ("relation", ["day", "at"], {"operator": "<="}, HOLDS, 4, []),
    ("relation", ["kind", "code"], {"operator": ">"}, HOLDS, 3, []),
    ("relation", ["age", "kind"], {"operator": "<"}, UNDECIDED, 0, []),
    ("columns", ["age", "<b>x</b>"], {}, HOLDS, 0, []),
    ("columns", ["age", "gone"], {"exact": "on"}, VIOLATED, 0, []),
    ("row_count", [], {"min": 5, "max": "5"}, HOLDS, 0, []),
    ("row_count", [], {"min": 6}, VIOLATED, 0, []),
    ("freshness", ["at"], {"at_most": 13, "unit": "hours"}, HOLDS, 0, []),
    ("freshness", ["at"], {"at_most": 12.9, "unit": "hours"}, VIOLATED, 0, []),
    ("freshness", ["zoned"], {"at_most": 14, "unit": "hours"}, HOLDS, 0, []),
    ("freshness", ["day"], {"at_most": 12, "unit": "hours"}, HOLDS, 0, []),  # from the end of the day
    ("freshness", ["day"], {"at_most": "0.4", "unit": "days"}, VIOLATED, 0, []),
    ("freshness", ["age"], {"at_most": 1, "unit": "days"}, UNDECIDED, 0, []),
]


@pytest.mark.parametrize(("kind", "columns", "params", "state", "tested", "rows"), CASES)
def test_kinds(
    table: Path, kind: str, columns: list[str], params: Any, state: State, tested: int, rows: list[int]
) -> None:
    found = outcome(table, kind, columns, **params)
    assert (found.state, found.tested, found.violations) == (state, tested, len(rows)), found.message
    assert str(found.message)
    shown = [example.row for example in found.examples]
    assert sorted(shown) == (rows if state is VIOLATED else [])


def test_examples_show_the_values_and_what_tells_rows_apart(table: Path) -> None:
    found = outcome(table, "range", ["<b>x</b>"], {"context": ["at", "gone"]}, max=4)
    assert found.examples[0].to_json() == {"row": 5, "values": {"at": "2024-03-09T23:00:00", "<b>x</b>": 5}}
    assert found.share == 0.2


def test_special_values_are_missing(table: Path) -> None:
    said = {"special_values": {"age": [130], "*": ["a"], "yes": ["false"], "day": ["2024-03-01"]}}
    assert outcome(table, "range", ["age"], said, max=65).state is HOLDS
    assert outcome(table, "missing", ["age"], said, at_most=0.4).violations == 2
    assert outcome(table, "unique", ["kind"], said).state is HOLDS
    assert outcome(table, "values", ["yes"], said, values=[True]).tested == 3
    assert outcome(table, "range", ["day"], said, min="2024-03-08").state is HOLDS


def test_no_more_than_twenty_examples_the_first_ones(tmp_path: Path) -> None:
    path = write(tmp_path / "t.parquet", {"x": [0, 1] * 30_000, "g": [i // 3 for i in range(60_000)]})
    found = outcome(path, "range", ["x"], max=0)
    assert (found.violations, [example.row for example in found.examples]) == (30_000, [*range(2, 41, 2)])
    doubled = outcome(path, "unique", ["g"])  # of each of the first ten keys two rows
    assert [example.row for example in doubled.examples][:6] == [1, 2, 4, 5, 7, 8]
    assert (doubled.violations, len(doubled.examples)) == (60_000, keys.MOST_EXAMPLES)


def test_rows_of_another_table(tmp_path: Path) -> None:
    holdout = write(tmp_path / "h.parquet", {"id": [1, 2, 3, None], "x": [1.0, 2.0, 3.0, None]})
    training = write(
        tmp_path / "t.parquet", {"id": [3.0, 4.0, None, 2.0], "x": [3.0, 4.0, None, 9.0], "y": [0, 1, 0, 1]}
    )
    others = {"others": {7: Other("Training", training), 8: Other("Empty", None)}}
    by_id = outcome(holdout, "no_overlap", ["id"], others, dataset=7)
    assert (by_id.state, by_id.tested, by_id.violations) == (VIOLATED, 3, 2)
    assert [example.row for example in by_id.examples] == [2, 3]  # 2 and 2.0 are the same id
    whole = outcome(holdout, "no_overlap", [], others, dataset=7)
    assert (whole.state, [example.row for example in whole.examples]) == (VIOLATED, [3, 4])
    assert "Training" in str(whole.message)
    assert (
        outcome(training, "no_overlap", [], {"others": {7: Other("H", holdout)}}, dataset=7).state
        is UNDECIDED
    )
    assert outcome(holdout, "no_overlap", ["id"], others, dataset=8).state is UNDECIDED
    assert outcome(holdout, "no_overlap", ["id"], others, dataset=9).state is UNDECIDED
    assert (
        outcome(holdout, "no_overlap", ["x"], {"others": {7: Other("Y", training)}}, dataset=7).violations
        == 1
    )


def test_a_regular_expression_that_cannot_run_is_undecided(table: Path) -> None:
    (found,) = check(table, [Expectation("regex", ("code",), {"pattern": "(a"})], now=NOW)
    assert found.state is UNDECIDED


def test_many_at_once_and_none(table: Path) -> None:
    asked = [read(kind, columns, params) for kind, columns, params, *_ in CASES]
    assert [found.state for found in check(table, asked, now=NOW)] == [state for _, _, _, state, *_ in CASES]
    assert check(table, [], now=NOW) == []
