"""What a file becomes: formats told by content, types that lose nothing, rows and names as they were."""

from __future__ import annotations

import csv
import gzip
import io
import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.compute.messages import Message
from apps.compute.tables import Compression, FileFormat, Format, Limits, normalise, sniff

FRAME = pl.DataFrame({"id": [1, 2, 3], "label": ["a", "b", None], "proba": [0.25, 0.5, 1.0]})


def ingest(folder: Path, content: bytes | str, name: str = "file.csv") -> pl.DataFrame:
    source, target = folder / "upload", folder / "table.parquet"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    info = normalise(source, target, sniff(source, name), Limits(), lambda message, share: None)
    frame = pl.read_parquet(target)
    assert info.rows == frame.height
    assert [column for column, _ in info.columns] == frame.columns
    return frame


def column_of(folder: Path, *texts: str) -> pl.Series:
    """The column that a CSV file with these texts, and a second column, becomes."""
    return ingest(folder, "\n".join(["value,other", *(f"{text},x" for text in texts)]) + "\n")["value"]


def written(kind: str) -> bytes:
    buffer = io.BytesIO()
    match kind:
        case "csv":
            FRAME.write_csv(buffer)
        case "tsv":
            FRAME.write_csv(buffer, separator="\t")
        case "semicolon":
            FRAME.write_csv(buffer, separator=";")
        case "pipe":
            FRAME.write_csv(buffer, separator="|")
        case "bom":
            FRAME.write_csv(buffer, include_bom=True)
        case "crlf":
            FRAME.write_csv(buffer, line_terminator="\r\n")
        case "jsonl":
            FRAME.write_ndjson(buffer)
        case "parquet":
            FRAME.write_parquet(buffer)
        case "arrow":
            FRAME.write_ipc(buffer)
    return buffer.getvalue()


KINDS = {
    "csv": (Format.CSV, ","),
    "tsv": (Format.TSV, "\t"),
    "semicolon": (Format.CSV, ";"),
    "pipe": (Format.CSV, "|"),
    "bom": (Format.CSV, ","),
    "crlf": (Format.CSV, ","),
    "jsonl": (Format.JSONL, ""),
    "parquet": (Format.PARQUET, ""),
    "arrow": (Format.ARROW, ""),
}
PACKERS = {Compression.NONE: bytes, Compression.GZIP: gzip.compress, Compression.ZSTD: zstandard.compress}


@pytest.mark.parametrize("compression", list(Compression))
@pytest.mark.parametrize("kind", list(KINDS))
def test_reads_every_format_by_its_content(tmp_path: Path, kind: str, compression: Compression) -> None:
    content = PACKERS[compression](written(kind))
    (tmp_path / "upload").write_bytes(content)
    expected = FileFormat(KINDS[kind][0], compression, KINDS[kind][1])
    assert sniff(tmp_path / "upload", "misnamed.bin") == expected
    assert ingest(tmp_path, content).equals(FRAME)


def test_several_members_and_frames(tmp_path: Path) -> None:
    parts = (b"a,b\n1,x\n", b"2,y\n")
    for pack in (gzip.compress, zstandard.compress):
        assert ingest(tmp_path, b"".join(map(pack, parts)))["a"].to_list() == [1, 2]


