"""What a page needs to show a figure of ``apps.compute.figures``: its JSON and the table of its numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common.formats import message, quantity

#: More rows than this are thinned evenly in "Show the numbers"; the downloads have them all.
TABLE_ROWS = 100


def resolve(part: Any) -> Any:
    """Plain JSON: sentences and quantities inside become texts in the language of the page."""
    if isinstance(part, Mapping):
        return {key: resolve(value) for key, value in part.items()}
    if isinstance(part, list | tuple):
        return [resolve(value) for value in part]
    if hasattr(part, "params"):
        return message(part)
    if hasattr(part, "unit"):
        return quantity(part.value, part.unit, part.low, part.high)
    return part


def figure_json(figure: Any) -> dict[str, Any]:
    """For charts.js: the figure of Plotly, and the columns that the downloads hold."""
    return {
        "data": resolve(figure.data),
        "layout": resolve(figure.layout),
        "table": {heading.name: list(figure.table.columns[heading.name]) for heading in figure.headings},
    }


def number_rows(figure: Any) -> list[list[str]]:
    """The drawn values as texts, at most `TABLE_ROWS` rows with the first and the last among them."""
    columns = [
        [quantity(value, heading.unit) for value in _thinned(figure.table.columns[heading.name])]
        for heading in figure.headings
    ]
    return [list(row) for row in zip(*columns, strict=True)]


def is_thinned(figure: Any) -> bool:
    return len(figure.table) > TABLE_ROWS


def _thinned(values: Any) -> list[Any]:
    if len(values) <= TABLE_ROWS:
        return list(values)
    step = (len(values) - 1) / (TABLE_ROWS - 1)
    return [values[round(i * step)] for i in range(TABLE_ROWS)]
