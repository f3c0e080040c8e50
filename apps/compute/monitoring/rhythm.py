"""When batches are due: windows of event time on a calendar, in a time zone.

Hours and minutes are steps of absolute time, also over a change of the clocks. A day is a day of the
calendar where the system lives: it may have 23 or 25 hours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


class Comparable(StrEnum):
    """Which earlier windows a window is compared with. AUTO: below a day the same time of day, of one day the
    same day of the week, else the windows before it.
    """

    AUTO = "auto"
    PREVIOUS = "previous"
    SAME_HOUR = "same_hour"
    SAME_WEEKDAY = "same_weekday"
    SAME_WEEKDAY_HOUR = "same_weekday_hour"


@dataclass(frozen=True, slots=True)
class Window:
    """[start, end) of event time; both aware, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A batch every ``every`` ``unit`` from ``starts_at`` (aware). Windows that begin on another day of the
    week than ``weekdays`` (ISO, 1 is Monday) or on one of ``holidays``, in ``zone``, are not expected.
    """

    every: int
    unit: Unit
    starts_at: datetime
    zone: str = "UTC"
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    holidays: tuple[date, ...] = ()
    comparable: Comparable = Comparable.AUTO

    def window_of(self, moment: datetime) -> Window:
        """The window of the rhythm that holds ``moment``, expected or not; also before ``starts_at``."""
        raise NotImplementedError

    def expects(self, window: Window) -> bool:
        """Whether the calendar has data in this window."""
        raise NotImplementedError

    def expected(self, first: datetime, until: datetime) -> Iterator[Window]:
        """Expected windows that start at or after ``first`` (and not before ``starts_at``) and end at or
        before ``until``, in order.
        """
        raise NotImplementedError

    def next_end(self, after: datetime) -> datetime:
        """The end of the first expected window that ends after ``after``."""
        raise NotImplementedError

    def key(self, window: Window) -> str:
        """Equal for windows that are compared with each other: "" , "14:00", "3" or "3 14:00"."""
        raise NotImplementedError
