"""Every number of the golden files, by way of `evaluate` on the real prediction files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from apps.compute import slices
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.inputs import read
from apps.compute.judged import (
    JudgedBinary,
    JudgedMulticlass,
    judge_binary,
    judge_multiclass,
    judge_regression,
)
from apps.compute.messages import Message
from apps.compute.metrics import multiclass, regression
from apps.compute.metrics.binary import evaluate_binary
from apps.compute.results import EvaluationResult, Table, Task
from apps.compute.roles import ColumnRole, Role

DATA = Path(__file__).parents[1] / "data"


@dataclass(frozen=True)
class Case:
    """A data set, its models, task, slices, and what is odd about it."""

    name: str
    task: Task
    models: tuple[str, ...]
    slices: tuple[str, ...] = ()
    positive: str | None = None
    timestamp: bool = False
    overall: str = "overall"
    target: str = "y_true"


BINARY, MULTICLASS, REGRESSION = Task.BINARY, Task.MULTICLASS, Task.REGRESSION
CASES = (
    Case("adult", BINARY, ("rule", "lr", "hgb"), ("sex", "race", "age_band", "education"), ">50K"),
    Case("breast_cancer", BINARY, ("rule", "lr", "tree"), ("size_band",), "malignant"),
    Case("elec2", BINARY, ("rule_persistence", "lr", "hgb"), ("window", "month", "daypart"), "1", True),
    Case("nba_538", BINARY, ("fivethirtyeight",), ("season",), "1", True),
    Case("sentiment", BINARY, ("rule", "nb", "lr"), ("source", "length_band", "has_negation"), "1"),
    Case("digits", MULTICLASS, ("knn", "lr", "tree"), ("ink_band",)),
    Case("room_occupancy", MULTICLASS, ("rule_lights", "lr", "rf"), ("window", "day", "daypart"), None, True),
    Case("world_cup_538", MULTICLASS, ("fivethirtyeight",), ("tournament", "knockout"), None, True),
    Case("cifar10_label_errors", MULTICLASS, ("cleanlab_cnn",), overall="overall_given_labels"),
    Case(
        "cifar10_label_errors",
        MULTICLASS,
        ("cleanlab_cnn",),
        overall="overall_corrected_labels",
        target="y_corrected",
    ),
    Case(
        "bike",
        REGRESSION,
        ("rule", "ridge", "hgb"),
        ("window", "month", "weathersit", "workingday"),
        None,
        True,
    ),
    Case("diabetes", REGRESSION, ("rule", "ridge", "hgb"), ("sex",)),
)
RUNS = [pytest.param(c, m, id=f"{c.name}-{m}-{c.overall}") for c in CASES for m in c.models]

#: Golden key -> key of our metric.
COUNTERPARTS = {
    key: key
    for key in (
        *("accuracy", "balanced_accuracy", "precision", "recall", "f1", "specificity", "prevalence", "mcc"),
        *("cohen_kappa", "roc_auc", "average_precision", "log_loss", "brier", "precision_macro"),
        *("recall_macro", "precision_micro", "recall_micro", "f1_micro", "precision_weighted"),
        *("recall_weighted", "f1_weighted", "top_2_accuracy", "top_3_accuracy", "roc_auc_ovr_macro"),
        *("roc_auc_ovo_macro", "mae", "mse", "rmse", "r2", "max_error", "explained_variance", "mape"),
        "rmsle",
    )
} | {
    "f1_macro": "f1_macro",
    "pred_pos_rate": "predicted_positive_rate",
    "ece_pos_10bins": "ece",
    "mce_pos_10bins": "mce",
    "brier_multiclass_sum": "brier_multiclass",
    "mean_error_pred_minus_true": "mean_error",
    "median_ae": "median_absolute_error",
    "pearson_r": "pearson",
    "spearman_r": "spearman",
}
#: Golden keys that are compared with something else than a metric of the same name.
COMPARED_ELSEWHERE = {
    "n": "rows of the result",
    "n_pos": "confusion table",
    "tn": "confusion table",
    "fp": "confusion table",
    "fn": "confusion table",
    "tp": "confusion table",
    "fpr": "1 - specificity",
    "fnr": "1 - recall",
    "classes": "classes of the result",
    "per_class": "table per_class",
    "confusion_matrix_rows_true": "table confusion",
    "ece_toplabel_10bins": "ece_top_label with several classes",
    "ece_toplabel_15bins": "calibration_bins with 15 bins",
    "torchmetrics_float32": "ece and calibration_bins, 5e-5",
    "mean_true": "mean_pred - mean_error",
}
NO_COUNTERPART = {
    "ece_pos_15bins": "reports use ten bins; the definition is the one compared with ten",
    "mean_proba": "describes the file, not the model",
    "mean_pred": "describes the file, not the model",
}
#: Of `COUNTERPARTS`, what a task does not have.
NOT_OF_TASK = {
    BINARY: {"f1_macro": "two-class reports judge the positive class; balanced accuracy and MCC judge both"},
    MULTICLASS: {},
    REGRESSION: {},
}

#: Two probabilities of 0.3 that belong to [0.3, 0.4) fell below numpy.linspace's edge of
#: 0.30000000000000004 when the golden number was made.
MISPLACED_AT_EDGE = {("breast_cancer", "tree", ("medium",)): "mce_pos_10bins"}


def table_of(name: str) -> pl.DataFrame:
    (path,) = (DATA / "predictions" / name.split("/")[0]).glob(f"{name.split('/')[1]}.*")
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def prediction_file(case: Case, model: str, path: Path) -> dict[str, ColumnRole]:
    """Truth joined with one model's predictions, and the roles that are plain from the names."""
    frame = table_of(f"{case.name}/truth").join(table_of(f"{case.name}/pred_{model}"), on="id")
    if case.overall == "overall_corrected_labels":
        frame = frame.filter(~pl.col("drop_after_check"))
    frame.write_parquet(path)
    roles = {case.target: ColumnRole(Role.TARGET), "y_pred": ColumnRole(Role.PREDICTION)}
    roles |= {name: ColumnRole(Role.SLICE) for name in case.slices}
    if case.timestamp:
        roles["timestamp"] = ColumnRole(Role.TIMESTAMP)
    for name in frame.columns:
        if name.startswith("proba_"):
            roles[name] = ColumnRole(Role.PROBABILITY, name.removeprefix("proba_"))
    return roles


