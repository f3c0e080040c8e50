"""How a column is compared: as numbers, dates, booleans, categories or texts."""

from __future__ import annotations

from enum import StrEnum

import polars as pl

from apps.compute.drift.registry import ColumnKind
from apps.compute.messages import Message, gettext_noop

#: A text column is prose, not categories, when its texts have on average this many characters and blanks
#: (of the first `PROSE_SAMPLE` that are not missing) and at least this share of them is different.
PROSE_LENGTH, PROSE_BLANKS, PROSE_DISTINCT, PROSE_SAMPLE = 25, 3, 0.5, 1_000


class Kind(StrEnum):
    NUMBER = "number"
    DATE = "date"
    BOOLEAN = "boolean"
    CATEGORY = "category"
    TEXT = "text"


#: How a message calls what a column holds.
FAMILIES = {
    Kind.NUMBER: Message(gettext_noop("numbers")),
    Kind.DATE: Message(gettext_noop("dates")),
    Kind.BOOLEAN: Message(gettext_noop("yes and no")),
    Kind.TEXT: Message(gettext_noop("texts")),
}


def family(dtype: pl.DataType) -> Kind:
    """What values of a type are; texts may turn out to be categories."""
    if dtype.is_numeric():
        return Kind.NUMBER
    if dtype.is_temporal():
        return Kind.DATE
    return Kind.BOOLEAN if dtype == pl.Boolean else Kind.TEXT


def is_prose(column: pl.Series) -> bool:
    texts = column.drop_nulls().head(PROSE_SAMPLE)
    if not len(texts) or texts.n_unique() < PROSE_DISTINCT * len(texts):
        return False
    length, blanks = texts.str.len_chars().mean(), texts.str.count_matches(" ", literal=True).mean()
    return float(length) >= PROSE_LENGTH and float(blanks) >= PROSE_BLANKS  # type: ignore[arg-type]


def agreed(reference: Kind, current: Kind, wanted: ColumnKind | None) -> Kind | Message:
    """How columns of two families are compared, or why they cannot be.

    BOOLEAN beside NUMBER is BOOLEAN: the numbers must then be 0 and 1. TEXT may turn out to be categories,
    unless it is ``wanted``.
    """
    both = {reference, current}
    if wanted is ColumnKind.CATEGORY:
        return Kind.CATEGORY
    if wanted is ColumnKind.NUMBER and Kind.TEXT in both:
        return Message(_NOT_NUMBERS)
    if wanted is ColumnKind.TEXT and both != {Kind.TEXT}:
        return Message(_NOT_TEXTS)
    if both <= {Kind.NUMBER, Kind.BOOLEAN}:
        return Kind.NUMBER if wanted is ColumnKind.NUMBER or both == {Kind.NUMBER} else Kind.BOOLEAN
    if reference is current:
        return reference
    return Message(_DIFFERENT, {"reference": FAMILIES[reference], "current": FAMILIES[current]})


def zone_note(reference: pl.DataType, current: pl.DataType) -> list[Message]:
    """One side's times carry a zone, the other's do not."""
    zones = [bool(getattr(dtype, "time_zone", None)) for dtype in (reference, current)]
    return [Message(_ZONES)] if zones[0] != zones[1] else []


_DIFFERENT = gettext_noop(
    "the reference holds %(reference)s and the current side %(current)s. Give the column one type"
)
_NOT_NUMBERS = gettext_noop("it holds texts and is to be compared as numbers. Compare it as categories")
_NOT_TEXTS = gettext_noop("it is to be compared as texts and does not hold texts on both sides")
_ZONES = gettext_noop(
    "The times of one side have a time zone, those of the other do not and were taken as UTC."
)
