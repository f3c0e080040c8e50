"""Metrics of the protocols of WILDS."""

from __future__ import annotations

from apps.compute.messages import gettext_noop
from apps.compute.metrics.protocol_records.common import (
    CLASSES,
    CORRELATION,
    NUMBERS,
    correlation,
    error,
    share,
)
from apps.compute.metrics.registry import register
from apps.compute.results import Task

_WORST = gettext_noop(
    "The worst of many groups is bad by chance alone, the more so the smaller the groups are. Read its rows "
    "and its interval, and leave groups out that mean nothing, such as “other”."
)
register(
    share(
        key="worst_group_accuracy",
        label=gettext_noop("Worst group accuracy"),
        tasks=CLASSES,
        of_groups=True,
        description=gettext_noop("Accuracy of the group of rows in which it is lowest."),
        source="WILDS 1.2.2, standard_group_eval (Koh et al. 2021)",
        formula="min_g share of rows of group g with prediction = truth",
        meaning=gettext_noop("How often the model is right for those whom it serves worst."),
        misleads=_WORST,
    ),
    share(
        key="percentile_group_accuracy",
        label=gettext_noop("Low percentile of group accuracies"),
        tasks=CLASSES,
        of_groups=True,
        description=gettext_noop(
            "The accuracy that all but the worst groups reach; by default nine in ten groups."
        ),
        source="WILDS 1.2.2, amazon_dataset.eval, yelp_dataset.eval; numpy.percentile, linear",
        formula="percentile_10 over g of the accuracy of group g",
        meaning=gettext_noop("How often the model is right for a user who is served badly."),
        misleads=gettext_noop(
            "Groups of few rows have accuracies that spread by chance, which alone pulls the percentile down."
        ),
    ),
    share(
        key="precision_at_recall",
        label=gettext_noop("Precision at a given recall"),
        tasks=frozenset({Task.PROTOCOL, Task.BINARY}),
        description=gettext_noop(
            "Share of true positives among the rows above the one threshold at which the given share of all "
            "positives is found."
        ),
        source="WILDS 1.2.2, sqf_dataset.eval (PrecisionAtRecall)",
        formula="precision of score > percentile_(100 (1 - recall)) of the scores of the positives",
        meaning=gettext_noop(
            "How many of the selected are rightly selected when enough positives are found."
        ),
        misleads=gettext_noop("The threshold is chosen on the judged rows, so it is a little too good."),
    ),
    share(
        key="worst_group_precision_at_recall",
        label=gettext_noop("Worst group precision at a given recall"),
        tasks=frozenset({Task.PROTOCOL, Task.BINARY}),
        of_groups=True,
        description=gettext_noop("The lowest precision of any group at the threshold of all rows."),
        source="WILDS 1.2.2, sqf_dataset.eval",
        formula="min_g precision of group g at the global threshold",
        meaning=gettext_noop("How many are rightly selected in the group where this is rarest."),
        misleads=_WORST,
    ),
    share(
        key="f1_macro_present",
        label=gettext_noop("Macro F1 of the present classes"),
        tasks=CLASSES,
        description=gettext_noop("Mean F1 of the classes that occur in the truth, rare ones in full."),
        source="WILDS 1.2.2, iwildcam_dataset.eval; sklearn.metrics.f1_score(labels=unique(truth))",
        formula="mean over classes c in truth of 2 TP_c / (2 TP_c + FP_c + FN_c)",
        meaning=gettext_noop("How well the classes that are there are found, each counting the same."),
        misleads=gettext_noop("A class of a few rows counts as much as one of thousands."),
    ),
    share(
        key="recall_macro_present",
        label=gettext_noop("Macro recall of the present classes"),
        tasks=CLASSES,
        description=gettext_noop("Mean recall of the classes that occur in the truth."),
        source="WILDS 1.2.2, iwildcam_dataset.eval; sklearn.metrics.recall_score(labels=unique(truth))",
        formula="mean over classes c in truth of TP_c / (TP_c + FN_c)",
        meaning=gettext_noop("How often a row of a class is found, each class counting the same."),
        misleads=gettext_noop("A class of a few rows counts as much as one of thousands."),
    ),
    share(
        key="pooled_accuracy",
        label=gettext_noop("Accuracy over all tasks"),
        description=gettext_noop("Share of all known labels, of whatever task, that are predicted right."),
        source="WILDS 1.2.2, bdd100k_dataset.eval (MultiTaskAccuracy)",
        formula="share of labelled (row, task) pairs with prediction = truth",
        meaning=gettext_noop("How often a label is right when tasks are not told apart."),
        misleads=gettext_noop("A task with many labels outweighs the others."),
    ),
    share(
        key="pooled_average_precision",
        label=gettext_noop("Average precision over all tasks"),
        description=gettext_noop(
            "Average precision of one list that holds the scores of all tasks; labels that are missing "
            "do not count."
        ),
        source="WILDS 1.2.2, MultiTaskAveragePrecision; sklearn.metrics.average_precision_score",
        formula="sum_k (R_k - R_(k-1)) P_k over the pooled (row, task) pairs",
        meaning=gettext_noop("How well positives of any task stand above negatives of any task."),
        misleads=gettext_noop(
            "It is not the mean of the tasks: scores of different tasks must be on one scale."
        ),
    ),
    share(
        key="worst_group_average_precision",
        label=gettext_noop("Worst group average precision"),
        of_groups=True,
        description=gettext_noop("The lowest average precision over all tasks of any group."),
        source="WILDS 1.2.2, encode_dataset.eval",
        formula="min_g average precision of the pairs of group g",
        meaning=gettext_noop("How well positives stand above negatives in the worst group."),
        misleads=gettext_noop(
            "Average precision falls with the share of positives, so a group with few positives looks worse."
        ),
    ),
    share(
        key="detection_accuracy",
        label=gettext_noop("Detection accuracy"),
        description=gettext_noop("Mean over images of the hits among true and predicted boxes."),
        source="WILDS 1.2.2, globalwheat_dataset.eval (DetectionAccuracy)",
        formula="mean over images of TP / (TP + FP + FN) at IoU 0.5",
        meaning=gettext_noop("How much of an image's boxes are found without false ones."),
        misleads=gettext_noop("An image with one box counts as much as one with a hundred."),
    ),
    share(
        key="group_mean_detection_accuracy",
        label=gettext_noop("Detection accuracy, mean of the groups"),
        of_groups=True,
        description=gettext_noop("Mean over groups of images, such as sessions, of their accuracy."),
        source="WILDS 1.2.2, globalwheat_dataset.eval (detection_acc_avg_dom)",
        formula="mean over groups g of the mean accuracy of the images of g",
        meaning=gettext_noop("Detection accuracy when each group counts the same."),
        misleads=gettext_noop("A group with one image counts as much as one with a thousand."),
    ),
    share(
        key="worst_group_detection_accuracy",
        label=gettext_noop("Worst group detection accuracy"),
        of_groups=True,
        description=gettext_noop("Detection accuracy of the group of images in which it is lowest."),
        source="WILDS 1.2.2, globalwheat_dataset.eval (detection_acc_wg)",
        formula="min_g mean accuracy of the images of group g",
        meaning=gettext_noop("How well boxes are found under the worst conditions."),
        misleads=_WORST,
    ),
    share(
        key="token_accuracy",
        label=gettext_noop("Accuracy of all tokens"),
        tasks=CLASSES,
        description=gettext_noop("Share of all tokens with a label that are predicted right."),
        source="WILDS 1.2.2, py150_dataset.eval (Overall)",
        formula="share of labelled tokens with prediction = truth",
        meaning=gettext_noop("How often the next token is right."),
        misleads=gettext_noop("Tokens that are easy to guess, such as brackets, are in the majority."),
    ),
    share(
        key="chosen_token_accuracy",
        label=gettext_noop("Accuracy of the chosen tokens"),
        tasks=CLASSES,
        description=gettext_noop("Share of the tokens of the chosen types that are predicted right."),
        source="WILDS 1.2.2, py150_dataset.eval (Class-Method)",
        formula="share of labelled tokens of the chosen types with prediction = truth",
        meaning=gettext_noop("How often a token that matters is right."),
        misleads=gettext_noop("Types with many tokens outweigh the others."),
    ),
    correlation(
        key="worst_group_pearson",
        label=gettext_noop("Worst group Pearson correlation"),
        tasks=NUMBERS,
        of_groups=True,
        description=gettext_noop("The lowest correlation of prediction and truth in any group."),
        source="WILDS 1.2.2, poverty_dataset.eval (r_wg)",
        formula="min_g corr(prediction, truth | g)",
        meaning=gettext_noop("How well the order and spread inside of the worst group are met."),
        misleads=CORRELATION,
    ),
    error(
        key="worst_group_mse",
        label=gettext_noop("Worst group mean squared error"),
        tasks=NUMBERS,
        of_groups=True,
        unit="score",
        description=gettext_noop("The largest mean squared error of any group."),
        source="WILDS 1.2.2, poverty_dataset.eval (mse_wg)",
        formula="max_g mean((prediction - truth)^2 | g)",
        meaning=gettext_noop("How large squared errors are where they are largest."),
        misleads=gettext_noop("One outlier can make a group the worst."),
    ),
)
