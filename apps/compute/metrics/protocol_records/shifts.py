"""Metrics of the protocols of Shifts."""

from __future__ import annotations

from apps.compute.messages import gettext_noop
from apps.compute.metrics.protocol_records.common import BOTH, error, score, share
from apps.compute.metrics.registry import register

_CERTAINTY = gettext_noop(
    "It mixes two things: how small the errors are and how well the uncertainty ranks them. A model with "
    "smaller errors can win with a useless uncertainty; read the rejection ratio with it."
)
_DISPLACEMENT = gettext_noop(
    "The best of many plans is close by chance: more plans make it smaller, although nobody knows "
    "beforehand which plan to follow."
)

register(
    error(
        key="retention_auc",
        label=gettext_noop("Area under the error-retention curve"),
        tasks=BOTH,
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
    score(
        key="rejection_ratio",
        label=gettext_noop("Rejection ratio"),
        tasks=BOTH,
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
    share(
        key="f1_retention_auc",
        label=gettext_noop("Area under the F1-retention curve"),
        tasks=BOTH,
        description=gettext_noop(
            "F1 of finding the rows with an acceptable error, averaged over every share of rows that is kept."
        ),
        source="Shifts, weather/assessment.py (f_beta_metrics)",
        formula="area under 2 P R / (P + R) over the retained share",
        meaning=gettext_noop("How well certainty tells acceptable predictions from others."),
        misleads=gettext_noop("It depends on the limit of an acceptable error; a perfect order is below 1."),
    ),
    share(
        key="f1_at_95_retention",
        # xgettext:no-python-format
        label=gettext_noop("F1 at 95% retention"),
        tasks=BOTH,
        description=gettext_noop(
            "F1 of finding the rows with an acceptable error when the least certain twentieth is passed on."
        ),
        source="Shifts, weather/assessment.py (f_beta_metrics)",
        formula="2 P R / (P + R) at 0.95 of the rows",
        meaning=gettext_noop("How well passing on one row in twenty works."),
        misleads=gettext_noop("It depends mostly on how many errors are acceptable at all."),
    ),
    share(
        key="ood_roc_auc",
        label=gettext_noop("Detection of shifted rows, ROC AUC"),
        tasks=BOTH,
        unit="score",
        description=gettext_noop("Probability that a shifted row is less certain than one that is not."),
        source="Shifts, weather/assessment.py (ood_detect)",
        formula="P(uncertainty of a shifted row > of another) + half of ties",
        meaning=gettext_noop("How well uncertainty gives warning of rows from elsewhere."),
        misleads=gettext_noop("A model may rightly be certain of shifted rows that it predicts well."),
    ),
    share(
        key="ood_pr_auc",
        label=gettext_noop("Detection of shifted rows, PR AUC"),
        tasks=BOTH,
        unit="score",
        description=gettext_noop("Area under precision over recall of finding shifted rows by uncertainty."),
        source="Shifts, weather/assessment.py (ood_detect); trapezoid under precision_recall_curve",
        formula="area under precision over recall, by straight lines",
        meaning=gettext_noop("How pure the least certain rows are in shifted ones."),
        misleads=gettext_noop("A useless uncertainty reaches the share of shifted rows, not 0.5."),
    ),
    error(
        key="ensemble_nll",
        label=gettext_noop("Negative log-likelihood of the ensemble"),
        tasks=BOTH,
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
        error(
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
    error(
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
    share(
        key="dice",
        label=gettext_noop("Dice"),
        description=gettext_noop("Overlap of the predicted and the true mask."),
        source="Shifts, mswml/metrics.py (dice_metric)",
        formula="2 TP / (predicted + true)",
        meaning=gettext_noop("How much of both masks is common; 1 is the same mask."),
        misleads=gettext_noop("A scan with little to find has a low Dice by a few voxels."),
    ),
    share(
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
    share(
        key="lesion_f1",
        label=gettext_noop("Lesion F1"),
        description=gettext_noop("F1 of finding whole lesions: connected parts that overlap enough."),
        source="Shifts, mswml/metrics.py (lesion_f1_score)",
        formula="TP / (TP + (FP + FN) / 2), lesions matched at IoU 0.25",
        meaning=gettext_noop("How well lesions are found, whatever their size."),
        misleads=gettext_noop("Two lesions that touch in one of the masks are one."),
    ),
    share(
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
)  # fmt: skip
