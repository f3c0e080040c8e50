"""A million rows of binary predictions: this project, Evidently's preset, and reading plus one sort."""

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

MODULE = "benchmarks.classification"  # also when run as __main__
ROWS = 1_000_000
MANY_ROWS = 10_000_000
ROLES = {
    "id": ColumnRole(Role.ID),
    "y_true": ColumnRole(Role.TARGET),
    "proba_1": ColumnRole(Role.PROBABILITY, "1"),
}


def make_file(path: str, rows: int) -> None:
    """Seeded scores that are nearly all distinct, of a fair model."""
    rng = np.random.default_rng(20)
    log_odds = rng.normal(-1, 1.5, rows)
    proba = 1 / (1 + np.exp(-log_odds))
    y = (rng.random(rows) < 1 / (1 + np.exp(-0.8 * log_odds))).astype(np.int64)
    pl.DataFrame({"id": np.arange(rows), "y_true": y, "proba_1": proba}).write_parquet(path)


def ours(path: str) -> None:
    """From the stored file to the saved result: all metrics, curves and intervals."""

    def ignore(message: Message, share: float) -> None:
        pass

    spec = EvaluationSpec(roles=ROLES, task=Task.BINARY, positive="1")
    result = evaluate(Path(path), spec, ignore)
    Path(path).with_suffix(".json").write_text(json.dumps(result.to_json(), allow_nan=False))


def read_and_sort(path: str) -> None:
    """The least that any judgement of a ranking must do."""
    frame = pl.read_parquet(path, columns=["y_true", "proba_1"])
    np.sort(frame["proba_1"].to_numpy())


def prepare_evidently() -> None:
    """Import outside the measured time: it takes seconds and is paid once by a long-lived worker."""
    import evidently.presets  # noqa: F401


def evidently(path: str) -> None:
    """ClassificationPreset on the same columns, without intervals."""
    import pandas as pd
    from evidently import BinaryClassification, DataDefinition, Dataset, Report
    from evidently.presets import ClassificationPreset

    frame = pd.read_parquet(path, columns=["y_true", "proba_1"])
    kind = BinaryClassification(target="y_true", prediction_probas="proba_1", pos_label=1)
    definition = DataDefinition(classification=[kind], numerical_columns=["proba_1"])
    data = Dataset.from_pandas(frame, data_definition=definition)
    snapshot = Report([ClassificationPreset()]).run(data, None)
    Path(path).with_suffix(".evidently.json").write_text(snapshot.json())


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "million.parquet"))
        measure(MODULE, "make_file", path, ROWS)
        print(f"Binary classification, {ROWS:,} rows: stored Parquet file to saved result")
        mine = best_of(3, MODULE, "ours", path)
        least = best_of(3, MODULE, "read_and_sort", path)
        theirs = measure(MODULE, "evidently", path)
        print(f"  all metrics, curves, intervals   {mine}")
        print(f"  Evidently ClassificationPreset   {theirs}")
        print(f"  reading and one sort             {least}")
        print(
            f"  ratio to Evidently               {mine.seconds / theirs.seconds:8.3f}   (target: at most 0.2)"
        )
        print(f"  ratio to reading and one sort    {mine.seconds / least.seconds:8.1f}")
        many = str(Path(folder, "many.parquet"))
        measure(MODULE, "make_file", many, MANY_ROWS)
        print(f"Binary classification, {MANY_ROWS:,} rows")
        print(
            f"  all metrics, curves, intervals   {measure(MODULE, 'ours', many)}   (target: under 2,000 MB)"
        )


if __name__ == "__main__":
    main()
