"""Records of the metrics that named protocols of evaluation under distribution shift give."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_NEEDS = frozenset({"protocol"})
_PROTOCOL = frozenset({Task.PROTOCOL})
_CLASSES = frozenset({Task.PROTOCOL, Task.BINARY, Task.MULTICLASS})
_NUMBERS = frozenset({Task.PROTOCOL, Task.REGRESSION})
_BOTH = _CLASSES | _NUMBERS

_share = partial(Metric, tasks=_PROTOCOL, higher_is_better=True, unit="share", needs=_NEEDS)
_score = partial(_share, unit="score")
_correlation = partial(_score, low=-1.0)
_error = partial(Metric, tasks=_PROTOCOL, higher_is_better=False, unit="target", needs=_NEEDS, high=None)

_WORST = gettext_noop(
    "The worst of many groups is bad by chance alone, the more so the smaller the groups are. Read its rows "
    "and its interval, and leave groups out that mean nothing, such as “other”."
)
_CERTAINTY = gettext_noop(
    "It mixes two things: how small the errors are and how well the uncertainty ranks them. A model with "
    "smaller errors can win with a useless uncertainty; read the rejection ratio with it."
)
_CORRELATION = gettext_noop(
    "A correlation does not see a wrong level or a wrong spread: predictions that are all twice too large "
    "are perfect."
)
_DISPLACEMENT = gettext_noop(
    "The best of many plans is close by chance: more plans make it smaller, although nobody knows "
    "beforehand which plan to follow."
)

register(
    _share(
        key="worst_group_accuracy",
        label=gettext_noop("Worst group accuracy"),
        tasks=_CLASSES,
        of_groups=True,
        description=gettext_noop("Accuracy of the group of rows in which it is lowest."),
        source="WILDS 1.2.2, standard_group_eval (Koh et al. 2021)",
        formula="min_g share of rows of group g with prediction = truth",
        meaning=gettext_noop("How often the model is right for those whom it serves worst."),
        misleads=_WORST,
    ),
    _share(
        key="percentile_group_accuracy",
        label=gettext_noop("Low percentile of group accuracies"),
        tasks=_CLASSES,
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
    _share(
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
            "How many of the selected are rightly selected when enough positives are "
            "found."
        ),
        misleads=gettext_noop("The threshold is chosen on the judged rows, so it is a little too good."),
    ),
    _share(
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
    _share(
        key="f1_macro_present",
        label=gettext_noop("Macro F1 of the present classes"),
        tasks=_CLASSES,
        description=gettext_noop("Mean F1 of the classes that occur in the truth, rare ones in full."),
        source="WILDS 1.2.2, iwildcam_dataset.eval; sklearn.metrics.f1_score(labels=unique(truth))",
        formula="mean over classes c in truth of 2 TP_c / (2 TP_c + FP_c + FN_c)",
        meaning=gettext_noop("How well the classes that are there are found, each counting the same."),
        misleads=gettext_noop("A class of a few rows counts as much as one of thousands."),
    ),
    _share(
        key="recall_macro_present",
        label=gettext_noop("Macro recall of the present classes"),
        tasks=_CLASSES,
        description=gettext_noop("Mean recall of the classes that occur in the truth."),
        source="WILDS 1.2.2, iwildcam_dataset.eval; sklearn.metrics.recall_score(labels=unique(truth))",
        formula="mean over classes c in truth of TP_c / (TP_c + FN_c)",
        meaning=gettext_noop("How often a row of a class is found, each class counting the same."),
        misleads=gettext_noop("A class of a few rows counts as much as one of thousands."),
    ),
    _share(
        key="pooled_accuracy",
        label=gettext_noop("Accuracy over all tasks"),
        description=gettext_noop("Share of all known labels, of whatever task, that are predicted right."),
        source="WILDS 1.2.2, bdd100k_dataset.eval (MultiTaskAccuracy)",
        formula="share of labelled (row, task) pairs with prediction = truth",
        meaning=gettext_noop("How often a label is right when tasks are not told apart."),
        misleads=gettext_noop("A task with many labels outweighs the others."),
    ),
    _share(
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
    _share(
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
    _share(
        key="detection_accuracy",
        label=gettext_noop("Detection accuracy"),
        description=gettext_noop("Mean over images of the hits among true and predicted boxes."),
        source="WILDS 1.2.2, globalwheat_dataset.eval (DetectionAccuracy)",
        formula="mean over images of TP / (TP + FP + FN) at IoU 0.5",
        meaning=gettext_noop("How much of an image's boxes are found without false ones."),
        misleads=gettext_noop("An image with one box counts as much as one with a hundred."),
    ),
    _share(
        key="group_mean_detection_accuracy",
        label=gettext_noop("Detection accuracy, mean of the groups"),
        of_groups=True,
        description=gettext_noop("Mean over groups of images, such as sessions, of their accuracy."),
        source="WILDS 1.2.2, globalwheat_dataset.eval (detection_acc_avg_dom)",
        formula="mean over groups g of the mean accuracy of the images of g",
        meaning=gettext_noop("Detection accuracy when each group counts the same."),
        misleads=gettext_noop("A group with one image counts as much as one with a thousand."),
    ),
    _share(
        key="worst_group_detection_accuracy",
        label=gettext_noop("Worst group detection accuracy"),
        of_groups=True,
        description=gettext_noop("Detection accuracy of the group of images in which it is lowest."),
        source="WILDS 1.2.2, globalwheat_dataset.eval (detection_acc_wg)",
        formula="min_g mean accuracy of the images of group g",
        meaning=gettext_noop("How well boxes are found under the worst conditions."),
        misleads=_WORST,
    ),
    _share(
        key="token_accuracy",
        label=gettext_noop("Accuracy of all tokens"),
        tasks=_CLASSES,
        description=gettext_noop("Share of all tokens with a label that are predicted right."),
        source="WILDS 1.2.2, py150_dataset.eval (Overall)",
        formula="share of labelled tokens with prediction = truth",
        meaning=gettext_noop("How often the next token is right."),
        misleads=gettext_noop("Tokens that are easy to guess, such as brackets, are in the majority."),
    ),
    _share(
        key="chosen_token_accuracy",
        label=gettext_noop("Accuracy of the chosen tokens"),
        tasks=_CLASSES,
        description=gettext_noop("Share of the tokens of the chosen types that are predicted right."),
        source="WILDS 1.2.2, py150_dataset.eval (Class-Method)",
        formula="share of labelled tokens of the chosen types with prediction = truth",
        meaning=gettext_noop("How often a token that matters is right."),
        misleads=gettext_noop("Types with many tokens outweigh the others."),
    ),
    _correlation(
        key="worst_group_pearson",
        label=gettext_noop("Worst group Pearson correlation"),
        tasks=_NUMBERS,
        of_groups=True,
        description=gettext_noop("The lowest correlation of prediction and truth in any group."),
        source="WILDS 1.2.2, poverty_dataset.eval (r_wg)",
        formula="min_g corr(prediction, truth | g)",
        meaning=gettext_noop("How well the order and spread inside of the worst group are met."),
        misleads=_CORRELATION,
    ),
    _error(
        key="worst_group_mse",
        label=gettext_noop("Worst group mean squared error"),
        tasks=_NUMBERS,
        of_groups=True,
        unit="score",
        description=gettext_noop("The largest mean squared error of any group."),
        source="WILDS 1.2.2, poverty_dataset.eval (mse_wg)",
        formula="max_g mean((prediction - truth)^2 | g)",
        meaning=gettext_noop("How large squared errors are where they are largest."),
        misleads=gettext_noop("One outlier can make a group the worst."),
    ),
    _error(
        key="retention_auc",
        label=gettext_noop("Area under the error-retention curve"),
        tasks=_BOTH,
        unit="score",
        description=gettext_noop(
            "Mean error when the least certain rows are handed to a perfect helper, averaged over every "
            "share of rows that is kept."
        ),
        source="Shifts (Malinin et al. 2021), weather/assessment.py",
        formula="mean over k = 0..N of (1 / N) sum of the errors of the k most certain rows",
        meaning=gettext_noop("How much error is left when the model may pass on what it is unsure of."),
        misleads=_CERTAINTY,
    ),
    _score(
        key="rejection_ratio",
        label=gettext_noop("Rejection ratio"),
        tasks=_BOTH,
        low=None,
        description=gettext_noop(
            "How far the uncertainty goes from a random order of the rows (0) to that of the errors "
            "themselves (1)."
        ),
        source="Shifts, weather/assessment.py (prediction rejection ratio; Malinin 2019)",
        formula="(R-AUC - random) / (ideal - random)",
        meaning=gettext_noop("How well the uncertainty knows where the errors are."),
        misleads=gettext_noop(
            "It says nothing of the size of the errors: a poor model can have a high "
            "ratio."
        ),
    ),
    _share(
        key="f1_retention_auc",
        label=gettext_noop("Area under the F1-retention curve"),
        tasks=_BOTH,
        description=gettext_noop(
            "F1 of finding the rows with an acceptable error, averaged over every share of rows that is kept."
        ),
        source="Shifts, weather/assessment.py (f_beta_metrics)",
        formula="area under 2 P R / (P + R) over the retained share",
        meaning=gettext_noop("How well certainty tells acceptable predictions from others."),
        misleads=gettext_noop("It depends on the limit of an acceptable error; a perfect order is below 1."),
    ),
    _share(
        key="f1_at_95_retention",
        # xgettext:no-python-format
        label=gettext_noop("F1 at 95% retention"),
        tasks=_BOTH,
        description=gettext_noop(
            "F1 of finding the rows with an acceptable error when the least certain twentieth is passed on."
        ),
        source="Shifts, weather/assessment.py (f_beta_metrics)",
        formula="2 P R / (P + R) at 0.95 of the rows",
        meaning=gettext_noop("How well passing on one row in twenty works."),
        misleads=gettext_noop("It depends mostly on how many errors are acceptable at all."),
    ),
    _share(
        key="ood_roc_auc",
        label=gettext_noop("Detection of shifted rows, ROC AUC"),
        tasks=_BOTH,
        unit="score",
        description=gettext_noop("Probability that a shifted row is less certain than one that is not."),
        source="Shifts, weather/assessment.py (ood_detect)",
        formula="P(uncertainty of a shifted row > of another) + half of ties",
        meaning=gettext_noop("How well uncertainty gives warning of rows from elsewhere."),
        misleads=gettext_noop("A model may rightly be certain of shifted rows that it predicts well."),
    ),
    _share(
        key="ood_pr_auc",
        label=gettext_noop("Detection of shifted rows, PR AUC"),
        tasks=_BOTH,
        unit="score",
        description=gettext_noop("Area under precision over recall of finding shifted rows by uncertainty."),
        source="Shifts, weather/assessment.py (ood_detect); trapezoid under precision_recall_curve",
        formula="area under precision over recall, by straight lines",
        meaning=gettext_noop("How pure the least certain rows are in shifted ones."),
        misleads=gettext_noop("A useless uncertainty reaches the share of shifted rows, not 0.5."),
    ),
    _error(
        key="ensemble_nll",
        label=gettext_noop("Negative log-likelihood of the ensemble"),
        tasks=_BOTH,
        unit="score",
        low=None,
        description=gettext_noop(
            "Mean of minus the log of the probability that the members, averaged, "
            "give."
        ),
        source="Shifts, weather/assessment.py (nll_class, ens_nll_regression)",
        formula="-mean log (mean over members of p_m(truth))",
        meaning=gettext_noop("How much probability the ensemble gave to what happened."),
        misleads=gettext_noop("A few rows that were held for impossible can dominate it."),
    ),
    *(
        _error(
            key=f"{which}_{measure}",
            label=label,
            description=description,
            source="Shifts, ysdc_dataset_api/evaluation/metrics.py",
            formula=formula,
            meaning=gettext_noop("How far the planned path is from the one that was taken."),
            misleads=_DISPLACEMENT,
        )
        for which, measure, label, description, formula in (
            ("min", "ade", gettext_noop("Average displacement, best plan"),
             gettext_noop("Mean over requests of the smallest mean distance of any plan."),
             "mean over requests of min_plan mean_step distance"),
            ("mean", "ade", gettext_noop("Average displacement, mean of plans"),
             gettext_noop("Mean over requests of the mean distance of all plans."),
             "mean over requests of mean_plan mean_step distance"),
            ("top1", "ade", gettext_noop("Average displacement, likeliest plan"),
             gettext_noop("Mean over requests of the mean distance of the plan with the highest confidence."),
             "mean over requests of mean_step distance of the likeliest plan"),
            ("weighted", "ade", gettext_noop("Average displacement, weighted by confidence"),
             gettext_noop("Mean over requests of the plans' mean distance, weighted by their confidence."),
             "mean over requests of sum_plan softmax(confidence) mean_step distance"),
            ("min", "fde", gettext_noop("Final displacement, best plan"),
             gettext_noop("Mean over requests of the smallest distance at the last step of any plan."),
             "mean over requests of min_plan distance at the last step"),
            ("mean", "fde", gettext_noop("Final displacement, mean of plans"),
             gettext_noop("Mean over requests of the mean distance at the last step."),
             "mean over requests of mean_plan distance at the last step"),
            ("top1", "fde", gettext_noop("Final displacement, likeliest plan"),
             gettext_noop("Mean distance at the last step of the plan with the highest confidence."),
             "mean over requests of the last distance of the likeliest plan"),
            ("weighted", "fde", gettext_noop("Final displacement, weighted by confidence"),
             gettext_noop("Mean over requests of the last distance, weighted by the plans' confidence."),
             "mean over requests of sum_plan softmax(confidence) distance at the last step"),
        )
    ),
    _error(
        key="trajectory_nll",
        label=gettext_noop("Corrected negative log-likelihood of the path"),
        unit="score",
        description=gettext_noop(
            "Minus the log-density of the path under normal distributions of width 1 around the plans, "
            "without its constant."
        ),
        source="Shifts, ysdc_dataset_api/evaluation/metrics.py (corrected_negative_log_likelihood)",
        formula="-log sum_plan softmax(confidence) exp(-sum_step distance^2 / 2), mean over requests",
        meaning=gettext_noop("How much probability the plans together gave to the path that was taken."),
        misleads=gettext_noop("The width of 1 is fixed: errors count in squares of the unit of length."),
    ),
    _share(
        key="dice",
        label=gettext_noop("Dice"),
        description=gettext_noop("Overlap of the predicted and the true mask."),
        source="Shifts, mswml/metrics.py (dice_metric)",
        formula="2 TP / (predicted + true)",
        meaning=gettext_noop("How much of both masks is common; 1 is the same mask."),
        misleads=gettext_noop("A scan with little to find has a low Dice by a few voxels."),
    ),
    _share(
        key="normalized_dice",
        label=gettext_noop("Normalised Dice"),
        description=gettext_noop(
            "Dice as if the same share of each scan were true, one voxel in a "
            "thousand."
        ),
        source="Shifts, mswml/metrics.py (dice_norm_metric); Raina et al. 2022",
        formula="2 TP / (2 TP + k FP + FN), k = (1 - r) |true| / (r (V - |true|)), r = 0.001",
        meaning=gettext_noop("Overlap that can be compared between scans with more and less to find."),
        misleads=gettext_noop("Where much is true, each false voxel counts many times."),
    ),
    _share(
        key="lesion_f1",
        label=gettext_noop("Lesion F1"),
        description=gettext_noop("F1 of finding whole lesions: connected parts that overlap enough."),
        source="Shifts, mswml/metrics.py (lesion_f1_score)",
        formula="TP / (TP + (FP + FN) / 2), lesions matched at IoU 0.25",
        meaning=gettext_noop("How well lesions are found, whatever their size."),
        misleads=gettext_noop("Two lesions that touch in one of the masks are one."),
    ),
    _share(
        key="ndsc_retention_error",
        label=gettext_noop("Area above the Dice-retention curve"),
        higher_is_better=False,
        unit="score",
        description=gettext_noop(
            "What is missing to a normalised Dice of 1 when uncertain voxels are replaced by the truth, "
            "averaged over the share of voxels that is kept."
        ),
        source="Shifts, mswml/metrics.py (ndsc_retention_curve, R-AAC)",
        formula="1 - area under nDSC over the retained share of voxels",
        meaning=gettext_noop("How well the uncertainty knows where the mask is wrong."),
        misleads=_CERTAINTY,
    ),
    _correlation(
        key="rowwise_pearson",
        label=gettext_noop("Row-wise Pearson correlation"),
        description=gettext_noop(
            "Mean over rows of the correlation of predicted and true targets; a row whose predictions are "
            "all the same counts -1."
        ),
        source="Kaggle, Open Problems: Multimodal Single-Cell Integration (2022), evaluation",
        formula="mean over rows i of corr(prediction_i, truth_i)",
        meaning=gettext_noop("How well the profile of a single row, such as a cell, is met."),
        misleads=_CORRELATION,
    ),
    *(
        _correlation(
            key=f"{place}_{kind}",
            label=label,
            description=description,
            source="NeurIPS 2021 multimodal challenge, predict_modality/metrics/correlation",
            formula=formula,
            meaning=meaning,
            misleads=_CORRELATION,
        )
        for place, kind, label, description, formula, meaning in (
            ("cell", "pearson", gettext_noop("Mean Pearson correlation of rows"),
             gettext_noop("Mean over rows of the correlation; a row without spread counts 0."),
             "mean over rows of corr, 0 without spread",
             gettext_noop("How well the profile of a row is met.")),
            ("cell", "spearman", gettext_noop("Mean rank correlation of rows"),
             gettext_noop("Mean over rows of the rank correlation; a row without spread counts 0."),
             "mean over rows of corr of ranks, 0 without spread",
             gettext_noop("How well the order of the targets inside of a row is met.")),
            ("gene", "pearson", gettext_noop("Mean Pearson correlation of targets"),
             gettext_noop("Mean over targets of the correlation; a target without spread counts 0."),
             "mean over columns of corr, 0 without spread",
             gettext_noop("How well differences between rows are met, target by target.")),
            ("gene", "spearman", gettext_noop("Mean rank correlation of targets"),
             gettext_noop("Mean over targets of the rank correlation; a target without spread counts 0."),
             "mean over columns of corr of ranks, 0 without spread",
             gettext_noop("How well the order of the rows is met, target by target.")),
            ("overall", "pearson", gettext_noop("Pearson correlation of all values"),
             gettext_noop("Correlation over all rows and targets at once."),
             "corr over all cells of the table",
             gettext_noop("How well the whole table is met; mostly which targets are large.")),
            ("overall", "spearman", gettext_noop("Rank correlation of all values"),
             gettext_noop("Rank correlation over all rows and targets at once."),
             "corr of ranks over all cells of the table",
             gettext_noop("How well the order of all values is met.")),
        )
    ),
)  # fmt: skip
