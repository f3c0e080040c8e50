"""Numbers and times as people read them, in the language of the page. Design guide, section 5, "Numbers".

Units: ``"share"`` (0..1, shown as a percentage), ``"score"``, ``"ratio"``, ``"count"``, ``"target"`` (the
unit of what is predicted), ``"number"`` (a value of a column), ``"level"`` (a threshold or an edge of a bin),
``"ms"``, ``"seconds"``, ``"per_second"``, ``"bytes"``, ``"text"``, ``"date"`` (seconds since 1970),
``"money"`` (whole units of ``currency``, an ISO 4217 code) and ``"price"`` (the same with its small parts).
"""

from __future__ import annotations

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

NO_VALUE = "—"
NBSP = "\u00a0"
MINUS = "\u2212"
SYMBOLS = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CNY": "¥", "INR": "₹", "RUB": "₽", "KZT": "₸"}


def number(value: float, decimals: int) -> str:
    """With thousands separators and the real minus; minus nought is nought."""
    rounded = round(value, decimals) + 0.0
    return number_format(rounded, decimals, use_l10n=True, force_grouping=True).replace("-", MINUS)


def interval_decimals(low: float | None, high: float | None, units: int = 4) -> int | None:
    """Decimals that an interval of this width supports: its width is at least ``units`` of the last one.

    None when there is no interval or it has no width.
    """
    if low is None or high is None or not high > low:
        return None
    return max(0, math.ceil(-math.log10((high - low) / units) - 1e-9))


def _usual_decimals(value: float, unit: str) -> int:
    size = abs(value)
    if unit == "percent":
        return 2 if 0 < size < 1 else 1
    if unit == "count":
        return 0
    if unit == "score":
        return 3
    if unit == "level":
        return max(2, len(f"{size:.4f}".rstrip("0").partition(".")[2]))
    if unit in ("ratio", "per_second", "ms", "money"):
        return 0 if size >= 100 else 1 if size >= 10 else 2
    if unit == "number" and size.is_integer():
        return 0
    return _four_digits(size)


def _four_digits(size: float) -> int:
    if size == 0 or size >= 1_000:
        return 0
    return min(6, max(0, 3 - math.floor(math.log10(size))))


def _decimals(value: float, low: float | None, high: float | None, unit: str) -> int:
    supported = interval_decimals(low, high)
    usual = _usual_decimals(value, unit)
    return usual if supported is None else min(usual, supported)


def quantity(
    value: Any, unit: str, low: float | None = None, high: float | None = None, currency: str = ""
) -> str:
    """The value with its unit, with no more digits than the interval ``low`` to ``high`` supports."""
    if value is None or value == "":
        return NO_VALUE
    if unit == "money":
        return money(float(value), currency, low, high)
    if unit == "price":
        return price(float(value), currency)
    if unit == "text":
        return str(value)
    if unit == "date":
        return date_format(timezone.localtime(datetime.fromtimestamp(value, UTC)), "j E Y")
    if unit == "bytes":
        return size(value)
    if unit == "seconds":
        return duration(value)
    if unit == "points":
        return change(float(value), "share", low, high).removeprefix("+")
    scale, unit = (100.0, "percent") if unit == "share" else (1.0, unit)
    value, low, high = (None if part is None else float(part) * scale for part in (value, low, high))
    return _with_unit(_shown(value, _decimals(value, low, high, unit)), unit)


def exact(value: float, unit: str, currency: str = "") -> str:
    """A number that a person chose, such as a limit, with all its digits: "85%", "0.3%", "80 ms"."""
    if unit == "money":
        return money(value, currency)
    scale, unit = (100.0, "percent") if unit == "share" else (1.0, unit)
    decimals = len(f"{value * scale:.9f}".rstrip("0").partition(".")[2])
    return _with_unit(number(value * scale, decimals), unit)


def _shown(value: float, decimals: int) -> str:
    """The number, or "<0.01" for what is positive and would be shown as nought."""
    smallest = 10.0**-decimals
    if decimals and 0 < value < smallest / 2:
        return f"<{number(smallest, decimals)}"
    return number(value, decimals)


