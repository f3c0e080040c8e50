"""Data quality beside the drift: what is wrong with the current data, column by column and as a whole."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from apps.compute.drift import renamed
from apps.compute.drift.kinds import FAMILIES, Kind, family
from apps.compute.drift.outcome import Outcome
from apps.compute.drift.result import ColumnDrift, Finding
from apps.compute.drift.sides import OpenSide
from apps.compute.messages import Message, Quantity, gettext_noop

OK, WARN, BAD = "ok", "warn", "bad"
#: A share must have risen by more than this to be told; above `BAD_POINTS` it is bad.
POINTS, BAD_POINTS = 0.01, 0.05
#: Standard errors that a rise must have to be no chance.
ERRORS = 3.0
#: New values in fewer rows are not told.
FEWEST_NEW = 5
#: With fewer rows no check of a single column says much.
FEW_ROWS = 100
MOST_FINDINGS, MOST_NAMES = 50, 5


@dataclass(frozen=True, slots=True)
class Weighed:
    """A finding and the share of the rows that it concerns."""

    finding: Finding
    share: float = 0.0


def findings(
    reference: OpenSide, current: OpenSide, outcomes: Sequence[Outcome], ids: Sequence[str]
) -> tuple[Finding, ...]:
    """At most `MOST_FINDINGS`, the worst first. A check that all columns pass is one finding."""
    found = [*_schema(reference, current), _rows(reference, current)]
    found += [_unique(current, name) for name in ids if name in current.schema]
    count = len(outcomes)
    for code, passed, check in _CHECKS:
        told = [weighed for outcome in outcomes if (weighed := check(outcome)) is not None]
        text = Message(_CHECKED, {"count": count})
        found += told or [Weighed(Finding(code, OK, Message(passed), text))]
    order = (BAD, WARN, OK)
    found.sort(key=lambda each: (order.index(each.finding.state), -each.share))
    return tuple(each.finding for each in found[:MOST_FINDINGS])


# The table


def _schema(reference: OpenSide, current: OpenSide) -> list[Weighed]:
    found = list(_other_columns(reference, current))
    if found:
        return found
    text = Message(_ALL_THERE, {"count": len(reference.schema)})
    return [Weighed(Finding("schema", OK, Message(_SCHEMA), text))]


def _other_columns(reference: OpenSide, current: OpenSide) -> Iterator[Weighed]:
    gone = [name for name in reference.schema if name not in current.schema]
    new = [name for name in current.schema if name not in reference.schema]
    if gone:
        yield Weighed(Finding("columns_missing", BAD, Message(_GONE), _listed(gone)), 1.0)
    if new:
        yield Weighed(Finding("columns_added", WARN, Message(_ADDED), _listed(new)), 1.0)
    for before, now in renamed.guessed(reference, current):
        title = Message(_RENAMED, {"column": now})
        yield Weighed(Finding("renamed", WARN, title, Message(_ALIKE, {"before": before}), now), 1.0)
    for name, dtype in reference.schema.items():
        kinds = family(dtype), family(current.schema.get(name, dtype))
        if kinds[0] is not kinds[1]:
            types = {"reference": FAMILIES[kinds[0]], "current": FAMILIES[kinds[1]]}
            title = Message(_RETYPED, {"column": name})
            yield Weighed(Finding("type", BAD, title, Message(_TYPES, types), name, current.rows), 1.0)


def _listed(names: Sequence[str]) -> Message:
    shown = ", ".join(names[:MOST_NAMES])
    more = len(names) - MOST_NAMES
    return (
        Message(_AND_MORE, {"names": shown, "more": more}) if more > 0 else Message(_NAMES, {"names": shown})
    )


def _rows(reference: OpenSide, current: OpenSide) -> Weighed:
    few = min(reference.rows, current.rows) < FEW_ROWS
    title = Message(_FEW if few else _ENOUGH)
    text = Message(_ROWS, {"current": current.rows, "reference": reference.rows})
    return Weighed(Finding("rows", WARN if few else OK, title, text))


def _unique(current: OpenSide, name: str) -> Weighed:
    values = current.read([name]).to_series()
    repeated = len(values) - values.n_unique()
    if not repeated:
        return Weighed(
            Finding("duplicate_ids", OK, Message(_UNIQUE, {"column": name}), Message(_NO_TWO), name)
        )
    share = repeated / len(values)
    text = Message(_REPEATED, {"count": repeated, "share": Quantity(share, "share")})
    return Weighed(
        Finding("duplicate_ids", BAD, Message(_DUPLICATES, {"column": name}), text, name, repeated), share
    )


# One column


def _empty(outcome: Outcome) -> Weighed | None:
    column = outcome.column
    before, now = column.reference.missing_share, column.current.missing_share
    if now - before <= POINTS or not _certain(before, column.reference.rows, now, column.current.rows):
        return None
    text = Message(_EMPTY_SHARES, {"now": Quantity(now, "share"), "before": Quantity(before, "share")})
    return _told("empty", column, _EMPTY, text, column.current.missing, now - before)


def _unseen(outcome: Outcome) -> Weighed | None:
    """Twice the share that rare values make likely is no chance."""
    column = outcome.column
    present = column.current.rows - column.current.missing
    if column.unseen_rows < FEWEST_NEW or column.unseen_rows / present <= 2 * outcome.rare:
        return None
    share = column.unseen_rows / present
    names = ", ".join(seen.value for seen in column.unseen[:MOST_NAMES])
    params = {"names": names, "count": column.unseen_count, "share": Quantity(share, "share")}
    return _told("unseen", column, _UNSEEN, Message(_UNSEEN_SHARE, params), column.unseen_rows, share)


def _outside(outcome: Outcome) -> Weighed | None:
    column = outcome.column
    share = outcome.outside / max(1, column.current.rows - column.current.missing)
    if share <= POINTS or column.kind == Kind.DATE:
        return None
    low, high = (Quantity(bound, "number") for bound in (column.reference.minimum, column.reference.maximum))
    params = {"share": Quantity(share, "share"), "low": low, "high": high}
    text = Message(_OTHER_SHARE if column.reference.distinct == 1 else _OUTSIDE_SHARE, params)
    return _told("outside", column, _OUTSIDE, text, outcome.outside, share)


def _infinite(outcome: Outcome) -> Weighed | None:
    column = outcome.column
    if not column.current.infinite:
        return None
    share = column.current.infinite / column.current.rows
    text = Message(_INFINITE_BEFORE, {"before": column.reference.infinite})
    return _told("infinite", column, _INFINITE, text, column.current.infinite, share)


def _constant(outcome: Outcome) -> Weighed | None:
    column = outcome.column
    present = column.current.rows - column.current.missing
    if column.current.distinct != 1 or column.reference.distinct < 2 or present < FEW_ROWS:
        return None
    text = Message(_CONSTANT_BEFORE, {"before": column.reference.distinct})
    finding = Finding(
        "constant", WARN, Message(_CONSTANT, {"column": column.name}), text, column.name, present
    )
    return Weighed(finding, 1.0)


def _told(code: str, column: ColumnDrift, title: str, text: Message, rows: int, share: float) -> Weighed:
    state = BAD if share > BAD_POINTS else WARN
    named = Message(title, {"column": column.name})
    return Weighed(Finding(code, state, named, text, column.name, rows), share)


def _certain(before: float, reference: int, now: float, current: int) -> bool:
    """The test of two shares with pooled variance."""
    pooled = (before * reference + now * current) / (reference + current)
    error = math.sqrt(pooled * (1 - pooled) * (1 / reference + 1 / current))
    return now - before > ERRORS * error


_SCHEMA = gettext_noop("Columns and types match the reference")
_ALL_THERE = gettext_noop("%(count)s columns, none missing, none added.")
_GONE = gettext_noop("Columns of the reference are missing")
_ADDED = gettext_noop("Columns are new")
_NAMES = "%(names)s"
_AND_MORE = gettext_noop("%(names)s and %(more)s more")
_RENAMED = gettext_noop("%(column)s: perhaps only renamed")
_ALIKE = gettext_noop("Its name and its values are like those of %(before)s in the reference.")
_RETYPED = gettext_noop("%(column)s: another type")
_TYPES = gettext_noop("The reference holds %(reference)s, the current side %(current)s.")
_ENOUGH = gettext_noop("Enough rows to compare")
_FEW = gettext_noop("Few rows: most differences may be chance")
_ROWS = gettext_noop("%(current)s rows against %(reference)s of the reference.")
_UNIQUE = gettext_noop("%(column)s: no duplicates")
_NO_TWO = gettext_noop("Every row has an id of its own.")
_DUPLICATES = gettext_noop("%(column)s: duplicate ids")
_REPEATED = gettext_noop("%(count)s rows repeat an id, %(share)s of all.")
_CHECKED = gettext_noop("%(count)s columns were checked.")
_EMPTY = gettext_noop("%(column)s: empty values")
_EMPTY_SHARES = gettext_noop("%(now)s of rows, reference %(before)s.")
_UNSEEN = gettext_noop("%(column)s: values never seen before")
_UNSEEN_SHARE = gettext_noop("%(names)s: %(share)s of rows with a value, %(count)s different values.")
_OUTSIDE = gettext_noop("%(column)s: values outside the reference range")
_OUTSIDE_SHARE = gettext_noop("%(share)s of rows with a value are not between %(low)s and %(high)s.")
_OTHER_SHARE = gettext_noop("%(share)s of rows with a value are not %(low)s, which the reference always has.")
_INFINITE = gettext_noop("%(column)s: infinite values")
_INFINITE_BEFORE = gettext_noop("They are left out of the comparison. The reference has %(before)s.")
_CONSTANT = gettext_noop("%(column)s: only one value")
_CONSTANT_BEFORE = gettext_noop("The reference has %(before)s different values.")

_CHECKS: tuple[tuple[str, str, Callable[[Outcome], Weighed | None]], ...] = (
    ("empty", gettext_noop("No column has more empty values than before"), _empty),
    ("unseen", gettext_noop("No values that were never seen before"), _unseen),
    ("outside", gettext_noop("Values inside the range of the reference"), _outside),
    ("infinite", gettext_noop("No infinite values"), _infinite),
    ("constant", gettext_noop("No column has become constant"), _constant),
)
