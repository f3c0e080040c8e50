"""A limit as people write it: "85 %", "80 ms", "1.2 M", in the unit of its metric."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

#: What may stand behind the number, by unit, and what the number is multiplied with.
_SIGNS: Mapping[str, Mapping[str, float]] = {
    "share": {"%": 0.01},
    "ms": {"ms": 1.0, "s": 1_000.0},
    "ratio": {"×": 1.0, "x": 1.0},
    "money": {"k": 1e3, "K": 1e3, "M": 1e6},
}
_NUMBER = re.compile(
    r"(?P<number>[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?)(?P<sign>.*)", re.IGNORECASE | re.DOTALL
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(\D|$))")


def number_and_sign(text: str) -> tuple[float, str]:
    """The finite number at the start of ``text`` and what stands behind it; ValidationError without one.

    A comma before exactly three digits parts thousands when the number does not start with nought; any other
    comma is a decimal one.
    """
    plain = re.sub(r"[\s\u00a0\u202f]", "", text).replace("\u2212", "-").lstrip("€$£₽")
    plain = plain.replace(",", ".") if plain.lstrip("-").startswith("0") else _THOUSANDS.sub("", plain)
    match = _NUMBER.fullmatch(plain.replace(",", "."))
    number = float(match["number"]) if match else math.nan
    if match is None or not math.isfinite(number):
        raise ValidationError(
            _("“%(text)s” is no number. Write for example 85 %%, 0.74 or 80") % {"text": text}
        )
    return number, match["sign"]


def parse_limit(text: str, unit: str) -> float:
    """The limit in ``unit``; shares become 0..1.

    A share between 0 and 1 without the sign may mean two things, so the sign is asked for.
    """
    number, sign = number_and_sign(text)
    signs = _SIGNS.get(unit, {})
    if sign and sign not in signs:
        raise ValidationError(_wrong_sign(sign, unit), code="wrong_unit")
    if unit == "share":
        if not sign and 0 < abs(number) <= 1:
            raise ValidationError(
                _("Is this %(small)s %% or %(large)s %%? Write the sign behind the number.")
                % {"small": f"{number:g}", "large": f"{number * 100:g}"},
                code="wrong_unit",
            )
        return float(f"{number / 100:.12g}")
    return number * signs.get(sign, 1.0)


def _wrong_sign(sign: str, unit: str) -> str:
    if unit == "ms":
        return _("This metric is a time. Write milliseconds or seconds: 80 ms or 1.5 s.")
    if unit == "money":
        return _("This metric is money per year. Write for example 1200000 or 1.2 M.")
    if unit == "share":
        return _("This metric is a share. Write per cent: 85 %.")
    return _("This metric has no “%(sign)s”. Write the number alone.") % {"sign": sign}


def show_limit(limit: float | None, unit: str) -> str:
    """What `parse_limit` reads back as the same limit."""
    if limit is None:
        return ""
    if unit == "share":
        return f"{limit * 100:.10g} %"
    return f"{limit:.15g}"
