"""What single values may be: in a range, one of a list, of a pattern."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import polars as pl

from apps.compute.expectations.kinds.counted import counted
from apps.compute.expectations.params import Param, bound, fault_of, pattern, values, whole
from apps.compute.expectations.records import Expectation
from apps.compute.expectations.registry import ExpectationKind, Plan, listed, register
from apps.compute.expectations.table import (
    FAMILY_NAMES,
    Family,
    Table,
    Undecided,
    family,
    in_type,
    last_moment_of,
    moment_of,
    utc,
)
from apps.compute.messages import InputRejected, Message, gettext_noop


def _plan_range(expectation: Expectation, table: Table) -> Plan:
    (column,), params = expectation.columns, expectation.params
    low, high = params.get("min"), params.get("max")
    wanted = Family.TIME if isinstance(low if low is not None else high, str) else Family.NUMBER
    dtype, present = table.typed(column, wanted), table.present(column)
    if wanted is Family.TIME:
        value = utc(column, dtype)
        below = value < pl.lit(moment_of(low), pl.Datetime("us")) if low is not None else pl.lit(False)
        above = value > pl.lit(last_moment_of(high), pl.Datetime("us")) if high is not None else pl.lit(False)
        ends = {"smallest": value.filter(present).min(), "largest": value.filter(present).max()}
    else:
        value = pl.col(column)
        below, above = _below(value, low, dtype), _above(value, high, dtype)
        ends = {"smallest": value.filter(present).min(), "largest": value.filter(present).max()}
    return counted(present, below | above, (column,), extra=ends, details=_ends)


def _below(value: pl.Expr, low: float | int | None, dtype: pl.DataType) -> pl.Expr:
    if low is None:
        return pl.lit(False)
    return value < low if dtype.is_float() else value.cast(pl.Int128) < _whole(math.ceil(low))


def _above(value: pl.Expr, high: float | int | None, dtype: pl.DataType) -> pl.Expr:
    if high is None:
        return pl.lit(False)
    return value > high if dtype.is_float() else value.cast(pl.Int128) > _whole(math.floor(high))


def _whole(bound: int) -> pl.Expr:
    """Far outside of every integer type one bound is as good as another."""
    return pl.lit(max(-(2**100), min(2**100, bound)), pl.Int128)


def _ends(found: Mapping[str, Any]) -> Message:
    return Message(_ENDS, {name: _shown(found[name]) for name in ("smallest", "largest")})


def _shown(value: Any) -> Any:
    is_plain = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if is_plain else str(value)


def _settle_range(expectation: Expectation) -> None:
    low, high = expectation.params.get("min"), expectation.params.get("max")
    if low is None and high is None:
        raise InputRejected("param_missing", _NO_BOUND, parameter="min")
    if low is None or high is None:
        return
    if isinstance(low, str) != isinstance(high, str):
        raise InputRejected("wrong_param", _MIXED_BOUNDS, parameter="max")
    if last_moment_of(high) < moment_of(low) if isinstance(low, str) else high < low:
        raise InputRejected("wrong_param", _EMPTY_RANGE, parameter="max", low=low, high=high)


def _describe_range(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    low, high = expectation.params.get("min"), expectation.params.get("max")
    text = _AT_MOST if low is None else _AT_LEAST if high is None else _BETWEEN
    return Message(text, {"column": expectation.columns[0], "low": low, "high": high})


def _plan_values(expectation: Expectation, table: Table) -> Plan:
    (column,), allowed = expectation.columns, expectation.params["values"]
    dtype, present = table.dtype(column), table.present(column)
    known = [value for each in allowed if (value := in_type(each, dtype)) is not None]
    if not known:
        raise Undecided(
            _VALUES_OF_OTHER_TYPE, unless_empty=column, column=column, type=FAMILY_NAMES[family(dtype)]
        )
    unknown = ~pl.col(column).is_in(pl.Series(known, dtype=dtype).implode())
    return counted(present, unknown, (column,))


def _describe_values(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    (column,), allowed = expectation.columns, expectation.params["values"]
    return Message(_ONE_OF, {"column": column, "values": listed(allowed)})


def _plan_regex(expectation: Expectation, table: Table) -> Plan:
    (column,), given = expectation.columns, whole(expectation.params["pattern"])
    table.typed(column, Family.TEXT)
    if fault_of(given):
        raise Undecided(_PATTERN_FAULT)
    return counted(table.present(column), ~pl.col(column).str.contains(given), (column,))


def _describe_regex(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    return Message(_MATCHES, {"column": expectation.columns[0], "pattern": expectation.params["pattern"]})


_ENDS = gettext_noop("The smallest value is %(smallest)s, the largest %(largest)s.")
_NO_BOUND = gettext_noop("A range needs a lower or an upper end. Give at least one.")
_MIXED_BOUNDS = gettext_noop("One end of the range is a number, the other a time. Give two of a kind.")
_EMPTY_RANGE = gettext_noop("No value lies between %(low)s and %(high)s. The lower end comes first.")
_BETWEEN = gettext_noop("%(column)s lies between %(low)s and %(high)s")
_AT_LEAST = gettext_noop("%(column)s is at least %(low)s")
_AT_MOST = gettext_noop("%(column)s is at most %(high)s")
_ONE_OF = gettext_noop("%(column)s is one of: %(values)s")
_VALUES_OF_OTHER_TYPE = gettext_noop(
    "None of the allowed values is of the type of %(column)s, which holds %(type)s."
)
_MATCHES = gettext_noop("%(column)s matches %(pattern)s")
_PATTERN_FAULT = gettext_noop("The regular expression cannot be run any more. Write it anew.")

register(
    ExpectationKind(
        key="range",
        label=gettext_noop("Range"),
        description=gettext_noop(
            "Numbers or times of the column lie between two ends, both included. Times without a zone are "
            "taken as UTC."
        ),
        params=(
            Param(
                key="min",
                label=gettext_noop("Lower end"),
                read=bound,
                required=False,
                help=gettext_noop("A number, or a time such as 2024-01-31 or 2024-01-31T08:00."),
            ),
            Param(
                key="max",
                label=gettext_noop("Upper end"),
                read=bound,
                required=False,
                help=gettext_noop("A day is included until its end."),
            ),
        ),
        plan=_plan_range,
        describe=_describe_range,
        settle=_settle_range,
    ),
    ExpectationKind(
        key="values",
        label=gettext_noop("Allowed values"),
        description=gettext_noop("Every value of the column is one of a list."),
        params=(
            Param(
                key="values",
                label=gettext_noop("Values"),
                read=values,
                help=gettext_noop("One a line."),
                is_long=True,
            ),
        ),
        plan=_plan_values,
        describe=_describe_values,
    ),
    ExpectationKind(
        key="regex",
        label=gettext_noop("Regular expression"),
        description=gettext_noop(
            "Every text of the column matches the pattern from its first to its last character."
        ),
        params=(
            Param(
                key="pattern",
                label=gettext_noop("Pattern"),
                read=pattern,
                help=gettext_noop("For example [A-Z]{2}[0-9]{4}. No look-around and no back-references."),
            ),
        ),
        plan=_plan_regex,
        describe=_describe_regex,
    ),
)
