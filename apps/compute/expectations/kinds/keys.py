"""Rows that occur twice: within a table, or in two tables that must not share any.

Keys are hashed to 64 bits, so that ten million rows take 80 MB whatever they hold. Equal keys have equal
hashes; that two of ten million different ones collide has a chance of 1 to 370,000.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.expectations.kinds.counted import NO_VALUE
from apps.compute.expectations.params import Param, count
from apps.compute.expectations.records import Expectation, Other, State
from apps.compute.expectations.registry import ExpectationKind, Judged, Plan, listed, register
from apps.compute.expectations.table import Table, Undecided, utc
from apps.compute.messages import Message, Quantity, gettext_noop

MOST_KEYS = 10
MOST_EXAMPLES = 20
Hashes = NDArray[np.uint64]


def _hashes(table: Table, keys: Sequence[pl.Expr], present: pl.Expr) -> tuple[Hashes, NDArray[np.bool_]]:
    """The hash of each row's key, and whether the row has one."""
    columns = (pl.struct(keys).hash().alias("hash"), present.alias("present"))
    found = table.frame.select(columns).collect(engine="streaming")
    return found["hash"].to_numpy(), found["present"].to_numpy()


def _all_present(table: Table, columns: Sequence[str]) -> pl.Expr:
    return pl.all_horizontal(table.present(column) for column in columns)


# Within a table


def _plan_unique(expectation: Expectation, table: Table) -> Plan:
    columns = expectation.columns
    present = _all_present(table, columns)

    def judge(_found: Mapping[str, Any]) -> Judged:
        hashes, has_key = _hashes(table, [pl.col(column) for column in columns], present)
        rows = np.flatnonzero(has_key)
        at, first = _repeated(hashes[rows])
        if not len(at):
            text = Message(_ALL_DIFFERENT, {"tested": len(rows)}) if len(rows) else Message(NO_VALUE)
            return Judged(State.HOLDS, text, len(rows))
        params = {
            "count": len(at),
            "tested": len(rows),
            "share": Quantity(len(at) / len(rows), "share"),
            "different": int(first.sum()),
        }
        return Judged(State.VIOLATED, Message(_SHARED, params), len(rows), len(at), _pairs(rows[at], first))

    return Plan(judge, shown=columns)