def _with_unit(text: str, unit: str) -> str:
    if unit == "percent":
        return f"{text}{NBSP if (get_language() or '').startswith('ru') else ''}%"
    if unit == "ms":
        return gettext("%(number)s ms") % {"number": text}
    if unit == "per_second":
        return gettext("%(number)s per second") % {"number": text}
    if unit == "ratio":
        return f"{text}×"
    return text


def money(value: float, currency: str, low: float | None = None, high: float | None = None) -> str:
    """ "€1.46 M", "€212 k", whole below 10,000; a currency without a sign is named by its code."""
    scale, unit, pattern = _money_scale(value)
    low, high = (None if part is None else part * scale for part in (low, high))
    decimals = _decimals(value * scale, low, high, unit)
    if low is None and round(value * scale, 6).is_integer():
        decimals = 0  # an amount that somebody chose: "€60 k"
    text = number(value * scale, decimals)
    sign = MINUS if text.startswith(MINUS) else ""
    amount = gettext(pattern) % {
        "number": text.removeprefix(MINUS),
        "currency": SYMBOLS.get(currency, f"{currency} "),
    }
    return f"{sign}{amount.strip()}".replace(" ", NBSP)


def price(value: float, currency: str) -> str:
    """What one thing costs: "€0.25", "€12.50", "€0.0004"; from 10,000 as `money`."""
    if abs(value) >= 10_000:
        return money(value, currency)
    digits = len(f"{value:.9f}".rstrip("0").partition(".")[2])
    text = number(value, max(digits, 2) if digits else 0)
    amount = f"{SYMBOLS.get(currency, f'{currency}{NBSP}')}{text.removeprefix(MINUS)}"
    return f"{MINUS}{amount}" if text.startswith(MINUS) else amount


def _money_scale(value: float) -> tuple[float, str, str]:
    """What to multiply by, the unit of the decimals, and the pattern: estimate and interval share a scale."""
    size = abs(value)
    if size >= 999.5e6:
        return 1e-9, "money", gettext_noop("%(currency)s%(number)s bn")
    if size >= 999.5e3:
        return 1e-6, "money", gettext_noop("%(currency)s%(number)s M")
    if size >= 10_000:
        return 1e-3, "money", gettext_noop("%(currency)s%(number)s k")
    return 1.0, "count", gettext_noop("%(currency)s%(number)s")


def change(
    value: float | None,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    currency: str = "",
) -> str:
    """A difference with its sign: "+0.014", "−2.0 pp", "+€212 k". Shares differ by percentage points."""
    if value is None:
        return NO_VALUE
    if unit == "money":
        return _signed(money(value, currency, low, high), value)
    scale, unit = (100.0, "percent") if unit == "share" else (1.0, unit)
    low, high = (None if part is None else part * scale for part in (low, high))
    text = number(value * scale, _change_decimals(value * scale, low, high, unit))
    text = gettext("%(number)s pp") % {"number": text} if unit == "percent" else _with_unit(text, unit)
    return _signed(text, value)


def change_interval(value: float, low: float | None, high: float | None, unit: str) -> str:
    """ "−0.2 to +2.4": both ends with signs and the digits of `change`, no unit. "" without interval."""
    if low is None or high is None:
        return ""
    scale, unit = (100.0, "percent") if unit == "share" else (1.0, unit)
    value, low, high = value * scale, low * scale, high * scale
    decimals = _change_decimals(value, low, high, unit)
    return gettext("%(low)s to %(high)s") % {
        "low": _signed(number(low, decimals), low),
        "high": _signed(number(high, decimals), high),
    }


def _change_decimals(value: float, low: float | None, high: float | None, unit: str) -> int:
    """Finer than for an estimate: on which side of nought the ends lie must be seen."""
    usual, supported = _usual_decimals(value, unit), interval_decimals(low, high, 8)
    return usual if supported is None else min(usual, supported)


def _signed(text: str, value: float) -> str:
    return text if text.startswith(MINUS) or not value else f"+{text}"


