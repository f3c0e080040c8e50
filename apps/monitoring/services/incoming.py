"""Rows that come as JSON become a file, as everything that the portal gets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets import services as datasets
from apps.datasets import storage
from apps.datasets.uploads import IncomingFile
from apps.monitoring.models import Monitor

MOST_ROWS = 10_000
PLAIN = str | int | float | bool | None


def received(
    monitor: Monitor, upload: IncomingFile | None, rows: Sequence[Mapping[str, Any]] | None, sha256: str
) -> IncomingFile:
    """The file that came, or one with the rows. InputRejected: neither, both, or what cannot be kept.

    No rows at all are an empty table with the columns of the reference.
    """
    if (upload is None) == (rows is None):
        raise InputRejected(
            "file_or_rows", gettext_noop("Send either a file or rows, not both and not neither.")
        )
    if upload is not None:
        datasets.check_upload(upload, sha256=sha256)
        return upload
    assert rows is not None  # noqa: S101  one of the two is given
    _check_rows(rows)
    if rows:
        return _kept("rows.jsonl", lambda path: path.write_bytes(_json_lines(rows)))
    return _kept("rows.parquet", pl.DataFrame(schema=_columns(monitor)).write_parquet)


def _check_rows(rows: Sequence[Mapping[str, Any]]) -> None:
    if len(rows) > MOST_ROWS:
        raise InputRejected(
            "too_many_rows",
            gettext_noop("%(count)s rows are too many for JSON; at most %(most)s are taken. Send a file."),
            count=len(rows),
            most=MOST_ROWS,
        )
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, Mapping) or not row:
            raise InputRejected(
                "odd_row", gettext_noop("Row %(row)s is no object with columns and values."), row=number
            )
        for name, value in row.items():
            if not isinstance(value, PLAIN):
                raise InputRejected(
                    "nested_column",
                    gettext_noop(
                        "Row %(row)s holds a list or an object in “%(column)s”. Send a text, a number, true, "
                        "false or null."
                    ),
                    column=name,
                    row=number,
                )


def _json_lines(rows: Sequence[Mapping[str, Any]]) -> bytes:
    try:
        lines = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in rows]
        return "\n".join([*lines, ""]).encode()
    except UnicodeEncodeError as error:
        raise InputRejected(
            "odd_characters",
            gettext_noop("A row holds half of a character (a surrogate without its pair). Send whole ones."),
        ) from error
    except ValueError as error:
        raise InputRejected(
            "not_finite",
            gettext_noop("A row holds NaN or an infinite number. Send null where there is none."),
        ) from error


def _kept(name: str, write: Any) -> IncomingFile:
    path = storage.new_incoming()
    try:
        write(path)
        storage.make_durable(path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    content = path.read_bytes()
    return IncomingFile(name, len(content), hashlib.sha256(content).hexdigest(), path, None)


def _columns(monitor: Monitor) -> dict[str, Any]:
    table: Path = storage.table_path(monitor.reference_file.sha256)
    if table.exists():
        return dict(pl.read_parquet_schema(table))
    return dict.fromkeys(monitor.roles, pl.String())
