"""Fixtures of the reference projects, uploaded, judged and asked: stored numbers are the official ones."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from apps.analysis.models import Analysis
from apps.analysis.pipeline import run_analysis
from apps.analysis.services import ask
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.models import MetricValue, Run
from apps.evaluations.pipeline import run_evaluation
from apps.evaluations.services import RunFields, submit_run
from apps.jobs.execution import execute
from apps.jobs.models import State
from apps.projects.models import Project
from tests.factories import make_project

FOLDER = Path(__file__).parents[1] / "data" / "golden_official"
OFFICIAL = "official_results"


@dataclass(frozen=True)
class Case:
    """``expected`` are paths into expected.json by metric; ``column`` and ``value`` are where it is kept."""

    name: str
    protocol: str
    expected: dict[str, str]
    params: dict[str, Any] = field(default_factory=dict)
    column: str = ""
    value: str = ""
    tolerance: float = 1e-6
    task: str = "protocol"


MEMBERS = [f"m{member}_p{label}" for member in range(1, 6) for label in (0, 1)]
MEANS, VARIANCES = ([f"m{member}_{kind}" for member in range(1, 6)] for kind in ("mean", "var"))
PATHS = {
    "request": "request", "plan": "plan", "step": "step", "true_x": "true_x", "true_y": "true_y",
    "x": "pred_x", "y": "pred_y", "confidence": "plan_confidence_logit", "uncertainty": "request_uncertainty",
}  # fmt: skip
CASES = [
    Case("wilds/amazon_10th_percentile", "group_accuracy",
         {"worst_group_accuracy": "acc_wg", "percentile_group_accuracy": "10th_percentile_acc"},
         {"group": "group"}, "group", task=""),
    Case("wilds/camelyon17_accuracy_groups", "group_accuracy", {"worst_group_accuracy": "acc_wg"},
         {"group": "group"}, "group", task=""),
    Case("wilds/fmow_worst_region", "group_accuracy", {"worst_group_accuracy": "acc_worst_region"},
         {"group": "region", "left_out": ["Other"]}, "region", "without Other", task=""),
    Case("wilds/civilcomments_worst_identity_x_label", "identity_label_groups",
         {"worst_group_accuracy": "acc_wg"},
         {"identities": ["female", "black", "asian_pac", "foreign_born", "aged_65"]},
         "female × black × asian_pac × foreign_born × aged_65", "identity × label", task=""),
    Case("wilds/sqf_precision_at_recall", "precision_at_recall",
         {"worst_group_precision_at_recall": "precision_at_global_recall_wg"}, {"group": "group"}, "group",
         task=""),
    Case("wilds/iwildcam_macro_f1", "present_class_macro_f1",
         {"f1_macro_present": "F1-macro_all", "recall_macro_present": "recall-macro_all"}, task="multiclass"),
    Case("wilds/poverty_worst_group_pearson", "worst_group_correlation",
         {"worst_group_pearson": "r_wg", "worst_group_mse": "mse_wg"}, {"group": "group"}, "group", task=""),
    Case("wilds/multitask_accuracy_and_AP", "multi_task",
         {"worst_group_average_precision": "avgprec-macro_wg"},
         {"truths": ["y_a", "y_b"], "predictions": ["p_a", "p_b"], "scores": ["s_a", "s_b"],
          "group": "group"}, "group"),
    Case("wilds/globalwheat_detection_TOY", "detection",
         {"worst_group_detection_accuracy": "detection_acc_wg",
          "group_mean_detection_accuracy": "detection_acc_avg_dom"},
         {"truth": "true_boxes_xyxy", "prediction": "pred_boxes_xyxy_score", "group": "session"}, "session"),
    Case("wilds/py150_token_accuracy_TOY", "token_accuracy",
         {"chosen_token_accuracy": "acc", "token_accuracy": "Acc (Overall)"},
         {"type": "token_type", "chosen": ["0", "1"], "sequence": "sequence"}),
    Case("shifts/classification_ensemble", "ensemble_classification",
         {"retention_auc": "retention_threshold_0.5/entropy_of_expected/R_AUC",
          "ood_roc_auc": "ood_ROC_AUC/entropy_of_expected", "ensemble_nll": "nll_class_mean"},
         {"members": MEMBERS, "shifted": "shifted", "truth": "y_true"}),
    Case("shifts/regression_ensemble", "ensemble_regression",
         {"retention_auc": "retention_threshold_1.0/tvar/R_AUC", "rmse": "rmse",
          "ensemble_nll": "ens_nll_regression"},
         {"means": MEANS, "variances": VARIANCES, "shifted": "shifted", "truth": "y_true"}),
    Case("shifts/sdc_trajectories_TOY", "trajectories",
         {"min_ade": "minADE/mean", "weighted_ade": "weightedADE/mean",
          "trajectory_nll": "corrected_nll_mean"}, PATHS),
    Case("shifts/lesion_masks_digits", "lesion_masks",
         {"dice": "dice", "normalized_dice": "nDSC", "lesion_f1": "lesion_F1_IoU0.25",
          "ndsc_retention_error": "nDSC_R_AAC"},
         {"coordinates": ["z", "y", "x"], "truth": "true", "prediction": "pred",
          "uncertainty": "uncertainty"},
         tolerance=1e-5),
    Case("single_cell/rowwise_pearson_bike_days", "rowwise_correlation",
         {"rowwise_pearson": "kaggle_2022_score"}, tolerance=1e-9),
    Case("single_cell/tiny_TOY", "rowwise_correlation", {"rowwise_pearson": "kaggle_2022_score"},
         tolerance=1e-9),
]  # fmt: skip


def upload(project: Project, folder: Path, task: str) -> Run:
    """A judged run of the fixture: its one file, or predictions and truth."""
    owner = project.created_by
    truth = None
    if (folder / "truth.csv").exists():
        truth = submit_file(
            project=project,
            user=owner,
            upload=incoming_from_path(folder / "truth.csv"),
            purpose=DataFile.Purpose.TRUTH,
        )
    file = folder / ("prediction.csv" if truth else "input.csv")
    run = submit_run(
        project=project,
        user=owner,
        upload=incoming_from_path(file),
        truth=truth,
        fields=RunFields(task=task),
    ).run
    execute(str(run.job_id), run_evaluation)
    return finished(run)


def finished(run: Run) -> Run:
    fresh = Run.objects.select_related("job", "file", "truth", "project").get(pk=run.pk)
    assert fresh.job.state == State.SUCCEEDED, fresh.job.error
    return fresh


def answered(run: Run, **params: Any) -> Analysis:
    analysis = ask(run=run, user=run.created_by, kind="protocol", params=params)
    execute(str(analysis.job_id), run_analysis)
    return Analysis.objects.select_related("job").get(pk=analysis.pk)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_stored_numbers_are_the_official_ones(case: Case) -> None:
    folder = FOLDER / case.name
    official = json.loads((folder / "expected.json").read_text())[OFFICIAL]
    run = upload(make_project(), folder, case.task)
    analysis = answered(run, protocol=case.protocol, **case.params)
    assert analysis.job.state == State.SUCCEEDED, analysis.job.error
    for metric, path in case.expected.items():
        expected = official
        for step in path.split("/"):
            expected = expected[step]
        kept = MetricValue.objects.get(
            run=run, metric=metric, slice_column=case.column, slice_value=case.value
        )
        assert kept.value == pytest.approx(expected, rel=case.tolerance, abs=case.tolerance), metric
    assert ask(run=run, user=run.created_by, kind="protocol", params=analysis.params).pk == analysis.pk