def interval(low: float | None, high: float | None, unit: str, value: float | None = None) -> str:
    """ "86.1 to 88.4": both ends, with the digits of the estimate, no unit. "" without interval."""
    if low is None or high is None:
        return ""
    scale, unit = (100.0, "percent") if unit == "share" else (1.0, unit)
    middle = (low + high) / 2 if value is None else value
    if unit == "money":
        scale, unit, _pattern = _money_scale(middle)
    decimals = _decimals(middle * scale, low * scale, high * scale, unit)
    return gettext("%(low)s to %(high)s") % {
        "low": number(low * scale, decimals),
        "high": number(high * scale, decimals),
    }


def size(count: float) -> str:
    """Bytes in decimal units: "212 MB", "1.5 GB"."""
    units = [gettext("bytes"), gettext("kB"), gettext("MB"), gettext("GB"), gettext("TB")]
    power = 0
    while count >= 999.5 and power < len(units) - 1:
        count /= 1_000
        power += 1
    return f"{number(count, 1 if power and count < 9.95 else 0)}{NBSP}{units[power]}"


def duration(seconds: float | timedelta | None) -> str:
    """ "61 ms", "1.3 s", "6 min", "1 h 48 min"."""
    if seconds is None:
        return NO_VALUE
    value = seconds.total_seconds() if isinstance(seconds, timedelta) else float(seconds)
    if value < 0.9995:
        return gettext("%(number)s ms") % {"number": number(value * 1_000, 0)}
    if value < 59.5:
        return gettext("%(number)s s") % {"number": number(value, 1 if value < 9.95 else 0)}
    minutes = round(value / 60)
    if minutes < 60:
        return gettext("%(number)s min") % {"number": number(minutes, 0)}
    hours, minutes = divmod(minutes, 60)
    return gettext("%(hours)s h %(minutes)s min") % {"hours": number(hours, 0), "minutes": minutes}


def age(moment: datetime, now: datetime | None = None) -> str:
    """ "2 hours ago" below seven days, the date after."""
    seconds = ((now or timezone.now()) - moment).total_seconds()
    if seconds < 60:
        return gettext("just now")
    if seconds < 3_600:
        count = int(seconds // 60)
        return ngettext("%(count)d minute ago", "%(count)d minutes ago", count) % {"count": count}
    if seconds < 86_400:
        count = int(seconds // 3_600)
        return ngettext("%(count)d hour ago", "%(count)d hours ago", count) % {"count": count}
    if seconds < 7 * 86_400:
        count = int(seconds // 86_400)
        return ngettext("%(count)d day ago", "%(count)d days ago", count) % {"count": count}
    return date_format(timezone.localtime(moment), "j E Y")


def message(sentence: Any) -> str:
    """A sentence of ``apps.compute.messages.Message`` in the language of the page.

    Its values may be sentences and quantities (``value``, ``unit`` and perhaps ``low``, ``high``) themselves.
    """
    if not hasattr(sentence, "params"):
        return str(sentence)
    words = gettext(sentence.text)
    if not sentence.params:
        return words
    return words % {key: _value(part) for key, part in sentence.params.items()}


class _Count(int):
    """Written with separators by ``%s`` and plainly by ``%d``: sentences may use either."""

    def __str__(self) -> str:
        return number(int(self), 0)


def _value(part: Any) -> Any:
    if hasattr(part, "params"):
        return message(part)
    if hasattr(part, "unit"):
        return quantity(part.value, part.unit, part.low, part.high, getattr(part, "currency", ""))
    if isinstance(part, int) and not isinstance(part, bool):
        return _Count(part)
    if isinstance(part, float):
        return number_format(part, use_l10n=True)
    if isinstance(part, date):
        return day(part)
    return part


def day(value: date) -> str:
    """ "26 April", with the year where it is not the present one."""
    value = timezone.localtime(value).date() if isinstance(value, datetime) else value
    return date_format(value, "j E" if value.year == timezone.localdate().year else "j E Y")
