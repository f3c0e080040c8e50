"""``{% load money %}``: the money of a run on pages of the apps below, and estimates of money."""

from __future__ import annotations

from typing import Any

from django import template

from apps.common import formats
from apps.compute.money.result import Estimate
from apps.evaluations.models import Run
from apps.money.reading import card_of
from apps.projects.models import Project

register = template.Library()


@register.inclusion_tag("money/_card.html")
def money_card(project: Project, run: Run, may: Any) -> dict[str, Any]:
    """``{% money_card project run may %}``: what a finished run is worth, or why nobody knows."""
    return {"project": project, "run": run, "may": may, "card": card_of(run)}


@register.simple_tag
def money_of(estimate: Estimate, currency: str) -> str:
    return formats.quantity(estimate.value, "money", estimate.low, estimate.high, currency)


@register.simple_tag
def money_change(estimate: Estimate, currency: str) -> str:
    """With its sign."""
    return formats.change(estimate.value, "money", estimate.low, estimate.high, currency)


@register.simple_tag
def money_ends(estimate: Estimate) -> str:
    """ "1.31 to 1.60", in the unit of the value; nothing without an interval."""
    return formats.interval(estimate.low, estimate.high, "money", estimate.value)
