"""Parts of the pages over many projects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from apps.common import formats
from apps.dashboards.progress import Spark
from apps.dashboards.rows import Bar, verdict_bar
from apps.lifecycle.waiting import Waiting

register = template.Library()


@register.simple_tag
def waiting_url(item: Waiting) -> str:
    """``{% waiting_url item %}``: where it is decided."""
    return reverse(item.url_name, args=item.url_args)


@register.filter
def waited(since: datetime) -> str:
    """``{{ item.since|waited }}``: "6 days"."""
    minutes = max(0, int((timezone.now() - since).total_seconds() // 60))
    if minutes < 60:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if minutes < 24 * 60:
        return ngettext("%(n)d hour", "%(n)d hours", minutes // 60) % {"n": minutes // 60}
    days = minutes // (24 * 60)
    return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}


@register.inclusion_tag("dashboards/_spark.html")
def burn_spark(spark: Spark) -> dict[str, Any]:
    """``{% burn_spark progress.spark %}``: a burn chart for a table."""
    return {"spark": spark}


@register.inclusion_tag("dashboards/_bar.html")
def verdict_counts(bar: Bar | Mapping[str, int], big: bool = False) -> dict[str, Any]:
    """``{% verdict_counts row.bar %}``: of a `Bar` or of plain counts; ``big=True`` is higher."""
    return {"bar": bar if isinstance(bar, Bar) else verdict_bar(bar), "big": big}


@register.simple_tag
def money_interval(worth: Any) -> str:
    """``{% money_interval worth %}``: "1.31 to 1.60", in the unit of its ``value``."""
    return formats.interval(worth.low, worth.high, "money", worth.value)
