"""Numbers and times as the design guide writes them, in both languages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django.utils import timezone, translation

from apps.common.formats import age, change, duration, exact, interval, message, number, quantity, size
from apps.compute.figures import Quantity
from apps.compute.messages import Message

NBSP = "\u00a0"


@pytest.mark.parametrize(
    ("value", "unit", "low", "high", "text"),
    [
        # The rows of the report in the design.
        (0.872, "share", 0.861, 0.884, "87.2%"),
        (0.0034, "share", 0.0032, 0.0036, "0.34%"),
        (372, "count", 361, 383, "372"),
        (1.18, "score", 1.06, 1.31, "1.18"),
        (61.2, "ms", 58.1, 64.4, "61 ms"),
        (0.41, "score", 0.37, 0.45, "0.41"),
        (0.741, "score", 0.728, 0.753, "0.741"),
        (0.018, "score", 0.015, 0.021, "0.018"),
        # Without an interval the unit alone decides.
        (0.5, "share", None, None, "50.0%"),
        (0.00001, "share", None, None, "<0.01%"),
        (0.0, "share", None, None, "0.0%"),
        (412_380, "count", None, None, "412,380"),
        (-0.25, "score", None, None, "\u22120.250"),
        (1234.567, "target", None, None, "1,235"),
        (0.012345, "target", None, None, "0.01235"),
        (3.456, "ratio", None, None, "3.46×"),
        (0.125, "level", None, None, "0.125"),
        (0.5, "level", None, None, "0.50"),
        (None, "share", None, None, "—"),
        # Between shares lie percentage points.
        (0.0294, "points", 0.008, 0.05, "2.9 pp"),
        # A wide interval takes digits away; one without width does not.
        (0.8723, "share", 0.6, 1.0, "87%"),
        (0.8723, "share", 0.8723, 0.8723, "87.2%"),
        (-1e-9, "score", None, None, "0.000"),
    ],
)
def test_quantities(value: float, unit: str, low: float, high: float, text: str) -> None:
    assert quantity(value, unit, low, high) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.142, "share", f"14,2{NBSP}%"),
        (0.7412, "score", "0,741"),
        (412_380, "count", f"412{NBSP}380"),
    ],
)
def test_russian_quantities(value: float, unit: str, text: str) -> None:
    with translation.override("ru"):
        assert quantity(value, unit) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "currency", "text"),
    [
        (1_460_000, None, None, "EUR", "€1.46 M"),
        (212_400, None, None, "EUR", "€212 k"),
        (9_412.4, 9_000, 9_800, "EUR", "€9,412"),
        (9_999.6, None, None, "EUR", "€10,000"),
        (10_040, None, None, "EUR", "€10.0 k"),
        (-1_460_000, None, None, "USD", "\u2212$1.46 M"),
        (999_600, None, None, "EUR", "€1.00 M"),
        (2_345_000_000, None, None, "CHF", "CHF 2.35 bn"),
        (1_460_000, 1_000_000, 1_920_000, "EUR", "€1.5 M"),
        (-0.3, None, None, "EUR", "€0"),
        (0, None, None, "EUR", "€0"),
    ],
)
def test_money(value: float, low: float, high: float, currency: str, text: str) -> None:
    assert quantity(value, "money", low, high, currency) == text.replace(" ", NBSP)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (12, "€12"),
        (12.5, "€12.50"),
        (0.25, "€0.25"),
        (0.0004, "€0.0004"),
        (-3, "−€3"),
        (60_000, "€60\u00a0k"),
    ],
)
def test_a_price_keeps_its_small_parts(value: float, text: str) -> None:
    assert quantity(value, "price", currency="EUR") == text


def test_the_interval_of_money_has_the_scale_of_the_estimate() -> None:
    assert interval(1_310_000, 1_610_000, "money", 1_460_000) == "1.31 to 1.61"
    assert interval(-20_000, 40_000, "money", 10_000) == "\u221220 to 40"
    assert interval(800, 1_200, "money", 1_000) == "800 to 1,200"


@pytest.mark.parametrize(
    ("value", "unit", "low", "high", "text"),
    [
        (0.039, "score", 0.031, 0.047, "+0.039"),
        (-0.02, "share", -0.025, -0.015, "\u22122.0 pp"),
        (0.012, "share", None, None, "+1.2 pp"),
        (212_400, "money", None, None, f"+€212{NBSP}k"),
        (-3.2, "ms", -4.0, -2.4, "\u22123.2 ms"),
        (0.0, "score", None, None, "0.000"),
        (None, "score", None, None, "—"),
    ],
)
def test_changes_have_a_sign(value: float | None, unit: str, low: float, high: float, text: str) -> None:
    assert change(value, unit, low, high, "EUR") == text


def test_intervals_have_the_digits_of_the_estimate_and_no_unit() -> None:
    assert interval(0.861, 0.884, "share", 0.872) == "86.1 to 88.4"
    assert interval(0.0032, 0.0036, "share", 0.0034) == "0.32 to 0.36"
    assert interval(58.1, 64.4, "ms", 61.2) == "58 to 64"
    assert interval(None, 0.5, "share") == ""


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (212_000_000, "212 MB"), (5 * 1024**3, "5.4 GB")],
)
def test_sizes(count: int, text: str) -> None:
    assert size(count).replace(NBSP, " ") == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0612, "61 ms"),
        (1.32, "1.3 s"),
        (42.4, "42 s"),
        (59.7, "1 min"),
        (360, "6 min"),
        (6_480, "1 h 48 min"),
        (timedelta(seconds=2), "2.0 s"),
        (None, "—"),
    ],
)
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=30), "just now"),
        (timedelta(minutes=1), "1 minute ago"),
        (timedelta(hours=2, minutes=59), "2 hours ago"),
        (timedelta(days=6, hours=23), "6 days ago"),
        (timedelta(days=9), "14 November 2026"),
    ],
)
def test_ages_are_relative_below_seven_days(ago: timedelta, text: str) -> None:
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert age(now - ago, now) == text


def test_sentences_carry_numbers_quantities_and_sentences() -> None:
    inner = Message("%(n)s rows", {"n": 1_204})
    outer = Message(
        "%(inner)s, %(share)s of %(name)s",
        {"inner": inner, "share": Quantity(0.8723, "share", 0.80, 0.94), "name": "x"},
    )
    assert message(outer) == "1,204 rows, 87% of x"
    assert message(Message("100% of it")) == "100% of it"
    assert number(-0.0004, 2) == "0.00"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.85, "share", "85%"),
        (0.003, "share", "0.3%"),
        (0.2999999, "share", "29.99999%"),
        (1.25, "ratio", "1.25×"),
        (80.0, "ms", "80 ms"),
        (-0.5, "score", "\u22120.5"),
        (1_200_000.0, "money", f"€1.20{NBSP}M"),
    ],
)
def test_limits_keep_all_their_digits(value: float, unit: str, text: str) -> None:
    assert exact(value, unit, "EUR") == text


def test_days_carry_their_year_only_where_it_is_another_one() -> None:
    this_year = timezone.localdate().replace(month=4, day=26)
    assert message(Message("Ends on %(day)s.", {"day": this_year})) == "Ends on 26 April."
    assert message(Message("Ended on %(day)s.", {"day": date(2019, 4, 6)})) == "Ended on 6 April 2019."
