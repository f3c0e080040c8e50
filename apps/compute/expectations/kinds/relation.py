"""How two columns of a row compare."""

from __future__ import annotations

import operator
from collections.abc import Mapping

import polars as pl

from apps.compute.expectations.kinds.counted import counted
from apps.compute.expectations.params import Param, one_of
from apps.compute.expectations.records import Expectation
from apps.compute.expectations.registry import ExpectationKind, Plan, register
from apps.compute.expectations.table import FAMILY_NAMES, Family, Table, Undecided, family, utc
from apps.compute.messages import Message, gettext_noop

OPERATORS = {
    "<": ("<", operator.lt),
    "<=": ("≤", operator.le),
    "=": ("=", operator.eq),
    "!=": ("≠", operator.ne),
    ">=": ("≥", operator.ge),
    ">": (">", operator.gt),
}
CHOICES = tuple((key, sign) for key, (sign, _compare) in OPERATORS.items())


def _plan(expectation: Expectation, table: Table) -> Plan:
    left, right = expectation.columns
    _sign, compare = OPERATORS[expectation.params["operator"]]
    families = [family(table.dtype(column)) for column in (left, right)]
    if families[0] is not families[1]:
        raise Undecided(
            _DIFFERENT,
            left=left,
            right=right,
            left_type=FAMILY_NAMES[families[0]],
            right_type=FAMILY_NAMES[families[1]],
        )
    if families[0] is Family.BOOLEAN and expectation.params["operator"] not in ("=", "!="):
        raise Undecided(_NO_ORDER, left=left, right=right)
    sides = [_comparable(column, table.dtype(column)) for column in (left, right)]
    present = table.present(left) & table.present(right)
    return counted(present, ~compare(*sides), (left, right))


def _comparable(column: str, dtype: pl.DataType) -> pl.Expr:
    return utc(column, dtype) if dtype.is_temporal() else pl.col(column)


def _describe(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    left, right = expectation.columns
    sign, _compare = OPERATORS[expectation.params["operator"]]
    return Message("%(left)s %(sign)s %(right)s", {"left": left, "sign": sign, "right": right})


_DIFFERENT = gettext_noop(
    "%(left)s holds %(left_type)s and %(right)s holds %(right_type)s, which cannot be compared."
)
_NO_ORDER = gettext_noop("%(left)s and %(right)s hold yes or no, of which none is greater. Use = or ≠.")

register(
    ExpectationKind(
        key="relation",
        label=gettext_noop("Relation of two columns"),
        description=gettext_noop(
            "In every row the first column compares to the second as said: an end is after its start. Days "
            "and times without a zone are taken as UTC."
        ),
        params=(
            Param(
                key="operator",
                label=gettext_noop("Relation"),
                read=one_of(CHOICES),
                choices=CHOICES,
            ),
        ),
        least_columns=2,
        most_columns=2,
        plan=_plan,
        describe=_describe,
    ),
)
