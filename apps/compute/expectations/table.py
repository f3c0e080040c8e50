"""A table under check: its types, what counts as missing in it, and values in the type of a column."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.expectations.records import Other, SpecialValues
from apps.compute.messages import Message, gettext_noop

DAY_CHARACTERS = len("2024-01-31")


class Family(StrEnum):
    """Types whose values can be compared with each other."""

    NUMBER = "number"
    TIME = "time"
    BOOLEAN = "boolean"
    TEXT = "text"


#: How a sentence calls what a column holds.
FAMILY_NAMES = {
    Family.NUMBER: Message(gettext_noop("numbers")),
    Family.TIME: Message(gettext_noop("points in time")),
    Family.BOOLEAN: Message(gettext_noop("yes or no")),
    Family.TEXT: Message(gettext_noop("texts")),
}


class Undecided(Exception):  # noqa: N818 - an answer, no error
    """The expectation cannot be checked on this table; ``message`` says why.

    ``column``: unless that column has no value at all. Then its type means nothing, and nothing violates.
    """

    def __init__(self, text: str, /, *, unless_empty: str = "", **params: Any) -> None:
        self.message = Message(text, params)
        self.unless_empty = unless_empty
        super().__init__(str(self.message))


def family(dtype: pl.DataType) -> Family:
    if dtype.is_numeric():
        return Family.NUMBER
    if dtype.is_temporal():
        return Family.TIME
    return Family.BOOLEAN if dtype == pl.Boolean else Family.TEXT


@dataclass(frozen=True)
class Table:
    """A normalised Parquet file. ``now`` (with zone) is the moment of the check."""

    path: Path
    special_values: SpecialValues
    now: datetime
    others: Mapping[int, Other]

    @cached_property
    def frame(self) -> pl.LazyFrame:
        return pl.scan_parquet(self.path, glob=False)

    @cached_property
    def schema(self) -> pl.Schema:
        return self.frame.collect_schema()

    def dtype(self, column: str) -> pl.DataType:
        if column not in self.schema:
            raise Undecided(_NO_COLUMN, column=column)
        return self.schema[column]

    def typed(self, column: str, *families: Family) -> pl.DataType:
        """The type of a column, which must be of one of these families."""
        dtype = self.dtype(column)
        if family(dtype) not in families:
            raise Undecided(
                _OTHER_TYPE,
                unless_empty=column,
                column=column,
                wanted=FAMILY_NAMES[families[0]],
                type=FAMILY_NAMES[family(dtype)],
            )
        return dtype

    def present(self, column: str) -> pl.Expr:
        """Whether a row has a value: null, NaN and special values are none."""
        dtype, value = self.dtype(column), pl.col(column)
        found = value.is_not_null()
        if dtype.is_float():
            found &= value.is_not_nan()
        special = [*self.special_values.get(column, ()), *self.special_values.get("*", ())]
        if known := [typed for each in special if (typed := in_type(each, dtype)) is not None]:
            found &= ~value.is_in(pl.Series(known, dtype=dtype).implode())
        return found.fill_null(False)


def in_type(value: str | float | bool, dtype: pl.DataType) -> Any:
    """A value as a column of this type holds it; None where the type does not know it."""
    try:
        if dtype == pl.String:
            return str(value).lower() if isinstance(value, bool) else str(value)
        if dtype == pl.Boolean:
            return {"true": True, "false": False}.get(str(value).lower())
        if isinstance(value, bool):
            return None
        if dtype.is_integer():
            whole = int(value) if isinstance(value, int) else _whole(float(value))
            low, high = pl.select(dtype.min().alias("low"), dtype.max().alias("high")).row(0)  # type: ignore[attr-defined]
            return whole if whole is not None and low <= whole <= high else None
        if dtype.is_float():
            return float(value)
        if dtype == pl.Date:
            return date.fromisoformat(str(value))
        moment = moment_of(str(value))
        return moment.replace(tzinfo=UTC) if getattr(dtype, "time_zone", None) else moment
    except (ValueError, OverflowError):
        return None


def _whole(value: float) -> int | None:
    return int(value) if math.isfinite(value) and value == int(value) else None


def moment_of(text: str) -> datetime:
    """An ISO day or time as a time in UTC without zone; one without zone is taken as UTC. ValueError."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def last_moment_of(text: str) -> datetime:
    """As `moment_of`; of a day its last microsecond."""
    moment = moment_of(text)
    return moment + timedelta(days=1, microseconds=-1) if len(text) == DAY_CHARACTERS else moment


def utc(column: str, dtype: pl.DataType) -> pl.Expr:
    """Days and times of a column as times in UTC without zone."""
    value = pl.col(column)
    if getattr(dtype, "time_zone", None):
        value = value.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return value.cast(pl.Datetime("us"))


_NO_COLUMN = gettext_noop("The data have no column %(column)s.")
_OTHER_TYPE = gettext_noop(
    "This needs a column of %(wanted)s, and %(column)s holds %(type)s. Correct the data or the expectation."
)
