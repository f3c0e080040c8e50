"""Expectations proposed from the profile of a table that is believed to be right, for people to edit.

Each holds on that table (a share of missing values, a range and a number of rows have room for chance), and
says what it was read from.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apps.compute.expectations.kinds.wholes import MOST_COLUMNS
from apps.compute.expectations.params import VALUE_CHARACTERS
from apps.compute.expectations.records import Expectation
from apps.compute.expectations.registry import read
from apps.compute.expectations.table import moment_of
from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.profile import ColumnProfile, Kind

#: Up to so many different values a column is taken as one of categories; of whole numbers fewer.
MOST_TEXTS, MOST_NUMBERS = 20, 10
#: A category has on average so many rows, an id at least so many rows.
ROWS_PER_VALUE, FEWEST_IDS = 20, 20
#: A range has this part of its width as room at both ends.
ROOM = 0.1
#: An end is told to be far when it is so many widths of the middle 98 % away from it.
FAR = 5
#: The share of missing values may rise to so many times what it is, or by this share.
MISSING_TIMES, MISSING_POINTS = 1.5, 0.01
FEWER_ROWS, MORE_ROWS = 0.5, 2
#: Data that were older than this are no data that come in.
STALE = timedelta(days=365)

_TYPES = {
    Kind.INTEGER: "integer",
    Kind.FLOAT: "number",
    Kind.BOOLEAN: "boolean",
    Kind.TEXT: "text",
    Kind.TIMESTAMP: "time",
    Kind.DATE: "date",
}


@dataclass(frozen=True, slots=True)
class Proposal:
    expectation: Expectation
    reason: Message

    @property
    def key(self) -> str:
        """Equal for equal expectations; 16 hexadecimal digits."""
        parts = [self.expectation.kind, self.expectation.columns, self.expectation.params]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


def suggest(
    profiles: Sequence[ColumnProfile],
    rows: int,
    *,
    now: datetime,
    time_column: str = "",
    key_columns: Sequence[str] = (),
) -> list[Proposal]:
    """What to expect of tables like the profiled one; the table as a whole first, then column by column.

    ``now`` is the moment at which the newest time of ``time_column`` was as old as it is. Columns without a
    value propose nothing.
    """
    found = [*_table(profiles, rows), *_keys(profiles, key_columns)]
    for profile in profiles:
        if profile.kind is not Kind.EMPTY:
            found += _column(profile)
            found += _freshness(profile, now) if profile.name == time_column else ()
    return found


def _proposal(
    kind: str, columns: Sequence[str], params: dict[str, Any], reason: str, **said: Any
) -> Proposal:
    return Proposal(read(kind, columns, params), Message(reason, said))


# The table


def _table(profiles: Sequence[ColumnProfile], rows: int) -> Iterator[Proposal]:
    if 0 < len(profiles) <= MOST_COLUMNS:
        names = [profile.name for profile in profiles]
        yield _proposal("columns", names, {"exact": False}, _ALL_COLUMNS, count=len(names))
    if rows:
        params = {"min": math.floor(rows * FEWER_ROWS), "max": rows * MORE_ROWS}
        yield _proposal("row_count", (), params, _HALF_TO_DOUBLE, rows=rows)


def _keys(profiles: Sequence[ColumnProfile], key_columns: Sequence[str]) -> Iterator[Proposal]:
    names = {profile.name for profile in profiles}
    if len(key_columns) > 1 and names.issuperset(key_columns):
        yield _proposal("unique", key_columns, {}, _KEYS)


# One column


def _column(profile: ColumnProfile) -> Iterator[Proposal]:
    one = (profile.name,)
    yield _proposal(
        "type", one, {"type": _TYPES[profile.kind]}, _EVERY_VALUE, rows=profile.rows - profile.missing
    )
    yield _missing(profile)
    if profile.is_unique and profile.kind in (Kind.INTEGER, Kind.TEXT) and profile.rows >= FEWEST_IDS:
        yield _proposal("unique", one, {}, _ALL_DIFFERENT, rows=profile.rows)
    elif (allowed := _categories(profile)) is not None:
        yield _proposal(
            "values", one, {"values": allowed}, _FEW_VALUES, count=len(allowed), rows=profile.rows
        )
    elif profile.is_number and profile.minimum is not None:
        yield _range(profile)


def _missing(profile: ColumnProfile) -> Proposal:
    share = profile.missing / profile.rows
    if not profile.missing:
        return _proposal("missing", (profile.name,), {"at_most": 0}, _NONE_MISSING, rows=profile.rows)
    most = min(1.0, max(MISSING_TIMES * share, share + MISSING_POINTS))
    most = min(1.0, math.ceil(most * 1_000) / 1_000)
    return _proposal(
        "missing", (profile.name,), {"at_most": most}, _SOME_MISSING, share=Quantity(share, "share")
    )


def _categories(profile: ColumnProfile) -> list[Any] | None:
    """All values of a column that has few; None where they are no categories."""
    most = {Kind.TEXT: MOST_TEXTS, Kind.INTEGER: MOST_NUMBERS}.get(profile.kind, 0)
    present = profile.rows - profile.missing
    if not 0 < profile.distinct <= min(most, present / ROWS_PER_VALUE, len(profile.top)):
        return None
    values = [top.value for top in profile.top]
    if any(str(value).strip() == "" or len(str(value)) >= VALUE_CHARACTERS for value in values):
        return None
    return sorted(values) if profile.kind is Kind.INTEGER else values


def _range(profile: ColumnProfile) -> Proposal:
    low, high = float(profile.minimum or 0), float(profile.maximum or 0)
    said = {"low": profile.minimum, "high": profile.maximum}
    if profile.kind is Kind.FLOAT and low >= 0 and high <= 1:
        return _proposal("range", (profile.name,), {"min": 0, "max": 1}, _SHARES, **said)
    room = ROOM * ((high / 2 - low / 2) * 2 or abs(high) or 1.0)
    if not math.isfinite(room):
        room = 0.0
    bounds = {
        "min": 0 if low >= 0 > low - room else _rounded(low - room, math.floor, room),
        "max": 0 if high <= 0 < high + room else _rounded(high + room, math.ceil, room),
    }
    reason = _FAR_ENDS if _is_far(profile) else _ENDS
    return _proposal("range", (profile.name,), bounds, reason, **said)


def _rounded(value: float, towards: Callable[[float], int], room: float) -> float:
    """Outwards to the first digit of the room, so that a reader sees a limit and not a measurement."""
    if not room or abs(value) > 1e15:
        return value
    digits = -math.floor(math.log10(room))
    if digits <= 0:
        step: int = 10**-digits
        return int(towards(value / step)) * step
    return round(towards(value * 10**digits) / 10**digits, digits) if digits < 300 else value


def _is_far(profile: ColumnProfile) -> bool:
    levels = {level: float(value) for level, value in profile.quantiles}
    low, high = levels[0.01], levels[0.99]
    width = high - low
    beyond = max(low - float(profile.minimum or 0), float(profile.maximum or 0) - high)
    return width > 0 and beyond > FAR * width


def _freshness(profile: ColumnProfile, now: datetime) -> Iterator[Proposal]:
    if profile.kind not in (Kind.TIMESTAMP, Kind.DATE) or profile.maximum is None:
        return
    newest = str(profile.maximum)
    age = now.astimezone(UTC).replace(tzinfo=None) - moment_of(newest)
    if age > STALE:
        return
    hours = max(1, math.ceil(2 * age / timedelta(hours=1)))
    params = (
        {"at_most": hours, "unit": "hours"}
        if hours <= 48
        else {"at_most": math.ceil(hours / 24), "unit": "days"}
    )
    yield _proposal("freshness", (profile.name,), params, _TWICE, newest=newest.replace("T", " "))


_ALL_COLUMNS = gettext_noop("These are the %(count)s columns of the version.")
_HALF_TO_DOUBLE = gettext_noop("Half to double of the %(rows)s rows of the version.")
_KEYS = gettext_noop("These columns tell the rows of the data set apart.")
_EVERY_VALUE = gettext_noop("True of every value in %(rows)s rows.")
_NONE_MISSING = gettext_noop("No value is missing in %(rows)s rows.")
_SOME_MISSING = gettext_noop("Missing in %(share)s of the rows now, and some room for chance.")
_ALL_DIFFERENT = gettext_noop("All %(rows)s values differ, so it looks like an id.")
_FEW_VALUES = gettext_noop("Only %(count)s different values in %(rows)s rows.")
_SHARES = gettext_noop("All values are shares: from %(low)s to %(high)s.")
_ENDS = gettext_noop("The values go from %(low)s to %(high)s; a tenth more is room for chance.")
_FAR_ENDS = gettext_noop(
    "The values go from %(low)s to %(high)s, but an end is far from 98%% of them. If it stands for "
    "“missing”, name it as a special value and tighten the range."
)
_TWICE = gettext_noop("The newest time was %(newest)s (UTC); twice its age then.")
