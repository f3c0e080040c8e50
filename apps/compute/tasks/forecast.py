"""Forecasts of time series: one row per series, time and steps ahead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.aligned import check_truth
from apps.compute.inputs import Inputs, present
from apps.compute.judged import Measured, judge_regression
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics import forecast, forecast_tables
from apps.compute.metrics.forecast import ASSUMED_LEVELS, Forecast
from apps.compute.metrics.forecast_tables import MOST_HORIZONS
from apps.compute.over_time import Buckets
from apps.compute.paired.forecast import ForecastPairs
from apps.compute.results import MetricResult, Table
from apps.compute.roles import Role
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class JudgedForecast:
    """``names`` has one text per series."""

    names: tuple[str, ...]
    data: Forecast
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        return forecast.measure(self.data), forecast_tables.tables(self.names, self.data)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        return {"residual_by_time": forecast_tables.over_time(buckets, self.data)}

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [forecast.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {}

    def errors(self) -> Floats:
        return np.abs(self.data.error)

    def surprise(self) -> Floats:
        return self.errors()


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedForecast:
    """Without a time column the steps ahead are the time, and without a series column all rows are one
    series.

    InputRejected: what `judged.judge_regression` rejects; neither series nor horizon, a row without a series
    or a time, a horizon that is no whole number from 1 on, a negative scale, one series, time and horizon
    twice.
    """
    if inputs.column(Role.SERIES) is None and inputs.column(Role.HORIZON) is None:
        raise InputRejected("missing_role", _NOT_A_FORECAST)
    given = judge_regression(inputs, weight).data
    names, series = _series(inputs)
    horizon = _horizon(inputs)
    time = _time(inputs, horizon)
    _check_unique(inputs, series, time, horizon)
    data = Forecast(given, series, time, horizon, _scale(inputs), _levels(inputs))
    return JudgedForecast(names, data, tuple(_notes(inputs, names, data)))


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedForecast], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedForecast], ForecastPairs]:
    """InputRejected: other true values, or other series, times, horizons or scales."""
    check_truth(names, [run.data.given.truth for run in runs])
    first = runs[0].data
    for name, run in zip(names[1:], runs[1:], strict=True):
        other = run.data
        pairs = (
            (first.series, other.series),
            (first.time, other.time),
            (first.horizon, other.horizon),
            (first.scale, other.scale),
        )
        if not all(_same(*pair) for pair in pairs):
            raise InputRejected("forecasts_differ", _FORECASTS_DIFFER, first=names[0], second=name)
    return runs, ForecastPairs([run.data for run in runs])


def _same(first: NDArray[Any] | None, second: NDArray[Any] | None) -> bool:
    if first is None or second is None:
        return first is second
    return np.array_equal(first, second)


def _series(inputs: Inputs) -> tuple[tuple[str, ...], Ints]:
    column = inputs.column(Role.SERIES)
    if column is None:
        return ("",), np.zeros(inputs.frame.height, dtype=np.int64)
    texts = _complete(inputs, column, "missing_series", _MISSING_SERIES).cast(pl.String)
    names = texts.unique(maintain_order=True)
    codes = texts.replace_strict(names, pl.Series(range(len(names)), dtype=pl.Int64), return_dtype=pl.Int64)
    return tuple(names.to_list()), codes.to_numpy()


def _complete(inputs: Inputs, column: str, code: str, text: str) -> pl.Series:
    values = inputs.frame.get_column(column)
    missing = ~present(values)
    if missing.any():
        raise InputRejected(code, text, column=column, **inputs.first(missing))
    return values


def _horizon(inputs: Inputs) -> Ints | None:
    column = inputs.column(Role.HORIZON)
    if column is None:
        return None
    values = inputs.numbers(column)
    faulty = (values < 1) | (values != np.round(values))
    if faulty.any():
        value = f"{values[int(np.argmax(faulty))]:g}"
        raise InputRejected("bad_horizon", _BAD_HORIZON, column=column, value=value, **inputs.first(faulty))
    return values.astype(np.int64)


def _time(inputs: Inputs, horizon: Ints | None) -> Ints:
    """Codes of the times in their order; texts are ordered as texts, which is right for ISO 8601."""
    column = inputs.column(Role.TIMESTAMP)
    if column is not None:
        return _codes(_complete(inputs, column, "missing_time", _MISSING_TIME))
    return np.zeros(inputs.frame.height, dtype=np.int64) if horizon is None else _codes(pl.Series(horizon))


def _codes(values: pl.Series) -> Ints:
    codes: Ints = (values.rank("dense").cast(pl.Int64) - 1).to_numpy()
    return codes


def _check_unique(inputs: Inputs, series: Ints, time: Ints, horizon: Ints | None) -> None:
    keys = pl.DataFrame({"series": series, "time": time, "horizon": horizon if horizon is not None else time})
    first = (
        keys.with_row_index("row").select(pl.col("row").min().over("series", "time", "horizon")).to_series()
    )
    copies = first.to_numpy() != np.arange(len(first))
    if not copies.any():
        return
    columns = [name for role in _KEY_ROLES if (name := inputs.column(role))]
    raise InputRejected(
        "forecast_twice",
        _TWICE,
        first=inputs.row(int(first[int(np.argmax(copies))])),
        columns=", ".join(columns),
        row=inputs.first(copies)["row"],
        count=inputs.first(copies)["count"],
    )


def _scale(inputs: Inputs) -> Floats | None:
    column = inputs.column(Role.SCALE)
    if column is None:
        return None
    values = inputs.numbers(column)
    negative = values < 0
    if negative.any():
        raise InputRejected("negative_scale", _NEGATIVE_SCALE, column=column, **inputs.first(negative))
    return values


def _levels(inputs: Inputs) -> tuple[float, float]:
    """Of the interval that `judged.judge_regression` takes."""
    quantiles = sorted(float(inputs.label(column)) for column in inputs.columns(Role.QUANTILE))
    if inputs.column(Role.INTERVAL_LOW) is not None or len(quantiles) < 2:
        return ASSUMED_LEVELS
    return quantiles[0], quantiles[-1]


def _notes(inputs: Inputs, names: Sequence[str], data: Forecast) -> list[Message]:
    notes = []
    if inputs.column(Role.INTERVAL_LOW) is not None and data.scale is not None:
        notes.append(Message(_ASSUMED_LEVEL))
    if data.scale is not None and (constant := int(np.count_nonzero(data.scale == 0))):
        notes.append(Message(_ZERO_SCALE, {"column": inputs.column(Role.SCALE), "count": constant}))
    single = int(np.count_nonzero(np.bincount(data.series) == 1))
    if single:
        notes.append(Message(_ONE_ROW, {"count": single, "all": len(names)}))
    if not np.isfinite(data.dependence().variance(data.error)[0]):
        times = len(np.unique(data.time))
        notes.append(Message(_TOO_FEW, {"series": len(names), "times": times, "horizon": data.farthest}))
    if data.horizon is not None and len(np.unique(data.horizon)) > MOST_HORIZONS:
        notes.append(Message(_MANY_HORIZONS, {"most": MOST_HORIZONS}))
    return notes


_KEY_ROLES = (Role.SERIES, Role.TIMESTAMP, Role.HORIZON)

_NOT_A_FORECAST = gettext_noop(
    "No column says which series a row belongs to or how many steps ahead it looks. Give a column one of "
    "these roles, or choose regression as the task."
)
_MISSING_SERIES = gettext_noop(
    "The column %(column)s names the series but has no value in row %(row)s (%(count)s such rows). Fill "
    "the series in or leave these rows out of the file."
)
_MISSING_TIME = gettext_noop(
    "The time column %(column)s has no value in row %(row)s (%(count)s such rows). Fill the time in or "
    "leave these rows out of the file."
)
_BAD_HORIZON = gettext_noop(
    "The column %(column)s must say how many steps ahead a forecast looks, as a whole number from 1 on, "
    "but row %(row)s has %(value)s (%(count)s such rows). Correct the values or the role of the column."
)
_TWICE = gettext_noop(
    "Row %(row)s has the same values as row %(first)s in %(columns)s (%(count)s such rows). A forecast has "
    "one row per series, time and steps ahead. Delete the copies, or choose the column that tells the rows "
    "apart, such as the time."
)
_NEGATIVE_SCALE = gettext_noop(
    "The naive error in column %(column)s is negative in row %(row)s (%(count)s such rows). It is a mean of "
    "absolute errors: 0 or more."
)
_ASSUMED_LEVEL = gettext_noop(
    "The interval columns do not say their level; the interval score takes them as a 95 percent interval. "
    "Give quantile columns for another level."
)
_ZERO_SCALE = gettext_noop(
    "%(count)s rows have a naive error of 0 in column %(column)s, so their series never changed before. "
    "They are left out of the scaled metrics."
)
_ONE_ROW = gettext_noop(
    "%(count)s of %(all)s series have one row only. In means over series each counts as much as a long one."
)
_TOO_FEW = gettext_noop(
    "There are no intervals: with %(series)s series and %(times)s times, forecasts of %(horizon)s steps "
    "overlap too much to say how far the numbers vary by chance. Ten series or more, or at least ten times "
    "and twice the steps, would do."
)
_MANY_HORIZONS = gettext_noop("Only the %(most)s nearest horizons are shown one by one.")
_FORECASTS_DIFFER = gettext_noop(
    "%(first)s and %(second)s give the same rows another series, time, steps ahead or naive error. Compare "
    "runs that forecast the same rows."
)
