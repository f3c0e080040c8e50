"""`engine.compare` on real files: Evidently's verdicts column by column, the cache, the stored result."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.drift.engine import compare
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.result import DriftResult, Verdict
from apps.compute.drift.spec import ColumnSettings, DriftSpec, Side
from apps.compute.messages import Message
from apps.compute.roles import Role
from apps.compute.selection import Condition, Operator, Selection
from tests.golden import DATA

#: Evidently's names of the methods that it chooses by itself.
METHODS = {
    "Wasserstein distance (normed)": "wasserstein",
    "Jensen-Shannon distance": "jensenshannon",
    "K-S p_value": "ks",
    "chi-square p_value": "chisquare",
    "Z-test p_value": "z",
}


def silent(message: Message, share: float) -> None:
    """Progress that nobody watches."""


def rows(column: str, operator: Operator, *values: Any) -> Selection:
    return Selection((Condition(column, operator, values),))


def between(column: str, start: str, end: str) -> Selection:
    return Selection((Condition(column, Operator.FROM, (start,)), Condition(column, Operator.BEFORE, (end,))))


@dataclass(frozen=True)
class Split:
    """A file of real data and the two selections that a golden file compares."""

    golden: str
    file: str
    reference: Selection
    current: Selection
    prepare: Callable[[pl.DataFrame], pl.DataFrame] = lambda frame: frame


TIMES = ("2017-12-23", "2017-12-24")
COMMON = ("Some-college", "HS-grad", "Bachelors")
HASHED = (pl.col("id").cast(pl.UInt64) * 2654435761 % 2**32 < 2**31).alias("half")
ADULT, BIKE, ELEC2 = "adult_census.parquet", "bike_sharing_hour.csv.gz", "elec2_nsw.parquet"
ROOM = "room_occupancy/truth.csv.gz"
SPLITS = [
    Split("adult_by_education", ADULT, rows("education", Operator.NOT_IN, *COMMON),
          rows("education", Operator.IN, *COMMON)),
    Split("adult_null_even_odd", ADULT, rows("odd", Operator.IN, False), rows("odd", Operator.IN, True),
          lambda frame: frame.with_columns((pl.col("id") % 2 == 1).alias("odd"))),
    Split("bike_2011_vs_2012", BIKE, rows("yr", Operator.IN, 0), rows("yr", Operator.IN, 1)),
    Split("bike_jan_vs_feb_2011", BIKE, between("timestamp", "2011-01-01", "2011-02-01"),
          between("timestamp", "2011-02-01", "2011-03-01")),
    Split("elec2_before_after_vic_feed", ELEC2, rows("id", Operator.BEFORE, 17424),
          rows("id", Operator.FROM, 17424)),
    Split("occupancy_dec22_23_vs_holiday", ROOM, rows("window", Operator.IN, "reference_dec22_23"),
          rows("window", Operator.IN, "holiday_dec24_26")),
    Split("occupancy_dec22_23_vs_january", ROOM, rows("window", Operator.IN, "reference_dec22_23"),
          rows("window", Operator.IN, "january")),
    Split("occupancy_null_hash_halves", ROOM,
          Selection((*between("timestamp", *TIMES).conditions, *rows("half", Operator.IN, True).conditions)),
          Selection((*between("timestamp", *TIMES).conditions, *rows("half", Operator.IN, False).conditions)),
          lambda frame: frame.with_columns(HASHED)),
]  # fmt: skip


def table(file: str) -> pl.DataFrame:
    path = DATA / ("predictions" if "/" in file else "datasets") / file
    if path.suffix == ".parquet":
        return pl.read_parquet(path)
    return pl.read_csv(path).with_columns(pl.col("timestamp").str.to_datetime())


def sides(split: Split, folder: Path) -> tuple[Side, Side]:
    path = folder / "table.parquet"
    split.prepare(table(split.file)).write_parquet(path)
    return Side(path, split.reference), Side(path, split.current)


def declared(split: Split, frame: pl.DataFrame, golden: dict[str, Any]) -> dict[str, ColumnSettings]:
    own = golden["own_reference"]
    settings = {name: ColumnSettings(kind=ColumnKind.NUMBER) for name in own["numeric"]}
    settings |= {name: ColumnSettings(kind=ColumnKind.CATEGORY) for name in own["categorical"]}
    return {name: settings.get(name, ColumnSettings(ignore=True)) for name in frame.columns}


@pytest.mark.parametrize("split", SPLITS, ids=lambda split: split.golden)
def test_values_and_flags_are_those_of_evidently(split: Split, tmp_path: Path) -> None:
    golden = json.loads((DATA / f"golden/drift/{split.golden}.json").read_text())
    reference, current = sides(split, tmp_path)
    spec = DriftSpec(columns=declared(split, pl.read_parquet(reference.path), golden), classify=False)

    result = compare(reference, current, spec, silent)

    expected = golden["evidently"]
    assert result.reference_rows == expected["n_reference"]
    assert result.current_rows == expected["n_current"]
    assert {column.name for column in result.columns} == set(expected["preset_default"])
    for column in result.columns:
        theirs = expected["preset_default"][column.name]
        assert (column.method, column.limit) == (METHODS[theirs["method"]], theirs["threshold"])
        assert column.value == pytest.approx(theirs["value"], rel=1e-9, abs=1e-9)
        is_p_value = "p_value" in theirs["method"]
        assert column.flagged == ((theirs["value"] >= theirs["threshold"]) is not is_p_value)
    assert result.flagged == expected["preset_drifted_columns"]["count"]
    assert result.is_drift == (expected["preset_drifted_columns"]["share"] >= 0.5)
    if "null" in split.golden:
        assert result.drifted == 0
        assert not [finding for finding in result.findings if finding.state != "ok"]


def test_known_columns_drift(tmp_path: Path) -> None:
    """Left to itself: kinds are guessed, ids and times left out, chance and small effects told apart."""
    adult, bike, elec2 = SPLITS[0], SPLITS[2], SPLITS[4]
    roles = {"id": Role.ID, "timestamp": Role.TIMESTAMP}

    by_education = compare(*sides(adult, tmp_path), DriftSpec(roles=roles | {"class": Role.TARGET}), silent)
    by_year = compare(*sides(bike, tmp_path), DriftSpec(roles=roles | {"cnt": Role.TARGET}), silent)
    by_feed = compare(*sides(elec2, tmp_path), DriftSpec(roles=roles), silent)

    assert drifted(by_education) == {"age", "education", "education-num", "occupation"}
    assert by_education.columns[0].name == "class"
    assert by_education.table is not None
    assert by_education.table.auc > 0.99
    assert {driver.column for driver in by_education.table.drivers} <= {"education", "education-num"}
    assert {"cnt", "hum"} <= drifted(by_year)
    assert not {"mnth", "hr", "weekday", "holiday"} & drifted(by_year)
    assert {"vicprice", "vicdemand", "transfer"} <= drifted(by_feed)
    assert "weekday" not in drifted(by_feed)


def drifted(result: DriftResult) -> set[str]:
    return {column.name for column in result.columns if column.verdict is Verdict.DRIFT}


def test_result_is_small_and_survives_json(tmp_path: Path) -> None:
    reference, current = sides(SPLITS[5], tmp_path)
    result = compare(reference, current, DriftSpec(), silent)

    text = json.dumps(result.to_json(), allow_nan=False)

    assert DriftResult.from_json(json.loads(text)) == result
    assert len(text) / len(result.columns) < 60_000 / 25
    assert all(sum(column.picture.reference) == pytest.approx(1, abs=1e-4)
               for column in result.columns if column.picture and not column.picture.labels)  # fmt: skip


def test_cached_reference_changes_nothing(tmp_path: Path) -> None:
    reference, current = sides(SPLITS[0], tmp_path)
    spec = DriftSpec(roles={"id": Role.ID})
    plain = compare(reference, current, spec, silent)
    cache = tmp_path / "cache"

    assert compare(reference, current, spec, silent, cache=cache) == plain
    files = sorted(cache.iterdir())
    assert len(files) >= len(plain.columns)
    shown = Side(tmp_path / "only-current.parquet")
    pl.read_parquet(reference.path).filter(pl.col("education").is_in(COMMON)).write_parquet(shown.path)
    kept = {file.name: file.stat().st_mtime_ns for file in files}
    assert compare(reference, shown, spec, silent, cache=cache).columns == plain.columns
    assert {file.name: file.stat().st_mtime_ns for file in cache.iterdir()} == kept

    files[0].write_bytes(files[0].read_bytes()[:40])
    files[1].write_bytes(b"")
    files[2].unlink()
    assert compare(reference, current, spec, silent, cache=cache) == plain
    assert sorted(cache.iterdir()) == files


def test_change_is_dated(tmp_path: Path) -> None:
    """Victoria's columns of elec2 are constant until row 17,423 and vary from the next one on."""
    split = Split("", ELEC2, rows("id", Operator.BEFORE, 9_000), rows("id", Operator.FROM, 9_000))
    reference, current = sides(split, tmp_path)
    began = pl.read_parquet(current.path).filter(pl.col("id") == 17_424)["timestamp"][0]
    roles = {"id": Role.ID, "timestamp": Role.TIMESTAMP}

    result = compare(reference, current, DriftSpec(roles=roles, classify=False), silent)

    dated = {column.name: datetime.fromisoformat(column.since) for column in result.columns if column.since}
    for name in ("vicprice", "vicdemand", "transfer"):
        assert abs(dated[name] - began) <= timedelta(hours=1)
    assert result.since == min(dated.values()).isoformat()
    times = pl.read_parquet(current.path).filter(pl.col("id") >= 9_000)["timestamp"]
    assert result.time_column == "timestamp"
    assert result.period == (times.min().isoformat(), times.max().isoformat())
    assert sum(window.rows for window in result.windows) == result.current_rows
    late = [window for window in result.windows if datetime.fromisoformat(window.start) > began]
    assert all(window.drifted >= 3 for window in late)


def test_without_times_nothing_is_dated(tmp_path: Path) -> None:
    reference, current = sides(SPLITS[0], tmp_path)
    for column, said in (("age", "holds no times"), ("when", "has no column when")):
        result = compare(reference, current, DriftSpec(time_column=column, classify=False), silent)

        assert said in str(result.notes[0])
        assert (result.period, result.windows, result.since) == (None, (), None)
