"""Ten runs of a million rows each, compared: all pairs tested, with intervals, groups of ties and flips."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.aligned import Side
from apps.compute.comparison import compare
from apps.compute.messages import Message
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role
from benchmarks.measure import measure

MODULE = "benchmarks.comparison"  # also when run as __main__
ROWS, RUNS = 1_000_000, 10
ROLES = {
    "id": ColumnRole(Role.ID),
    "y_true": ColumnRole(Role.TARGET),
    "proba_1": ColumnRole(Role.PROBABILITY, "1"),
    "region": ColumnRole(Role.SLICE),
}


def make_files(folder: str, rows: int, runs: int) -> None:
    """Seeded scores of models that have much in common, each file in an order of its own."""
    rng = np.random.default_rng(6)
    log_odds = rng.normal(-1, 1.5, rows)
    frame = pl.DataFrame(
        {
            "id": np.arange(rows),
            "y_true": (rng.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(np.int64),
            "region": rng.integers(0, 20, rows).astype(str),
        }
    )
    for run in range(runs):
        score = 1 / (1 + np.exp(-(log_odds + rng.normal(0, 0.3 + 0.02 * (run // 3), rows))))
        shuffled = frame.with_columns(pl.Series("proba_1", score))[rng.permutation(rows)]
        shuffled.write_parquet(Path(folder, f"{run}.parquet"))


def ours(folder: str, runs: int) -> None:
    """From the stored files to the saved result and the rows to look at."""

    def ignore(message: Message, share: float) -> None:
        pass

    sides = [Side(f"run {run}", Path(folder, f"{run}.parquet"), ROLES, "1") for run in range(runs)]
    result = compare(sides, Task.BINARY, ignore, baseline=0, rows=Path(folder, "flips.parquet"))
    Path(folder, "result.json").write_text(json.dumps(result.to_json(), allow_nan=False))


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        measure(MODULE, "make_files", folder, ROWS, RUNS)
        print(f"Comparison of {RUNS} binary runs of {ROWS:,} rows: stored Parquet files to saved result")
        taken = measure(MODULE, "ours", folder, RUNS)
        print(f"  all pairs, all metrics, flips    {taken}   (target: under 60 s and 4,000 MB)")
        kilobytes = Path(folder, "result.json").stat().st_size / 1_000
        print(f"  the result as JSON               {kilobytes:8.0f} kB")


if __name__ == "__main__":
    main()
