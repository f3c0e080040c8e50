"""What the table as a whole must be: its columns, its size, its age."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from apps.compute.expectations.params import Param, count, flag, one_of, positive
from apps.compute.expectations.records import Expectation, State
from apps.compute.expectations.registry import ExpectationKind, Judged, Plan, listed, register
from apps.compute.expectations.table import Family, Table, utc
from apps.compute.messages import InputRejected, Message, gettext_noop

MOST_COLUMNS = 1_000
UNITS = (("hours", gettext_noop("hours")), ("days", gettext_noop("days")))
_HOURS = {"hours": 1, "days": 24}
#: Ages in no more digits than anybody can use.
_DIGITS = 1


def _plan_columns(expectation: Expectation, table: Table) -> Plan:
    names = list(table.schema)
    gone = sorted(set(expectation.columns) - set(names), key=expectation.columns.index)
    new = [name for name in names if name not in set(expectation.columns)]
    if not expectation.params.get("exact"):
        new = []
    params = {"gone": listed(gone), "new": listed(new), "count": len(names)}
    text = _GONE_AND_NEW if gone and new else _GONE if gone else _NEW if new else _ALL_THERE
    judged = Judged(State.VIOLATED if gone or new else State.HOLDS, Message(text, params))
    return Plan(lambda _found: judged)


def _describe_columns(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    text = _ONLY_THESE if expectation.params.get("exact") else _THESE
    return Message(text, {"columns": listed(expectation.columns)})


def _plan_rows(expectation: Expectation, _table: Table) -> Plan:
    least, most = expectation.params.get("min"), expectation.params.get("max")

    def judge(found: Mapping[str, Any]) -> Judged:
        rows = int(found["rows"])
        fits = (least is None or rows >= least) and (most is None or rows <= most)
        return Judged(State.HOLDS if fits else State.VIOLATED, Message(_ROWS, {"rows": rows}))

    return Plan(judge, {"rows": pl.len()})


def _settle_rows(expectation: Expectation) -> None:
    least, most = expectation.params.get("min"), expectation.params.get("max")
    if least is None and most is None:
        raise InputRejected("param_missing", _NO_COUNT, parameter="min")
    if least is not None and most is not None and most < least:
        raise InputRejected("wrong_param", _EMPTY_COUNT, parameter="max", least=least, most=most)


def _describe_rows(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    least, most = expectation.params.get("min"), expectation.params.get("max")
    text = _ROWS_AT_MOST if least is None else _ROWS_AT_LEAST if most is None else _ROWS_BETWEEN
    return Message(text, {"least": least, "most": most})


def _plan_freshness(expectation: Expectation, table: Table) -> Plan:
    (column,), unit = expectation.columns, expectation.params["unit"]
    dtype = table.typed(column, Family.TIME)
    newest = utc(column, dtype).filter(table.present(column)).max()
    now = table.now.astimezone(UTC).replace(tzinfo=None)
    # A day lasts until its end: the data of today are not old in the evening.
    lasts = timedelta(days=1) if dtype == pl.Date else timedelta()

    def judge(found: Mapping[str, Any]) -> Judged:
        moment: datetime | None = found["newest"]
        if moment is None:
            return Judged(State.VIOLATED, Message(_NO_TIME))
        age = (now - moment - lasts) / timedelta(hours=_HOURS[unit])
        state = State.VIOLATED if age > expectation.params["at_most"] else State.HOLDS
        shown = str(moment.date()) if lasts else moment.isoformat(" ", "seconds")
        if age < 0 and moment > now:
            return Judged(state, Message(_AHEAD, {"newest": shown}))
        params = {"newest": shown, "age": round(max(0.0, age), _DIGITS)}
        return Judged(state, Message(_AGES[unit], params))

    return Plan(judge, {"newest": newest})


def _describe_freshness(expectation: Expectation, _names: Mapping[int, str]) -> Message:
    text = _FRESH[expectation.params["unit"]]
    return Message(text, {"column": expectation.columns[0], "most": expectation.params["at_most"]})


_THESE = gettext_noop("There are the columns %(columns)s")
_ONLY_THESE = gettext_noop("There are the columns %(columns)s and no others")
_ALL_THERE = gettext_noop("All are there; the table has %(count)s columns.")
_GONE = gettext_noop("Missing: %(gone)s.")
_NEW = gettext_noop("Not expected: %(new)s.")
_GONE_AND_NEW = gettext_noop("Missing: %(gone)s. Not expected: %(new)s.")
_ROWS = gettext_noop("There are %(rows)s rows.")
_NO_COUNT = gettext_noop("Give the least or the most number of rows, or both.")
_EMPTY_COUNT = gettext_noop(
    "No number is at least %(least)s and at most %(most)s. The smaller one comes first."
)
_ROWS_BETWEEN = gettext_noop("There are %(least)s to %(most)s rows")
_ROWS_AT_LEAST = gettext_noop("There are at least %(least)s rows")
_ROWS_AT_MOST = gettext_noop("There are at most %(most)s rows")
_FRESH = {
    "hours": gettext_noop("The newest %(column)s is at most %(most)s hours old"),
    "days": gettext_noop("The newest %(column)s is at most %(most)s days old"),
}
_AGES = {
    "hours": gettext_noop("The newest is %(newest)s (UTC); its age at the check in hours: %(age)s."),
    "days": gettext_noop("The newest is %(newest)s (UTC); its age at the check in days: %(age)s."),
}
_AHEAD = gettext_noop("The newest is %(newest)s (UTC), which was still to come at the check.")
_NO_TIME = gettext_noop("No row has a time.")

register(
    ExpectationKind(
        key="columns",
        label=gettext_noop("Columns that must be there"),
        description=gettext_noop("The table has these columns, in any order."),
        params=(
            Param(
                key="exact",
                label=gettext_noop("No other columns"),
                read=flag,
                required=False,
                is_flag=True,
            ),
        ),
        most_columns=MOST_COLUMNS,
        plan=_plan_columns,
        describe=_describe_columns,
    ),
    ExpectationKind(
        key="row_count",
        label=gettext_noop("Number of rows"),
        description=gettext_noop("The table has as many rows as usual."),
        params=(
            Param(key="min", label=gettext_noop("At least"), read=count, required=False),
            Param(key="max", label=gettext_noop("At most"), read=count, required=False),
        ),
        least_columns=0,
        most_columns=0,
        plan=_plan_rows,
        describe=_describe_rows,
        settle=_settle_rows,
    ),
    ExpectationKind(
        key="freshness",
        label=gettext_noop("Freshness"),
        description=gettext_noop(
            "The newest time of the column is at most so old when the check runs. A day counts until its "
            "end; times without a zone are taken as UTC."
        ),
        params=(
            Param(key="at_most", label=gettext_noop("At most"), read=positive),
            Param(key="unit", label=gettext_noop("Unit"), read=one_of(UNITS), choices=UNITS),
        ),
        plan=_plan_freshness,
        describe=_describe_freshness,
    ),
)
