"""One call over real runs: record, suspicious rows and charts."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import plotly.graph_objects as go
import polars as pl
import pytest

from apps.common.charts import figure_json, number_rows
from apps.compute.evaluation import EvaluationSpec
from apps.compute.faults.find import MOST_SUSPECTS, SUSPECTS, find_faults
from apps.compute.faults.result import FaultsResult
from apps.compute.figures import faults as figures
from apps.compute.messages import InputRejected, Message
from apps.compute.roles import ColumnRole, Role
from tests.golden import DATA

PREDICTIONS = DATA / "predictions"
Found = tuple[FaultsResult, pl.DataFrame]


def read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)


def find(folder: Path, frame: pl.DataFrame, metric: str | None = None, **roles: Role) -> Found:
    """Columns are what their names say, else features."""
    known = {"id": Role.ID, "y_true": Role.TARGET, "y_pred": Role.PREDICTION, **roles}
    columns = {
        name: ColumnRole(Role.PROBABILITY, name.removeprefix("proba_"))
        if name.startswith("proba_")
        else ColumnRole(known.get(name, Role.FEATURE))
        for name in frame.columns
    }
    frame.write_parquet(folder / "run.parquet")

    def ignore(message: Message, share: float) -> None:
        assert 0 <= share <= 1

    result, suspects = find_faults(folder / "run.parquet", EvaluationSpec(columns), ignore, metric=metric)
    assert FaultsResult.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False))) == result
    assert suspects.schema == SUSPECTS
    assert suspects.height <= MOST_SUSPECTS
    assert suspects["row"].is_unique().all()
    return result, suspects


def run_of(name: str, truth: str, model: str) -> pl.DataFrame:
    folder = PREDICTIONS / name
    return read(folder / truth).join(read(folder / model), on="id", maintain_order="left")


def test_cifar10(tmp_path: Path) -> None:
    run = run_of("cifar10_label_errors", "truth.csv.gz", "pred_cleanlab_cnn.parquet")
    confirmed = run.filter("is_label_error")["id"].cast(pl.String)
    kept = run.select("id", "y_true", "y_pred", pl.selectors.starts_with("proba_"))
    result, suspects = find(tmp_path, kept)
    assert suspects.head(275)["id"].is_in(confirmed.implode()).sum() >= 0.8 * 54
    assert suspects["kind"][0] == "label"
    assert result.errors is not None
    assert result.errors.value == pytest.approx(sum(result.tables["by_class"].columns["expected"]))
    assert "copies of rows were not looked for" in str(result.notes[0])
    assert (result.metric, len(result.tables["influence"])) == ("log_loss", 50)
    drawn = figures.figures(result)
    assert [figure.key for figure in drawn] == ["label_errors_by_class", "label_errors_pairs"]
    for figure in drawn:
        data = figure_json(figure)
        go.Figure({"data": data["data"], "layout": data["layout"]}).to_dict()
        assert number_rows(figure)
    heat = drawn[1].data[0]
    assert heat["xgap"] >= 1
    assert heat["ygap"] >= 1
    assert all(row[place] is None for place, row in enumerate(heat["z"]))
    assert "“cat” is most often rather “dog”" in str(drawn[1].title)


def test_sentiment_has_copies_of_sentences(tmp_path: Path) -> None:
    """Texts without a use of their own are compared too; rows without a truth are left out and rows keep
    their numbers in the file.
    """
    run = run_of("sentiment", "truth.csv", "pred_lr.csv")
    emptied = run.with_columns(y_true=pl.when(pl.int_range(pl.len()) >= 10).then("y_true"))
    result, suspects = find(tmp_path, emptied, text=Role.IGNORE)
    assert result.copies is not None
    assert result.near is not None
    assert "text" in result.copies.columns
    assert result.near.columns == ("text",)
    shown = result.copies.largest[0]
    assert len(set(run["text"].gather([row - 1 for row in shown.rows]))) == 1
    for row, name, given in suspects.select("row", "id", "given").head(20).rows():
        assert (str(run["id"][row - 1]), str(run["y_true"][row - 1])) == (name, given)
    assert result.n == run.height - 10


def test_regression_has_influence_and_copies_alone(tmp_path: Path) -> None:
    result, suspects = find(tmp_path, run_of("diabetes", "truth.csv", "pred_hgb.csv"), metric="mae")
    assert (result.errors, result.clusters, result.triggers) == (None, (), ())
    assert set(suspects["kind"]) <= {"influence", "near", "copy", "conflict"}
    change = result.tables["influence"].columns["change"]
    assert np.all(np.diff(np.abs(change)) <= 0)
    assert figures.figures(result) == []


def test_labels_alone_are_searched_as_far_as_they_go(tmp_path: Path) -> None:
    run = run_of("breast_cancer", "truth.csv", "pred_lr.csv").drop("proba_malignant")
    result, suspects = find(tmp_path, run)
    notes = " ".join(map(str, result.notes))
    assert "found from probabilities" in notes
    assert "all move it alike" in notes
    assert (result.metric, result.errors) == ("accuracy", None)
    assert suspects["suspicion"].null_count() == suspects.height


def test_a_metric_without_known_influence_is_refused(tmp_path: Path) -> None:
    run = run_of("breast_cancer", "truth.csv", "pred_lr.csv")
    with pytest.raises(InputRejected, match="is not known for the metric ece"):
        find(tmp_path, run, metric="ece")
