"""The result of a search for weak slices: small frozen records that survive a trip through JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from apps.compute.messages import Message

SCHEMA_VERSION = 1


class Kind(StrEnum):
    VALUE = "value"
    BAND = "band"  # numbers from `low` (or the least) to below `high` (or the largest)
    OTHER = "other"  # every value that is present and not among `listed`
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class SliceCondition:
    """What a row of a slice has in ``column``. ``value`` is the text to show; `Kind` explains the rest."""

    column: str
    value: str
    kind: Kind = Kind.VALUE
    low: float | None = None
    high: float | None = None
    listed: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "kind": self.kind.value, "listed": list(self.listed)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SliceCondition:
        return cls(**{**data, "kind": Kind(data["kind"]), "listed": tuple(data["listed"])})


@dataclass(frozen=True, slots=True)
class WeakSlice:
    """Rows that meet all ``conditions``, and how much worse they are. All intervals are at 95 %.

    ``mean`` is the mean loss with its bounds ``low`` and ``high``, ``rest`` that of all other rows.
    ``difference`` is ``mean`` minus the mean of all rows. ``share_of_loss`` is the share of the sum of all
    losses that lies in the slice, None where losses may be negative. ``p`` is the test of "no worse", and
    ``corrected`` the same after Holm's correction over all slices that were looked at. ``money`` is the sum
    of the given amounts over the slice.

    The bounds are those of this slice alone. A slice that was chosen because it looks bad is on average a
    little less bad on fresh rows.
    """

    conditions: tuple[SliceCondition, ...]
    n: int
    mean: float
    low: float
    high: float
    rest: float
    difference: float
    difference_low: float
    difference_high: float
    share_of_rows: float
    share_of_loss: float | None
    p: float
    corrected: float
    money: float | None = None
    money_low: float | None = None
    money_high: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "conditions": [condition.to_json() for condition in self.conditions]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> WeakSlice:
        conditions = tuple(SliceCondition.from_json(condition) for condition in data["conditions"])
        return cls(**{**data, "conditions": conditions})


@dataclass(frozen=True, slots=True)
class SliceSearch:
    """``found`` holds the weak slices, the worst first by the lower bound of its difference.

    ``looked`` slices were judged, ``too_small`` were not because fewer than ``least`` rows are in them or
    outside of them. ``alike`` weak slices are left out because they hold nearly the rows of one in ``found``,
    ``more`` because the list is full. ``mean`` with ``low`` and ``high`` is the loss over all ``n`` rows;
    ``is_share`` says that each row's loss is 0 or 1.
    """

    columns: tuple[str, ...]
    n: int
    mean: float
    low: float
    high: float
    is_share: bool
    least: int
    looked: int
    too_small: int
    alike: int
    more: int
    found: tuple[WeakSlice, ...]
    weighted: bool = False
    notes: tuple[Message, ...] = ()
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "columns": list(self.columns),
            "found": [each.to_json() for each in self.found],
            "notes": [note.to_json() for note in self.notes],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> SliceSearch:
        return cls(
            **{
                **data,
                "columns": tuple(data["columns"]),
                "found": tuple(WeakSlice.from_json(each) for each in data["found"]),
                "notes": tuple(Message.from_json(note) for note in data["notes"]),
            }
        )
