"""A saved slice as data: conditions that all must hold, for the rows of any table with these columns.

Values are texts, as slices name them (`slices.value_texts`): ``"1"`` is the number 1, 1.0 and the text "1".
Missing values (null, NaN, infinite numbers, empty texts) fit no condition but `Op.MISSING`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import isfinite
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.weak_slices_result import Kind, SliceCondition, WeakSlice

MOST_CONDITIONS, MOST_VALUES = 10, 100


class Op(StrEnum):
    IS = "is"  # any of the values
    IS_NOT = "is_not"  # present and none of the values
    AT_LEAST = "at_least"  # a number, not below the value
    BELOW = "below"  # a number below the value
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Condition:
    """``values``: one or more texts for IS, any number for IS_NOT, one number for AT_LEAST and BELOW, none
    for MISSING.
    """

    column: str
    op: Op
    values: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {"column": self.column, "op": self.op.value, "values": list(self.values)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Condition:
        """InputRejected: an unknown op, a wrong number of values, or no number where one is needed."""
        column, op, values = str(data.get("column", "")), data.get("op"), data.get("values", ())
        if op not in set(Op):
            raise InputRejected("unknown_op", _UNKNOWN_OP, column=column, op=str(op)[:50])
        values = tuple(str(value) for value in (values if isinstance(values, list | tuple) else [values]))
        if len(values) > MOST_VALUES:
            raise InputRejected("too_many_values", _TOO_MANY_VALUES, column=column, most=MOST_VALUES)
        condition = cls(column, Op(op), values)
        _check_values(condition)
        return condition


def conditions_from_json(data: Sequence[Mapping[str, Any]]) -> tuple[Condition, ...]:
    """The conditions of a saved slice. InputRejected as `Condition.from_json`, and too many of them."""
    if len(data) > MOST_CONDITIONS:
        raise InputRejected("too_many_conditions", _TOO_MANY_CONDITIONS, most=MOST_CONDITIONS)
    return tuple(Condition.from_json(each) for each in data)


def from_slice(found: WeakSlice) -> tuple[Condition, ...]:
    """The conditions that hold for exactly the rows of a slice that the search found."""
    return tuple(condition for part in found.conditions for condition in _from_part(part))


def _from_part(part: SliceCondition) -> list[Condition]:
    match part.kind:
        case Kind.VALUE:
            return [Condition(part.column, Op.IS, (part.value,))]
        case Kind.OTHER:
            return [Condition(part.column, Op.IS_NOT, part.listed)]
        case Kind.MISSING:
            return [Condition(part.column, Op.MISSING)]
        case Kind.BAND:
            ends = ((Op.AT_LEAST, part.low), (Op.BELOW, part.high))
            return [Condition(part.column, op, (_number(end),)) for op, end in ends if end is not None]


def _number(value: float) -> str:
    """A text that gives exactly this number again."""
    return str(int(value)) if value.is_integer() and abs(value) < 2**53 else repr(value)


def mask(frame: pl.DataFrame, conditions: Sequence[Condition]) -> NDArray[np.bool_]:
    """Which rows of ``frame`` fit all ``conditions``: shape (n,), at least two of them.

    InputRejected: as `expression`, and when no row or only one fits.
    """
    fits = frame.select(expression(frame.schema, conditions).alias("fits")).to_series()
    if len(fits) == 1 != len(frame):  # No condition: the expression is a constant.
        fits = fits.extend_constant(True, len(frame) - 1)
    rows = int(fits.sum())
    if rows < 2:
        raise InputRejected("no_row_fits" if not rows else "one_row_fits", _NO_ROW if not rows else _ONE_ROW)
    return fits.to_numpy()


def expression(schema: Mapping[str, pl.DataType], conditions: Sequence[Condition]) -> pl.Expr:
    """Whether a row fits all ``conditions``; never null.

    InputRejected: a column that is not in ``schema``, or a value that is no number in a column of numbers.
    """
    fits = pl.lit(True)
    for condition in conditions:
        if condition.column not in schema:
            raise InputRejected("missing_column", _MISSING_COLUMN, column=condition.column)
        _check_values(condition)
        fits = fits & _fits(condition, schema[condition.column]).fill_null(False)
    return fits


def describe(condition: Condition) -> Message:
    """The condition as a sentence for people."""
    params = {"column": condition.column, "values": ", ".join(condition.values)}
    if condition.op is Op.IS_NOT and not condition.values:
        return Message(_PRESENT, {"column": condition.column})
    if condition.op is Op.MISSING:
        return Message(_SENTENCES[condition.op], {"column": condition.column})
    return Message(_SENTENCES[condition.op], params)


def _check_values(condition: Condition) -> None:
    wanted = {Op.IS: 1, Op.AT_LEAST: 1, Op.BELOW: 1}.get(condition.op, 0)
    given = len(condition.values)
    if given < wanted or (condition.op is not Op.IS and condition.op is not Op.IS_NOT and given > wanted):
        text = _NO_VALUE_WANTED if condition.op is Op.MISSING else _VALUE_WANTED
        raise InputRejected("wrong_values", text, column=condition.column)
    if condition.op in (Op.AT_LEAST, Op.BELOW):
        _as_number(condition, condition.values[0])


def _as_number(condition: Condition, text: str) -> int | float:
    try:
        whole = int(text)  # Exact also beyond 2^53.
        if abs(whole) < 2**63:
            return whole
    except ValueError:
        pass
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InputRejected("number_wanted", _NUMBER_WANTED, column=condition.column, value=text[:50])
    return number


def _fits(condition: Condition, dtype: pl.DataType) -> pl.Expr:
    column = cs.by_name(condition.column).as_expr()  # `pl.col` takes a name like "^a.*$" for a pattern.
    if dtype.is_float():
        column = pl.when(column.is_finite()).then(column)
    match condition.op:
        case Op.IS:
            return _is_any(condition, column, dtype)
        case Op.IS_NOT:
            return ~_is_any(condition, column, dtype) & _present(column, dtype)
        case Op.AT_LEAST:
            return _numbers(column, dtype) >= _as_number(condition, condition.values[0])
        case Op.BELOW:
            return _numbers(column, dtype) < _as_number(condition, condition.values[0])
        case Op.MISSING:
            return ~_present(column, dtype)


def _present(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    present = column.is_not_null()
    return present & (column.cast(pl.String) != "").fill_null(False) if _is_text(dtype) else present


def _is_text(dtype: pl.DataType) -> bool:
    return dtype in (pl.String, pl.Categorical, pl.Enum)


def _is_any(condition: Condition, column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    if not dtype.is_numeric():
        return column.cast(pl.String).is_in(pl.Series(condition.values, dtype=pl.String).implode())
    fits = pl.lit(False)
    for value in condition.values:
        fits = fits | (column == _as_number(condition, value))
    return fits


def _numbers(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    """The numbers of a column, also where they are written as texts; null where there is none."""
    if dtype.is_numeric():
        return column
    numbers = column.cast(pl.String).str.strip_chars().cast(pl.Float64, strict=False)
    return pl.when(numbers.is_finite()).then(numbers)


_SENTENCES = {
    Op.IS: gettext_noop("%(column)s is %(values)s"),
    Op.IS_NOT: gettext_noop("%(column)s is none of %(values)s"),
    Op.AT_LEAST: gettext_noop("%(column)s is at least %(values)s"),
    Op.BELOW: gettext_noop("%(column)s is below %(values)s"),
    Op.MISSING: gettext_noop("%(column)s is missing"),
}
_PRESENT = gettext_noop("%(column)s is not missing")
_UNKNOWN_OP = gettext_noop(
    "“%(op)s” on the column %(column)s is no condition. Use is, is_not, at_least, below or missing."
)
_MISSING_COLUMN = gettext_noop(
    "The slice asks for the column %(column)s, which the file does not have. Choose another slice or file."
)
_VALUE_WANTED = gettext_noop("The condition on the column %(column)s needs a value.")
_NO_VALUE_WANTED = gettext_noop("“Missing” on the column %(column)s takes no value.")
_TOO_MANY_CONDITIONS = gettext_noop("A slice has at most %(most)s conditions.")
_TOO_MANY_VALUES = gettext_noop("The condition on the column %(column)s takes at most %(most)s values.")
_NUMBER_WANTED = gettext_noop(
    "The condition on the column %(column)s needs a number, and “%(value)s” is none. Correct the value."
)
_NO_ROW = gettext_noop("No row fits the slice. Check its values, or choose another slice.")
_ONE_ROW = gettext_noop("Only one row fits the slice: nothing can be said of it. Widen its conditions.")
