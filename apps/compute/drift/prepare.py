"""From a column as it was read to what the statistics take: sorted numbers, or counts of labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.drift.columns import Categories, Floats

#: Columns of a table of counts.
LABEL, COUNT = "label", "count"
Special = Sequence[str | float | int]
_DAY = 86_400
_PER_SECOND = {"ms": 10**3, "us": 10**6, "ns": 10**9}


def sorted_numbers(column: pl.Series, special: Special) -> Floats:
    """The values in ascending order as float64: without missing ones, infinities at the ends.

    Dates and times become seconds since 1970 (UTC), booleans 0 and 1.
    """
    values = _physical(column.drop_nulls() if column.null_count() else column).to_numpy(writable=True)
    values.sort()
    values = _scaled(values, column.dtype)
    values = values[: np.searchsorted(values, np.nan)]
    for value in _as_floats(special) if column.dtype.is_numeric() else ():
        first, end = np.searchsorted(values, value, "left"), np.searchsorted(values, value, "right")
        values = np.concatenate((values[:first], values[end:])) if first < end else values
    return values


def numbers(column: pl.Series, special: Special) -> Floats:
    """As `sorted_numbers`, but in the order of the file and NaN where a value is missing."""
    return _scaled(_physical(without_special(column, special)).to_numpy(), column.dtype)


def _physical(column: pl.Series) -> pl.Series:
    if column.dtype == pl.Boolean:
        return column.cast(pl.UInt8)
    return column.to_physical() if column.dtype.is_temporal() else column


def _scaled(values: NDArray[Any], dtype: pl.DataType) -> Floats:
    values = values.astype(np.float64, copy=False)
    if isinstance(dtype, pl.Datetime):
        return values / _PER_SECOND[dtype.time_unit]
    return values * _DAY if dtype == pl.Date else values


def finite(values: Floats) -> Floats:
    """A view of sorted values without the infinities."""
    return values[np.searchsorted(values, -np.inf, "right") : np.searchsorted(values, np.inf, "left")]


def between(values: Floats, low: float, high: float) -> int:
    """How many of the sorted values are in the closed interval."""
    return int(np.searchsorted(values, high, "right") - np.searchsorted(values, low, "left"))


def counted(column: pl.Series, special: Special) -> pl.DataFrame:
    """How often each value occurs (``label``, ``count``), missing ones left out."""
    table = column.rename(LABEL).to_frame().lazy().group_by(LABEL).agg(pl.len().cast(pl.Int64).alias(COUNT))
    return table.filter(_is_present(pl.col(LABEL), column.dtype, special)).collect()


def present(column: pl.Series, special: Special) -> pl.Series:
    """The values that are not missing, in the order of the file."""
    is_present = _is_present(pl.col(column.name), column.dtype, special)
    return column.to_frame().filter(is_present).to_series()


def _is_present(value: pl.Expr, dtype: pl.DataType, special: Special) -> pl.Expr:
    found = value.is_not_null()
    if dtype.is_float():
        found &= value.is_not_nan()
    if special and dtype.is_numeric():
        found &= ~value.cast(pl.Float64).is_in(_as_floats(special))
    if special and dtype == pl.String:
        found &= ~value.is_in([str(each) for each in special])
    return found


def without_special(column: pl.Series, special: Special) -> pl.Series:
    """All values in the order of the file, special ones as null."""
    if not special:
        return column
    value = pl.col(column.name)
    return (
        column.to_frame().select(pl.when(_is_present(value, column.dtype, special)).then(value)).to_series()
    )


def _as_floats(special: Special) -> list[float]:
    found = []
    for value in special:
        try:
            found.append(float(value))
        except ValueError:
            continue  # a text, meant for other columns
    return found


def without_infinite(table: pl.DataFrame) -> pl.DataFrame:
    return table.filter(pl.col(LABEL).is_finite()) if table.schema[LABEL].is_float() else table


def aligned(reference: pl.DataFrame, current: pl.DataFrame) -> Categories:
    """Two tables of counts as counts of the same labels, in ascending order."""
    labels = in_one_type(reference[LABEL], current[LABEL])
    first, second = (
        table.with_columns(label) for table, label in zip((reference, current), labels, strict=True)
    )
    both = first.join(second, on=LABEL, how="full", coalesce=True, suffix="_current").fill_null(0).sort(LABEL)
    counts = (both[name].to_numpy(writable=True) for name in (COUNT, f"{COUNT}_current"))
    return Categories(both[LABEL].to_list(), *counts)


def in_one_type(first: pl.Series, second: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Values of two sides that can be equal. Where the types differ, numbers equal numbers (1 and 1.0), and
    all others their text ("1", "true").
    """
    common = _common(first.dtype, second.dtype)
    return cast(first, common), cast(second, common)


def _common(first: pl.DataType, second: pl.DataType) -> pl.DataType:
    if first == second:
        return first
    if first.is_integer() and second.is_integer():
        return pl.Int128()
    return pl.Float64() if first.is_numeric() and second.is_numeric() else pl.String()


def cast(label: pl.Series, dtype: pl.DataType) -> pl.Series:
    """Whole numbers become texts without a fraction."""
    if dtype == pl.String and label.dtype.is_float():
        whole = label.cast(pl.Int64, strict=False)
        return whole.cast(dtype).zip_with(
            (whole.cast(label.dtype) == label).fill_null(False), label.cast(dtype)
        )
    return label.cast(dtype)