def silent(message: Message, share: float) -> None:
    """Progress that nobody watches."""


def golden_of(case: Case, model: str) -> dict[str, Any]:
    models = json.loads((DATA / "golden" / f"{case.name}_metrics.json").read_text())["models"]
    return dict(models[model])


def cells(table: Table) -> dict[tuple[str, str], float]:
    return {(truth, predicted): n for truth, predicted, n in table.rows()}


def compare(case: Case, expected: dict[str, Any], values: dict[str, float | None]) -> int:
    """Hold ``values`` against all of ``expected``; give how many numbers were compared."""
    compared = 0
    for key, number in expected.items():
        ours = COUNTERPARTS.get(key)
        if ours is None or key in NOT_OF_TASK[case.task]:
            assert key in COMPARED_ELSEWHERE or key in NO_COUNTERPART or key in NOT_OF_TASK[case.task], key
            continue
        assert values[ours] == (number if number is None else pytest.approx(number, rel=1e-9, abs=1e-12)), key
        compared += 1
    if "roc_auc_ovr_macro" in values and "roc_auc_ovr_macro" not in expected:
        assert values["roc_auc_ovr_macro"] is None  # Golden files leave it out where a class is absent.
    for rate, opposite in (("fpr", "specificity"), ("fnr", "recall")):
        if expected.get(rate) is not None and values.get(opposite) is not None:
            assert 1 - values[opposite] == pytest.approx(expected[rate], rel=1e-9, abs=1e-12)
    if case.task is MULTICLASS and "ece_toplabel_10bins" in expected:
        assert values["ece_top_label"] == pytest.approx(expected["ece_toplabel_10bins"], rel=1e-9, abs=1e-12)
    if "mean_true" in expected:
        bias = expected["mean_pred"] - expected["mean_true"]
        assert values["mean_error"] == pytest.approx(bias, rel=1e-9, abs=1e-9)
    return compared


@pytest.mark.parametrize(("case", "model"), RUNS)
def test_whole_file_equals_golden(case: Case, model: str, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    roles = prediction_file(case, model, path)
    expected = golden_of(case, model)[case.overall]

    result = evaluate(path, EvaluationSpec(roles), silent)

    assert (result.task, result.n, result.positive) == (case.task, expected["n"], case.positive)
    assert EvaluationResult.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False))) == result
    assert compare(case, expected, {m.key: m.value for m in result.metrics}) >= 9
    for metric in result.metrics:
        if metric.low is not None:
            assert metric.low <= metric.value <= metric.high, metric
    if case.task is BINARY:
        compare_binary_cells(expected, cells(result.tables["confusion"]), result.classes)
        largest = pl.read_parquet(path).select(pl.max_horizontal(pl.col("^proba_.*$").max(), 0.0)).item()
        if 0 < largest < 1:  # torchmetrics gives a probability of exactly 1 a bin of its own.
            peer = expected["torchmetrics_float32"]["binary_calibration_error_10"]
            assert result.metric("ece").value == pytest.approx(peer, abs=5e-5)
    if case.task is MULTICLASS:
        assert list(result.classes) == expected["classes"]
        compare_multiclass_tables(expected, result.tables, result.classes)
    assert ("residual_by_time" in result.tables or "metric_by_time" in result.tables) == case.timestamp


