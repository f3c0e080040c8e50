"""Row-wise correlation of 10,000 cells with 23,418 targets each: time and peak memory."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.protocols import Tables, judge
from apps.compute.roles import ColumnRole, Role
from benchmarks.measure import measure

MODULE = "benchmarks.single_cell"
CELLS, TARGETS = 10_000, 23_418
TOGETHER = 500  # targets made at a time


def make_files(folder: str, cells: int, targets: int) -> None:
    """Seeded truth, and predictions in another order of the cells, as 32-bit numbers that do not compress."""
    rng = np.random.default_rng(20)
    shift = rng.normal(0, 1, cells)
    order = rng.permutation(cells)
    frames: dict[str, list[pl.DataFrame]] = {"truth": [], "predictions": []}
    ids = pl.Series("cell_id", [f"cell_{number}" for number in range(cells)])
    frames["truth"].append(ids.to_frame())
    frames["predictions"].append(ids[order].to_frame())
    for start in range(0, targets, TOGETHER):
        names = [f"gene_{number}" for number in range(start, min(start + TOGETHER, targets))]
        truth = rng.normal(0, 1, (len(names), cells)) + rng.normal(0, 2, (len(names), 1)) + shift
        predicted = truth + rng.normal(0, 1, truth.shape)
        for name, values in (("truth", truth), ("predictions", predicted[:, order])):
            columns = dict(zip(names, values.astype(np.float32), strict=True))
            frames[name].append(pl.DataFrame(columns))
    for name in list(frames):
        pl.concat(frames.pop(name), how="horizontal").write_parquet(Path(folder, f"{name}.parquet"))


def ours(folder: str) -> None:
    """From the two stored files to the saved result."""
    truth, predictions = Path(folder, "truth.parquet"), Path(folder, "predictions.parquet")
    roles = {"cell_id": ColumnRole(Role.ID)}
    result = judge("rowwise_correlation", Tables(truth, predictions, truth), {}, roles=roles)
    Path(folder, "result.json").write_text(json.dumps(result.to_json(), allow_nan=False))


def prepare_ours() -> None:
    """Import outside of the measured time."""
    import apps.compute.protocols.rowwise  # noqa: F401


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(MODULE, "make_files", folder, CELLS, TARGETS)
        found = measure(MODULE, "ours", folder)
        print(
            f"Single cell, {CELLS:,} x {TARGETS:,}, cells in another order: two stored files to saved result"
        )
        print(f"  all correlations, intervals      {found}")


if __name__ == "__main__":
    main()
