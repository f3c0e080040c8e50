"""Confident learning and exact copies on a million rows, all searches on 100,000."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.difference.table import Table
from apps.compute.evaluation import EvaluationSpec
from apps.compute.faults.confident_learning import label_issues
from apps.compute.faults.duplicates import exact
from apps.compute.faults.find import find_faults
from apps.compute.messages import Message
from apps.compute.roles import ColumnRole, Role
from benchmarks.measure import measure

MODULE = "benchmarks.faults"  # also when run as __main__
ROWS, SOME_ROWS, CLASSES, FEATURES = 1_000_000, 100_000, 10, 20


def make_file(path: str, rows: int) -> None:
    """Seeded predictions of a fair model, 3 % of the labels flipped, 1 % of the rows copied."""
    rng = np.random.default_rng(20)
    scores = rng.normal(size=(rows, CLASSES))
    truth = rng.integers(CLASSES, size=rows)
    scores[np.arange(rows), truth] += 3
    odds = np.exp(scores)
    probability = odds / odds.sum(axis=1, keepdims=True)
    flipped = rng.random(rows) < 0.03
    truth[flipped] = rng.integers(CLASSES, size=int(flipped.sum()))
    features = rng.normal(size=(rows, FEATURES))
    copied = rng.choice(rows, rows // 100, replace=False)
    features[copied] = features[(copied + 1) % rows]
    pl.DataFrame(
        {"id": np.arange(rows), "y_true": truth}
        | {f"proba_{i}": probability[:, i] for i in range(CLASSES)}
        | {f"x{i}": features[:, i] for i in range(FEATURES)}
    ).write_parquet(path)


def labels(path: str) -> None:
    frame = pl.read_parquet(path, columns=["y_true", *(f"proba_{i}" for i in range(CLASSES))])
    table = np.stack([frame[f"proba_{i}"].to_numpy() for i in range(CLASSES)])
    label_issues(frame["y_true"].to_numpy().astype(np.int32), table)


def copies(path: str) -> None:
    table = Table.of(Path(path))
    truth = pl.read_parquet(path, columns=["y_true"]).to_series().to_numpy()
    exact(table.row_hashes(table.schema, [f"x{i}" for i in range(FEATURES)]), truth)


def everything(path: str) -> None:
    """All searches, from the stored file to the record and the suspicious rows."""

    def ignore(message: Message, share: float) -> None:
        pass

    roles = {"id": ColumnRole(Role.ID), "y_true": ColumnRole(Role.TARGET)}
    roles |= {f"proba_{i}": ColumnRole(Role.PROBABILITY, str(i)) for i in range(CLASSES)}
    roles |= {f"x{i}": ColumnRole(Role.FEATURE) for i in range(FEATURES)}
    find_faults(Path(path), EvaluationSpec(roles), ignore)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mlsd-bench-") as folder:
        large, small = f"{folder}/large.parquet", f"{folder}/small.parquet"
        make_file(large, ROWS)
        make_file(small, SOME_ROWS)
        print(
            f"label errors, {ROWS:,} rows x {CLASSES} classes  {measure(MODULE, 'labels', large)}", flush=True
        )
        print(
            f"exact copies, {ROWS:,} rows x {FEATURES} columns {measure(MODULE, 'copies', large)}", flush=True
        )
        print(
            f"all faults, {SOME_ROWS:,} rows              {measure(MODULE, 'everything', small)}", flush=True
        )


if __name__ == "__main__":
    main()
