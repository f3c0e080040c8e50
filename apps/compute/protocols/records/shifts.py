"""Protocols of the Shifts challenge (Malinin et al. 2021, 2022)."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.protocols.records.record import PREDICTION, TRUTH, Part, Protocol
from apps.compute.roles import Role

_SHIFTED = Part(
    "shifted",
    gettext_noop("Shifted rows"),
    "column",
    Role.SLICE,
    required=False,
    help=gettext_noop("1 for rows from elsewhere, 0 for rows like those of the training."),
)

_shifts = partial(Protocol, family="Shifts")

CLASS_MEASURES = (
    "confidence",
    "entropy_of_expected",
    "expected_entropy",
    "mutual_information",
    "epkl",
    "reverse_mutual_information",
)
NUMBER_MEASURES = ("tvar", "mvar", "varm", "epkl")
DISPLACEMENTS = tuple(
    f"{which}_{of}" for of in ("ade", "fde") for which in ("min", "mean", "top1", "weighted")
)
_RETENTION = ("retention_auc", "rejection_ratio", "f1_retention_auc", "f1_at_95_retention")

SHIFTS = (
    _shifts(
        "ensemble_classification",
        gettext_noop("Ensemble of classifiers"),
        description=gettext_noop(
            "Does the uncertainty of an ensemble know where it errs? Error-retention and F1-retention "
            "curves for "
            "six measures of uncertainty, and how well they find shifted rows."
        ),
        parts=(
            TRUTH,
            Part(
                "members", gettext_noop("Probabilities of the members"), "columns", Role.PROBABILITY,
                help=gettext_noop("Member after member, each with one column for each class, in one order."),
            ),
            Part(
                "classes", gettext_noop("Classes"), "values", required=False,
                help=gettext_noop("In the order of the columns; without them, the true ones in their order."),
            ),
            _SHIFTED,
            Part(
                "measure", gettext_noop("Uncertainty"), "text", required=False, default="entropy_of_expected",
                choices=CLASS_MEASURES,
            ),
        ),
        metrics=(*_RETENTION, "accuracy", "ood_roc_auc", "ensemble_nll"),
        main="retention_auc",
        source="Shifts (Malinin et al. 2021): weather, classification",
        module="apps.compute.protocols.ensembles",
    ),
    _shifts(
        "ensemble_regression",
        gettext_noop("Ensemble of regressors"),
        description=gettext_noop(
            "Members that each predict a mean and a variance: retention curves of the squared error for four "
            "measures of uncertainty, detection of shifted rows, negative log-likelihood."
        ),
        parts=(
            TRUTH,
            Part("means", gettext_noop("Means of the members"), "columns", Role.PREDICTION),
            Part(
                "variances", gettext_noop("Variances of the members"), "columns",
                help=gettext_noop("One for each mean, in the same order."),
            ),
            _SHIFTED,
            Part(
                "acceptable", gettext_noop("Acceptable squared error"), "number", required=False, default=1.0,
                low=0.0,
            ),
            Part(
                "measure", gettext_noop("Uncertainty"), "text", required=False, default="tvar",
                choices=NUMBER_MEASURES,
            ),
        ),
        metrics=(*_RETENTION, "rmse", "mae", "ood_roc_auc", "ood_pr_auc", "ensemble_nll"),
        main="retention_auc",
        source="Shifts: weather, regression",
        module="apps.compute.protocols.ensembles",
    ),
    _shifts(
        "error_retention",
        gettext_noop("Error retention"),
        description=gettext_noop(
            "One prediction and one uncertainty for each row: how fast the squared error falls when "
            "uncertain "
            "rows are passed on."
        ),
        parts=(
            TRUTH,
            PREDICTION,
            Part("uncertainty", gettext_noop("Uncertainty"), "column", Role.STD),
            _SHIFTED,
            Part(
                "acceptable", gettext_noop("Acceptable squared error"), "number", required=False, default=1.0,
                low=0.0,
            ),
        ),
        metrics=(*_RETENTION, "rmse", "mae", "ood_roc_auc", "ood_pr_auc"),
        main="retention_auc",
        source="Shifts: weather/assessment.py",
        module="apps.compute.protocols.ensembles",
    ),
    _shifts(
        "trajectories",
        gettext_noop("Planned paths"),
        description=gettext_noop(
            "Several plans for each request, one row for each step: displacement errors, likelihood of the "
            "path, "
            "and retention curves by request."
        ),
        parts=(
            Part("request", gettext_noop("Request"), "column", Role.QUERY),
            Part("plan", gettext_noop("Plan"), "column"),
            Part("step", gettext_noop("Step"), "column", Role.HORIZON),
            Part("true_x", gettext_noop("True x"), "column"),
            Part("true_y", gettext_noop("True y"), "column"),
            Part("x", gettext_noop("Planned x"), "column"),
            Part("y", gettext_noop("Planned y"), "column"),
            Part(
                "confidence", gettext_noop("Confidence of the plan"), "column",
                help=gettext_noop("Any number; the weights of the plans are its softmax."),
            ),
            Part("uncertainty", gettext_noop("Uncertainty of the request"), "column"),
            Part(
                "acceptable", gettext_noop("Acceptable displacement"), "number", required=False, default=1.0,
                low=0.0,
            ),
            Part(
                "error", gettext_noop("Error to retain"), "text", required=False, default="weighted_ade",
                choices=DISPLACEMENTS,
            ),
        ),
        metrics=(*DISPLACEMENTS, "trajectory_nll", *_RETENTION),
        main="min_ade",
        source="Shifts: sdc (Shifts Vehicle Motion Prediction)",
        module="apps.compute.protocols.trajectories",
    ),
    _shifts(
        "lesion_masks",
        gettext_noop("Lesion masks"),
        description=gettext_noop(
            "One row for each voxel of a scan: overlap of the masks, lesions found, and what the uncertainty "
            "knows of the errors."
        ),
        parts=(
            Part(
                "coordinates", gettext_noop("Coordinates"), "columns",
                help=gettext_noop("Whole numbers: the place of the voxel in the scan."),
            ),
            Part("truth", gettext_noop("True mask"), "column", Role.TARGET),
            Part("prediction", gettext_noop("Predicted mask"), "column", Role.PREDICTION),
            Part("uncertainty", gettext_noop("Uncertainty"), "column", Role.STD),
            Part("scan", gettext_noop("Scan"), "column", Role.QUERY, required=False),
            Part("iou", gettext_noop("Least overlap (IoU)"), "number", required=False, default=0.25,
                 low=0.0, high=1.0),
        ),
        metrics=("normalized_dice", "dice", "lesion_f1", "ndsc_retention_error"),
        main="normalized_dice",
        source="Shifts 2.0 (Malinin et al. 2022): mswml",
        module="apps.compute.protocols.lesions",
    ),
)  # fmt: skip
