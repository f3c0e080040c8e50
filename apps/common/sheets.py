"""Cells of the tables that people download and open in a spreadsheet."""

from __future__ import annotations

from typing import Any

#: A spreadsheet runs what begins like this as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain_cell(cell: Any) -> Any:
    """The cell as it is, with a quotation mark before a text that a spreadsheet would run."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_STARTS) else cell
