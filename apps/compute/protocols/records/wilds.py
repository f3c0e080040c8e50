"""Protocols of WILDS 1.2.2 (Koh et al. 2021)."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.protocols.records.record import GROUP, PREDICTION, TRUTH, Part, Protocol
from apps.compute.roles import Role

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
_wilds = partial(Protocol, family="WILDS")

WILDS = (
    _wilds(
        "group_accuracy",
        gettext_noop("Accuracy by group"),
        description=gettext_noop(
            "Accuracy of each group of rows, such as hospital, region or user: the worst one, and the one "
            "that "
            "nine in ten groups reach."
        ),
        parts=(
            TRUTH,
            PREDICTION,
            GROUP,
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
            TRUTH,
            PREDICTION,
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
            TRUTH,
            Part("score", gettext_noop("Score"), "column", Role.PROBABILITY),
            GROUP,
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
        parts=(TRUTH, PREDICTION),
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
            GROUP,
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
            TRUTH,
            PREDICTION,
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
        parts=(TRUTH, PREDICTION, GROUP, _LEFT_OUT),
        metrics=("worst_group_pearson", "pearson", "worst_group_mse", "mse"),
        main="worst_group_pearson",
        source="WILDS 1.2.2: poverty",
        module="apps.compute.protocols.correlation",
    ),
)  # fmt: skip
