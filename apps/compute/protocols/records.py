"""The named protocols of evaluation under distribution shift, as their reference projects define them.

Light: pages, forms and the API read these records; only a worker imports the modules that judge.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.roles import Role

#: Roles that fill a part by themselves; columns of other roles are only proposed.
FILLING = frozenset({Role.ID, Role.TARGET, Role.PREDICTION, Role.PROBABILITY, Role.STD, Role.QUERY})


@dataclass(frozen=True, slots=True)
class Part:
    """One setting of a protocol. ``label`` and ``help`` are message ids.

    ``kind`` is ``"column"``, ``"columns"``, ``"values"`` (texts), ``"number"`` or ``"text"``. Columns of the
    ``role`` are proposed, and taken where nothing is given and the role is in `FILLING`. ``low`` and ``high``
    bound a number, ``choices`` a text.
    """

    key: str
    label: str
    kind: str
    role: Role | None = None
    required: bool = True
    default: float | str | None = None
    help: str = ""
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def is_filled(self) -> bool:
        return self.role in FILLING


@dataclass(frozen=True, slots=True)
class Protocol:
    """``metrics`` are keys of `METRICS`, ``main`` the one that says most. ``module`` has the function
    ``judge(given) -> ProtocolResult``; heavy, for workers. ``is_wide``: truth and predictions are read side
    by side by id, because they have the same columns.
    """

    key: str
    label: str
    family: str
    description: str
    parts: tuple[Part, ...]
    metrics: tuple[str, ...]
    main: str
    source: str
    module: str
    is_wide: bool = False

    def part(self, key: str) -> Part:
        """The part named ``key``; KeyError if there is none."""
        for part in self.parts:
            if part.key == key:
                return part
        raise KeyError(key)


_TRUTH = Part("truth", gettext_noop("Truth"), "column", Role.TARGET)
_PREDICTION = Part("prediction", gettext_noop("Prediction"), "column", Role.PREDICTION)
_GROUP = Part(
    "group",
    gettext_noop("Groups"),
    "column",
    Role.SLICE,
    help=gettext_noop("The column that says to which group a row belongs."),
)
_LEFT_OUT = Part(
    "left_out",
    gettext_noop("Groups left out of the worst"),
    "values",
    required=False,
    help=gettext_noop("Groups that mean nothing, such as “Other”. They count in the average all the same."),
)
_EXPECTED = Part(
    "expected",
    gettext_noop("Groups that should occur"),
    "values",
    required=False,
    help=gettext_noop("Those without a row are named, and do not count as the worst."),
)
_SHIFTED = Part(
    "shifted",
    gettext_noop("Shifted rows"),
    "column",
    Role.SLICE,
    required=False,
    help=gettext_noop("1 for rows from elsewhere, 0 for rows like those of the training."),
)

_wilds = partial(Protocol, family="WILDS")
_shifts = partial(Protocol, family="Shifts")
_cells = partial(Protocol, family="Single cell")

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

_ALL = (
    _wilds(
        "group_accuracy",
        gettext_noop("Accuracy by group"),
        description=gettext_noop(
            "Accuracy of each group of rows, such as hospital, region or user: the worst one, and the one "
            "that "
            "nine in ten groups reach."
        ),
        parts=(
            _TRUTH,
            _PREDICTION,
            _GROUP,
            _LEFT_OUT,
            _EXPECTED,
            Part(
                "percentile", gettext_noop("Percentile of the groups"), "number", required=False,
                default=10.0,
                low=0.0, high=100.0,
            ),
        ),
        metrics=("worst_group_accuracy", "percentile_group_accuracy", "accuracy"),
        main="worst_group_accuracy",
        source="WILDS 1.2.2: camelyon17, fmow, amazon, yelp, rxrx1, waterbirds, celebA (Koh et al. 2021)",
        module="apps.compute.protocols.groups",
    ),
    _wilds(
        "identity_label_groups",
        gettext_noop("Accuracy by identity and label"),
        description=gettext_noop(
            "Rows that mention an identity, split by their true label. A row may be in several groups; a "
            "group "
            "without rows counts as an accuracy of 0, as in the reference."
        ),
        parts=(
            _TRUTH,
            _PREDICTION,
            Part(
                "identities", gettext_noop("Identities"), "columns", Role.SLICE,
                help=gettext_noop("Columns of 0 and 1, one for each identity."),
            ),
        ),
        metrics=("worst_group_accuracy", "accuracy"),
        main="worst_group_accuracy",
        source="WILDS 1.2.2: civilcomments",
        module="apps.compute.protocols.identities",
    ),
    _wilds(
        "precision_at_recall",
        gettext_noop("Precision at a given recall"),
        description=gettext_noop(
            "One threshold for all rows at which the given share of the positives is found; precision there, "
            "over all and in the worst group."
        ),
        parts=(
            _TRUTH,
            Part("score", gettext_noop("Score"), "column", Role.PROBABILITY),
            _GROUP,
            Part(
                "recall", gettext_noop("Recall"), "number", required=False, default=0.6, low=0.01, high=0.99
            ),
            Part(
                "positive", gettext_noop("Positive class"), "text", required=False,
                help=gettext_noop("Needed where the classes do not say which one is positive."),
            ),
        ),
        metrics=(
            "precision_at_recall", "worst_group_precision_at_recall", "accuracy", "worst_group_accuracy",
        ),
        main="worst_group_precision_at_recall",
        source="WILDS 1.2.2: sqf",
        module="apps.compute.protocols.precision",
    ),
    _wilds(
        "present_class_macro_f1",
        gettext_noop("Macro F1 of the present classes"),
        description=gettext_noop(
            "F1 and recall averaged over the classes that occur in the truth; each class counts the same."
        ),
        parts=(_TRUTH, _PREDICTION),
        metrics=("f1_macro_present", "recall_macro_present", "accuracy"),
        main="f1_macro_present",
        source="WILDS 1.2.2: iwildcam",
        module="apps.compute.protocols.present_classes",
    ),
    _wilds(
        "multi_task",
        gettext_noop("Several tasks pooled"),
        description=gettext_noop(
            "Several labels of 0 and 1 for each row, some of them missing: accuracy and average precision "
            "over "
            "one list of all labels that are known."
        ),
        parts=(
            Part("truths", gettext_noop("Truths"), "columns", Role.TARGET),
            Part("predictions", gettext_noop("Predictions"), "columns", Role.PREDICTION, required=False),
            Part("scores", gettext_noop("Scores"), "columns", Role.PROBABILITY, required=False),
            Part("group", gettext_noop("Groups"), "column", Role.SLICE, required=False),
        ),
        metrics=("pooled_accuracy", "pooled_average_precision", "worst_group_average_precision"),
        main="pooled_average_precision",
        source="WILDS 1.2.2: bdd100k, ogb-molpcba, encode",
        module="apps.compute.protocols.multi_task",
    ),
    _wilds(
        "detection",
        gettext_noop("Detected boxes"),
        description=gettext_noop(
            "Boxes in images: hits among true and predicted boxes, by image, averaged by session."
        ),
        parts=(
            Part(
                "truth", gettext_noop("True boxes"), "column", Role.TARGET,
                help=gettext_noop("A JSON list for each image: [[left, top, right, bottom], …]."),
            ),
            Part(
                "prediction", gettext_noop("Predicted boxes"), "column", Role.PREDICTION,
                help=gettext_noop("A JSON list for each image: [[left, top, right, bottom, score], …]."),
            ),
            _GROUP,
            Part("iou", gettext_noop("Least overlap (IoU)"), "number", required=False, default=0.5,
                 low=0.0, high=1.0),
            Part("least_score", gettext_noop("Scores above"), "number", required=False, default=0.5),
        ),
        metrics=("detection_accuracy", "group_mean_detection_accuracy", "worst_group_detection_accuracy"),
        main="group_mean_detection_accuracy",
        source="WILDS 1.2.2: globalwheat",
        module="apps.compute.protocols.detection",
    ),
    _wilds(
        "token_accuracy",
        gettext_noop("Accuracy of tokens"),
        description=gettext_noop(
            "One row for each token: accuracy over the types that matter, over all tokens and by type. "
            "Tokens "
            "without a label do not count."
        ),
        parts=(
            _TRUTH,
            _PREDICTION,
            Part("type", gettext_noop("Type of the token"), "column", Role.SLICE),
            Part("chosen", gettext_noop("Types that matter"), "values"),
            Part(
                "sequence", gettext_noop("Sequence"), "column", Role.QUERY, required=False,
                help=gettext_noop(
                    "Tokens of one text. The intervals then allow for errors that come "
                    "together."
                ),
            ),
        ),
        metrics=("chosen_token_accuracy", "token_accuracy"),
        main="chosen_token_accuracy",
        source="WILDS 1.2.2: py150",
        module="apps.compute.protocols.tokens",
    ),
    _wilds(
        "worst_group_correlation",
        gettext_noop("Correlation by group"),
        description=gettext_noop("Pearson correlation and mean squared error of each group of rows."),
        parts=(_TRUTH, _PREDICTION, _GROUP, _LEFT_OUT),
        metrics=("worst_group_pearson", "pearson", "worst_group_mse", "mse"),
        main="worst_group_pearson",
        source="WILDS 1.2.2: poverty",
        module="apps.compute.protocols.correlation",
    ),
    _shifts(
        "ensemble_classification",
        gettext_noop("Ensemble of classifiers"),
        description=gettext_noop(
            "Does the uncertainty of an ensemble know where it errs? Error-retention and F1-retention "
            "curves for "
            "six measures of uncertainty, and how well they find shifted rows."
        ),
        parts=(
            _TRUTH,
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
            _TRUTH,
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
            _TRUTH,
            _PREDICTION,
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
    _cells(
        "rowwise_correlation",
        gettext_noop("Row-wise correlation of many targets"),
        description=gettext_noop(
            "Thousands of targets for each row, such as the genes of a cell: the mean over rows of the "
            "correlation between predicted and true targets."
        ),
        parts=(
            Part("id", gettext_noop("Row id"), "column", Role.ID),
            Part(
                "truth_id", gettext_noop("Row id in the truth"), "text", required=False,
                help=gettext_noop("Needed where the truth calls it differently."),
            ),
            Part(
                "targets", gettext_noop("Targets"), "columns", required=False,
                help=gettext_noop("Without them, all columns that both files have."),
            ),
        ),
        metrics=(
            "rowwise_pearson", "cell_pearson", "cell_spearman", "gene_pearson", "gene_spearman",
            "overall_pearson", "overall_spearman", "rmse", "mae",
        ),
        main="rowwise_pearson",
        source="Open Problems: Multimodal Single-Cell Integration (Kaggle 2022, NeurIPS 2021)",
        module="apps.compute.protocols.rowwise",
        is_wide=True,
    ),
)  # fmt: skip

#: By their keys, in the order in which they are offered.
PROTOCOLS: Mapping[str, Protocol] = {protocol.key: protocol for protocol in _ALL}
