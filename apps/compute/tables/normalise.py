"""One upload becomes one zstd Parquet file, streamed."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from apps.compute import disk
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.tables.columnar import broken_columnar, scan_columnar
from apps.compute.tables.compression import Compression, decompress
from apps.compute.tables.delimited import locate_fault, scan_delimited
from apps.compute.tables.formats import FileFormat, Format
from apps.compute.tables.jsonlines import locate_json_fault, scan_json_lines, scan_json_lines_as_text
from apps.compute.tables.limits import Limits, check_names
from apps.compute.tables.types import with_types

#: Cells of one row group: a group is what a reader holds in memory at least.
GROUP_CELLS = 2**24
GROUP_ROWS = 2**18
IN_MEMORY_BYTES = 2**28


@dataclass(frozen=True, slots=True)
class TableInfo:
    """A normalised table: number of rows, (name, Polars type) of its columns, bytes on disk."""

    rows: int
    columns: tuple[tuple[str, str], ...]
    bytes: int


def normalise(
    source: Path,
    target: Path,
    file_format: FileFormat,
    limits: Limits,
    progress: Callable[[Message, float], None],
) -> TableInfo:
    """Write the table in ``source`` to ``target`` as Parquet; working files live beside ``target``.

    Text becomes integer, float, boolean, date or time (UTC where zoned) only where every value of the
    column is of that type. Names and order of columns and rows stay, but a NUL becomes U+FFFD. Missing is
    null; NaN counts as missing.
    Raises `InputRejected`, or on a full disk what `disk.is_full` knows; ``target`` then does not exist.
    """
    with tempfile.TemporaryDirectory(dir=target.parent, prefix="normalise-") as folder:
        plain = source
        if file_format.compression is not Compression.NONE:
            progress(Message(gettext_noop("Unpacking")), 0.0)
            plain = Path(folder) / "plain"
            decompress(source, plain, file_format.compression, limits)
        size = plain.stat().st_size
        limits.check_bytes(size)
        progress(Message(gettext_noop("Checking rows")), 0.1)
        frame = _scan(plain, file_format, limits, Path(folder) / "quoted")
        written = Path(folder) / "table.parquet"
        progress(Message(gettext_noop("Writing the table")), 0.4)
        try:
            _write(frame, written, file_format, small=size <= IN_MEMORY_BYTES)
        except pl.exceptions.PolarsError as error:
            if disk.is_full(error):
                raise
            if file_format.format is not Format.JSONL:
                raise _fault(plain, file_format) from error
            _write_as_text(plain, frame, written, file_format)
        info = _info(written)
        limits.check_rows(info.rows)
        written.replace(target)
    progress(Message(gettext_noop("Table written")), 1.0)
    return info


def _scan(path: Path, file_format: FileFormat, limits: Limits, scratch: Path) -> pl.LazyFrame:
    match file_format.format:
        case Format.CSV | Format.TSV:
            return scan_delimited(path, file_format.delimiter, limits, scratch)
        case Format.JSONL:
            return scan_json_lines(path, limits)
        case Format.PARQUET | Format.ARROW:
            return scan_columnar(path, file_format.format, limits)


def _write(frame: pl.LazyFrame, target: Path, file_format: FileFormat, *, small: bool) -> None:
    if file_format.format not in (Format.PARQUET, Format.ARROW):
        if small:
            # Streaming cuts text by bytes: of thousands of columns only a few rows come at a time.
            frame = frame.collect().rechunk().lazy()
        frame = with_types(frame)
    frame = _without_nul(frame)
    width = len(frame.collect_schema())
    rows = max(1_024, min(GROUP_ROWS, GROUP_CELLS // max(width, 1)))
    frame.sink_parquet(target, compression="zstd", row_group_size=rows, maintain_order=True)


def _without_nul(frame: pl.LazyFrame) -> pl.LazyFrame:
    """NUL in names and texts becomes U+FFFD: no database keeps it and no page can show it."""
    schema = frame.collect_schema()
    names = {name: name.replace("\0", "\ufffd") for name in schema if "\0" in name}
    check_names([names.get(name, name) for name in schema])
    texts = [name for name, dtype in schema.items() if dtype == pl.String]
    plain = frame.with_columns(pl.col(name).str.replace_all("\0", "\ufffd", literal=True) for name in texts)
    return plain.rename(names)


def _write_as_text(path: Path, frame: pl.LazyFrame, target: Path, file_format: FileFormat) -> None:
    """The second try on JSON Lines: a column of numbers and booleans is text."""
    texts = scan_json_lines_as_text(path, frame.collect_schema().names())
    try:
        _write(texts, target, file_format, small=False)
    except pl.exceptions.PolarsError as error:
        if disk.is_full(error):
            raise
        raise _fault(path, file_format) from error


def _fault(path: Path, file_format: FileFormat) -> InputRejected:
    match file_format.format:
        case Format.CSV | Format.TSV:
            return locate_fault(path, file_format.delimiter)
        case Format.JSONL:
            return locate_json_fault(path)
        case Format.PARQUET | Format.ARROW:
            return broken_columnar(file_format.format)


def _info(path: Path) -> TableInfo:
    frame = pl.scan_parquet(path, glob=False)
    columns = tuple((name, str(dtype)) for name, dtype in frame.collect_schema().items())
    rows = int(frame.select(pl.len()).collect().item())
    return TableInfo(rows, columns, path.stat().st_size)