def _repeated(hashes: Hashes) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Positions of the hashes that occur more than once, equal ones side by side, and which of them begin
    a new value.
    """
    order = np.argsort(hashes)
    ordered = hashes[order]
    new = np.concatenate(([True], ordered[1:] != ordered[:-1]))[: len(hashes)]
    alone = new & np.concatenate((new[1:], [True]))[: len(hashes)]
    return order[~alone], new[~alone]


def _pairs(rows: NDArray[np.intp], first: NDArray[np.bool_]) -> tuple[int, ...]:
    """Row numbers of two rows each of the repeated keys that come first in the table."""
    starts = np.flatnonzero(first)
    ends = np.append(starts[1:], len(rows))
    earliest = np.minimum.reduceat(rows, starts)
    shown = np.argsort(earliest)[: MOST_EXAMPLES // 2]
    groups = (np.sort(rows[starts[i] : ends[i]])[:2] for i in shown)
    return tuple(int(row) + 1 for group in groups for row in group)


def _describe_unique(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    text = _UNIQUE if len(expectation.columns) == 1 else _UNIQUE_TOGETHER
    return Message(text, {"columns": listed(expectation.columns)})


# Between two tables


def _plan_overlap(expectation: Expectation, table: Table) -> Plan:
    other = _other(expectation, table)
    theirs = Table(_path(other), other.special_values, table.now, {})
    columns = expectation.columns or tuple(table.schema)
    if not expectation.columns and (gone := [name for name in columns if name not in theirs.schema]):
        raise Undecided(_ROWS_DIFFER, other=other.name, columns=listed(gone))
    pairs = [_same_type(table, theirs, column, other.name) for column in columns]
    # Whole rows are equal where the same values are missing; by keys, a row without one is nowhere else.
    presence = [
        _all_present(each, columns) if expectation.columns else pl.lit(True) for each in (table, theirs)
    ]

    def judge(_found: Mapping[str, Any]) -> Judged:
        hashes, has_key = _hashes(table, [ours for ours, _theirs in pairs], presence[0])
        their_hashes, they_have = _hashes(theirs, [key for _ours, key in pairs], presence[1])
        rows = np.flatnonzero(has_key)
        wrong, tested = rows[_among(hashes[rows], their_hashes[they_have])], len(rows)
        params = {"count": len(wrong), "tested": tested, "other": other.name}
        if not len(wrong):
            return Judged(State.HOLDS, Message(_NO_OVERLAP, params), tested)
        params["share"] = Quantity(len(wrong) / tested, "share")
        shown = tuple(int(row) + 1 for row in wrong[:MOST_EXAMPLES])
        return Judged(State.VIOLATED, Message(_OVERLAP, params), tested, len(wrong), shown)

    return Plan(judge, shown=columns)


def _other(expectation: Expectation, table: Table) -> Other:
    other = table.others.get(expectation.params["dataset"])
    if other is None:
        raise Undecided(_NO_OTHER)
    return other


def _path(other: Other) -> Any:
    if other.path is None:
        raise Undecided(_OTHER_EMPTY, other=other.name)
    return other.path


def _same_type(table: Table, theirs: Table, column: str, name: str) -> tuple[pl.Expr, pl.Expr]:
    """A column of both tables in one type, so that equal values have equal hashes."""
    dtype = table.dtype(column)
    if column not in theirs.schema:
        raise Undecided(_OTHER_COLUMN, column=column, other=name)
    other, value = theirs.schema[column], pl.col(column)
    if dtype.is_temporal() and other.is_temporal():
        return utc(column, dtype), utc(column, other)
    if dtype == other:
        return value, value
    if dtype.is_numeric() and other.is_numeric():
        whole = dtype.is_integer() and other.is_integer()
        common = value.cast(pl.Int128 if whole else pl.Float64)
        return common, common
    raise Undecided(_OTHER_KEY_TYPE, column=column, other=name)


def _among(hashes: Hashes, others: Hashes) -> NDArray[np.bool_]:
    """Which hashes occur among others. Searched in ascending order, as jumps through memory are slow."""
    found = np.zeros(len(hashes), dtype=np.bool_)
    if len(others):
        order, ascending = np.argsort(hashes), np.sort(others)
        at = np.searchsorted(ascending, hashes[order])
        found[order] = ascending[np.minimum(at, len(ascending) - 1)] == hashes[order]
    return found


def _describe_overlap(expectation: Expectation, names: Mapping[int, str]) -> Message:
    dataset = expectation.params["dataset"]
    params = {"other": names.get(dataset, f"#{dataset}"), "columns": listed(expectation.columns)}
    return Message(_APART_BY if expectation.columns else _APART, params)


_UNIQUE = gettext_noop("%(columns)s is different in every row")
_UNIQUE_TOGETHER = gettext_noop("%(columns)s together are different in every row")
_ALL_DIFFERENT = gettext_noop("Rows with a value: %(tested)s, all different.")
_SHARED = gettext_noop(
    "%(count)s of %(tested)s rows with a value, %(share)s, share it with another row; values that occur more "
    "than once: %(different)s."
)
_APART = gettext_noop("No row is in “%(other)s” too")
_APART_BY = gettext_noop("No %(columns)s is in “%(other)s” too")
_NO_OVERLAP = gettext_noop("None of %(tested)s rows is in “%(other)s”.")
_OVERLAP = gettext_noop("%(count)s of %(tested)s rows, %(share)s, are in “%(other)s” too.")
_NO_OTHER = gettext_noop("The other data set does not exist any more. Choose another one.")
_OTHER_EMPTY = gettext_noop(
    "“%(other)s” has no version in force that was read, so there is nothing to compare with."
)
_OTHER_COLUMN = gettext_noop("“%(other)s” has no column %(column)s.")
_OTHER_KEY_TYPE = gettext_noop("%(column)s is of another type in “%(other)s”. Give it one type.")
_ROWS_DIFFER = gettext_noop(
    "Whole rows cannot be compared, as “%(other)s” lacks %(columns)s. Choose the columns that tell rows "
    "apart."
)

register(
    ExpectationKind(
        key="unique",
        label=gettext_noop("No duplicates"),
        description=gettext_noop(
            "No value occurs in two rows; of several columns no combination. Rows without a value are left "
            "out."
        ),
        most_columns=MOST_KEYS,
        plan=_plan_unique,
        describe=_describe_unique,
    ),
    ExpectationKind(
        key="no_overlap",
        label=gettext_noop("No rows of another data set"),
        description=gettext_noop(
            "No row is also in what another data set holds now: what a model learned from must not be in its "
            "hold-out. Rows are the same where these columns are; without columns, where all are."
        ),
        params=(Param(key="dataset", label=gettext_noop("Other data set"), read=count, is_dataset=True),),
        least_columns=0,
        most_columns=MOST_KEYS,
        plan=_plan_overlap,
        describe=_describe_overlap,
    ),
)
