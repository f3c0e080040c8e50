"""Drift between two files: this project, Evidently's preset, and merely reading both files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

MODULE = "benchmarks.drift"
ROWS = 1_000_000
#: Columns of numbers and of categories.
NARROW, WIDE = (20, 5), (40, 10)


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
