"""The rows in which two runs differ, read page by page from what `flips` has written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

#: Before the names of columns that describe a row.
EXTRA = "x:"


def said(run: int) -> str:
    return f"said{run}"


def surprise(run: int) -> str:
    return f"surprise{run}"


def right(run: int) -> str:
    return f"right{run}"


@dataclass(frozen=True, slots=True)
class FlipRow:
    """One row: what was true, what either run said and how surprised it was by the truth (a probability given
    to other classes, or the size of the error), and what describes it.
    """

    id: str
    truth: Any
    said: tuple[Any, Any]
    surprises: tuple[float, float]
    extra: Sequence[str | None]


@dataclass(frozen=True, slots=True)
class FlipPage:
    """``total`` rows fit; ``extra`` names the columns that describe them."""

    rows: Sequence[FlipRow]
    total: int
    extra: Sequence[str]


def read(
    path: Path, first: int, second: int, *, better: int | None = None, offset: int = 0, most: int, limit: int
) -> FlipPage:
    """Rows ``offset`` to ``offset + limit`` of the ``most`` in which the runs at two places differ, the
    largest change of surprise first. ``better`` keeps those that this run has right, or nearer. Raises
    FileNotFoundError.
    """
    if not path.exists():
        raise FileNotFoundError(path)
    table = pl.scan_parquet(path, glob=False)
    names = table.collect_schema().names()
    one, two = (
        (pl.col(right(run)) for run in (first, second))
        if right(first) in names
        else (-pl.col(surprise(run)) for run in (first, second))
    )
    extra = [name for name in names if name.startswith(EXTRA)]
    shown = ["id", "truth", said(first), said(second), surprise(first), surprise(second), *extra]
    change = (pl.col(surprise(second)) - pl.col(surprise(first))).abs()
    found = table.filter(one != two).sort(change, descending=True, maintain_order=True).head(most)
    if better is not None:
        found = found.filter(one > two if better == first else two > one)
    kept = found.select(*shown).collect()
    rows = [_row(row, first, second, extra) for row in kept.slice(offset, limit).iter_rows(named=True)]
    return FlipPage(rows, kept.height, [name.removeprefix(EXTRA) for name in extra])


def _row(row: Mapping[str, Any], first: int, second: int, extra: Sequence[str]) -> FlipRow:
    return FlipRow(
        id=row["id"],
        truth=row["truth"],
        said=(row[said(first)], row[said(second)]),
        surprises=(row[surprise(first)], row[surprise(second)]),
        extra=[row[name] for name in extra],
    )
