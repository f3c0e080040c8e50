"""Parquet and Arrow files, which bring their own types."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import polars as pl

from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.tables.formats import Format
from apps.compute.tables.jsonlines import nested_column
from apps.compute.tables.limits import Limits, check_names

PER_DAY = {"ms": 86_400_000, "us": 86_400_000_000, "ns": 86_400_000_000_000}
END_MAGIC = {Format.PARQUET: b"PAR1", Format.ARROW: b"ARROW1"}


def scan_columnar(path: Path, kind: Format, limits: Limits) -> pl.LazyFrame:
    """Return the file lazily with plain column types; NaN becomes missing."""
    _check_footer(path, kind)
    try:
        frame = pl.scan_parquet(path, glob=False) if kind is Format.PARQUET else pl.scan_ipc(path, glob=False)
        schema = frame.collect_schema()
        rows = int(frame.select(pl.len()).collect().item())
    except pl.exceptions.DuplicateError as error:
        name = re.search(r"['\"`](.*)['\"`]", str(error))
        check_names([name.group(1)] * 2 if name else ["?", "?"])
        raise
    except pl.exceptions.PolarsError as error:
        raise broken_columnar(kind) from error
    limits.check_columns(len(schema))
    check_names(list(schema))
    limits.check_rows(rows)
    try:
        _check_calendar(frame, schema)
    except pl.exceptions.PolarsError as error:
        raise broken_columnar(kind) from error
    return frame.select(_plain(name, dtype) for name, dtype in schema.items())


def broken_columnar(kind: Format) -> InputRejected:
    return InputRejected(
        f"broken_{kind}",
        gettext_noop("The %(kind)s file is damaged and cannot be read. Write and send it again."),
        kind=kind.value,
    )


def _check_footer(path: Path, kind: Format) -> None:
    magic = END_MAGIC[kind]
    with path.open("rb") as source:
        size = source.seek(0, 2)
        source.seek(max(0, size - len(magic)))
        if size <= 2 * len(magic) or source.read() != magic:
            raise InputRejected(
                f"truncated_{kind}",
                gettext_noop(
                    "The %(kind)s file is cut off: its footer is missing. Write it whole and send it again."
                ),
                kind=kind.value,
            )


def _plain(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if isinstance(dtype, pl.List | pl.Struct | pl.Array):
        raise nested_column(name)
    if isinstance(dtype, pl.Categorical | pl.Enum | pl.Null | pl.Time) or dtype in (pl.Int128, pl.UInt128):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Decimal):
        return column.cast(pl.Float64)
    if isinstance(dtype, pl.Datetime):
        zoned = column.dt.convert_time_zone("UTC") if dtype.time_zone else column
        return zoned.dt.cast_time_unit("us")
    if dtype.is_float():
        return column.cast(pl.Float32 if dtype == pl.Float16 else dtype).fill_nan(None)
    if dtype.is_integer() or isinstance(dtype, pl.Boolean | pl.String | pl.Date):
        return column
    raise _unsupported(name, str(dtype))


def _unsupported(name: str, dtype: str) -> InputRejected:
    return InputRejected(
        "unsupported_column",
        gettext_noop(
            "Column “%(column)s” is of the kind %(dtype)s, which is not supported. Store it as number, text "
            "or time, or leave it out."
        ),
        column=name,
        dtype=dtype,
    )


def _check_calendar(frame: pl.LazyFrame, schema: pl.Schema) -> None:
    """Refuse times outside the years 1 to 9999: the files can hold them, no calendar here can show them."""
    times = [name for name, dtype in schema.items() if isinstance(dtype, pl.Date | pl.Datetime)]
    if not times:
        return
    stored = pl.col(times).to_physical()
    lows, highs = (frame.select(ends).collect().row(0, named=True) for ends in (stored.min(), stored.max()))
    for name in times:
        first, last = _calendar(schema[name])
        if lows[name] is not None and not first <= lows[name] <= highs[name] <= last:
            raise _unsupported(name, f"{schema[name]}, < 0001-01-01 / > 9999-12-31")


def _calendar(dtype: pl.DataType) -> tuple[int, int]:
    """The first and the last moment of the calendar as a column of this type stores it."""
    per_day = PER_DAY[dtype.time_unit] if isinstance(dtype, pl.Datetime) else 1
    epoch = date(1970, 1, 1).toordinal()
    return (date.min.toordinal() - epoch) * per_day, (date.max.toordinal() - epoch + 1) * per_day - 1