def compare_binary_cells(
    expected: dict[str, Any], found: dict[tuple[str, str], float], classes: tuple[str, ...]
) -> None:
    negative, positive = classes
    for key, cell in (
        ("tn", (negative, negative)),
        ("fp", (negative, positive)),
        ("fn", (positive, negative)),
        ("tp", (positive, positive)),
    ):
        assert found[cell] == expected[key]
    assert found[positive, positive] + found[positive, negative] == expected["n_pos"]


def compare_multiclass_tables(
    expected: dict[str, Any], tables: dict[str, Table], classes: tuple[str, ...]
) -> None:
    found = cells(tables["confusion"])
    matrix = [[found[truth, predicted] for predicted in classes] for truth in classes]
    assert matrix == expected["confusion_matrix_rows_true"]
    columns = tables["per_class"].columns
    for at, name in enumerate(columns["class"]):
        for key, number in expected["per_class"][name].items():
            assert columns[key][at] == pytest.approx(number, rel=1e-9, abs=1e-12), (name, key)


@pytest.mark.parametrize(("case", "model"), [p for p in RUNS if p.values[0].slices])
def test_slices_equal_golden(case: Case, model: str, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    roles = prediction_file(case, model, path)
    golden = golden_of(case, model)
    crossings = (("sex", "race"),) if case.name == "adult" else ()

    result = evaluate(path, EvaluationSpec(roles, cross_slices=crossings), silent)

    expected = {
        ((column,), (text.lower() if text in ("True", "False") else text,)): numbers
        for column, groups in golden["slices"].items()
        for text, numbers in groups.items()
    }
    for text, n in golden.get("slice_sex_x_race", {}).items():
        sex, race = text.split(" & ")
        expected[("sex", "race"), (sex, race)] = n
    found = {(s.columns, s.values): s for s in result.slices}
    shown = {key for key in found if key[0][0] in golden["slices"]}
    assert shown == set(expected)
    everything = all_metrics_of_groups(case, path, roles, crossings)
    for key, numbers in expected.items():
        part = found[key]
        assert part.n == numbers["n"]
        misplaced = MISPLACED_AT_EDGE.get((case.name, model, key[1]))
        numbers = {name: number for name, number in numbers.items() if name != misplaced}
        assert compare(case, numbers, everything[key]) >= 5
        for metric in part.metrics:
            same = everything[key][metric.key]
            assert metric.value == (same if same is None else pytest.approx(same, rel=1e-9, abs=1e-12)), (
                metric
            )


def all_metrics_of_groups(
    case: Case, path: Path, roles: dict[str, ColumnRole], crossings: tuple[tuple[str, ...], ...]
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, float | None]]:
    """Not only the headline metrics of each group, from the functions that judge a whole file."""
    inputs = read(path, roles)
    groupings, _ = slices.groupings(inputs.frame, case.slices, crossings)
    if case.task is BINARY:
        judged = judge_binary(inputs, None, case.positive, None, 0)
    elif case.task is MULTICLASS:
        judged = judge_multiclass(inputs, None, None)
    else:
        judged = judge_regression(inputs, None)
    found = {}
    for grouping in groupings:
        order, places = grouping.parts()
        for values, place in zip(grouping.values, places, strict=True):
            rows = order[place]
            if isinstance(judged, JudgedBinary):
                data = judged.data
                proba = None if data.probability is None else data.probability[rows]
                metrics, _ = evaluate_binary(data.truth[rows], proba, data.predicted[rows], resamples=2)
            elif isinstance(judged, JudgedMulticlass):
                metrics = multiclass.measure(judged.data.rows(rows))
            else:
                metrics = regression.measure(judged.data.rows(rows))
            found[grouping.columns, values] = {m.key: m.value for m in metrics}
    return found


@pytest.mark.parametrize(("case", "model"), [p for p in RUNS if p.values[0].task is MULTICLASS])
def test_calibration_with_fifteen_bins_equals_golden(case: Case, model: str, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    roles = prediction_file(case, model, path)
    expected = golden_of(case, model)[case.overall]
    data = judge_multiclass(read(path, roles), None, None).data
    if data.probability is None:
        assert "ece_toplabel_15bins" not in expected
        return
    bins = multiclass.calibration_bins(data, 15)
    error = float(np.dot(np.abs(bins["observed"] - bins["mean_predicted"]), bins["share"]))
    assert error == pytest.approx(expected["ece_toplabel_15bins"], rel=1e-9)
    if data.confidence.max() < 1:  # torchmetrics gives a confidence of exactly 1 a bin of its own.
        peer = expected["torchmetrics_float32"]["multiclass_calibration_error_15"]
        assert error == pytest.approx(peer, abs=5e-5)


@pytest.mark.parametrize("case", [c for c in CASES if c.overall != "overall_corrected_labels"])
def test_every_golden_model_and_slice_is_compared(case: Case) -> None:
    golden = json.loads((DATA / "golden" / f"{case.name}_metrics.json").read_text())
    assert set(golden["models"]) == set(case.models)
    for model in case.models:
        assert set(golden["models"][model].get("slices", {})) == set(case.slices)
