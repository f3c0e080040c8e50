"""A million rows of regression: this project, Evidently's preset, and reading plus one sort."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.messages import Message
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role
from benchmarks.measure import best_of, measure

MODULE = "benchmarks.regression"
ROWS = 1_000_000
MANY_ROWS = 10_000_000
ROLES = {
    "id": ColumnRole(Role.ID),
    "y_true": ColumnRole(Role.TARGET),
    "y_pred": ColumnRole(Role.PREDICTION),
}


def make_file(path: str, rows: int) -> None:
    """Seeded positive targets, skewed, whose error grows with the target."""
    rng = np.random.default_rng(20)
    truth = rng.gamma(2, 50, rows)
    predicted = truth * np.exp(rng.normal(0, 0.2, rows)) + rng.normal(0, 5, rows)
    pl.DataFrame({"id": np.arange(rows), "y_true": truth, "y_pred": predicted}).write_parquet(path)


def ours(path: str) -> None:
    """From the stored file to the saved result: all metrics, tables and intervals."""

    def ignore(message: Message, share: float) -> None:
        pass

    result = evaluate(Path(path), EvaluationSpec(roles=ROLES, task=Task.REGRESSION), ignore)
    Path(path).with_suffix(".json").write_text(json.dumps(result.to_json(), allow_nan=False))


def read_and_sort(path: str) -> None:
    """The least that a median of the errors must do."""
    frame = pl.read_parquet(path, columns=["y_true", "y_pred"])
    np.sort(np.abs(frame["y_pred"].to_numpy() - frame["y_true"].to_numpy()))


def prepare_evidently() -> None:
    """Import outside the measured time: it takes seconds and is paid once by a long-lived worker."""
    import evidently.presets  # noqa: F401


def evidently(path: str) -> None:
    """RegressionPreset on the same columns, without intervals."""
    import pandas as pd
    from evidently import DataDefinition, Dataset, Regression, Report
    from evidently.presets import RegressionPreset

    frame = pd.read_parquet(path, columns=["y_true", "y_pred"])
    definition = DataDefinition(
        regression=[Regression(target="y_true", prediction="y_pred")],
        numerical_columns=["y_true", "y_pred"],
    )
    data = Dataset.from_pandas(frame, data_definition=definition)
    snapshot = Report([RegressionPreset()]).run(data, None)
    Path(path).with_suffix(".evidently.json").write_text(snapshot.json())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "million.parquet"))
        measure(MODULE, "make_file", path, ROWS)
        print(f"Regression, {ROWS:,} rows: stored Parquet file to saved result")
        mine = best_of(3, MODULE, "ours", path)
        least = best_of(3, MODULE, "read_and_sort", path)
        theirs = measure(MODULE, "evidently", path)
        ratio = mine.seconds / theirs.seconds
        print(f"  all metrics, tables, intervals   {mine}")
        print(f"  Evidently RegressionPreset       {theirs}")
        print(f"  reading and one sort             {least}")
        print(f"  ratio to Evidently               {ratio:8.3f}   (target: at most 0.1)")
        print(f"  ratio to reading and one sort    {mine.seconds / least.seconds:8.1f}")
        many = str(Path(folder, "many.parquet"))
        measure(MODULE, "make_file", many, MANY_ROWS)
        large = measure(MODULE, "ours", many)
        print(f"Regression, {MANY_ROWS:,} rows")
        print(f"  all metrics, tables, intervals   {large}   (target: under 2,000 MB)")


if __name__ == "__main__":
    main()
