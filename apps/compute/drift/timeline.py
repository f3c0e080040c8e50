"""The time of the current side, cut into windows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

Places = NDArray[np.int64]

#: Windows at most, rows of one at least, and rows that are looked at to date a change.
MOST_WINDOWS, FEWEST_ROWS, MOST_ROWS = 40, 30, 100_000
#: With fewer calendar windows the rows are cut into equal parts instead.
FEWEST_CALENDAR = 6
#: Calendar units and about how long they last.
_UNITS = {
    "1m": timedelta(minutes=1),
    "10m": timedelta(minutes=10),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "1d": timedelta(days=1),
    "1w": timedelta(weeks=1),
    "1mo": timedelta(days=30),
    "1q": timedelta(days=91),
    "1y": timedelta(days=365),
}


@dataclass(frozen=True, eq=False)
class Timeline:
    """Windows in the order of time: window k is [starts[k], ends[k]) with ``counts[k]`` rows; the last one
    ends with the last row.

    ``rows`` (n,) are places of rows of the current side in the order of time, at most `MOST_ROWS` spread
    evenly; ``window`` (n,) is the window of each and ``times`` (n,) its time in microseconds since 1970.
    """

    starts: tuple[str, ...]
    ends: tuple[str, ...]
    counts: Places
    rows: Places
    window: Places
    times: Places

    def __len__(self) -> int:
        return len(self.starts)


def timeline(times: pl.Series) -> Timeline | None:
    """Cut dates or times, or texts in ISO 8601; zones are taken as UTC. Rows without a time are left out.

    The windows are the finest calendar unit of which at most `MOST_WINDOWS` span the time; small ones join
    the one before. Where that leaves fewer than `FEWEST_CALENDAR`, windows have equal numbers of rows. None:
    no times, or too few for two windows.
    """
    moments = _moments(times)
    if moments is None:
        return None
    known = moments.is_not_null().to_numpy()
    rows = np.flatnonzero(known)
    values = moments.drop_nulls().cast(pl.Int64).to_numpy()
    if np.any(values[1:] < values[:-1]):
        order = np.argsort(values, kind="stable")
        rows, values = rows[order], values[order]
    cuts = _calendar(values)
    if len(cuts) < FEWEST_CALENDAR:
        cuts = _equal_parts(values)
    if len(cuts) < 2:
        return None
    first = np.searchsorted(values, cuts)
    looked_at = np.unique(np.linspace(0, len(rows) - 1, min(len(rows), MOST_ROWS)).astype(np.int64))
    return Timeline(
        starts=tuple(iso(cut) for cut in cuts),
        ends=tuple(iso(end) for end in (*cuts[1:], values[-1])),
        counts=np.diff(first, append=len(values)),
        rows=rows[looked_at],
        window=np.searchsorted(first, looked_at, side="right") - 1,
        times=values[looked_at],
    )


def period(times: pl.Series) -> tuple[str, str] | None:
    """ISO times of the first and the last; None without any."""
    moments = _moments(times)
    if moments is None or moments.null_count() == len(moments):
        return None
    ends = moments.cast(pl.Int64).drop_nulls()
    return iso(ends.min()), iso(ends.max())  # type: ignore[arg-type]


def iso(microseconds: int) -> str:
    moment = datetime(1970, 1, 1) + timedelta(microseconds=int(microseconds))
    return moment.isoformat()


def _moments(times: pl.Series) -> pl.Series | None:
    if times.dtype == pl.String:
        times = times.str.to_datetime(strict=False, time_unit="us", time_zone="UTC")
    if times.dtype not in (pl.Date, pl.Datetime):
        return None
    return times.cast(pl.Datetime("us"))


def _calendar(values: Places) -> Places:
    """Starts of the calendar windows of ascending ``values``."""
    span = timedelta(microseconds=int(values[-1] - values[0])) if len(values) else timedelta.max
    unit = next((name for name, length in _UNITS.items() if span < length * (MOST_WINDOWS - 1)), None)
    if unit is None:
        return np.empty(0, np.int64)
    first, last = (datetime(1970, 1, 1) + timedelta(microseconds=int(values[place])) for place in (0, -1))
    whole = pl.Series([first]).dt.truncate(unit)[0]
    starts = pl.datetime_range(whole, last, unit, time_unit="us", eager=True).cast(pl.Int64).to_numpy()
    places = np.searchsorted(values, starts)
    kept: list[int] = []
    for k, place in enumerate(places):
        if not kept or (place - places[kept[-1]] >= FEWEST_ROWS and len(values) - place >= FEWEST_ROWS):
            kept.append(k)
    return starts[kept]


def _equal_parts(values: Places) -> Places:
    """Starts of parts of equal numbers of rows; equal times stay together."""
    parts = min(MOST_WINDOWS, len(values) // FEWEST_ROWS)
    return np.unique(values[np.arange(parts) * len(values) // max(parts, 1)])
