"""How much of a file is accepted."""

from __future__ import annotations

from dataclasses import dataclass

from apps.compute.messages import InputRejected, gettext_noop


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one table. Bytes are counted after decompression.

    ``max_ratio`` (decompressed / compressed bytes) is judged only above ``ratio_from_bytes``: small
    files may be as repetitive as they like.
    """

    max_bytes: int = 20 * 2**30
    min_rows: int = 1
    max_rows: int = 50_000_000
    max_columns: int = 30_000
    max_ratio: int = 250
    ratio_from_bytes: int = 256 * 2**20

    def check_columns(self, count: int) -> None:
        if count > self.max_columns:
            raise InputRejected(
                "too_many_columns",
                gettext_noop("The file has %(count)s columns; at most %(limit)s are accepted."),
                count=count,
                limit=self.max_columns,
            )

    def check_rows(self, count: int) -> None:
        if count < self.min_rows:
            raise no_rows()
        if count > self.max_rows:
            raise InputRejected(
                "too_many_rows",
                gettext_noop("The file has more than %(limit)s rows, which is the most that is accepted."),
                limit=self.max_rows,
            )

    def check_bytes(self, count: int) -> None:
        if count > self.max_bytes:
            raise InputRejected(
                "too_many_bytes",
                gettext_noop("The file holds more than %(limit)s bytes, which is the most that is accepted."),
                limit=self.max_bytes,
            )


def check_names(names: list[str]) -> None:
    """Reject column names that are empty, not unique, or that Polars takes for patterns of names."""
    seen: set[str] = set()
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise InputRejected(
                "empty_column_name",
                gettext_noop(
                    "Column %(position)s has no name. Give it one; if it is the row index of pandas, "
                    "write the file with index=False."
                ),
                position=position,
            )
        if name == "*" or (name.startswith("^") and name.endswith("$")):
            raise InputRejected(
                "pattern_as_name",
                gettext_noop(
                    "The column “%(column)s” is called like a pattern of column names. Give it another name."
                ),
                column=name,
            )
        if name in seen:
            raise InputRejected(
                "duplicate_column",
                gettext_noop("Two columns are called “%(column)s”. Give every column its own name."),
                column=name,
            )
        seen.add(name)


def no_rows() -> InputRejected:
    """The rejection of a table that has columns and not a single row."""
    return InputRejected(
        "no_rows", gettext_noop("The file has column names but no rows. Add at least one row of data.")
    )


def not_utf8(offset: int, row: int) -> InputRejected:
    """The rejection of bytes at ``offset`` (from 0) that are not UTF-8; row 0 is the header."""
    if row == 0:
        return InputRejected(
            "not_utf8",
            gettext_noop("The first line is not UTF-8 text (byte %(offset)s). Save the file as UTF-8."),
            offset=offset,
        )
    return InputRejected(
        "not_utf8",
        gettext_noop("Row %(row)s is not UTF-8 text (byte %(offset)s). Save the file as UTF-8."),
        row=row,
        offset=offset,
    )