@pytest.mark.parametrize(
    ("texts", "dtype", "values"),
    [
        (["1", "-2", "+3", "0"], pl.Int64, [1, -2, 3, 0]),
        ([" 1", "2 "], pl.Int64, [1, 2]),
        (["18446744073709551615", "1"], pl.UInt64, [18446744073709551615, 1]),
        (["1", "2.5", "1e3", ".5"], pl.Float64, [1.0, 2.5, 1000.0, 0.5]),
        (["1", "inf", "-inf"], pl.Float64, [1.0, math.inf, -math.inf]),
        (["1", "", "NA", "NaN", "nan", "null", "n/a", "None"], pl.Int64, [1] + [None] * 7),
        (["1.5", "NaN"], pl.Float64, [1.5, None]),
        (["007", "8"], pl.String, ["007", "8"]),
        (["01", "True", "1.0"], pl.String, ["01", "True", "1.0"]),
        (["007.5", "1"], pl.String, ["007.5", "1"]),
        (["12345678901234567890123", "1"], pl.String, ["12345678901234567890123", "1"]),
        (["1.5", "12345678901234567"], pl.String, ["1.5", "12345678901234567"]),
        (["1", "true"], pl.String, ["1", "true"]),
        (["1_000", "2"], pl.String, ["1_000", "2"]),
        (["0x10", "2"], pl.String, ["0x10", "2"]),
        (["true", "False", "TRUE", ""], pl.Boolean, [True, False, True, None]),
        (["yes", "no"], pl.String, ["yes", "no"]),
        (["NA", "NA"], pl.String, ["NA", "NA"]),
        (["NA", "x", ""], pl.String, ["NA", "x", None]),
        (["", ""], pl.String, [None, None]),
        ([" x ", "y"], pl.String, [" x ", "y"]),
        (["2026-01-31", "2025-12-01"], pl.Date, [date(2026, 1, 31), date(2025, 12, 1)]),
        (["2026-02-31", "2025-12-01"], pl.String, ["2026-02-31", "2025-12-01"]),
        (["2026-1-3", "2025-12-01"], pl.String, ["2026-1-3", "2025-12-01"]),
        (
            ["2026-01-31T10:00:00", "2026-01-31T10:00:00.250"],
            pl.Datetime("us"),
            [datetime(2026, 1, 31, 10), datetime(2026, 1, 31, 10, 0, 0, 250_000)],
        ),
        (["2026-01-31 10:00"], pl.Datetime("us"), [datetime(2026, 1, 31, 10)]),
        (
            ["2026-01-31T10:00:00Z", "2026-01-31T10:00:00+02:00"],
            pl.Datetime("us", "UTC"),
            [datetime(2026, 1, 31, 10, tzinfo=UTC), datetime(2026, 1, 31, 8, tzinfo=UTC)],
        ),
        (["2026-01-31", "2026-01-31T10:00:00"], pl.String, ["2026-01-31", "2026-01-31T10:00:00"]),
    ],
)
def test_a_type_only_where_every_value_is_of_it(
    tmp_path: Path, texts: list[str], dtype: Any, values: list[Any]
) -> None:
    column = column_of(tmp_path, *texts)
    assert column.dtype == dtype
    assert column.to_list() == values


@pytest.mark.parametrize(
    ("last", "dtype"),
    [("2.5", pl.Float64), ("x", pl.String), ("007", pl.String), ("18446744073709551615", pl.UInt64)],
)
def test_types_regard_the_last_row(tmp_path: Path, last: str, dtype: Any) -> None:
    column = column_of(tmp_path, *["5"] * 5_000, last)
    assert column.dtype == dtype
    assert str(column[-1]) == last


def test_a_column_that_starts_late(tmp_path: Path) -> None:
    column = column_of(tmp_path, *[""] * 5_000, "2026-01-31")
    assert column.dtype == pl.Date
    assert column.null_count() == 5_000


def test_json_lines_keep_texts_and_grow_columns(tmp_path: Path) -> None:
    frame = ingest(
        tmp_path,
        '{"id": "007", "n": 1, "mixed": 1, "flag": true}\n'
        '{"id": "8", "n": 2.5, "mixed": "x", "flag": null, "late": 3}\n\n'
        '{"id": "9"}\n',
        "a.jsonl",
    )
    assert frame.schema == {
        "id": pl.String,
        "n": pl.Float64,
        "mixed": pl.String,
        "flag": pl.Boolean,
        "late": pl.Int64,
    }
    assert frame.rows() == [
        ("007", 1.0, "1", True, None),
        ("8", 2.5, "x", None, 3),
        ("9", None, None, None, None),
    ]


@pytest.mark.parametrize(("first", "second"), [("true", "1"), ("1", "true"), ("2.5", "false")])
def test_json_lines_of_booleans_and_numbers_become_text(tmp_path: Path, first: str, second: str) -> None:
    frame = ingest(tmp_path, f'{{"a": {first}}}\n{{"a": {second}}}\n', "a.jsonl")
    assert frame["a"].to_list() == [first, second]


