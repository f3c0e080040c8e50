"""Quiet hours and digests on the wall clock. The clock changes are those of the tz database."""

from __future__ import annotations

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from apps.notifications.hours import after_quiet, due_at, next_time
from apps.notifications.models import Preference

BERLIN = ZoneInfo("Europe/Berlin")  # UTC+1, in summer UTC+2


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "start", "end", "until"),
    [
        # over midnight, in winter
        ("2026-01-10 20:59", time(22), time(7), "2026-01-10 20:59"),
        ("2026-01-10 21:00", time(22), time(7), "2026-01-11 06:00"),
        ("2026-01-10 23:30", time(22), time(7), "2026-01-11 06:00"),
        ("2026-01-11 05:59", time(22), time(7), "2026-01-11 06:00"),
        ("2026-01-11 06:00", time(22), time(7), "2026-01-11 06:00"),
        # within a day
        ("2026-01-10 11:30", time(12), time(14), "2026-01-10 13:00"),
        ("2026-01-10 13:00", time(12), time(14), "2026-01-10 13:00"),
        ("2026-01-10 10:00", time(12), time(14), "2026-01-10 10:00"),
        # clocks go forward on 29 March at 01:00 UTC: the night is an hour shorter
        ("2026-03-28 22:00", time(22), time(7), "2026-03-29 05:00"),
        # 02:30 is not there that night; the clock shows 03:30 half an hour after the jump
        ("2026-03-28 22:00", time(22), time(2, 30), "2026-03-29 01:30"),
        # clocks go back on 25 October at 01:00 UTC: the night is an hour longer
        ("2026-10-24 21:00", time(22), time(7), "2026-10-25 06:00"),
        # 02:30 comes twice: at 00:30 and 01:30 UTC
        ("2026-10-24 23:00", time(0), time(2, 30), "2026-10-25 00:30"),
        ("2026-10-25 01:10", time(0), time(2, 30), "2026-10-25 01:30"),
        ("2026-10-25 01:40", time(0), time(2, 30), "2026-10-25 01:40"),
    ],
)
def test_quiet_hours(moment: str, start: time, end: time, until: str) -> None:
    assert after_quiet(utc(moment), BERLIN, start, end) == utc(until)


@pytest.mark.parametrize(
    ("moment", "at", "then"),
    [
        ("2026-01-10 06:59", time(8), "2026-01-10 07:00"),
        ("2026-01-10 07:00", time(8), "2026-01-11 07:00"),
        ("2026-03-28 07:00", time(8), "2026-03-29 06:00"),
        ("2026-10-24 06:00", time(8), "2026-10-25 07:00"),
        ("2026-01-10 23:30", time(0, 15), "2026-01-11 23:15"),  # it is the 11th in Berlin already
    ],
)
def test_time_of_the_digest(moment: str, at: time, then: str) -> None:
    assert next_time(utc(moment), BERLIN, at) == utc(then)


def test_a_digest_waits_for_the_end_of_quiet_hours() -> None:
    preference = Preference(
        mail="digest", digest_at=time(6), quiet_from=time(22), quiet_until=time(7), zone="Europe/Berlin"
    )
    assert due_at(preference, utc("2026-01-10 12:00")) == utc("2026-01-11 06:00")


def test_without_quiet_hours_it_is_now() -> None:
    assert due_at(Preference(), utc("2026-01-10 03:00")) == utc("2026-01-10 03:00")
