"""Lucide icons as inline SVG, read once from the vendored files."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe


@cache
def _shapes(name: str) -> SafeString:
    found = finders.find(f"vendor/lucide/{name}.svg")
    if not found:
        raise LookupError(
            f"There is no icon {name!r} in static/vendor/lucide; add it to static/vendor/icons.txt."
        )
    svg = Path(found).read_text(encoding="utf-8")
    inner = svg[svg.index(">", svg.index("<svg")) + 1 : svg.rindex("</svg>")]
    return mark_safe(re.sub(r"\s+", " ", inner).strip())  # noqa: S308  # a file of ours, locked by its hash


def icon_svg(name: str, css_class: str = "") -> SafeString:
    """The icon ``name``, hidden from screen readers: the word beside it says what it means."""
    return format_html(
        '<svg class="i{}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
        ' stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        f" {css_class}" if css_class else "",
        _shapes(name),
    )
