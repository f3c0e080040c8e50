"""Since when: real streams whose break is known, and changes made by hand."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compute.drift.registry import TESTS
from apps.compute.drift.since import Track, since, strengths_of, track_of, windows_of
from apps.compute.drift.timeline import FEWEST_ROWS, MOST_WINDOWS, Timeline, timeline
from tests.golden import DATA

DISTANCE = {"number": TESTS["wasserstein"], "category": TESTS["jensenshannon"]}
START = datetime(2024, 1, 1)


def dated(times: pl.Series, reference: pl.Series, current: pl.Series, kind: str) -> tuple[Timeline, Track]:
    line = timeline(times)
    assert line is not None
    track = track_of(reference, current.gather(line.rows), kind)
    assert track is not None
    return line, track


def hours(n: int, step: float = 1) -> pl.Series:
    return pl.Series([START + k * timedelta(hours=step) for k in range(n)])


def strengths(line: Timeline, track: Track, kind: str = "number") -> np.ndarray:
    return strengths_of(line, track, DISTANCE[kind], 0.1, 0.1)


@pytest.mark.parametrize("start", [0, 8_000])
def test_victoria_joins_the_market(start: int) -> None:
    """Three columns are constant up to row 17,423 of elec2 and vary from 5 May 1997 on; others do not."""
    table = pl.read_parquet(DATA / "datasets" / "elec2_nsw.parquet")
    current = table[start:]
    joined = datetime(1997, 5, 5)
    found = []
    for name in ("vicprice", "vicdemand", "transfer", "nswdemand"):
        line, track = dated(current["timestamp"], table[name][:8_000], current[name], "number")
        found.append(strengths(line, track))
        began = datetime.fromisoformat(since(line, track))
        if name == "nswdemand":
            assert began == current["timestamp"][0]
        else:
            assert abs(began - joined) <= timedelta(hours=2)
    assert line.starts[-1] == "1998-12-01T00:00:00"
    assert line.ends[-1] == "1998-12-06T23:30:00"
    for window in windows_of(line, found[:3]):
        assert window.drifted == (3 if window.end > "1997-05-05" else 0)
        assert (window.strongest or 0) > (100 if window.drifted else -1)


def test_seasons() -> None:
    """Bikes: February is as warm as it is against January; the hour of the day never changes."""
    table = pl.read_csv(DATA / "datasets" / "bike_sharing_hour.csv.gz", try_parse_dates=True)
    first, second = (table.filter(pl.col("yr") == year) for year in (0, 1))
    line, track = dated(second["timestamp"], first["hr"], second["hr"], "number")
    assert len(line) == 12
    assert not strengths(line, track).any()
    line, track = dated(second["timestamp"], first["temp"], second["temp"], "number")
    assert (strengths(line, track) > 1).all()  # each month is unlike the whole year before
    assert strengths(line, track).argmax() in (0, 6)
    line, track = dated(second["timestamp"], first["cnt"], second["cnt"], "number")
    assert "2012-03-01" < since(line, track) < "2012-04-01"  # after a winter like the last one


@pytest.mark.parametrize("kind", ["number", "category"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_one_change(kind: str, shuffled: bool) -> None:
    rng = np.random.default_rng(1)
    times, place = hours(2_000), 1_234
    if kind == "number":
        reference, values = rng.normal(size=3_000), rng.normal(size=2_000) + 2 * (np.arange(2_000) >= place)
    else:
        reference = rng.choice(["a", "b", "c"], 3_000, p=[0.5, 0.3, 0.2])
        values = rng.choice(["a", "b", "c"], 2_000, p=[0.5, 0.3, 0.2])
        values[place:] = rng.choice(["a", "d"], 2_000 - place)
    table = pl.DataFrame({"t": times, "x": values})
    if shuffled:
        table = table.sample(fraction=1, shuffle=True, seed=1)
    line, track = dated(table["t"], pl.Series(reference), table["x"], kind)
    began = datetime.fromisoformat(since(line, track))
    assert abs(began - times[place]) <= timedelta(hours=6)
    drifted = [window.drifted for window in windows_of(line, [strengths(line, track, kind)])]
    changed = sum(start < began.isoformat() for start in line.starts)
    assert not any(drifted[: changed - 1])
    assert all(drifted[changed:])


def test_from_the_first_row_on() -> None:
    """No later moment is better than the start, nor better than chance."""
    rng = np.random.default_rng(2)
    times = hours(2_000)
    for seed in range(20):
        line, track = dated(
            times, pl.Series(rng.normal(size=2_000)), pl.Series(rng.normal(1, size=2_000)), "number"
        )
        assert since(line, track, seed=seed) == "2024-01-01T00:00:00"


def test_without_drift_windows_are_quiet() -> None:
    rng = np.random.default_rng(3)
    loud = 0
    for _ in range(30):
        line, track = dated(
            hours(1_300, 0.5), pl.Series(rng.normal(size=500)), pl.Series(rng.normal(size=1_300)), "number"
        )
        loud += np.count_nonzero(strengths(line, track) >= 1)
    assert loud <= 0.05 * 30 * len(line)


def test_missing_and_infinite_values_are_left_out() -> None:
    values = pl.Series([None, float("inf"), float("nan"), 1.0] * 500)
    reference = pl.Series([1.0, 1.0, 2.0, None] * 100)
    line, track = dated(hours(2_000), reference, values, "number")
    assert np.bincount(track.codes[track.codes >= 0]).sum() == 500
    assert since(line, track) == "2024-01-01T00:00:00"
    rows = strengths(line, track)
    assert np.isnan(rows).sum() == np.count_nonzero(line.counts < 4 * FEWEST_ROWS)
    empty = pl.Series([None] * 2_000, dtype=pl.Float64)
    assert track_of(reference, empty, "number") is None
    assert track_of(pl.Series([None], dtype=pl.String), pl.Series(["a"]), "category") is None
    assert track_of(pl.Series(["a b"]), pl.Series(["a b"]), "text") is None
    flags = dated(hours(2_000), pl.Series([True, False] * 9), pl.Series([True, None] * 1_000), "boolean")
    assert strengths(*flags, "category").max() > 1
    days = pl.date_range(date(2024, 1, 1), date(2026, 9, 26), eager=True)
    line, track = dated(days, days.head(300), days, "date")
    assert since(line, track) > "2024-10"


def test_windows() -> None:
    line = timeline(hours(24 * 30))
    assert line is not None
    assert line.starts[:2] == ("2024-01-01T00:00:00", "2024-01-02T06:00:00") or len(line) <= MOST_WINDOWS
    assert (line.counts >= FEWEST_ROWS).all()
    assert line.counts.sum() == 720
    same = timeline(pl.Series([START] * 1_000))
    assert same is None
    assert timeline(hours(59)) is None
    assert timeline(pl.Series([], dtype=pl.Datetime)) is None
    assert timeline(pl.Series([None] * 100, dtype=pl.Date)) is None
    assert timeline(pl.Series(["no time"] * 100)) is None
    assert timeline(pl.Series(range(100))) is None
    days = timeline(pl.date_range(date(1800, 1, 1), date(2025, 1, 1), eager=True))
    assert days is not None
    assert len(days) == MOST_WINDOWS
    texts = timeline(pl.Series([f"2024-{month:02}-01T00:00:00+02:00" for month in range(1, 13)] * 40))
    assert texts is not None
    assert texts.starts[0] == "2023-12-01T00:00:00"
    assert len(texts) == 12


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.integers(-(10**9), 4 * 10**9), max_size=300),
    st.integers(1, 5),
    st.integers(0, 5),
)
def test_any_times(seconds: list[int], repeated: int, missing: int) -> None:
    """Windows hold all rows that have a time, in order, and enough of them each."""
    times = pl.Series([second * 10**6 for second in seconds] * repeated + [None] * missing, dtype=pl.Int64)
    line = timeline(times.cast(pl.Datetime("us")))
    if line is None:
        return
    assert 2 <= len(line) <= MOST_WINDOWS
    assert line.counts.sum() == len(seconds) * repeated == len(line.rows)
    assert list(line.starts) == sorted(set(line.starts))
    assert all(start < end for start, end in zip(line.starts[:-1], line.ends[:-1], strict=True))
    assert (np.diff(line.times) >= 0).all()
    assert np.array_equal(np.bincount(line.window, minlength=len(line)), line.counts)
    known = times.to_numpy()
    assert np.array_equal(known[line.rows], line.times)
    track = track_of(pl.Series(range(50)), pl.Series(known[line.rows]), "number")
    assert track is not None
    assert since(line, track) >= line.starts[0]
    assert len(windows_of(line, [strengths(line, track)])) == len(line)
