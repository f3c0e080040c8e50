"""When batches are due: windows of event time on a calendar, in a time zone.

Hours and minutes are steps of absolute time, also over a change of the clocks. A day is a day of the
calendar where the system lives: it may have 23 or 25 hours. It begins at the wall time of ``starts_at``;
where the clocks leave that time out, as much later as they jump (RFC 5545, 3.3.5), and where they show it
twice, at the one of the two that ``starts_at`` is, else at the first. A date that a zone leaves out
altogether (Samoa, 30 December 2011) is no window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from apps.compute.messages import InputRejected, Message, gettext_noop

MOST_DAYS = 366  # of one window
MOST_HOLIDAYS = 366
FIRST_YEAR, LAST_YEAR = 1900, 2999
_AHEAD = timedelta(days=3653)  # ten years: as long as an expected window is looked for
_DAY = timedelta(days=1)


class Unit(StrEnum):
    MINUTES = "minutes"
    HOURS = "hours"
    DAYS = "days"


_UNITS = {
    Unit.MINUTES: gettext_noop("minutes"),
    Unit.HOURS: gettext_noop("hours"),
    Unit.DAYS: gettext_noop("days"),
}


class Comparable(StrEnum):
    """Which earlier windows a window is compared with. AUTO: below a day the same hour of the day, of one day
    the same day of the week, else the windows before it.
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

    What people enter is checked by `check_rhythm` before it is used.
    """

    every: int
    unit: Unit
    starts_at: datetime
    zone: str = "UTC"
    weekdays: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    holidays: tuple[date, ...] = ()
    comparable: Comparable = Comparable.AUTO

    def window_of(self, moment: datetime) -> Window:
        """The window of the rhythm that holds ``moment``, expected or not; also before ``starts_at``.

        Raises `InputRejected` for a moment outside the years 1900 to 2999.
        """
        return self._window(self._index(moment))

    def expects(self, window: Window) -> bool:
        """Whether the calendar has data in this window."""
        return window.start < window.end and self._is_open(self._local(window.start).date())

    def expected(self, first: datetime, until: datetime) -> Iterator[Window]:
        """Expected windows that start at or after ``first`` (and not before ``starts_at``) and end at or
        before ``until``, in order.
        """
        index = self._first_index(max(first, self.starts_at))
        while (window := self._window(index)).end <= until:
            day = self._local(window.start).date()
            if self._is_open(day):
                if window.start < window.end:
                    yield window
                index += 1
            else:
                midnight = datetime.combine(day + _DAY, time())
                index = self._first_index(_instant(midnight, ZoneInfo(self.zone)))

    def next_end(self, after: datetime) -> datetime:
        """The end of the first expected window that ends after ``after``.

        Raises `InputRejected` when the calendar has none within ten years.
        """
        first = max(self.window_of(after).start, self.starts_at)
        for window in self.expected(first, first + _AHEAD):
            return window.end
        raise InputRejected(
            "no_window",
            gettext_noop(
                "No window is expected within ten years after %(day)s: each begins on a day of the week or a "
                "holiday that the calendar leaves out. Allow more days of the week, or start on another day."
            ),
            day=f"{self._local(first):%Y-%m-%d}",
        )

    def key(self, window: Window) -> str:
        """Equal for windows that are compared with each other: "" , "14:00", "3" or "3 14:00"."""
        local = self._local(window.start)
        # A day begins at the same wall time all year, but for the day on which the clocks leave it out.
        hour = self._local(self.starts_at).hour if self.unit is Unit.DAYS else local.hour
        match self._compared():
            case Comparable.SAME_HOUR:
                return f"{hour:02}:00"
            case Comparable.SAME_WEEKDAY:
                return f"{local.isoweekday()}"
            case Comparable.SAME_WEEKDAY_HOUR:
                return f"{local.isoweekday()} {hour:02}:00"
        return ""

    def _compared(self) -> Comparable:
        if self.comparable is not Comparable.AUTO:
            return self.comparable
        if self._step() < _DAY:
            return Comparable.SAME_HOUR
        return Comparable.SAME_WEEKDAY if self._step() == _DAY else Comparable.PREVIOUS

    def _step(self) -> timedelta:
        return timedelta(**{self.unit.value: self.every})

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(ZoneInfo(self.zone))

    def _is_open(self, day: date) -> bool:
        return day.isoweekday() in self.weekdays and day not in self.holidays

    def _window(self, index: int) -> Window:
        return Window(self._start(index), self._start(index + 1))

    def _start(self, index: int) -> datetime:
        """The start of the window ``index`` steps after the one that begins at ``starts_at``."""
        if self.unit is not Unit.DAYS:
            return self.starts_at.astimezone(UTC) + index * self._step()
        anchor = self._local(self.starts_at)
        wall = anchor.replace(tzinfo=None, fold=0) + index * self._step()
        return _instant(wall, ZoneInfo(self.zone), second=anchor.fold == 1)

    def _index(self, moment: datetime) -> int:
        if not FIRST_YEAR <= moment.year <= LAST_YEAR:
            raise InputRejected(
                "moment_out_of_range",
                gettext_noop("The year %(year)s is outside %(first)s to %(last)s. Check the date."),
                year=str(moment.year),
                first=str(FIRST_YEAR),
                last=str(LAST_YEAR),
            )
        if self.unit is not Unit.DAYS:
            return (moment - self.starts_at) // self._step()
        anchor = self._local(self.starts_at).replace(tzinfo=None)
        index = (self._local(moment).replace(tzinfo=None) - anchor) // self._step()
        # The wall time divides well but for hours that the clocks leave out or repeat: one step at most.
        if self._start(index) > moment:
            return index - 1
        return index + 1 if self._start(index + 1) <= moment else index

    def _first_index(self, moment: datetime) -> int:
        """Of the first window that starts at or after ``moment``."""
        index = self._index(moment)
        return index if self._start(index) == moment else index + 1


def _instant(wall: datetime, zone: ZoneInfo, *, second: bool = False) -> datetime:
    """When the clocks in ``zone`` show ``wall``, in UTC; ``second``: the later of two such times."""
    # PEP 495: fold 0 moves a time that is left out forward, fold 1 backward.
    earlier = wall.replace(tzinfo=zone).astimezone(UTC)
    return max(earlier, wall.replace(tzinfo=zone, fold=1).astimezone(UTC)) if second else earlier


def check_rhythm(rhythm: Rhythm) -> None:
    """Raise `InputRejected` when the rhythm cannot be followed: what is wrong with it and what to do."""
    _check_zone(rhythm.zone)
    _check_step(rhythm)
    _check_days(rhythm)
    rhythm.next_end(rhythm.starts_at)


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # unknown; no path below the zones; a folder or a name too long
        raise InputRejected(
            "unknown_zone",
            gettext_noop('There is no time zone "%(zone)s". Write it as "Europe/Berlin" or "UTC".'),
            zone=zone[:100],
        ) from None


def _check_step(rhythm: Rhythm) -> None:
    most = MOST_DAYS * {Unit.MINUTES: 24 * 60, Unit.HOURS: 24, Unit.DAYS: 1}[rhythm.unit]
    if not 1 <= rhythm.every <= most:
        raise InputRejected(
            "rhythm_out_of_range",
            gettext_noop(
                "A batch every %(every)s %(unit)s cannot be followed. Give a whole number from 1 to %(most)s."
            ),
            every=str(rhythm.every),
            unit=Message(_UNITS[rhythm.unit]),
            most=str(most),
        )


def _check_days(rhythm: Rhythm) -> None:
    if not rhythm.weekdays:
        raise InputRejected(
            "no_weekdays",
            gettext_noop(
                "No day of the week is chosen, so no batch would ever be expected. Choose one at least."
            ),
        )
    if wrong := [day for day in rhythm.weekdays if not 1 <= day <= 7]:
        raise InputRejected(
            "unknown_weekday",
            gettext_noop("%(day)s is no day of the week. They are 1 (Monday) to 7 (Sunday)."),
            day=str(wrong[0]),
        )
    if len(rhythm.holidays) > MOST_HOLIDAYS:
        raise InputRejected(
            "too_many_holidays",
            gettext_noop("%(count)s holidays are given; %(most)s at most. Leave out those that are over."),
            count=str(len(rhythm.holidays)),
            most=str(MOST_HOLIDAYS),
        )
