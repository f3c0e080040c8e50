"""The way to compare a column that Evidently 0.7.23 takes when nobody chooses one."""

from __future__ import annotations

from apps.compute.drift.columns import Categories, Numbers
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.statistics.pooled import pool

#: Up to so many rows of the reference with a value, tests give p-values; above, distances.
FEW_ROWS = 1_000

#: Numbers with at most so many distinct values are compared as categories.
FEW_VALUES = 5


def choose(kind: ColumnKind, reference_rows: int, distinct: int) -> str:
    """The key of the test; its default limit is `registry.TESTS[key].limit`.

    ``reference_rows`` are those with a finite value. ``distinct`` counts the values of both sides together;
    of texts it does not matter.
    """
    few = reference_rows <= FEW_ROWS
    if kind is ColumnKind.TEXT:
        return "perc_text_content_drift" if few else "abs_text_content_drift"
    if kind is ColumnKind.NUMBER and distinct > FEW_VALUES:
        return "ks" if few else "wasserstein"
    if few:
        return "chisquare" if distinct > 2 else "z"
    return "jensenshannon"


def choose_numbers(reference: Numbers, current: Numbers) -> str:
    distinct = max(reference.distinct, current.distinct)
    if distinct <= FEW_VALUES:
        distinct = len(pool(reference, current).values)
    return choose(ColumnKind.NUMBER, reference.n, distinct)


def choose_categories(column: Categories) -> str:
    return choose(ColumnKind.CATEGORY, int(column.reference.sum()), len(column.labels))
