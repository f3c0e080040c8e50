"""``{% load monitoring %}``: small charts and words of monitors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from apps.common import formats
from apps.monitoring.models import Batch, LightState, Monitor, Unit
from apps.monitoring.pages.lights import Answer
from apps.requirements.wording import metric_label

register = template.Library()
WIDTH, HEIGHT, EDGE = 118.0, 26.0, 3.0


@register.inclusion_tag("monitoring/_trend.html")
def trend(points: Sequence[Mapping[str, float]], unit: str) -> dict[str, Any]:
    """``{% trend monitor.trend row.unit %}``: the metric of the newest windows, given newest first."""
    values = [point["value"] for point in reversed(points)]
    if len(values) < 2:
        return {"line": ""}
    low, high = min(values), max(values)
    step = (WIDTH - 2 * EDGE) / (len(values) - 1)
    span = high - low

    def y(value: float) -> float:
        share = (value - low) / span if span else 0.5
        return round(HEIGHT - EDGE - share * (HEIGHT - 2 * EDGE), 1)

    places = [(round(EDGE + i * step, 1), y(value)) for i, value in enumerate(values)]
    said = {
        "n": len(values),
        "first": formats.quantity(values[0], unit),
        "last": formats.quantity(values[-1], unit),
    }
    return {
        "line": " ".join(f"{x},{y}" for x, y in places),
        "dot": places[-1],
        "label": _("%(n)d windows, from %(first)s to %(last)s") % said,
    }


@register.filter
def light_word(state: str) -> str:
    """``{{ "warn"|light_word }}``: "Partly"."""
    return str(LightState(state).label)


@register.filter
def metric_name(key: str) -> str:
    return metric_label(key)


@register.filter
def rhythm(monitor: Monitor) -> str:
    """``{{ monitor|rhythm }}``: "every day", "every 15 minutes"."""
    if monitor.every == 1:
        once = {Unit.MINUTES: _("every minute"), Unit.HOURS: _("every hour"), Unit.DAYS: _("every day")}
        return once[Unit(monitor.unit)]
    return _("every %(n)d %(unit)s") % {"n": monitor.every, "unit": Unit(monitor.unit).label}


@register.simple_tag
def window(batch: Batch, monitor: Monitor) -> str:
    """``{% window batch monitor %}``: "14 March 2012", or with the time of day, where the system lives."""
    start, end = (moment.astimezone(ZoneInfo(monitor.zone)) for moment in (batch.start, batch.end))
    if monitor.unit == Unit.DAYS and start.time() == end.time():
        days = (end.date() - start.date()).days
        if days == 1:
            return date_format(start, "j M Y")
        return _("%(first)s, %(n)d days") % {"first": date_format(start, "j M Y"), "n": days}
    last = "H:i" if start.date() == end.date() else "j M, H:i"
    return _("%(first)s to %(last)s") % {
        "first": date_format(start, "j M Y, H:i"),
        "last": date_format(end, last),
    }


@register.filter
def at_home(moment: datetime, monitor: Monitor) -> str:
    """``{{ moment|at_home:monitor }}``: "14 Mar 2012", with the time where windows are below a day."""
    local = moment.astimezone(ZoneInfo(monitor.zone))
    return date_format(local, "j M Y" if monitor.unit == Unit.DAYS else "j M Y, H:i")


@register.inclusion_tag("monitoring/_question.html")
def question(answer: Answer) -> dict[str, Any]:
    """``{% question answer %}``: a card with one of the three questions."""
    return {"answer": answer}
