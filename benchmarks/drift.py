"""Drift between two files: this project, Evidently's preset, and merely reading both files."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.drift.engine import compare
from apps.compute.drift.spec import DriftSpec, Side
from apps.compute.messages import Message
from benchmarks.measure import Measurement, best_of, measure

MODULE = "benchmarks.drift"
ROWS, MANY_ROWS, FEW_ROWS = 1_000_000, 10_000_000, 1_001
#: Columns of numbers and of categories.
NARROW, WIDE, WIDEST = (20, 5), (40, 10), (4_000, 1_000)
#: What a report asks for: statistics, pictures and quality alone, as Evidently gives them; with intervals and
#: null checks; with the domain classifier of the whole table, too.
PLAIN = {"resamples": 0, "classify": False}
SURE, FULL = {"classify": False}, {}


def make_files(folder: str, rows: int, numbers: int, categories: int) -> None:
    """Two seeded files: measurements, amounts in cents, counts, and texts of 3 to 200 different values.

    A tenth of the values is missing in every tenth column; every third column has changed a little.
    """
    for seed, name in enumerate(("reference", "current")):
        columns = dict(_columns(np.random.default_rng(seed), rows, numbers, categories, seed))
        frame = pl.DataFrame(columns)
        frame.write_parquet(Path(folder, f"{name}.parquet"), compression="zstd", row_group_size=2**18)


def _columns(
    rng: np.random.Generator, rows: int, numbers: int, categories: int, moved: int
) -> Iterator[tuple[str, pl.Series]]:
    for i in range(numbers):
        shift = moved * 0.1 * (i % 3 == 0)
        match i % 4:
            case 0:
                values = rng.normal(shift, 1, rows)
            case 1:
                values = rng.gamma(2, 10 * (1 + shift), rows)
            case 2:
                values = np.round(rng.lognormal(3 + shift, 1, rows), 2)
            case _:
                values = rng.poisson(20 * (1 + shift), rows)
        column = pl.Series(values)
        yield f"number {i}", column if i % 10 else column.set(pl.Series(rng.random(rows) < 0.1), None)
    for i in range(categories):
        size = (3, 10, 20, 50, 200)[i % 5]
        weights = rng.random(size) if moved and i % 3 == 0 else np.ones(size)
        codes = rng.choice(size, rows, p=weights / weights.sum()).astype(np.uint32)
        yield f"category {i}", pl.Series([f"value {k}" for k in range(size)]).gather(codes)


def read(folder: str) -> None:
    """The least that any comparison must do."""
    for name in ("reference", "current"):
        pl.read_parquet(Path(folder, f"{name}.parquet"))


def ours(folder: str, spec: dict[str, object], cache: str | None = None) -> None:
    """From the stored files to the saved result."""

    def ignore(message: Message, share: float) -> None:
        pass

    sides = (Side(Path(folder, f"{name}.parquet")) for name in ("reference", "current"))
    result = compare(*sides, DriftSpec(**spec), ignore, cache=cache and Path(cache))  # type: ignore[arg-type]
    Path(folder, "ours.json").write_text(json.dumps(result.to_json(), allow_nan=False))


def prepare_evidently() -> None:
    """Import outside the measured time: it takes seconds and is paid once by a long-lived worker."""
    import evidently.presets  # noqa: F401


def evidently(folder: str) -> None:
    """DataDriftPreset with an explicit definition of the columns."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Report
    from evidently.presets import DataDriftPreset

    frames = [pd.read_parquet(Path(folder, f"{name}.parquet")) for name in ("reference", "current")]
    numbers = [name for name in frames[0].columns if name.startswith("number")]
    categories = [name for name in frames[0].columns if name.startswith("category")]
    definition = DataDefinition(numerical_columns=numbers, categorical_columns=categories)
    reference, current = (Dataset.from_pandas(frame, data_definition=definition) for frame in frames)
    snapshot = Report([DataDriftPreset()], include_tests=True).run(current, reference)
    Path(folder, "evidently.json").write_text(snapshot.json())


def main() -> None:
    for numbers, categories in (NARROW, WIDE):
        with tempfile.TemporaryDirectory() as folder:
            measure(MODULE, "make_files", folder, ROWS, numbers, categories)
            print(f"Drift, {ROWS:,} rows x {numbers + categories} columns a side: stored Parquet to result")
            _against_evidently(folder)
    for rows, columns, spec, target in (
        (MANY_ROWS, NARROW, SURE, "under 4,000 MB"),
        (FEW_ROWS, WIDEST, FULL, "under 30 s"),
    ):
        with tempfile.TemporaryDirectory() as folder:
            measure(MODULE, "make_files", folder, rows, *columns)
            mine = measure(MODULE, "ours", folder, spec)
        print(f"Drift, {rows:,} rows x {sum(columns):,} columns a side")
        print(f"  with intervals and null checks   {mine}   (target: {target})")


def _against_evidently(folder: str) -> None:
    cache = str(Path(folder, "cache"))
    least = best_of(3, MODULE, "read", folder)
    plain = best_of(3, MODULE, "ours", folder, PLAIN)
    size = Path(folder, "ours.json").stat().st_size
    measure(MODULE, "ours", folder, FULL, cache)  # fills the cache
    cached = best_of(3, MODULE, "ours", folder, PLAIN, cache)
    theirs = measure(MODULE, "evidently", folder)
    print(f"  reading both files               {least}")
    print(f"  statistics, pictures, quality    {plain}   {size / 1000:.0f} kB stored")
    print(f"  the same, reference in the cache {cached}")
    print(f"  with intervals and null checks   {best_of(3, MODULE, 'ours', folder, SURE)}")
    print(f"  with the domain classifier, too  {best_of(3, MODULE, 'ours', folder, FULL)}")
    print(f"  Evidently DataDriftPreset        {theirs}")
    _print_ratios("  times faster than Evidently", plain, cached, theirs)
    print(f"  part of its memory               {plain.peak_mb / theirs.peak_mb:8.2f}   (target: under 0.33)")
    print(f"  times the reading                {plain.seconds / least.seconds:8.1f}   (target: at most 3)")


def _print_ratios(title: str, plain: Measurement, cached: Measurement, theirs: Measurement) -> None:
    first, again = theirs.seconds / plain.seconds, theirs.seconds / cached.seconds
    print(f"{title:<34} {first:8.0f}   (target: at least 100), with the cache {again:.0f}")


if __name__ == "__main__":
    main()
