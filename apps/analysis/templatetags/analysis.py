"""``{% load analysis %}``: values of rows, and intervals of rates."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import gettext as _

from apps.common import formats
from apps.compute.results import MetricResult

register = template.Library()


@register.filter
def row_value(value: Any) -> str:
    """A value of a row: whole texts, numbers as people read them, a missing one as a dash."""
    if value is None or value == "":
        return formats.NO_VALUE
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, int | float):
        return formats.quantity(value, "number") if abs(value) < 1e15 else str(value)
    return str(value)


@register.simple_tag
def interval_words(rate: MetricResult, unit: str) -> str:
    """ "86.1 to 88.4"."""
    return formats.interval(rate.low, rate.high, unit, rate.value)
