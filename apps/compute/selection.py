"""Which rows of a table are meant: a slice, a window of time, or all of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.messages import InputRejected, gettext_noop

MOST_CONDITIONS, MOST_VALUES = 10, 100


class Operator(StrEnum):
    IN = "in"  # any of the values
    NOT_IN = "not_in"  # none of them; a missing value is none of them
    FROM = "from"  # at least the value
    BEFORE = "before"  # less than the value


@dataclass(frozen=True, slots=True)
class Condition:
    """``values`` are as JSON holds them: texts, numbers, booleans, ISO times; FROM and BEFORE take one."""

    column: str
    operator: Operator
    values: tuple[str | int | float | bool, ...]

    def to_json(self) -> dict[str, Any]:
        return {"column": self.column, "operator": self.operator.value, "values": list(self.values)}


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows for which all conditions hold; without conditions all rows."""

    conditions: tuple[Condition, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.conditions)

    def to_json(self) -> list[dict[str, Any]]:
        return [condition.to_json() for condition in self.conditions]

    @classmethod
    def from_json(cls, data: Sequence[Mapping[str, Any]]) -> Selection:
        """InputRejected: an unknown operator, no value, or too many conditions or values."""
        if len(data) > MOST_CONDITIONS:
            raise InputRejected("too_many_conditions", _TOO_MANY_CONDITIONS, most=MOST_CONDITIONS)
        return cls(tuple(_condition(each) for each in data))

    @property
    def key(self) -> str:
        """Equal for equal selections; 16 hexadecimal digits."""
        text = json.dumps(self.to_json(), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    def expression(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """A boolean expression for a table with this schema. InputRejected: a column that is not there, or a
        value that its type does not know.
        """
        found = pl.lit(True)
        for condition in self.conditions:
            if condition.column not in schema:
                raise InputRejected("missing_column", _MISSING_COLUMN, column=condition.column)
            found = found & _expression(condition, schema[condition.column])
        return found


#: All rows.
EVERYTHING = Selection()


def check_selection(selection: Selection, path: Path) -> None:
    """InputRejected: the selection does not fit the Parquet table at ``path``."""
    if selection:
        selection.expression(pl.read_parquet_schema(path))


def _condition(data: Mapping[str, Any]) -> Condition:
    column, operator, values = str(data.get("column", "")), data.get("operator"), data.get("values", ())
    if operator not in set(Operator):
        raise InputRejected("unknown_operator", _UNKNOWN_OPERATOR, operator=str(operator), column=column)
    if not isinstance(values, list | tuple):
        values = [values]
    if not values or any(not isinstance(value, str | int | float | bool) for value in values):
        raise InputRejected("no_value", _NO_VALUE, column=column)
    single = operator in (Operator.FROM, Operator.BEFORE)
    if len(values) > (1 if single else MOST_VALUES):
        raise InputRejected(
            "too_many_values", _TOO_MANY_VALUES, column=column, most=1 if single else MOST_VALUES
        )
    return Condition(column, Operator(operator), tuple(values))


def _expression(condition: Condition, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(condition.column)
    values = [_typed(condition, value, dtype) for value in condition.values]
    match condition.operator:
        case Operator.IN:
            return column.is_in(pl.Series(values, dtype=dtype).implode()).fill_null(False)
        case Operator.NOT_IN:
            return ~column.is_in(pl.Series(values, dtype=dtype).implode()).fill_null(False)
        case Operator.FROM:
            return (column >= pl.lit(values[0], dtype)).fill_null(False)
        case Operator.BEFORE:
            return (column < pl.lit(values[0], dtype)).fill_null(False)


def _typed(condition: Condition, value: Any, dtype: pl.DataType) -> Any:
    """The value in the type of its column."""
    try:
        if dtype == pl.String:
            return str(value)
        if dtype == pl.Boolean:
            return {"true": True, "false": False}[str(value).lower()]
        if dtype == pl.Date:
            return date.fromisoformat(str(value)[:10])
        if isinstance(dtype, pl.Datetime):
            return _moment(str(value), zoned=dtype.time_zone is not None)
        if dtype.is_integer() and float(value) == int(float(value)):
            return int(value) if not isinstance(value, str) else int(float(value))
        if dtype.is_float():
            return float(value)
    except (ValueError, KeyError, OverflowError):
        pass
    raise InputRejected(
        "wrong_value", _WRONG_VALUE, column=condition.column, value=str(value)[:50], type=str(dtype)
    )


def _moment(text: str, *, zoned: bool) -> datetime:
    moment = datetime.fromisoformat(text)
    if zoned:
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


_TOO_MANY_CONDITIONS = gettext_noop("At most %(most)s conditions can select rows.")
_UNKNOWN_OPERATOR = gettext_noop(
    "“%(operator)s” on the column %(column)s is no way to select rows. Use in, not_in, from or before."
)
_NO_VALUE = gettext_noop(
    "The condition on the column %(column)s needs a text, a number or yes and no as its value."
)
_TOO_MANY_VALUES = gettext_noop("The condition on the column %(column)s takes at most %(most)s values.")
_MISSING_COLUMN = gettext_noop(
    "Rows are selected by the column %(column)s, which the file does not have. Choose another column."
)
_WRONG_VALUE = gettext_noop(
    "Rows are selected by the column %(column)s, whose type %(type)s has no value “%(value)s”. "
    "Correct the value."
)
