"""What a column holds: its type, and how much of it may be missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

import polars as pl

from apps.compute.expectations.kinds.counted import counted
from apps.compute.expectations.params import Param, one_of, share
from apps.compute.expectations.records import Expectation, State
from apps.compute.expectations.registry import ExpectationKind, Judged, Plan, register
from apps.compute.expectations.table import FAMILY_NAMES, Table, family
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.tables import types as texts

TYPES = (
    ("integer", gettext_noop("whole numbers")),
    ("number", gettext_noop("numbers")),
    ("boolean", gettext_noop("yes or no")),
    ("date", gettext_noop("days")),
    ("time", gettext_noop("points in time")),
    ("text", gettext_noop("texts")),
)
#: How a text of each type looks: a column is text as soon as one of its values is of another type.
_IN_TEXT = {
    "integer": texts.INTEGERS,
    "number": texts.NUMBERS,
    "boolean": texts.BOOLEANS,
    "date": texts.DATES,
    "time": texts.TIMES,
}


def _plan_type(expectation: Expectation, table: Table) -> Plan:
    (column,), wanted = expectation.columns, expectation.params["type"]
    dtype, present = table.dtype(column), table.present(column)
    if dtype == pl.String and wanted != "text":
        present &= ~pl.col(column).is_in(texts.MISSING)
    found = Message(_HOLDS_TYPE, {"type": FAMILY_NAMES[family(dtype)]})
    return counted(present, ~_fits(column, dtype, wanted), (column,), details=lambda _found: found)


def _fits(column: str, dtype: pl.DataType, wanted: str) -> pl.Expr:
    """Whether a value, which is not missing, is of the wanted type.

    A whole number may be written 3.0, a day as its midnight.
    """
    value = pl.col(column)
    if dtype == pl.String and wanted != "text":
        return pl.any_horizontal(kind.matches(value) for kind in _IN_TEXT[wanted])
    if dtype.is_float() and wanted == "integer":
        return value.is_finite() & (value == value.floor())
    if isinstance(dtype, pl.Datetime) and wanted == "date":
        return value.dt.time() == time()
    fitting = {
        "integer": dtype.is_integer(),
        "number": dtype.is_numeric(),
        "boolean": dtype == pl.Boolean,
        "date": dtype == pl.Date,
        "time": isinstance(dtype, pl.Datetime),
        "text": dtype == pl.String,
    }
    return pl.lit(fitting[wanted])


def _describe_type(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    wanted = Message(dict(TYPES)[expectation.params["type"]])
    return Message(_TYPE, {"column": expectation.columns[0], "type": wanted})


def _plan_missing(expectation: Expectation, table: Table) -> Plan:
    (column,), most = expectation.columns, expectation.params["at_most"]
    missing = ~table.present(column)

    def judge(found: Mapping[str, Any]) -> Judged:
        rows, count = int(found["rows"]), int(found["missing"])
        state = State.VIOLATED if count > most * rows else State.HOLDS
        params = {"count": count, "rows": rows, "share": Quantity(count / rows if rows else 0.0, "share")}
        return Judged(state, Message(_MISSING_IN, params), rows, count)

    return Plan(judge, {"rows": pl.len(), "missing": missing.sum()}, missing, (column,))


def _describe_missing(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    (column,), most = expectation.columns, expectation.params["at_most"]
    if most == 0:
        return Message(_NEVER_MISSING, {"column": column})
    return Message(_MISSING_AT_MOST, {"column": column, "most": Quantity(most, "share")})


_TYPE = gettext_noop("%(column)s holds %(type)s")
_HOLDS_TYPE = gettext_noop("The column holds %(type)s.")
_NEVER_MISSING = gettext_noop("%(column)s is never empty")
_MISSING_AT_MOST = gettext_noop("%(column)s is empty in at most %(most)s of the rows")
_MISSING_IN = gettext_noop("Empty in %(count)s of %(rows)s rows, %(share)s.")

register(
    ExpectationKind(
        key="type",
        label=gettext_noop("Type of a column"),
        description=gettext_noop(
            "Every value of the column is of this type. A whole number may be written 3.0."
        ),
        params=(Param(key="type", label=gettext_noop("Type"), read=one_of(TYPES), choices=TYPES),),
        plan=_plan_type,
        describe=_describe_type,
    ),
    ExpectationKind(
        key="missing",
        label=gettext_noop("Few missing values"),
        description=gettext_noop(
            "At most this share of the rows has no value in the column. Special values count as missing."
        ),
        params=(
            Param(
                key="at_most",
                label=gettext_noop("At most"),
                read=share,
                help=gettext_noop("A share, such as 0.02 for 2 of 100 rows. 0 means never."),
            ),
        ),
        plan=_plan_missing,
        describe=_describe_missing,
    ),
)