def test_parquet_types(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    pl.DataFrame(
        {
            "category": pl.Series(["a", "b"], dtype=pl.Categorical),
            "decimal": pl.Series(["1.5", "2.5"]).cast(pl.Decimal(10, 2)),
            "unsigned": pl.Series([1, 2], dtype=pl.UInt8),
            "nan": pl.Series([1.0, math.nan]),
            "half": pl.Series([0.1, 0.2], dtype=pl.Float32),
            "zoned": pl.Series([moment, moment])
            .dt.convert_time_zone("Europe/Berlin")
            .dt.cast_time_unit("ns"),
            "nothing": pl.Series([None, None]),
        }
    ).write_parquet(buffer)
    frame = ingest(tmp_path, buffer.getvalue())
    assert frame["category"].to_list() == ["a", "b"]
    assert frame["category"].dtype == pl.String
    assert frame["decimal"].to_list() == [1.5, 2.5]
    assert frame["unsigned"].dtype == pl.UInt8
    assert frame["nan"].to_list() == [1.0, None]
    assert frame["half"].dtype == pl.Float32
    assert frame["zoned"].to_list() == [moment, moment]
    assert frame["zoned"].dtype == pl.Datetime("us", "UTC")
    assert frame["nothing"].dtype == pl.String


def test_names_stay_verbatim(tmp_path: Path) -> None:
    names = ["<script>alert(1)</script>", 'say "hi"', "two\nlines", "größe", "a,b", " padded ", "'; --"]
    text = io.StringIO()
    csv.writer(text).writerows([names, range(len(names))])
    assert ingest(tmp_path, text.getvalue()).columns == names


def test_one_column_keeps_blank_lines_as_missing(tmp_path: Path) -> None:
    assert ingest(tmp_path, "score\n1\n\n3\n")["score"].to_list() == [1, None, 3]


def test_blank_lines_at_the_end_are_no_rows(tmp_path: Path) -> None:
    assert ingest(tmp_path, "a,b\n1,2\n,\n\n\r\n\n").rows() == [(1, 2), (None, None)]


def test_quotes_inside_unquoted_fields(tmp_path: Path) -> None:
    frame = ingest(tmp_path, 'inches,text\n5",one\n6,"two, ""three"""\n')
    assert frame.rows() == [('5"', "one"), ("6", 'two, "three"')]


def test_five_thousand_columns(tmp_path: Path) -> None:
    names = [f"f{i}" for i in range(5_000)]
    rows = [",".join(str(i * row / 8) for i in range(5_000)) for row in range(1, 4)]
    frame = ingest(tmp_path, "\n".join([",".join(names), *rows]))
    assert frame.columns == names
    assert frame["f4999"].to_list() == [624.875, 1249.75, 1874.625]


def test_progress_rises_to_the_end(tmp_path: Path) -> None:
    heard: list[tuple[Message, float]] = []
    source = tmp_path / "a.csv.gz"
    source.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    normalise(
        source,
        tmp_path / "a.parquet",
        sniff(source, source.name),
        Limits(),
        lambda message, share: heard.append((message, share)),
    )
    shares = [share for _, share in heard]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == 1.0


# Python 3.11 writes a lone carriage return without quotes, and then it ends the line for half of all readers.
CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=8)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cells=st.lists(
        st.tuples(CELLS, CELLS, st.integers(), st.floats(allow_nan=False)), min_size=1, max_size=8
    ),
    delimiter=st.sampled_from(",;\t|"),
    terminator=st.sampled_from(["\n", "\r\n"]),
)
def test_csv_round_trip_keeps_every_value(
    tmp_path: Path, cells: list[tuple[str, str, int, float]], delimiter: str, terminator: str
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator=terminator, quoting=csv.QUOTE_MINIMAL)
    writer.writerow(["text", "anchored", "integer", "float"])
    writer.writerows((free, f"x{anchored}", number, repr(real)) for free, anchored, number, real in cells)
    frame = ingest(tmp_path, text.getvalue())
    assert frame["anchored"].to_list() == [f"x{anchored}" for _, anchored, _, _ in cells]
    assert [int(number) for number in frame["integer"]] == [number for _, _, number, _ in cells]
    assert frame["float"].cast(pl.Float64).to_list() == [real for *_, real in cells]
    if frame["text"].dtype == pl.String:
        assert frame["text"].to_list() == [free or None for free, *_ in cells]
