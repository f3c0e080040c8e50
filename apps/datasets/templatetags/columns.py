"""``{% load columns %}``: pictures of columns, and differences between versions in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common import pictures
from apps.common.formats import NO_VALUE, number
from apps.compute.difference import SchemaDifference, SetAside, TableDifference
from apps.datasets.columns import KIND_LABELS, Column, shown

SHOWN_COLUMNS = 100
register = template.Library()


@register.inclusion_tag("datasets/_picture.html")
def column_picture(column: Column) -> dict[str, Any]:
    bars = column.bars
    if not bars:
        return {}
    return {"path": pictures.filled(bars, max(bars)), "label": column.picture_label}


@register.filter
def value(stored: Any) -> str:
    """A value of a row that is shown; a missing one as a dash."""
    return NO_VALUE if stored is None else shown(stored, 100)


@register.simple_tag
def rows_sentence(result: TableDifference) -> str:
    """ "41 rows changed, 3 added, 12 removed." """
    if result.is_same:
        return _("No row changed.") if result.unchanged else _("No row could be compared.")
    parts = []
    for count, words in (
        (result.changed, ngettext("%(n)s row changed", "%(n)s rows changed", result.changed)),
        (result.added, ngettext("%(n)s row added", "%(n)s rows added", result.added)),
        (result.removed, ngettext("%(n)s row removed", "%(n)s rows removed", result.removed)),
    ):
        if count:
            parts.append(words % {"n": number(count, 0)})
    return f"{', '.join(parts)}."


@register.simple_tag
def columns_sentence(schema: SchemaDifference) -> str:
    """ "1 column added, 2 of another type." """
    parts = [
        words % {"n": number(count, 0)}
        for count, words in (
            (len(schema.added), ngettext("%(n)s column added", "%(n)s columns added", len(schema.added))),
            (
                len(schema.removed),
                ngettext("%(n)s column removed", "%(n)s columns removed", len(schema.removed)),
            ),
            (
                len(schema.retyped),
                ngettext(
                    "%(n)s column of another type", "%(n)s columns of another type", len(schema.retyped)
                ),
            ),
            (len(schema.moved), ngettext("%(n)s column moved", "%(n)s columns moved", len(schema.moved))),
        )
        if count
    ]
    return f"{', '.join(parts)}." if parts else _("The columns are the same.")


@dataclass(frozen=True, slots=True)
class SchemaRow:
    name: str
    what: str
    older: str = ""
    newer: str = ""


@register.filter
def schema_rows(schema: SchemaDifference) -> list[SchemaRow]:
    """The first changes of the columns, one a row."""
    rows = [
        *(SchemaRow(each.name, _("removed"), older=str(KIND_LABELS[each.kind])) for each in schema.removed),
        *(SchemaRow(each.name, _("added"), newer=str(KIND_LABELS[each.kind])) for each in schema.added),
        *(
            SchemaRow(
                each.name, _("another type"), str(KIND_LABELS[each.older]), str(KIND_LABELS[each.newer])
            )
            for each in schema.retyped
        ),
        *(SchemaRow(name, _("moved")) for name in schema.moved),
    ]
    return rows[:SHOWN_COLUMNS]


@register.filter
def schema_more(schema: SchemaDifference) -> int:
    """How many changes `schema_rows` leaves out."""
    every = len(schema.removed) + len(schema.added) + len(schema.retyped) + len(schema.moved)
    return max(0, every - SHOWN_COLUMNS)


@register.filter
def aside_notices(result: TableDifference) -> list[dict[str, str]]:
    """Why some rows are in none of the counts."""
    notices = []
    if _any(result.duplicates):
        keys = "; ".join(", ".join(value(part) for part in key) for key in result.duplicates.keys)
        notices.append(
            {
                "title": _("Some keys are there more than once."),
                "text": _(
                    "%(older)s rows of the older and %(newer)s of the newer version are not compared, for "
                    "their key does not tell them apart. For example: %(keys)s."
                )
                % {**_counts(result.duplicates), "keys": keys},
            }
        )
    if _any(result.keyless):
        notices.append(
            {
                "title": _("Some rows have no key."),
                "text": _(
                    "%(older)s rows of the older and %(newer)s of the newer version miss a value in a key "
                    "column and are not compared."
                )
                % _counts(result.keyless),
            }
        )
    return notices


def _any(aside: SetAside) -> bool:
    return bool(aside.older or aside.newer)


def _counts(aside: SetAside) -> dict[str, str]:
    return {"older": number(aside.older, 0), "newer": number(aside.newer, 0)}
