"""Tags and filters that every template has (a builtin library, no ``{% load %}`` needed)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import template
from django.core.paginator import Page
from django.template import Context
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from apps.common import charts, formats
from apps.common.icons import icon_svg
from apps.common.ranges import range_plot
from apps.common.verdict_bar import verdict_segments
from apps.compute.metrics.registry import METRICS
from apps.compute.value import VALUE_PER_YEAR

register = template.Library()
#: State of a verdict -> icon, word, and letter of its colour; in the order of the bar.
VERDICTS = {
    "confirmed": ("check", gettext_noop("Confirmed"), "c"),
    "contradicting": ("arrow-left-right", gettext_noop("Contradicting"), "x"),
    "refuted": ("x", gettext_noop("Refuted"), "r"),
    "unverified": ("circle-dashed", gettext_noop("Unverified"), "u"),
}
register.filter("message", formats.message)
register.filter("bytes", formats.size)
register.filter("duration", formats.duration)


@register.simple_tag
def icon(name: str, css_class: str = "") -> SafeString:
    """``{% icon "upload" "i-16" %}``: an inline Lucide icon. Sizes: none (1em), i-16, i-18, i-20, i-28."""
    return icon_svg(name, css_class)


@register.filter
def initials(person: Any) -> str:
    """At most two capital letters for an avatar: of the first and last word, or of an address."""
    words = str(person).split("@")[0].replace(".", " ").replace("-", " ").split()
    letters = [word[0] for word in (words[:1] + words[-1:] if len(words) > 1 else words)]
    return "".join(letters).upper()


@register.filter
def count(value: int | None) -> str:
    """``{{ run.n|count }}``: "412,380"."""
    return formats.quantity(value, "count")


@register.filter
def share(value: float | None) -> str:
    """``{{ 0.872|share }}``: "87.2%"."""
    return formats.quantity(value, "share")


@register.filter
def score(value: float | None) -> str:
    """``{{ 0.7412|score }}``: "0.741"."""
    return formats.quantity(value, "score")


@register.simple_tag
def quantity(
    value: Any, unit: str, low: float | None = None, high: float | None = None, currency: str = ""
) -> str:
    """``{% quantity value unit low high %}``: with its unit and the digits that the interval supports.

    Money needs a currency: ``{% quantity value "money" low high currency="EUR" %}``.
    """
    return formats.quantity(value, unit, low, high, currency)


@register.simple_tag
def change(
    value: float | None,
    unit: str,
    low: float | None = None,
    high: float | None = None,
    currency: str = "",
) -> str:
    """``{% change difference unit low high %}``: with its sign, "+1.2 pp" for shares."""
    return formats.change(value, unit, low, high, currency)


@register.simple_tag
def metric_value(result: Any, metric: Any) -> str:
    """The estimate of ``result`` (``value, low, high``), in the unit of the registry's record ``metric``."""
    return formats.quantity(result.value, metric.unit, result.low, result.high)


@register.simple_tag
def metric_interval(result: Any, metric: Any) -> str:
    """ "86.1 to 88.4", or nothing where ``result`` has no interval."""
    return formats.interval(result.low, result.high, metric.unit, result.value)


@register.simple_tag
def metric_link(key: str, label: str = "") -> str:
    """``{% metric_link row.metric.key row.label %}``: the name, with a link to the page that explains it.

    Without a label the metric's own. What is no metric is only named.
    """
    metric = VALUE_PER_YEAR if key == VALUE_PER_YEAR.key else METRICS.get(key)
    if metric is None:
        return label or key
    label = label or gettext(metric.label)
    return format_html('<a class="term" href="{}">{}</a>', reverse("metrics:detail", args=[key]), label)


@register.simple_tag
def ago(moment: datetime) -> SafeString:
    """``{% ago run.created_at %}``: "2 hours ago" with the exact time as title, the date after seven days."""
    exact = date_format(timezone.localtime(moment), "j E Y, H:i:s")
    return format_html(
        '<time datetime="{}" title="{}">{}</time>', moment.isoformat(), exact, formats.age(moment)
    )


@register.inclusion_tag("components/chart.html")
def chart(figure: Any, level: int = 2) -> dict[str, Any]:
    """``{% chart figure %}``: the frame of a figure with title, tools, plot and numbers.

    ``level`` is the level of the heading. The page loads components/chart_assets.html in its head.
    """
    return {
        "figure": figure,
        "id": f"figure-{figure.key.replace('_', '-')}",
        "level": level,
        "json": charts.figure_json(figure),
        "rows": charts.number_rows(figure),
        "thinned": charts.is_thinned(figure),
    }


@register.inclusion_tag("components/range.html")
def interval_plot(value: float, low: float | None, high: float | None, **options: Any) -> dict[str, Any]:
    """``{% interval_plot m.value m.low m.high unit="share" start=0 end=1 target=0.85 at_least=True %}``.

    ``start`` and ``end`` are the scale; rows of a table that share a unit share it. ``target`` and
    ``baseline`` are left out where they are not given.
    """
    scale = (float(options.pop("start", 0)), float(options.pop("end", 1)))
    return {"range": range_plot(value, low, high, scale=scale, **options)}


@register.inclusion_tag("components/verdict.html")
def verdict(state: str) -> dict[str, Any]:
    """``{% verdict "confirmed" %}``; the states: confirmed, refuted, unverified, contradicting."""
    return {"state": state, "picture": VERDICTS[state][0], "word": gettext(VERDICTS[state][1])}


@register.inclusion_tag("components/verdict_dot.html")
def verdict_dot(state: str) -> dict[str, Any]:
    """``{% verdict_dot "confirmed" %}``: the icon alone, its word for screen readers."""
    picture, word, letter = VERDICTS[state]
    return {"picture": picture, "word": gettext(word), "letter": letter}


@register.inclusion_tag("components/verdict_bar.html")
def verdict_bar(counts: Mapping[str, int], css_class: str = "") -> dict[str, Any]:
    """``{% verdict_bar counts "big" %}``: one bar and its counts; ``counts`` are requirements by state."""
    return {"css_class": css_class, "segments": verdict_segments(counts)}


@register.inclusion_tag("components/light.html")
def light(state: str, word: str) -> dict[str, Any]:
    """``{% light "ok" "unique" %}``; the states: ok, warn, bad, none."""
    icons = {"ok": "circle-check", "warn": "triangle-alert", "bad": "octagon-x", "none": "circle-dashed"}
    return {"state": state, "picture": icons[state], "word": word}


@register.inclusion_tag("components/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any]) -> dict[str, Any]:
    """``{% pagination page_obj %}``: which rows are shown and links to the other pages; the query is kept."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    return {
        "page": page,
        "pages": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1),
        "gap": page.paginator.ELLIPSIS,
        "query": f"{query.urlencode()}&" if query else "",
    }


@register.inclusion_tag("components/sort_head.html", takes_context=True)
def sort_head(context: Context, key: str, label: str, css_class: str = "") -> dict[str, Any]:
    """``{% sort_head "created" _("Created") "n" %}``: a table head that sorts by ``?sort=key`` (or ``-key``).

    The page's current order is ``sort`` in the context, such as ``"-created"``.
    """
    current = str(context.get("sort", ""))
    query = context["request"].GET.copy()
    query.pop("page", None)
    query["sort"] = f"-{key}" if current == key else key
    direction = {key: "ascending", f"-{key}": "descending"}.get(current, "")
    return {"label": label, "css_class": css_class, "direction": direction, "query": query.urlencode()}
