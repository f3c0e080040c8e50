"""Runs that named protocols alone judge: boxes, paths, tokens, ensembles, thousands of targets.

Their files need no target. An evaluation counts the rows; what they are worth is for a protocol to say.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl

from apps.compute.figures.theme import Figure
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import ColumnRoles


def count(path: Path, roles: ColumnRoles, seed: int) -> EvaluationResult:
    """The result of a file that no metric judges. InputRejected: it has no rows, or not a column of
    ``roles``.
    """
    frame = pl.scan_parquet(path, glob=False)
    columns = frame.collect_schema().names()
    if missing := sorted(set(roles) - set(columns)):
        raise InputRejected(
            "missing_column", _MISSING_COLUMN, column=missing[0], columns=", ".join(columns[:20])
        )
    rows = int(frame.select(pl.len()).collect().item())
    if not rows:
        raise InputRejected("no_rows", _NO_ROWS)
    return EvaluationResult(task=Task.PROTOCOL, n=rows, metrics=(), seed=seed)


def figures(result: EvaluationResult) -> list[Figure]:
    """None: the answers of the protocols have figures."""
    return []


_NO_ROWS = gettext_noop("The file has columns but no rows. Upload a file with at least one prediction.")
_MISSING_COLUMN = gettext_noop(
    "There is no column %(column)s in the file. It has: %(columns)s. Correct the name or the role."
)
