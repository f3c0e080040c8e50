"""What kind of file an upload is: its content decides, its name only explains."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.tables.compression import GZIP_MAGIC, ZSTD_MAGIC, Compression, compression_of, read_head

HEAD_BYTES = 2**18
DELIMITERS = (",", "\t", ";", "|")

#: First bytes of what is not read, and what to call it.
FOREIGN_MAGIC = (
    (b"\x89PNG", gettext_noop("a PNG image")),
    (b"\xff\xd8\xff", gettext_noop("a JPEG image")),
    (b"GIF8", gettext_noop("a GIF image")),
    (b"%PDF", gettext_noop("a PDF document")),
    (b"\xd0\xcf\x11\xe0", gettext_noop("an old Excel or Word file")),
    (b"SQLite format 3", gettext_noop("an SQLite database")),
    (b"\x89HDF", gettext_noop("an HDF5 file")),
    (b"\x93NUMPY", gettext_noop("a NumPy array")),
    (b"BZh", gettext_noop("a bzip2 file")),
    (b"\xfd7zXZ", gettext_noop("an xz file")),
    (b"7z\xbc\xaf", gettext_noop("a 7-Zip archive")),
    (b"Rar!", gettext_noop("a RAR archive")),
    (b"ORC", gettext_noop("an ORC file")),
    (b"Obj\x01", gettext_noop("an Avro file")),
    (b"FEA1", gettext_noop("a Feather file of version 1")),
    (b"\xff\xff\xff\xff", gettext_noop("an Arrow stream")),
    (b"\x7fELF", gettext_noop("a program")),
    (b"version https://git-lfs", gettext_noop("a Git LFS pointer instead of the file itself")),
    (GZIP_MAGIC, gettext_noop("a gzip file inside a compressed file")),
    (ZSTD_MAGIC, gettext_noop("a zstd file inside a compressed file")),
)
PICKLE_OPENINGS = tuple(bytes((0x80, protocol)) for protocol in range(2, 6))
UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
COLUMNAR_NAMES = (".parquet", ".pq", ".arrow", ".feather", ".ipc")


class Format(StrEnum):
    CSV = "csv"
    TSV = "tsv"
    JSONL = "jsonl"
    PARQUET = "parquet"
    ARROW = "arrow"


@dataclass(frozen=True, slots=True)
class FileFormat:
    """``delimiter`` is the character between the fields of CSV and TSV, empty for the rest."""

    format: Format
    compression: Compression = Compression.NONE
    delimiter: str = ""


def sniff(path: Path, filename: str) -> FileFormat:
    """Tell the format of the file at ``path`` from its content.

    ``filename`` is what its owner calls it. A wrong extension on content that can be read is harmless;
    otherwise `InputRejected` says what the content looks like (``unsupported_type``,
    ``wrong_extension``, ``empty_file``, ``utf16``).
    """
    with path.open("rb") as source:
        compression = compression_of(source.read(4))
    head = read_head(path, compression, HEAD_BYTES)
    if not head.strip():
        raise InputRejected(
            "empty_file", gettext_noop("The file is empty. Send a file with a header and rows.")
        )
    if head.startswith(b"PAR1"):
        return FileFormat(Format.PARQUET, compression)
    if head.startswith(b"ARROW1"):
        return FileFormat(Format.ARROW, compression)
    _reject_foreign(head)
    text = head.decode("utf-8-sig", errors="replace")
    if _looks_like_json_lines(text, filename):
        return FileFormat(Format.JSONL, compression)
    delimiter = _delimiter(text, complete=len(head) < HEAD_BYTES)
    if not delimiter and _stem(filename).endswith(COLUMNAR_NAMES):
        raise InputRejected(
            "wrong_extension",
            gettext_noop(
                "The name “%(filename)s” promises a Parquet or Arrow file, but the content is not one. "
                "Send the right file, or name it after what it is."
            ),
            filename=filename,
        )
    return FileFormat(Format.TSV if delimiter == "\t" else Format.CSV, compression, delimiter or ",")


def _stem(filename: str) -> str:
    return filename.lower().removesuffix(".gz").removesuffix(".zst")


def _reject_foreign(head: bytes) -> None:
    for magic, looks_like in FOREIGN_MAGIC:
        if head.startswith(magic):
            raise _unsupported(looks_like)
    if head.startswith(b"PK\x03\x04"):
        is_excel = b"xl/" in head or b"[Content_Types].xml" in head
        raise _unsupported(gettext_noop("an Excel file") if is_excel else gettext_noop("a ZIP archive"))
    if head[257:262] == b"ustar":
        raise _unsupported(gettext_noop("a tar archive"))
    if head.startswith(PICKLE_OPENINGS):
        raise _unsupported(gettext_noop("a Python pickle, which is never opened, as it can run code"))
    if head.startswith(UTF16_BOMS) or _nuls_alternate(head):
        raise InputRejected(
            "utf16", gettext_noop("The file is UTF-16 text, as Excel's “Unicode text” is. Save it as UTF-8.")
        )
    if b"\x00" in head[:4096]:
        raise _unsupported(gettext_noop("a binary file of an unknown kind"))
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()[:64].lower()
    if start.startswith((b"<!doctype html", b"<html")):
        raise _unsupported(gettext_noop("a web page"))
    if start.startswith(b"<?xml"):
        raise _unsupported(gettext_noop("an XML file"))
    if start.startswith(b"[") and start[1:].lstrip().startswith((b"{", b"[")):
        raise _unsupported(gettext_noop("one JSON array; write one JSON object per line instead"))


def _nuls_alternate(head: bytes) -> bool:
    sample = head[:512]
    half = len(sample) // 2
    return half > 1 and (sample[1::2].count(0) > 0.8 * half or sample[::2].count(0) > 0.8 * half)


def _unsupported(looks_like: str) -> InputRejected:
    return InputRejected(
        "unsupported_type",
        gettext_noop(
            "The file looks like %(looks_like)s. Supported are CSV, TSV, JSON Lines, Parquet and Arrow "
            "(Feather version 2), plain or compressed with gzip or zstd."
        ),
        looks_like=Message(looks_like),
    )


def _looks_like_json_lines(text: str, filename: str) -> bool:
    first_line = text.lstrip().split("\n", 1)[0]
    if not first_line.startswith("{"):
        return False
    if first_line[1:].lstrip().startswith(('"', "}")) or not first_line[1:].strip():
        return True
    try:
        return isinstance(json.loads(first_line), dict)
    except ValueError:
        return _stem(filename).endswith((".jsonl", ".ndjson", ".json"))


def _delimiter(text: str, *, complete: bool) -> str:
    """The character that cuts most lines into as many fields as the header; empty if none cuts at all."""
    best, best_score = "", (0.0, 0)
    for delimiter in DELIMITERS:
        rows = list(_sample_rows(text, delimiter))
        if not complete and len(rows) > 1:
            rows.pop()  # cut off by the end of the sample
        if not rows or len(rows[0]) < 2:
            continue
        width = len(rows[0])
        score = (sum(len(row) == width for row in rows) / len(rows), width)
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _sample_rows(text: str, delimiter: str, limit: int = 200) -> list[list[str]]:
    rows: list[list[str]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            if row:
                rows.append(row)
            if len(rows) == limit:
                break
    except csv.Error:
        return rows
    return rows
