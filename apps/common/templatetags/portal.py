"""Tags and filters that every template has (a builtin library, no ``{% load %}`` needed)."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.safestring import SafeString

from apps.common.icons import icon_svg

register = template.Library()


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
