"""Every file that cannot be used is rejected with a code, a place and a sentence."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import zipfile
from pathlib import Path

import polars as pl
import pyarrow
import pyarrow.feather
import pyarrow.parquet
import pytest
import zstandard

from apps.compute.messages import InputRejected
from apps.compute.tables import Limits, TableInfo, normalise, sniff

GOOD_CSV = b"id,y\n1,0\n2,1\n"


def ingest(folder: Path, content: bytes, name: str = "file.csv", limits: Limits | None = None) -> TableInfo:
    source = folder / "upload"
    source.write_bytes(content)
    return normalise(
        source, folder / "table.parquet", sniff(source, name), limits or Limits(), lambda message, share: None
    )


def parquet(frame: pl.DataFrame) -> bytes:
    buffer = io.BytesIO()
    frame.write_parquet(buffer)
    return buffer.getvalue()


def arrow_table(table: pyarrow.Table) -> bytes:
    buffer = io.BytesIO()
    pyarrow.parquet.write_table(table, buffer)
    return buffer.getvalue()


def excel() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return buffer.getvalue()


def plain_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.csv", "a,b\n1,2\n")
    return buffer.getvalue()


def numpy_like(count: int) -> bytes:
    return "\n".join(["id,text", *(f"{i},x{i}" for i in range(count))]).encode()


GZIPPED = gzip.compress(numpy_like(20_000))
ZSTANDARD = zstandard.compress(numpy_like(20_000))
PARQUET = parquet(pl.DataFrame({"id": range(1000), "y": range(1000)}))
NESTED = parquet(pl.DataFrame({"id": [1], "scores <b>": [[0.1, 0.9]]}))
STRUCT = parquet(pl.DataFrame({"id": [1], "box": [{"x": 1}]}))
BINARY = parquet(pl.DataFrame({"id": [1], "image": [b"\x00\x01"]}))
PATTERN = parquet(pl.DataFrame({"id": [1], "*": [2]}))
DOUBLED = arrow_table(pyarrow.table([[1], [2]], names=["same", "same"]))

REJECTED = [
    ("empty", b"", "empty_file", None, None),
    ("blank", b"  \n\n", "empty_file", None, None),
    ("empty gzip", gzip.compress(b""), "empty_file", None, None),
    ("header only", b"id,y\n", "no_rows", None, None),
    ("header only, no newline", b"id,y", "no_rows", None, None),
    ("blank first line", b"\nid,y\n1,2\n", "no_header", None, None),
    (
        "parquet without rows",
        parquet(pl.DataFrame({"a": pl.Series([], dtype=pl.Int64)})),
        "no_rows",
        None,
        None,
    ),
    ("not utf-8", b"id,y\n1,a\n2,caf\xe9\n3,b\n", "not_utf8", None, 2),
    ("not utf-8 header", b"caf\xe9,y\n1,a\n", "not_utf8", None, None),
    ("cut off in a letter", "id,y\n1,é".encode()[:-1], "not_utf8", None, 1),
    ("utf-16", "id,y\n1,2\n".encode("utf-16"), "utf16", None, None),
    ("utf-16 without mark", "id,y\n1,2\n".encode("utf-16-le"), "utf16", None, None),
    ("short row", b"id,y,z\n1,2,3\n4,5\n6,7,8\n", "ragged_row", None, 2),
    ("long row", b"id,y,z\n1,2,3\n4,5,6,7\n", "ragged_row", None, 2),
    ("short first row", b"id,y,z\n1,2\n", "ragged_row", None, 1),
    ("short last row", b"id,y,z\n1,2,3\n1,2", "ragged_row", None, 2),
    ("blank row", b"id,y\n1,2\n\n3,4\n", "ragged_row", None, 2),
    ("ragged behind a quoted line break", b'id,y\n1,"a\nb"\n3\n', "ragged_row", None, 2),
    ("quote never closed", b'id,y\n1,2\n3,"4\n5,6\n', "broken_quotes", None, 2),
    ("text behind a quote", b'id,y\n1,2\n3,"4"x\n5,6\n', "broken_quotes", None, 2),
    ("doubled name", b"id,y,y\n1,2,3\n", "duplicate_column", "y", None),
    ("name that is a pattern", b"id,y,^y.*$\n1,2,3\n", "pattern_as_name", "^y.*$", None),
    ("empty name", b",y\n1,2\n", "empty_column_name", None, None),
    ("old Mac lines", b"id,y\r1,2\r3,4\r", "broken_header", None, None),
    ("broken gzip", b"\x1f\x8b\x08\x00" + b"rubbish" * 9, "broken_compression", None, None),
    ("cut gzip", GZIPPED[:-20], "truncated_compression", None, None),
    ("gzip with a wrong sum", GZIPPED[:-8] + b"\x00" * 8, "broken_compression", None, None),
    ("broken zstd", ZSTANDARD[:30] + b"rubbish" * 99 + ZSTANDARD[723:], "broken_compression", None, None),
    ("cut zstd", ZSTANDARD[:-20], "truncated_compression", None, None),
    ("compressed twice", gzip.compress(gzip.compress(GOOD_CSV)), "unsupported_type", None, None),
    ("parquet without footer", PARQUET[:-40], "truncated_parquet", None, None),
    (
        "parquet with a damaged middle",
        PARQUET[:50] + b"\xff" * 20 + PARQUET[70:],
        "broken_parquet",
        None,
        None,
    ),
    (
        "parquet with a damaged footer",
        PARQUET[:-60] + b"\xff" * 40 + PARQUET[-20:],
        "broken_parquet",
        None,
        None,
    ),
    ("parquet list", NESTED, "nested_column", "scores <b>", None),
    ("parquet struct", STRUCT, "nested_column", "box", None),
    ("parquet binary", BINARY, "unsupported_column", "image", None),
    ("parquet doubled name", DOUBLED, "duplicate_column", "same", None),
    ("parquet name that is a pattern", PATTERN, "pattern_as_name", "*", None),
    ("excel", excel(), "unsupported_type", None, None),
    ("zip", plain_zip(), "unsupported_type", None, None),
    ("pickle", pickle.dumps({"a": 1}), "unsupported_type", None, None),
    ("png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "unsupported_type", None, None),
    ("pdf", b"%PDF-1.7\n%\xe2\xe3", "unsupported_type", None, None),
    ("html", b"\n<!DOCTYPE html><html><body>Sign in</body></html>", "unsupported_type", None, None),
    ("json array", b'[\n {"a": 1}\n]', "unsupported_type", None, None),
    ("binary", b"\x01\x02\x00\x03" * 40, "unsupported_type", None, None),
    ("jsonl broken line", b'{"a": 1}\n{"a": \n{"a": 3}\n', "broken_json", None, 2),
    ("jsonl NaN", b'{"a": 1}\n{"a": NaN}\n', "broken_json", None, 2),
    ("jsonl array line", b'{"a": 1}\n[1]\n', "broken_json", None, 2),
    ("jsonl doubled name", b'{"a": 1, "a": 2}\n', "duplicate_column", "a", None),
    ("jsonl name that is a pattern", b'{"id": 1, "^id$": 2}\n', "pattern_as_name", "^id$", None),
    ("jsonl nested", b'{"a": 1, "b": {"c": 1}}\n', "nested_column", "b", None),
    ("jsonl list", b'{"a": 1, "b": [1]}\n', "nested_column", "b", None),
    ("jsonl without columns", b"{}\n{}\n", "no_rows", None, None),
    ("json on several lines", b'{\n "a": 1\n}\n', "broken_json", None, 1),
]


@pytest.mark.parametrize(
    ("content", "code", "column", "row"), [case[1:] for case in REJECTED], ids=[case[0] for case in REJECTED]
)
def test_rejects_with_code_and_place(
    tmp_path: Path, content: bytes, code: str, column: str | None, row: int | None
) -> None:
    with pytest.raises(InputRejected) as rejection:
        ingest(tmp_path, content)
    assert rejection.value.code == code
    assert rejection.value.column == column
    assert rejection.value.row == row
    assert "%(" not in str(rejection.value)
    json.dumps(rejection.value.message.to_json(), allow_nan=False)
    assert not (tmp_path / "table.parquet").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["upload"]


def test_sentences_name_counts_and_bytes(tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="Row 2 has 2 fields where the header has 3"):
        ingest(tmp_path, b"id,y,z\n1,2,3\n4,5\n6,7,8\n")
    with pytest.raises(InputRejected, match=r"Row 2 is not UTF-8 text \(byte 14\)"):
        ingest(tmp_path, b"id,y\n1,a\n2,caf\xe9\n")
    with pytest.raises(InputRejected, match="looks like an Excel file"):
        ingest(tmp_path, excel(), "table.csv")


def test_bad_bytes_far_into_the_file(tmp_path: Path) -> None:
    rows = 1_200_000
    content = b"a,b\n" + b"10,20\n" * rows
    with pytest.raises(InputRejected) as rejection:
        ingest(tmp_path, content + b"10,\xff\n")
    assert (rejection.value.code, rejection.value.row) == ("not_utf8", rows + 1)
    with pytest.raises(InputRejected) as rejection:
        ingest(tmp_path, content + b"10\n" + b"1,2\n")
    assert (rejection.value.code, rejection.value.row) == ("ragged_row", rows + 1)


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress])
def test_decompression_bomb(tmp_path: Path, pack: object) -> None:
    packed = pack(b"a,b\n" + b"0,0\n" * 1_000_000)  # type: ignore[operator]
    assert ingest(tmp_path, packed).rows == 1_000_000
    tight = Limits(max_ratio=50, ratio_from_bytes=2**18)
    with pytest.raises(InputRejected) as rejection:
        ingest(tmp_path, packed, limits=tight)
    assert rejection.value.code == "decompression_bomb"


@pytest.mark.parametrize(
    ("content", "name"),
    [(GOOD_CSV, "a.csv"), (b'{"id": 1, "y": 0}\n{"id": 2, "y": 1}\n', "a.jsonl"), (PARQUET, "a.parquet")],
)
def test_limits(tmp_path: Path, content: bytes, name: str) -> None:
    for limits, code in (
        (Limits(max_rows=1), "too_many_rows"),
        (Limits(max_columns=1), "too_many_columns"),
        (Limits(max_bytes=5), "too_many_bytes"),
    ):
        with pytest.raises(InputRejected) as rejection:
            ingest(tmp_path, content, name, limits)
        assert rejection.value.code == code


def test_name_that_promises_parquet(tmp_path: Path) -> None:
    assert ingest(tmp_path, GOOD_CSV, "predictions.parquet").rows == 2
    with pytest.raises(InputRejected) as rejection:
        ingest(tmp_path, b"not found\n", "predictions.parquet")
    assert rejection.value.code == "wrong_extension"


def test_arrow_stream_is_told_apart(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"a": [1]}).write_ipc_stream(buffer)
    with pytest.raises(InputRejected, match="looks like an Arrow stream"):
        ingest(tmp_path, buffer.getvalue(), "a.arrow")


def test_cut_arrow_file(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    pl.DataFrame({"a": range(1000)}).write_ipc(buffer)
    with pytest.raises(InputRejected) as rejection:
        ingest(tmp_path, buffer.getvalue()[:-30], "a.arrow")
    assert rejection.value.code == "truncated_arrow"


@pytest.mark.parametrize("unit", ["ms", "us"])
@pytest.mark.parametrize("moment", [-(2**62), 2**62])
def test_times_outside_the_calendar(tmp_path: Path, unit: str, moment: int) -> None:
    frame = pl.DataFrame({"t": pl.Series([0, None, moment]).cast(pl.Datetime(unit))})
    with pytest.raises(InputRejected, match="Column “t”") as rejection:
        ingest(tmp_path, parquet(frame), "a.parquet")
    assert rejection.value.column == "t"


@pytest.mark.parametrize("day", [-719_163, 2_932_897])
def test_the_first_and_the_last_day_are_the_ends(tmp_path: Path, day: int) -> None:
    inside = day + 1 if day < 0 else day - 1
    days = {d: pl.DataFrame({"t": pl.Series([d], dtype=pl.Int32).cast(pl.Date)}) for d in (day, inside)}
    assert ingest(tmp_path, parquet(days[inside]), "a.parquet").rows == 1
    with pytest.raises(InputRejected, match="0001-01-01"):
        ingest(tmp_path, parquet(days[day]), "a.parquet")
