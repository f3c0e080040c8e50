"""The rows with the largest loss, kept in a small file that pages read a piece of."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import polars.selectors as cs
from numpy.typing import NDArray

from apps.compute.conditions import Condition, expression
from apps.compute.messages import InputRejected, gettext_noop

#: Columns of the small file: the row in the whole file, counted from 1, and its loss.
ROW, LOSS = "__row", "__loss"
MOST_ROWS = 10_000


def write_worst(
    path: Path, loss: NDArray[np.float64], target: Path, *, keep: Sequence[str], most: int = MOST_ROWS
) -> int:
    """Write the ``most`` rows of the Parquet table ``path`` with the largest loss to ``target``.

    ``loss`` (n,) has one number per row of the table, larger is worse; rows without one (NaN) are left out.
    The worst row is first, equal ones in the order of the table. Returns how many rows were written. Memory:
    the kept rows, and the order of all losses. InputRejected: a column that is not there or whose name is
    `ROW` or `LOSS`, or another number of rows.
    """
    source = pl.scan_parquet(path, glob=False)
    schema = source.collect_schema()
    for name in keep:
        if name not in schema:
            raise InputRejected("missing_column", _MISSING_COLUMN, column=name)
        if name in (ROW, LOSS):
            raise InputRejected("reserved_name", _RESERVED, column=name)
    rows = int(source.select(pl.len()).collect().item())
    if rows != len(loss):
        raise InputRejected("rows_differ", _ROWS_DIFFER, rows=rows, losses=len(loss))
    worst = _worst(loss, most)
    # Rows are found by number, sorted for the reader and then put in the order of their losses.
    ordered = np.sort(worst)
    chosen = (
        source.select(cs.by_name(*(keep or schema.names()[:1])))
        .with_row_index(ROW)
        .filter(pl.col(ROW).is_in(pl.Series(ordered, dtype=pl.get_index_type()).implode()))
        .collect(engine="streaming")
        .sort(ROW)
    )
    found = pl.DataFrame(
        [
            (chosen.get_column(ROW).cast(pl.Int64) + 1).alias(ROW),
            pl.Series(LOSS, loss[ordered], dtype=pl.Float64),
            *(chosen.get_column(name) for name in keep),
        ]
    )
    found[np.searchsorted(ordered, worst)].write_parquet(target)
    return len(worst)


def _worst(loss: NDArray[np.float64], most: int) -> NDArray[np.intp]:
    """Positions of the largest losses, the largest first, equal ones in their order."""
    known = np.flatnonzero(~np.isnan(loss))
    if len(known) > most:
        values = loss[known]
        border = np.partition(values, len(values) - most)[len(values) - most]
        above = known[values > border]
        # Of the rows at the border the first ones are taken.
        known = np.sort(np.concatenate((above, known[values == border][: most - len(above)])))
    return known[np.argsort(-loss[known], kind="stable")]


def page(
    path: Path, conditions: Sequence[Condition], offset: int, limit: int
) -> tuple[list[dict[str, Any]], int]:
    """``limit`` rows from ``offset`` of those that fit all ``conditions``, and how many fit.

    ``path`` is a file by `write_worst`. InputRejected as `conditions.expression`; no fitting row is no fault.
    """
    source = pl.scan_parquet(path, glob=False)
    fitting = source.filter(expression(source.collect_schema(), conditions))
    total = int(fitting.select(pl.len()).collect().item())
    rows = fitting.slice(max(offset, 0), max(limit, 0)).collect()
    return rows.to_dicts(), total


_MISSING_COLUMN = gettext_noop(
    "The column %(column)s is to be shown beside errors, but the file does not have it. Choose another "
    "column."
)
_RESERVED = gettext_noop(
    "A column may not be called %(column)s: the list of errors uses that name. Rename it in the file."
)
_ROWS_DIFFER = gettext_noop("The file has %(rows)s rows, but there are losses for %(losses)s.")
