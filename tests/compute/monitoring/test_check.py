"""What a batch is found to hold: faults made in a real week of elec2."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from apps.compute.drift.spec import DriftSpec, Side
from apps.compute.monitoring.check import BatchCheck
from apps.compute.monitoring.check.engine import CheckSpec, check_batch
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role

STREAM = Path(__file__).parents[2] / "data" / "predictions" / "elec2"
ROLES = {
    "id": ColumnRole(Role.ID),
    "timestamp": ColumnRole(Role.TIMESTAMP),
    "y_true": ColumnRole(Role.TARGET),
    "y_pred": ColumnRole(Role.PREDICTION),
    "proba_1": ColumnRole(Role.PROBABILITY, "1"),
}
FAULTS = {
    "none": ([], set()),
    "no label yet": ([pl.lit(None, pl.Int8).alias("y_true")], set()),
    "one class": ([pl.lit(0).alias("y_pred")], set()),
    "classes as booleans": ([pl.col("y_pred") == 1], set()),
    "empty column": ([pl.lit(None).alias("nswprice")], {"missing:nswprice"}),
    "no probability": ([pl.lit(None, pl.Float64).alias("proba_1")], {"predictions:missing:proba_1"}),
    "too probable": ([pl.col("proba_1") * 3], {"predictions:range:proba_1"}),
    "third class": ([pl.lit(2).alias("y_pred")], {"predictions:classes:y_pred"}),
    "one id": ([pl.lit(5).alias("id")], {"ids:repeated:id"}),
    "text": ([pl.lit("x").alias("transfer")], {"schema:transfer"}),
}


def week() -> pl.DataFrame:
    frame = pl.read_parquet(STREAM / "truth.parquet").join(
        pl.read_parquet(STREAM / "pred_hgb.parquet"), on="id"
    )
    return frame.drop("window", "month")


def checked(tmp_path: Path, change: list[pl.Expr], *dropped: str, rows: int = 336) -> BatchCheck:
    frame = week()
    reference, current = tmp_path / "reference.parquet", tmp_path / "current.parquet"
    frame.filter(pl.col("id") < 10_000).write_parquet(reference)
    batch = frame.filter(pl.col("id") >= 18_000).head(rows)
    batch.with_columns(*change).drop(*dropped).write_parquet(current)
    window = datetime(1997, 1, 1, tzinfo=UTC), datetime(1998, 1, 1, tzinfo=UTC)
    spec = CheckSpec(ROLES, Task.BINARY, DriftSpec(resamples=0), *window)
    found = check_batch(Side(current), Side(reference), spec, lambda message, share: None)
    assert BatchCheck.from_json(json.loads(json.dumps(found.to_json(), allow_nan=False))) == found
    return found


def bad(found: BatchCheck) -> set[str]:
    return {finding.cause for finding in found.findings if finding.state == "bad"}


@pytest.mark.parametrize("fault", FAULTS)
def test_fault_is_found_and_nothing_else(tmp_path: Path, fault: str) -> None:
    change, causes = FAULTS[fault]
    assert bad(checked(tmp_path, change)) == causes


def test_missing_columns_are_told_but_for_the_label(tmp_path: Path) -> None:
    assert bad(checked(tmp_path, [], "vicprice", "y_true")) == {"schema:vicprice"}


def test_no_rows_are_one_fault(tmp_path: Path) -> None:
    found = checked(tmp_path, [], rows=0)
    assert bad(found) == {"empty"}
    assert (found.rows, found.reference) == (0, None)


def test_rows_outside_the_window_are_counted(tmp_path: Path) -> None:
    later = pl.when(pl.col("id") < 18_010).then(datetime(1999, 1, 1)).otherwise("timestamp")
    found = checked(tmp_path, [later.alias("timestamp")])
    assert [(each.cause, each.state, each.rows) for each in found.findings] == [
        ("times:timestamp", "warn", 10)
    ]
