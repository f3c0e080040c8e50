"""Calendar buckets of a timestamp column, and what is told about each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.messages import Message, gettext_noop
from apps.compute.results import Table
from apps.compute.uncertainty import Floats, log_interval, normal_interval, wilson

#: The finest of these that gives no more than `MOST_BUCKETS` buckets is used.
_EVERY = ("1m", "10m", "1h", "6h", "1d", "1w", "1mo", "1q", "1y", "10y", "100y")
MOST_BUCKETS = 60


@dataclass(frozen=True, slots=True)
class Buckets:
    """``codes`` (n,) are positions in ``starts``; -1 without a time. Bucket k is [starts, ends)."""

    codes: Codes
    starts: tuple[str, ...]
    ends: tuple[str, ...]


def bucket(column: pl.Series) -> tuple[Buckets | None, list[Message]]:
    """Cut time into calendar buckets; texts are read as ISO 8601. None, and why, where it is no time."""
    times = column
    if column.dtype == pl.String:
        times = column.str.to_datetime(strict=False, time_unit="us", time_zone="UTC")
    if times.dtype not in (pl.Date, pl.Datetime) or times.null_count() == len(times):
        return None, [Message(_NO_TIMES, {"column": column.name})]
    times = times.cast(pl.Datetime("us"))
    notes = []
    if missing := times.null_count():
        notes.append(Message(_SOME_MISSING, {"column": column.name, "count": missing}))
    for every in _EVERY:
        cut = times.dt.truncate(every)
        starts = cut.drop_nulls().unique().sort()
        if len(starts) <= MOST_BUCKETS:
            break
    else:
        return None, [Message(_NO_TIMES, {"column": column.name})]
    codes = cut.replace_strict(
        starts, pl.Series(range(len(starts)), dtype=pl.Int32), default=-1, return_dtype=pl.Int32
    )
    texts = [value.isoformat() for value in starts.to_list()]
    ends = [value.isoformat() for value in starts.dt.offset_by(every).to_list()]
    return Buckets(codes.to_numpy(), tuple(texts), tuple(ends)), notes


def accuracy_table(buckets: Buckets, right: Floats, weight: Floats | None) -> Table:
    """``metric_by_time``: accuracy per bucket with Wilson's interval. ``right`` is 1 for a hit, else 0."""
    n, mass, squares, mean, _ = _sums(buckets, right, weight)
    size = mass**2 / squares
    low, high = wilson(mean * size, size)
    return _table(buckets, {"value": mean, "low": low, "high": high}, n)


def residual_table(buckets: Buckets, error: Floats, weight: Floats | None) -> Table:
    """``residual_by_time``: mean error per bucket with its normal interval, and the MAE."""
    n, _, _, mean, variance = _sums(buckets, error, weight)
    low, high = normal_interval(mean, variance)
    mae = _sums(buckets, np.abs(error), weight)[3]
    return _table(buckets, {"mean": mean, "low": low, "high": high, "mae": mae}, n)


def mean_table(buckets: Buckets, losses: Floats, weight: Floats | None) -> Table:
    """``loss_by_time``: mean loss (0 or more) per bucket, its interval normal on the log scale."""
    n, _, _, mean, variance = _sums(buckets, losses, weight)
    low, high = log_interval(mean, variance)
    return _table(buckets, {"value": mean, "low": low, "high": high}, n)


def _sums(
    buckets: Buckets, values: Floats, weight: Floats | None
) -> tuple[NDArray[np.int64], Floats, Floats, Floats, Floats]:
    """Per bucket: rows, weight, squared weight, mean, and variance of the mean (NaN for one row)."""
    k = len(buckets.starts)
    dated = buckets.codes >= 0
    codes, values = buckets.codes[dated], values[dated].astype(np.float64)
    w = np.ones(len(values)) if weight is None else weight[dated]
    n = np.bincount(codes, minlength=k).astype(np.int64)
    mass = np.bincount(codes, w, k).astype(np.float64)
    squares = np.bincount(codes, w * w, k).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean: Floats = np.bincount(codes, w * values, k) / mass
        spread = np.bincount(codes, (w * (values - mean[codes])) ** 2, k)
        variance = np.where(n > 1, spread / mass**2 * n / (n - 1), np.nan)
    return n, mass, squares, mean, variance


def _table(buckets: Buckets, columns: dict[str, Floats], n: NDArray[np.int64]) -> Table:
    found = {name: [float(v) if np.isfinite(v) else None for v in values] for name, values in columns.items()}
    return Table({"start": list(buckets.starts), "end": list(buckets.ends), **found, "n": n.tolist()})


_NO_TIMES = gettext_noop(
    "The column %(column)s holds no dates or times that can be read (ISO 8601, such as 2024-05-01 or "
    "2024-05-01T12:30:00), so nothing is shown over time."
)
_SOME_MISSING = gettext_noop(
    "%(count)s rows have no date or time in the column %(column)s and are left"
    " out of what is shown over time."
)
