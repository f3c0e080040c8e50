"""Windows on the calendar, above all where the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, reject, settings
from hypothesis import strategies as st

from apps.compute.messages import InputRejected
from apps.compute.monitoring.rhythm import Comparable, Rhythm, Unit, Window, check_rhythm

ZONES = [
    "UTC",
    "Europe/Berlin",
    "America/Havana",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Asia/Kathmandu",
]


def local(zone: str, *parts: int, fold: int = 0) -> datetime:
    return datetime(*parts, tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


def daily(zone: str, *parts: int, every: int = 1, fold: int = 0, **kwargs: object) -> Rhythm:
    return Rhythm(every, Unit.DAYS, local(zone, *parts, fold=fold), zone, **kwargs)  # type: ignore[arg-type]


def hours(window: Window) -> float:
    return (window.end - window.start) / timedelta(hours=1)


rhythms = st.builds(
    Rhythm,
    every=st.integers(1, 40),
    unit=st.sampled_from(Unit),
    starts_at=st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)),
    zone=st.sampled_from(ZONES),
    weekdays=st.sets(st.integers(1, 7), min_size=1).map(tuple),
    holidays=st.lists(st.dates(date(2000, 1, 1), date(2040, 1, 1)), max_size=3).map(tuple),
)
moments = st.datetimes(datetime(1999, 1, 1), datetime(2041, 1, 1), timezones=st.just(UTC))


@given(rhythms, moments)
@settings(max_examples=300, deadline=None)
def test_windows_tile_time(rhythm: Rhythm, moment: datetime) -> None:
    window = rhythm.window_of(moment)
    assert window.start <= moment < window.end
    assert window.start.tzinfo is UTC
    assert rhythm.window_of(window.start) == window
    assert rhythm.window_of(window.end).start == window.end
    assert rhythm.window_of(window.start - timedelta(microseconds=1)).end == window.start
    assert rhythm.window_of(rhythm.starts_at).start == rhythm.starts_at


@given(rhythms, st.integers(0, 400), st.integers(0, 60))
@settings(max_examples=150, deadline=None)
def test_expected_windows_are_the_open_ones_of_all(rhythm: Rhythm, late: int, length: int) -> None:
    first = rhythm.starts_at + timedelta(hours=late - 100)
    until = first + timedelta(hours=length * 6 if rhythm.unit is Unit.MINUTES else length * 24)
    every, window = [], rhythm.window_of(max(first, rhythm.starts_at))
    while window.end <= until:
        if window.start >= max(first, rhythm.starts_at) and rhythm.expects(window):
            every.append(window)
        window = rhythm.window_of(window.end)
    assert list(rhythm.expected(first, until)) == every


@given(rhythms, moments)
@settings(max_examples=150, deadline=None)
def test_the_next_end_is_that_of_the_first_expected_window(rhythm: Rhythm, after: datetime) -> None:
    try:
        end = rhythm.next_end(after)
    except InputRejected:  # the days of the week and this rhythm never meet
        reject()
    assert end > max(after, rhythm.starts_at)
    before = rhythm.expected(after - timedelta(days=41), end)
    assert [window.end for window in before if window.end > after] == [end]


def test_a_day_has_23_or_25_hours_in_berlin() -> None:
    rhythm = daily("Europe/Berlin", 2026, 3, 1)
    spring = rhythm.window_of(local("Europe/Berlin", 2026, 3, 29, 12))
    autumn = rhythm.window_of(local("Europe/Berlin", 2026, 10, 25, 12))
    assert spring == Window(datetime(2026, 3, 28, 23, tzinfo=UTC), datetime(2026, 3, 29, 22, tzinfo=UTC))
    assert (hours(spring), hours(autumn)) == (23, 25)


def test_24_hours_are_24_hours_in_berlin() -> None:
    rhythm = Rhythm(24, Unit.HOURS, local("Europe/Berlin", 2026, 3, 1), "Europe/Berlin")
    window = rhythm.window_of(local("Europe/Berlin", 2026, 3, 29, 12))
    assert hours(window) == 24
    assert window.end == local("Europe/Berlin", 2026, 3, 30, 1)


def test_a_time_that_the_clocks_leave_out_is_an_hour_later() -> None:
    rhythm = daily("Europe/Berlin", 2026, 3, 1, 2, 30)
    window = rhythm.window_of(local("Europe/Berlin", 2026, 3, 29, 12))
    assert window.start == local("Europe/Berlin", 2026, 3, 29, 3, 30)
    assert rhythm.window_of(window.end).start == local("Europe/Berlin", 2026, 3, 30, 2, 30)


@pytest.mark.parametrize("fold", [0, 1])
def test_a_time_that_the_clocks_show_twice_is_the_one_of_the_start(fold: int) -> None:
    rhythm = daily("Europe/Berlin", 2025, 10, 26, 2, 30, fold=fold)
    assert rhythm.window_of(rhythm.starts_at).start == rhythm.starts_at
    year_later = rhythm.window_of(local("Europe/Berlin", 2026, 10, 25, 12))
    assert year_later.start == local("Europe/Berlin", 2026, 10, 25, 2, 30, fold=fold)
    spring = rhythm.window_of(local("Europe/Berlin", 2026, 3, 29, 12))
    assert spring.start == local("Europe/Berlin", 2026, 3, 29, 3, 30)


@pytest.mark.parametrize("fold", [0, 1])
def test_a_midnight_that_havana_leaves_out_stays_on_its_date(fold: int) -> None:
    rhythm = daily("America/Havana", 2025, 11, 2, fold=fold)
    window = rhythm.window_of(local("America/Havana", 2026, 3, 8, 12))
    assert window.start == local("America/Havana", 2026, 3, 8, 1)
    assert rhythm.key(window) == "7"


def test_the_date_that_samoa_left_out_is_no_window() -> None:
    rhythm = daily("Pacific/Apia", 2011, 12, 27, 10)
    until = local("Pacific/Apia", 2012, 1, 2, 10)
    days = [
        window.start.astimezone(ZoneInfo("Pacific/Apia")).day
        for window in rhythm.expected(rhythm.starts_at, until)
    ]
    assert days == [27, 28, 29, 31, 1]
    assert rhythm.next_end(local("Pacific/Apia", 2011, 12, 29, 12)) == local("Pacific/Apia", 2011, 12, 31, 10)


def test_weekdays_and_holidays_are_those_of_the_zone() -> None:
    rhythm = daily("Asia/Tokyo", 2026, 5, 1, weekdays=(1, 2, 3, 4, 5), holidays=(date(2026, 5, 5),))
    first = local("Asia/Tokyo", 2026, 5, 1)
    windows = rhythm.expected(first, first + timedelta(days=9))
    days = [window.start.astimezone(ZoneInfo("Asia/Tokyo")).day for window in windows]
    assert days == [1, 4, 6, 7, 8]
    assert rhythm.next_end(local("Asia/Tokyo", 2026, 5, 2)) == local("Asia/Tokyo", 2026, 5, 5)


def test_nothing_is_expected_before_the_start() -> None:
    rhythm = daily("UTC", 2026, 1, 10)
    windows = rhythm.expected(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 12, tzinfo=UTC))
    assert [window.start.day for window in windows] == [10, 11]
    assert rhythm.next_end(datetime(2020, 1, 1, tzinfo=UTC)) == datetime(2026, 1, 11, tzinfo=UTC)


def test_centuries_and_long_holidays_cost_nothing() -> None:
    year = tuple(date(2026, 1, 1) + timedelta(days=day) for day in range(365))
    rhythm = Rhythm(1, Unit.MINUTES, datetime(1950, 1, 1, tzinfo=UTC), "Europe/Berlin", holidays=year)
    assert rhythm.next_end(local("Europe/Berlin", 2026, 1, 1, 0, 5)) == local(
        "Europe/Berlin", 2027, 1, 1, 0, 1
    )
    two = islice(
        rhythm.expected(local("Europe/Berlin", 2025, 12, 31, 23, 59), datetime.max.replace(tzinfo=UTC)), 2
    )
    assert [window.start for window in two] == [
        local("Europe/Berlin", 2025, 12, 31, 23, 59),
        local("Europe/Berlin", 2027, 1, 1),
    ]


@pytest.mark.parametrize(
    ("every", "unit", "comparable", "key"),
    [
        (1, Unit.HOURS, Comparable.AUTO, "14:00"),
        (5, Unit.MINUTES, Comparable.AUTO, "14:00"),
        (1, Unit.DAYS, Comparable.AUTO, "3"),
        (24, Unit.HOURS, Comparable.AUTO, "3"),
        (7, Unit.DAYS, Comparable.AUTO, ""),
        (1, Unit.HOURS, Comparable.PREVIOUS, ""),
        (1, Unit.DAYS, Comparable.SAME_HOUR, "14:00"),
        (1, Unit.HOURS, Comparable.SAME_WEEKDAY, "3"),
        (1, Unit.HOURS, Comparable.SAME_WEEKDAY_HOUR, "3 14:00"),
    ],
)
def test_keys_of_comparable_windows(every: int, unit: Unit, comparable: Comparable, key: str) -> None:
    start = local("Europe/Berlin", 2026, 7, 1, 14, 10)  # a Wednesday
    rhythm = Rhythm(every, unit, start, "Europe/Berlin", comparable=comparable)
    assert rhythm.key(rhythm.window_of(start)) == key


def test_a_day_keeps_its_key_when_the_clocks_leave_its_time_out() -> None:
    rhythm = daily("Europe/Berlin", 2026, 3, 1, 2, 30, comparable=Comparable.SAME_HOUR)
    windows = rhythm.expected(rhythm.starts_at, rhythm.starts_at + timedelta(days=60))
    assert {rhythm.key(window) for window in windows} == {"02:00"}


def test_the_hour_that_comes_twice_is_two_windows_of_one_key() -> None:
    rhythm = Rhythm(1, Unit.HOURS, local("Europe/Berlin", 2026, 10, 25), "Europe/Berlin")
    windows = list(rhythm.expected(rhythm.starts_at, rhythm.starts_at + timedelta(hours=5)))
    assert [rhythm.key(window) for window in windows] == ["00:00", "01:00", "02:00", "02:00", "03:00"]
    assert all(one.end == other.start for one, other in pairwise(windows))


@pytest.mark.parametrize("year", [1, 1899, 3000, 9999])
def test_a_year_far_away_is_rejected(year: int) -> None:
    with pytest.raises(InputRejected, match=rf"The year {year} is outside 1900 to 2999"):
        daily("Europe/Berlin", 2026, 1, 1).window_of(datetime(year, 6, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"zone": "Europe/Atlantis"}, "unknown_zone"),
        ({"zone": ""}, "unknown_zone"),
        ({"zone": "Europe"}, "unknown_zone"),
        ({"zone": "../../etc/passwd"}, "unknown_zone"),
        ({"zone": "\0" + "x" * 5000}, "unknown_zone"),
        ({"zone": "x" * 5000}, "unknown_zone"),
        ({"every": 0}, "rhythm_out_of_range"),
        ({"every": -3}, "rhythm_out_of_range"),
        ({"every": 10**30}, "rhythm_out_of_range"),
        ({"weekdays": ()}, "no_weekdays"),
        ({"weekdays": (1, 8)}, "unknown_weekday"),
        ({"holidays": (date(2026, 1, 1),) * 367}, "too_many_holidays"),
        ({"every": 7, "weekdays": (1,)}, "no_window"),
        ({"starts_at": datetime(1, 1, 1, tzinfo=UTC)}, "moment_out_of_range"),
        ({"starts_at": datetime(9999, 12, 31, tzinfo=UTC)}, "moment_out_of_range"),
    ],
)
def test_a_rhythm_that_cannot_be_followed_is_rejected(changes: dict[str, object], code: str) -> None:
    given_: dict[str, object] = {"every": 1, "unit": Unit.DAYS, "starts_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with pytest.raises(InputRejected) as rejected:
        check_rhythm(Rhythm(**(given_ | changes)))  # type: ignore[arg-type]
    assert rejected.value.code == code


@pytest.mark.parametrize("unit", Unit)
def test_a_usual_rhythm_passes(unit: Unit) -> None:
    check_rhythm(Rhythm(1, unit, datetime(2026, 1, 1, tzinfo=UTC), "Europe/Berlin", weekdays=(1,)))
