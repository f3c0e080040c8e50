"""Rows that one run has right and another wrong, or on which two runs are far apart: the worker's side.

`flip_rows` reads what is written here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.aligned import Aligned, Side
from apps.compute.flip_rows import EXTRA, right, said, surprise
from apps.compute.inputs import Inputs
from apps.compute.join import KEY
from apps.compute.judged import Judged, JudgedBinary, JudgedMulticlass
from apps.compute.paired.spread import Agreement
from apps.compute.roles import Role
from apps.compute.uncertainty import Floats

#: Rows that are kept of one pair, and of all pairs together; columns beside the predictions, and characters.
MOST_OF_PAIR, MOST_ROWS, MOST_EXTRA, MOST_CHARACTERS = 5_000, 100_000, 6, 300

Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Flips:
    """``counts`` compares every two runs, as `itertools.combinations` orders them. ``kept`` are the rows to
    look at: of each pair the ``most`` whose surprise changes most. ``surprises`` and ``rights`` hold an array
    (n,) per run; ``rights`` is empty where nothing is right or wrong.
    """

    counts: tuple[Agreement, ...]
    kept: NDArray[np.int64]
    most: int
    runs: Sequence[Judged]
    surprises: Sequence[Floats]
    rights: Sequence[Flags]


def find(runs: Sequence[Judged], *, classes: bool) -> Flips | None:
    """Compare every two runs row by row; None where the task judges something else than rows."""
    surprises = [run.surprise() for run in runs]
    rights: list[Flags] = [run.errors() == 0 for run in runs] if classes else []
    n = len(surprises[0])
    if any(len(each) != n for each in (*surprises, *rights)):
        return None
    pairs = list(combinations(range(len(runs)), 2))
    most = min(MOST_OF_PAIR, MOST_ROWS // len(pairs))
    kept = np.zeros(n, dtype=bool)
    counts = []
    for first, second in pairs:
        if classes:
            counts.append(Agreement.of(rights[first], rights[second]))
            rows = np.flatnonzero(rights[first] != rights[second])
        else:
            nearer = surprises[first] < surprises[second]
            rows = np.flatnonzero(surprises[first] != surprises[second])
            only = int(np.count_nonzero(nearer))
            counts.append(Agreement(n - len(rows), only, len(rows) - only, 0))
        kept[_most_changed(rows, surprises[first], surprises[second], most)] = True
    return Flips(tuple(counts), np.flatnonzero(kept), most, runs, surprises, rights)


def _most_changed(rows: NDArray[np.int64], first: Floats, second: Floats, most: int) -> NDArray[np.int64]:
    if len(rows) <= most:
        return rows
    return rows[np.argpartition(-np.abs(second[rows] - first[rows]), most)[:most]]


def write(flips: Flips, sides: Sequence[Side], aligned: Aligned, path: Path) -> None:
    """Write the kept rows as Parquet: id, truth, what each run said, how surprised it was and whether it was
    right, and up to `MOST_EXTRA` columns of the first run's table that say what row it is.
    """
    kept = flips.kept
    columns = [
        aligned.ids.gather(kept).alias(KEY),
        _truth(flips.runs[0], aligned.inputs[0]).gather(kept).alias("truth"),
    ]
    for run, (judged, inputs) in enumerate(zip(flips.runs, aligned.inputs, strict=True)):
        columns.append(_said(judged, inputs).gather(kept).alias(said(run)))
        columns.append(pl.Series(surprise(run), flips.surprises[run][kept]))
        if flips.rights:
            columns.append(pl.Series(right(run), flips.rights[run][kept]))
    found = pl.DataFrame(columns).with_row_index("row")
    side = sides[0]
    extra = _extra(side)
    table = pl.scan_parquet(side.path, glob=False)
    described = table.select(
        aligned.key_of(side).alias(KEY),
        *(pl.col(name).cast(pl.String).str.head(MOST_CHARACTERS).alias(f"{EXTRA}{name}") for name in extra),
    )
    found.lazy().join(described, on=KEY, how="left").sort("row").with_columns(
        pl.col(KEY).cast(pl.String).alias("id")
    ).drop(KEY, "row").collect(engine="streaming").write_parquet(path)


def _extra(side: Side) -> list[str]:
    """Columns that tell a reader what row it is: slices, the time, then texts and other features."""
    order = (Role.SLICE, Role.TIMESTAMP, Role.FEATURE)
    names = [name for role in order for name, use in side.roles.items() if use.role is role]
    schema = pl.read_parquet_schema(side.path)
    return [name for name in names if name in schema and not schema[name].is_nested()][:MOST_EXTRA]


def _truth(judged: Judged, inputs: Inputs) -> pl.Series:
    if isinstance(judged, JudgedBinary | JudgedMulticlass):
        return _named(judged.data.classes, judged.data.truth)
    return _columns(inputs, Role.TARGET)


def _said(judged: Judged, inputs: Inputs) -> pl.Series:
    if isinstance(judged, JudgedBinary):
        return _named(judged.data.classes, judged.decisions())
    if isinstance(judged, JudgedMulticlass):
        return _named(judged.data.classes, judged.data.predicted)
    return _columns(inputs, Role.PREDICTION)


def _named(classes: Sequence[str], codes: NDArray[np.generic]) -> pl.Series:
    return pl.Series(classes, dtype=pl.String).gather(pl.Series(codes.astype(np.int64)))


def _columns(inputs: Inputs, role: Role) -> pl.Series:
    """The column of this use; several as one text."""
    names = inputs.columns(role)
    if len(names) == 1:
        return inputs.frame.get_column(names[0])
    text = pl.concat_str([pl.col(name).cast(pl.String) for name in names], separator=", ", ignore_nulls=True)
    return (
        inputs.frame.select(text).to_series() if names else pl.repeat(None, inputs.frame.height, eager=True)
    )
