"""JSON Lines: every line one flat object."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.tables.delimited import check_encoding
from apps.compute.tables.limits import Limits, check_names, no_rows

BLOCK = 2**25
#: Doubled keys vanish in a fast parser; a writer that doubles them does it from the start.
ROWS_CHECKED_FOR_DOUBLED_KEYS = 1_000


def scan_json_lines(path: Path, limits: Limits) -> pl.LazyFrame:
    """Check the whole file and return it lazily; a column is of numbers or booleans, else text."""
    check_encoding(path)
    _check_first_rows(path)
    types: dict[str, pl.DataType] = {}
    rows = 0
    for block in _blocks(path):
        try:
            schema = _schema(block)
        except pl.exceptions.PolarsError as error:
            raise locate_json_fault(path) from error
        for name, dtype in schema.items():
            if isinstance(dtype, pl.List | pl.Struct | pl.Array):
                raise nested_column(name)
            types[name] = _common(types.get(name, pl.Null()), dtype)
        limits.check_columns(len(types))
        rows += block.count(b"\n")
        limits.check_rows(rows)
    if not types:
        raise no_rows()
    check_names(list(types))
    # A column without any value is text.
    return pl.scan_ndjson(path, schema={n: pl.String() if t == pl.Null else t for n, t in types.items()})


def _common(first: pl.DataType, second: pl.DataType) -> pl.DataType:
    """The type that holds the values of both: text unless both are numbers or both are booleans."""
    if pl.Null in (first, second) or first == second:
        common = second if first == pl.Null else first
    elif pl.Float64 in (first, second) and pl.Int64 in (first, second):
        common = pl.Float64()
    else:
        common = pl.String()
    return common if common in (pl.Null, pl.Int64, pl.Float64, pl.Boolean) else pl.String()


def scan_json_lines_as_text(path: Path, names: Collection[str]) -> pl.LazyFrame:
    """The checked file with every value as text: where numbers and booleans share a column."""
    return pl.scan_ndjson(path, schema=dict.fromkeys(names, pl.String()))


def nested_column(name: str) -> InputRejected:
    return InputRejected(
        "nested_column",
        gettext_noop(
            "Column “%(column)s” holds lists or nested records. Flatten it: one column per value, "
            "or leave it out."
        ),
        column=name,
    )


def locate_json_fault(path: Path) -> InputRejected:
    """The first line that is not a flat JSON object, as a rejection."""
    with path.open("rb") as source:
        for row, line in enumerate(source, start=1):
            try:
                _check_line(line, row)
            except InputRejected as fault:
                return fault
    return InputRejected("broken_json", gettext_noop("The file cannot be read as JSON Lines."))


def _blocks(path: Path) -> Iterator[bytes]:
    """Whole lines, about `BLOCK` bytes at a time, each block ending with a line break."""
    with path.open("rb") as source:
        while block := source.read(BLOCK):
            block += source.readline()
            yield block if block.endswith(b"\n") else block + b"\n"


def _schema(block: bytes) -> pl.Schema:
    if not block.strip():
        return pl.Schema()
    return pl.scan_ndjson(block, infer_schema_length=None).collect_schema()


def _check_first_rows(path: Path) -> None:
    with path.open("rb") as source:
        for row, line in enumerate(itertools.islice(source, ROWS_CHECKED_FOR_DOUBLED_KEYS), start=1):
            _check_line(line, row)


def _check_line(line: bytes, row: int) -> None:
    """Reject a line that is not one flat JSON object with unique keys. Blank lines are let pass."""
    if not line.strip():
        return
    try:
        record = json.loads(line, object_pairs_hook=_Pairs, parse_constant=_reject_constant)
    except (ValueError, RecursionError) as error:
        raise _broken_line(row) from error
    if not isinstance(record, _Pairs):
        raise _broken_line(row)
    check_names([name for name, _ in record])
    for name, value in record:
        if isinstance(value, list):
            raise nested_column(name)


class _Pairs(list[tuple[str, Any]]):
    """The members of one JSON object, doubled keys included."""


def _reject_constant(name: str) -> None:
    raise ValueError(name)


def _broken_line(row: int) -> InputRejected:
    return InputRejected(
        "broken_json",
        gettext_noop(
            "Row %(row)s is not one whole JSON object. Write one object per line, and null for values that "
            "are missing or NaN."
        ),
        row=row,
    )
