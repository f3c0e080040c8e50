"""``{% load ledger %}``: the gain ledger on the page of a comparison."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import template
from django.template import Context

from apps.common.translate import translate
from apps.compute.figures.ledger import waterfall
from apps.compute.messages import Message
from apps.ledger.reading import book
from apps.ledger.shown import cards, rows
from apps.projects.models import Project
from apps.requirements.models import ValueCase

register = template.Library()


@register.inclusion_tag("ledger/_on_comparison.html", takes_context=True)
def gain_ledger(context: Context, project: Project, columns: Sequence[Any], metric: str) -> dict[str, Any]:
    """``{% gain_ledger project columns metric %}``: the changes that lead from one of the compared runs to
    another, told by ``metric``. Nothing where no change of the ledger joins two of them.
    """
    shown = {column.run.pk for column in columns}
    found = book(project, metric=metric)
    joined = found and any({line.change.run_id, line.change.parent_id} <= shown for line in found.lines)
    if found is None or not joined:
        return {"book": None}
    case = ValueCase.objects.in_force(project).first()
    currency = case.currency if case else ""
    figures = []
    if found.start is not None and any(entry.kept for entry in found.entries):
        label = Message(found.metric.label)
        figures.append(
            waterfall(found.entries, found.start, metric=label, unit=found.metric.unit, names=found.names)
        )
    return {
        "book": found,
        "cards": cards(found, currency),
        "rows": rows(found, currency),
        "figures": figures,
        "advice": [translate(sentence) for sentence in found.advice],
        "project": project,
        "may": context.get("may", {}),
    }
