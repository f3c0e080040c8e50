"""A column as small codes, so that any two columns are crossed by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.slices import MISSING, bands, is_banded, value_texts
from apps.compute.weak_slices_result import Kind, SliceCondition

OTHER = "(other values)"


@dataclass(frozen=True, slots=True)
class CodedColumn:
    """``codes`` (n,) are positions in ``conditions``; every row has one."""

    conditions: tuple[SliceCondition, ...]
    codes: NDArray[np.int16]


def code_column(column: pl.Series, least: int, most: int) -> CodedColumn:
    """Numbers with many values in bands; of other columns the ``most`` frequent values that ``least`` rows
    have, and the rest pooled. Missing values are a value of their own.
    """
    return _banded(column) if is_banded(column) else _valued(column, least, most)


def _banded(column: pl.Series) -> CodedColumn:
    found = bands(column)
    lows, highs = (None, *found.starts[1:]), (*found.starts[1:], None)
    conditions = [
        SliceCondition(column.name, name, Kind.BAND, low, high)
        for name, low, high in zip(found.names, lows, highs, strict=True)
    ]
    codes = found.codes.astype(np.int16)
    if (codes < 0).any():
        codes[codes < 0] = len(conditions)
        conditions.append(SliceCondition(column.name, MISSING, Kind.MISSING))
    return CodedColumn(tuple(conditions), codes)


def _valued(column: pl.Series, least: int, most: int) -> CodedColumn:
    texts = value_texts(column).rename("text")
    counts = texts.drop_nulls().value_counts(name="rows").sort("rows", "text", descending=[True, False])
    frequent = counts.head(most).filter(pl.col("rows") >= least)
    if len(counts) == len(frequent) + 1 <= most:
        frequent = counts  # One rare value alone has a name that says more than "other".
    listed = frequent.get_column("text").sort()
    conditions = [SliceCondition(column.name, text) for text in listed]
    other, missing = len(listed), len(listed)
    if len(counts) > len(listed):
        conditions.append(SliceCondition(column.name, OTHER, Kind.OTHER, listed=tuple(listed)))
        missing += 1
    if texts.null_count():
        conditions.append(SliceCondition(column.name, MISSING, Kind.MISSING))
    places = pl.Series(range(len(listed)), dtype=pl.Int16)
    codes = texts.replace_strict(listed, places, default=other, return_dtype=pl.Int16)
    return CodedColumn(
        tuple(conditions),
        pl.select(pl.when(texts.is_null()).then(missing).otherwise(codes).cast(pl.Int16))
        .to_series()
        .to_numpy(),
    )
