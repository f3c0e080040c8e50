"""``{% load drift %}``: parts of the pages of drift."""

from __future__ import annotations

from typing import Any

from django import template
from django.utils.translation import ngettext

from apps.drift import words
from apps.drift.models import DriftReport

register = template.Library()
register.filter("strength", words.strength)


@register.filter
def selection(data: Any) -> str:
    """``{{ report.current_selection|selection }}``: which rows are meant."""
    return words.selection_words(data)


@register.inclusion_tag("drift/_quality_lights.html")
def quality_lights(report: DriftReport) -> dict[str, Any]:
    """``{% quality_lights report %}``: how many checks failed and warned; that all passed if none did."""
    bad, warn, ok = report.findings_bad or 0, report.findings_warn or 0, report.findings_ok or 0
    return {
        "bad": ngettext("%(n)d failed", "%(n)d failed", bad) % {"n": bad} if bad else "",
        "warn": ngettext("%(n)d warning", "%(n)d warnings", warn) % {"n": warn} if warn else "",
        "ok": ngettext("%(n)d check passed", "%(n)d checks passed", ok) % {"n": ok},
    }
