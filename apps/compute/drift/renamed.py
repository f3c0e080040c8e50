"""Columns that may only have got another name: the names are alike and the values do not drift."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import SequenceMatcher

from apps.compute.drift.evidence import Options
from apps.compute.drift.outcome import Pair, Wanted, compare
from apps.compute.drift.sides import Batch, OpenSide
from apps.compute.drift.spec import ColumnSettings

ALIKE = 0.75
#: Of more missing or new columns none is guessed.
MOST_COLUMNS = 20


def guessed(reference: OpenSide, current: OpenSide) -> Iterator[tuple[str, str]]:
    """Pairs of names (reference, current), each name at most once."""
    gone = [name for name in reference.schema if name not in current.schema]
    new = [name for name in current.schema if name not in reference.schema]
    if len(gone) > MOST_COLUMNS or len(new) > MOST_COLUMNS:
        return
    for before in gone:
        likely = sorted(new, key=lambda name: _likeness(before, name))[-1:]
        for name in likely:
            if _likeness(before, name) >= ALIKE and _are_alike(reference, before, current, name):
                new.remove(name)
                yield before, name


def _likeness(first: str, second: str) -> float:
    plain, other = ("".join(filter(str.isalnum, name.casefold())) for name in (first, second))
    return SequenceMatcher(None, plain, other).ratio()


def _are_alike(reference: OpenSide, before: str, current: OpenSide, now: str) -> bool:
    columns = Batch(reference, [before]).column(before), Batch(current, [now]).column(now)
    wanted = Wanted(Options(resamples=0), smallest_effect=0, sampled=False, line=None)
    found = compare(Pair(*columns, role="feature", settings=ColumnSettings(), wanted=wanted))
    return found.column.value is not None and not found.column.flagged
