"""The search for weak slices: 20 columns and their 190 crossings on a million rows, and plain group-bys."""

from __future__ import annotations

import json
import tempfile
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.slices import bands, is_banded
from apps.compute.weak_slices import search
from benchmarks.measure import best_of, measure

MODULE = "benchmarks.slices"  # also when run as __main__
ROWS = 1_000_000
#: Of each kind of column this many: texts, whole numbers, measured numbers.
TEXTS, WHOLES, NUMBERS = 8, 4, 8


def make_file(path: str, rows: int) -> None:
    """Seeded columns, one in twenty values missing; errors are three times as frequent on one crossing."""
    rng = np.random.default_rng(6)
    columns: dict[str, pl.Series] = {}
    for i in range(TEXTS):
        values = pl.Series([f"value {k}" for k in range(4 + 2 * i)])
        columns[f"text {i}"] = values.gather(rng.integers(0, len(values), rows))
    for i in range(WHOLES):
        columns[f"whole {i}"] = pl.Series(rng.poisson(2 + i, rows))
    for i in range(NUMBERS):
        columns[f"number {i}"] = pl.Series(rng.gamma(2.0, 10.0, rows))
    frame = pl.DataFrame(columns)
    present = [pl.Series(rng.random(rows) > 0.05) for _ in columns]
    frame = frame.with_columns(
        pl.when(there).then(pl.col(name)).alias(name) for name, there in zip(columns, present, strict=True)
    )
    weak = ((frame["text 0"] == "value 1") & (frame["number 0"] > 30)).fill_null(False).to_numpy()
    wrong = rng.random(rows) < np.where(weak, 0.3, 0.1)
    error = np.abs(rng.normal(0, np.where(weak, 3.0, 1.0)))
    frame.with_columns(wrong=wrong, error=error).write_parquet(path)


def _search(path: str, loss: str, amount: str | None = None) -> None:
    frame = pl.read_parquet(path)
    names = frame.columns[: TEXTS + WHOLES + NUMBERS]
    values = frame[loss].cast(pl.Float64).to_numpy()
    money = None if amount is None else frame[amount].to_numpy()
    found = search(frame, names, values, amount=money)
    Path(path).with_suffix(".json").write_text(json.dumps(found.to_json(), allow_nan=False))


def errors(path: str) -> None:
    """From the stored file to the saved result, 0/1 errors, with money."""
    _search(path, "wrong", "error")


def absolute_errors(path: str) -> None:
    """The same with a loss of many values."""
    _search(path, "error")


def read(path: str) -> None:
    """The least that any search must do."""
    pl.read_parquet(path)


def group_bys(path: str) -> None:
    """The same sums by Polars, without tests and intervals, from columns that are cut into bands already."""
    frame = pl.read_parquet(path)
    names = frame.columns[: TEXTS + WHOLES + NUMBERS]
    cut = [
        pl.Series(name, bands(frame[name]).codes) if is_banded(frame[name]) else frame[name] for name in names
    ]
    frame = pl.DataFrame([*cut, frame["wrong"]])
    for chosen in [*((name,) for name in names), *combinations(names, 2)]:
        frame.group_by(chosen).agg(pl.len(), pl.col("wrong").sum())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "million.parquet"))
        measure(MODULE, "make_file", path, ROWS)
        columns = TEXTS + WHOLES + NUMBERS
        print(f"Weak slices, {ROWS:,} rows x {columns} columns and {columns * (columns - 1) // 2} crossings")
        print(f"  search, 0/1 errors with money    {best_of(3, MODULE, 'errors', path)}")
        found = json.loads(Path(path).with_suffix(".json").read_text())
        print(f"    {found['looked']:,} slices judged, {len(found['found'])} found")
        print(f"  search, absolute errors          {best_of(3, MODULE, 'absolute_errors', path)}")
        print(f"  Polars group-bys, sums only      {measure(MODULE, 'group_bys', path)}")
        print(f"  reading                          {best_of(3, MODULE, 'read', path)}")


if __name__ == "__main__":
    main()
