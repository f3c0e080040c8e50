"""CSV and its kin: every row is checked before Polars reads the file as text.

Polars fills short rows with missing values in silence, so the number of fields of each record is counted
here first, on the raw bytes with NumPy (300 MB in about two seconds).
"""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.tables.limits import Limits, check_names, not_utf8

CHUNK = 2**22
#: A field that is longer belongs to a quote that is never closed.
csv.field_size_limit(2**24)
NEWLINE, QUOTE = ord("\n"), ord('"')


def scan_delimited(path: Path, delimiter: str, limits: Limits, scratch: Path) -> pl.LazyFrame:
    """Check the whole file and return it lazily with every column as text (missing = empty text).

    A file with quotes inside unquoted fields, which Polars loses its way in, is quoted anew in ``scratch``.
    """
    check_encoding(path)
    names = _header(path, delimiter)
    limits.check_columns(len(names))
    check_names(names)
    records = _count_records(path, delimiter, len(names))
    if records is None:
        records = _requote(path, scratch, delimiter, len(names))
        path = scratch
    rows = records - 1
    limits.check_rows(rows)
    return pl.scan_csv(
        path,
        separator=delimiter,
        has_header=False,
        skip_rows=1,
        n_rows=rows if _ends_in_blank_lines(path, len(names)) else None,
        schema=dict.fromkeys(names, pl.String()),
        empty_string_is_null=False,
        glob=False,
    )


def check_encoding(path: Path) -> None:
    """Reject text that is not UTF-8, naming the byte and the row."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = lines = 0
    with path.open("rb") as source:
        while chunk := source.read(CHUNK):
            pending = decoder.getstate()[0]
            if pending or not chunk.isascii():
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as error:
                    before = max(error.start - len(pending), 0)
                    row = lines + chunk.count(b"\n", 0, before)
                    raise not_utf8(offset - len(pending) + error.start, row) from error
            offset += len(chunk)
            lines += chunk.count(b"\n")
    if pending := decoder.getstate()[0]:
        raise not_utf8(offset - len(pending), lines)


def locate_fault(path: Path, delimiter: str) -> InputRejected:
    """Where a file that Polars could not parse goes against the rules of quoting."""
    row = 0  # of the record that is being read
    with _records(path, delimiter) as records:
        next(records)
        try:
            row = 1
            for _ in records:
                row += 1
        except csv.Error:
            return _broken_quotes(row)
    return InputRejected("broken_csv", gettext_noop("The file cannot be read as CSV. Check its quotes."))


def _header(path: Path, delimiter: str) -> list[str]:
    with _records(path, delimiter) as records:
        try:
            names = next(records)
        except csv.Error as error:
            raise InputRejected(
                "broken_header",
                gettext_noop(
                    "The first line cannot be read as column names. Check its quotes, and that lines end "
                    "with a line feed."
                ),
            ) from error
    if not names:
        raise InputRejected(
            "no_header", gettext_noop("The first line is blank. It must hold the names of the columns.")
        )
    return names


@contextmanager
def _records(path: Path, delimiter: str) -> Iterator[Iterator[list[str]]]:
    # newline="\n": a carriage return alone ends no record, here as in Polars.
    with path.open("r", encoding="utf-8-sig", newline="\n") as source:
        yield csv.reader(source, delimiter=delimiter, strict=True)


@dataclass(slots=True)
class _Scan:
    """State carried from chunk to chunk."""

    records: int = 0
    separators: int = 0  # since the last record ended
    inside: bool = False  # a quoted field
    uneven: bool = False  # some record has another number of separators


def _count_records(path: Path, delimiter: str, width: int) -> int | None:
    """Number of records, header included; None if it seems that not all of them have ``width`` fields."""
    end = _content_end(path) if width > 1 else path.stat().st_size
    scan = _Scan()
    chunk = b""
    with path.open("rb") as source:
        while (left := end - source.tell()) > 0:
            chunk = source.read(min(CHUNK, left))
            _scan_chunk(chunk, ord(delimiter), width, scan)
    if not chunk.endswith(b"\n"):
        scan.records += 1
        scan.uneven |= scan.separators != width - 1
    if scan.uneven or scan.inside:
        return None
    return scan.records


def _scan_chunk(chunk: bytes, separator: int, width: int, scan: _Scan) -> None:
    data = np.frombuffer(chunk, dtype=np.uint8)
    separators, newlines = data == separator, data == NEWLINE
    if scan.inside or b'"' in chunk:
        inside = np.logical_xor.accumulate(data == QUOTE) ^ scan.inside
        separators &= ~inside
        newlines &= ~inside
        scan.inside = bool(inside[-1])
    marks = np.flatnonzero(separators | newlines)
    ends = np.flatnonzero(newlines[marks])
    scan.records += len(ends)
    if len(ends) == 0:
        scan.separators += len(marks)
        return
    counts = np.diff(ends, prepend=-1) - 1
    counts[0] += scan.separators
    scan.separators = len(marks) - int(ends[-1]) - 1
    scan.uneven |= bool((counts != width - 1).any())


def _requote(path: Path, target: Path, delimiter: str, width: int) -> int:
    """Copy the file record by record with all fields quoted; return the number of records.

    Rejects the first record that has not ``width`` fields.
    """
    records_read = last_filled = 0
    with _records(path, delimiter) as records, target.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out, delimiter=delimiter, quoting=csv.QUOTE_ALL, lineterminator="\n")
        try:
            for records_read, record in enumerate(records, start=1):
                if not record and width > 1:
                    continue  # harmless at the end of the file
                if records_read > last_filled + 1:
                    raise _ragged(last_filled, width, 0)
                fields = record or [""]
                if len(fields) != width:
                    raise _ragged(records_read - 1, width, len(fields))
                writer.writerow(fields)
                last_filled = records_read
        except csv.Error as error:
            raise _broken_quotes(records_read) from error
    return last_filled


def _content_end(path: Path) -> int:
    """Offset behind the last byte that is no line break."""
    with path.open("rb") as source:
        end = source.seek(0, io.SEEK_END)
        while end > 0:
            start = max(0, end - CHUNK)
            source.seek(start)
            content = source.read(end - start).rstrip(b"\r\n")
            if content:
                return start + len(content)
            end = start
    return 0


def _ends_in_blank_lines(path: Path, width: int) -> bool:
    # In a file of one column a blank line is a missing value and stays.
    return width > 1 and path.stat().st_size - _content_end(path) > len(b"\r\n")


def _ragged(row: int, expected: int, found: int) -> InputRejected:
    return InputRejected(
        "ragged_row",
        gettext_noop(
            "Row %(row)s has %(found)s fields where the header has %(expected)s. Check for a missing or "
            "unquoted delimiter, or a quote that is never closed."
        ),
        row=row,
        expected=expected,
        found=found,
    )


def _broken_quotes(row: int) -> InputRejected:
    return InputRejected(
        "broken_quotes",
        gettext_noop(
            "Row %(row)s has quotes that do not match. Put the whole field in quotes and double the quotes "
            "inside it."
        ),
        row=row,
    )
