"""The golden files: which runs they describe, and how their keys name our metrics."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from apps.compute.results import Task

DATA = Path(__file__).parent / "data"


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


def golden_of(case: Case, model: str) -> dict[str, Any]:
    models = json.loads((DATA / "golden" / f"{case.name}_metrics.json").read_text())["models"]
    return dict(models[model])


def compare(
    case: Case, expected: dict[str, Any], values: dict[str, float | None], *, only_given: bool = False
) -> int:
    """Hold ``values`` against all of ``expected``; give how many numbers were compared.

    ``only_given`` leaves out what ``values`` does not have: slices carry the headline metrics only.
    """
    compared = 0
    for key, number in expected.items():
        ours = COUNTERPARTS.get(key)
        if ours is None or key in NOT_OF_TASK[case.task]:
            assert key in COMPARED_ELSEWHERE or key in NO_COUNTERPART or key in NOT_OF_TASK[case.task], key
            continue
        if only_given and ours not in values:
            continue
        assert values[ours] == (number if number is None else pytest.approx(number, rel=1e-9, abs=1e-12)), key
        compared += 1
    if "roc_auc_ovr_macro" in values and "roc_auc_ovr_macro" not in expected:
        assert values["roc_auc_ovr_macro"] is None  # Golden files leave it out where a class is absent.
    for rate, opposite in (("fpr", "specificity"), ("fnr", "recall")):
        if expected.get(rate) is not None and values.get(opposite) is not None:
            assert 1 - values[opposite] == pytest.approx(expected[rate], rel=1e-9, abs=1e-12)
    if case.task is MULTICLASS and "ece_toplabel_10bins" in expected and "ece_top_label" in values:
        assert values["ece_top_label"] == pytest.approx(expected["ece_toplabel_10bins"], rel=1e-9, abs=1e-12)
    if "mean_true" in expected and "mean_error" in values:
        bias = expected["mean_pred"] - expected["mean_true"]
        assert values["mean_error"] == pytest.approx(bias, rel=1e-9, abs=1e-9)
    return compared
