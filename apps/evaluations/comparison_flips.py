"""The rows that flip between two runs of a comparison: what a page and a file of them show."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from apps.common.formats import number, quantity
from apps.compute.comparison_result import ComparisonResult
from apps.compute.flip_rows import FlipPage, FlipRow, read
from apps.compute.paired.spread import Agreement
from apps.compute.tasks import TASK_KINDS
from apps.datasets import storage
from apps.evaluations.comparison_report import Column
from apps.evaluations.comparisons import found_rows_name
from apps.evaluations.models import Comparison

PAGE, MOST_CELL = 50, 300


@dataclass(frozen=True, slots=True)
class FlipCounts:
    """How the run compares with the first one, row by row."""

    column: Column
    counts: Agreement


def of_classes(result: ComparisonResult) -> bool:
    """Whether a row is right or wrong; else one run is nearer to the truth."""
    return TASK_KINDS[result.task].classes


def flip_counts(result: ComparisonResult, shown: Sequence[Column]) -> list[FlipCounts]:
    """Each run after the first one against it."""
    return [
        FlipCounts(column, counts)
        for place, column in enumerate(shown)
        if place and (counts := result.flip(0, place)) is not None
    ]


def flip_rows(
    comparison: Comparison,
    result: ComparisonResult,
    first: int,
    second: int,
    *,
    better: int | None = None,
    offset: int = 0,
    limit: int = PAGE,
) -> FlipPage:
    """Raises FileNotFoundError where the rows were not kept, or are gone."""
    if result.kept_flips is None:
        raise FileNotFoundError(found_rows_name(comparison))
    path = storage.found_rows_path(found_rows_name(comparison))
    return read(path, first, second, better=better, offset=offset, most=result.kept_flips, limit=limit)


def said_text(value: Any) -> str:
    """What a run said, as people read it."""
    return quantity(value, "number") if isinstance(value, float) else str(value if value is not None else "")


def surprise_text(value: float, *, classes: bool) -> str:
    return number(value, 3) if classes else quantity(value, "target")


def csv_rows(page: FlipPage, first: Column, second: Column) -> Iterator[list[Any]]:
    """Head and rows of the file that people download."""
    names = [f"{column.run.number}" for column in (first, second)]
    yield ["id", "truth", *(f"run_{n}" for n in names), *(f"surprise_{n}" for n in names), *page.extra]
    for row in page.rows:
        yield [row.id, row.truth, *row.said, *row.surprises, *row.extra]


def shown_rows(page: FlipPage, *, classes: bool) -> list[dict[str, Any]]:
    return [_shown(row, classes=classes) for row in page.rows]


def _shown(row: FlipRow, *, classes: bool) -> dict[str, Any]:
    texts = zip(row.said, row.surprises, strict=True)
    return {
        "id": row.id,
        "truth": said_text(row.truth),
        "said": [(said_text(said), surprise_text(surprise, classes=classes)) for said, surprise in texts],
        "extra": [(text or "")[:MOST_CELL] for text in row.extra],
    }
