"""Records of the metrics that only a two-class model has."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.classification import LABELS, PROBABILITY
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

#: Shares of the rows, best score first, at which recall and lift are reported (keys use percent).
TOP_SHARES = {1: 0.01, 5: 0.05, 10: 0.1, 20: 0.2}

_binary = partial(Metric, tasks=frozenset({Task.BINARY}))
_score = partial(_binary, higher_is_better=True, unit="share", needs=LABELS)
_rank = partial(_binary, higher_is_better=True, unit="share", needs=PROBABILITY)
_error = partial(_binary, higher_is_better=False, unit="score", needs=PROBABILITY)
_lift = partial(_rank, unit="ratio", high=None, source="Share of positives among the rows / prevalence.")

_RECALL_AT = gettext_noop(
    "Share of all positives found when only the rows with the highest scores are looked at. Rows tied "
    "at the border count in part."
)
_LIFT_AT = gettext_noop(
    "How many times more positives the rows with the highest scores hold than rows taken at random."
)
_FOUND = gettext_noop(
    "What you find when there is time to look at these rows only: those that the model puts first."
)
_TIMES = gettext_noop("How much the model saves whoever can look at these rows only; 1 is what chance gives.")
_TOP_MISLEADS = gettext_noop(
    "It looks at the top of the ranking alone, and cannot reach 1 where there are more positives than rows "
    "that are looked at."
)
_LIFT_MISLEADS = gettext_noop(
    "The rarer the positives, the larger it can be, at most 1 / prevalence: values from data with different "
    "prevalence do not compare."
)
_RECALL_SOURCE = "Positives among the rows / all positives."

register(
    _binary(
        key="prevalence",
        label=gettext_noop("Prevalence"),
        higher_is_better=None,
        unit="share",
        needs=LABELS,
        description=gettext_noop("Share of rows that truly are of the positive class."),
        source="mean(y)",
        formula="(TP + FN) / n",
        meaning=gettext_noop(
            "How common the positive class is in these rows; it judges the data, not the model."
        ),
        misleads=gettext_noop(
            "Hold-outs that were balanced on purpose do not have the prevalence of the real world, and then "
            "neither precision nor accuracy are those of the real world."
        ),
    ),
    _binary(
        key="predicted_positive_rate",
        label=gettext_noop("Predicted positive rate"),
        higher_is_better=None,
        unit="share",
        needs=LABELS,
        description=gettext_noop("Share of rows that are predicted to be of the positive class."),
        source="mean(predicted)",
        formula="(TP + FP) / n",
        meaning=gettext_noop("How many alarms the model raises, at the threshold of the run."),
        misleads=gettext_noop("It may equal the prevalence although the alarms are at the wrong rows."),
    ),
    _score(
        key="precision",
        label=gettext_noop("Precision"),
        headline=True,
        description=gettext_noop("Share of the predicted positives that are truly positive."),
        source="sklearn.metrics.precision_score",
        formula="TP / (TP + FP)",
        meaning=gettext_noop("How many of the alarms are right."),
        misleads=gettext_noop(
            "Few, certain alarms make it high while most positives are missed: read it with recall. It falls "
            "with the prevalence, so a balanced hold-out flatters."
        ),
    ),
    _score(
        key="recall",
        label=gettext_noop("Recall"),
        headline=True,
        description=gettext_noop("Share of the true positives that are found (sensitivity)."),
        source="sklearn.metrics.recall_score",
        formula="TP / (TP + FN)",
        meaning=gettext_noop("How much of what should be found is found."),
        misleads=gettext_noop(
            "Calling everything positive gives 1: read it with precision or with the false alarms."
        ),
    ),
    _score(
        key="specificity",
        label=gettext_noop("Specificity"),
        headline=True,
        description=gettext_noop("Share of the true negatives that are predicted negative."),
        source="tn / (tn + fp)",
        formula="TN / (TN + FP)",
        meaning=gettext_noop("How many of the negatives are left in peace."),
        misleads=gettext_noop(
            "With rare positives even 99 of 100 leave more false alarms than hits. Calling nothing positive "
            "gives 1."
        ),
    ),
    _score(
        key="f1",
        label=gettext_noop("F1"),
        headline=True,
        description=gettext_noop("Harmonic mean of precision and recall."),
        source="sklearn.metrics.f1_score",
        formula="2 TP / (2 TP + FP + FN)",
        meaning=gettext_noop("One number for precision and recall; it is low as soon as one of them is."),
        misleads=gettext_noop(
            "It takes misses and false alarms for equally bad, which they rarely are, and does not look at "
            "the true negatives. It depends on the prevalence and on the threshold."
        ),
    ),
    _score(
        key="f0_5",
        label=gettext_noop("F0.5"),
        description=gettext_noop("Like F1, with precision twice as important as recall."),
        source="sklearn.metrics.fbeta_score, beta=0.5",
        formula="1.25 · P · R / (0.25 · P + R), P precision, R recall",
        meaning=gettext_noop("One number for precision and recall where a false alarm is worse than a miss."),
        misleads=gettext_noop(
            "The weight 0.5 is a habit and not your costs; money per year says it in yours. It depends on "
            "the prevalence and on the threshold."
        ),
    ),
    _score(
        key="f2",
        label=gettext_noop("F2"),
        description=gettext_noop("Like F1, with recall twice as important as precision."),
        source="sklearn.metrics.fbeta_score, beta=2",
        formula="5 · P · R / (4 · P + R), P precision, R recall",
        meaning=gettext_noop("One number for precision and recall where a miss is worse than a false alarm."),
        misleads=gettext_noop(
            "The weight 2 is a habit and not your costs; money per year says it in yours. It depends on the "
            "prevalence and on the threshold."
        ),
    ),
    _rank(
        key="roc_auc",
        unit="score",
        label=gettext_noop("ROC AUC"),
        headline=True,
        description=gettext_noop(
            "Chance that a random positive row has a higher score than a random negative one; a tie counts "
            "half."
        ),
        source="sklearn.metrics.roc_auc_score; interval: DeLong, DeLong & Clarke-Pearson 1988",
        formula="P(score of a positive > score of a negative) + ½ P(=)",
        meaning=gettext_noop(
            "How well the scores put positives before negatives, over all thresholds; guessing gives 0.5."
        ),
        misleads=gettext_noop(
            "With rare positives it looks good although most alarms are false, for which average precision "
            "is the better guide. It says nothing about calibration or about the threshold that you use."
        ),
    ),
    _rank(
        key="average_precision",
        unit="score",
        label=gettext_noop("Average precision"),
        headline=True,
        description=gettext_noop("Area under the precision-recall curve, without interpolation."),
        source="sklearn.metrics.average_precision_score",
        formula="Σₖ (Rₖ − Rₖ₋₁) Pₖ over the thresholds",
        meaning=gettext_noop(
            "The mean precision on the way to finding all positives; guessing gives the prevalence."
        ),
        misleads=gettext_noop(
            "Its floor is the prevalence, so values from data with different prevalence do not compare. The "
            "top of the ranking weighs most."
        ),
    ),
    _error(
        key="brier",
        label=gettext_noop("Brier score"),
        headline=True,
        description=gettext_noop("Mean squared difference of the probability and what happened (1 or 0)."),
        source="sklearn.metrics.brier_score_loss",
        formula="(1 / n) Σ (pᵢ − yᵢ)²",
        meaning=gettext_noop(
            "How far the probabilities are from what happened, in squares; honest probabilities make it "
            "smallest."
        ),
        misleads=gettext_noop(
            "With rare positives it is small without any skill: always forecasting the prevalence is hard to "
            "beat. Read the Brier skill."
        ),
    ),
    _error(
        key="brier_skill",
        label=gettext_noop("Brier skill"),
        higher_is_better=True,
        low=None,
        description=gettext_noop(
            "Share of the Brier score of always forecasting the prevalence that the model saves; "
            "below 0 the model is worse than that."
        ),
        source="1 - brier / (prevalence (1 - prevalence)); sklearn.metrics.d2_brier_score",
        formula="1 − Brier / (prevalence · (1 − prevalence))",
        meaning=gettext_noop(
            "How much better the probabilities are than always forecasting the prevalence: 1 is perfect, 0 "
            "is no better."
        ),
        misleads=gettext_noop(
            "It is held against the prevalence of these rows, which nobody knew beforehand, and with rare "
            "positives a few rows move it much."
        ),
    ),
    _error(
        key="ece",
        label=gettext_noop("Expected calibration error"),
        unit="score",
        headline=True,
        description=gettext_noop(
            "Mean gap between forecast and observed share over ten equal bins of the probability. Chance "
            "alone makes it greater than 0, most in small files."
        ),
        source="sum over bins [k/10, (k+1)/10) of |sum(y - p)| / n",
        formula="Σ over ten bins of n(b) / n · |share of positives in b − mean probability in b|",
        meaning=gettext_noop(
            "How far a forecast probability is from how often the thing happens, on average."
        ),
        misleads=gettext_noop(
            "It says nothing about skill: always forecasting the prevalence is perfectly calibrated. Chance "
            "alone makes it greater than 0 in small files, and it depends on the bins."
        ),
    ),
    _error(
        key="mce",
        label=gettext_noop("Maximum calibration error"),
        unit="score",
        description=gettext_noop("Largest gap between forecast and observed share in one of the ten bins."),
        source="max over bins of |mean(y) - mean(p)|",
        formula="max over ten bins of |share of positives in b − mean probability in b|",
        meaning=gettext_noop("The worst gap between forecast and outcome in one band of probabilities."),
        misleads=gettext_noop(
            "The emptiest bin often decides it, by chance. Look at the reliability diagram and the rows of "
            "the bin."
        ),
    ),
    _rank(
        key="ks",
        label=gettext_noop("Kolmogorov-Smirnov"),
        description=gettext_noop("Largest distance between the score distributions of both classes."),
        source="scipy.stats.ks_2samp statistic",
        formula="max over thresholds of |TPR − FPR|",
        meaning=gettext_noop(
            "How far the scores of positives and negatives are apart at the best threshold."
        ),
        misleads=gettext_noop(
            "The best threshold is found on the judged rows, so it is a little too good. It looks at one "
            "point of the curve alone."
        ),
    ),
    _rank(
        key="recall_at_1",
        label=gettext_noop("Recall in the top hundredth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
        formula="positives among the best 1 % of the rows / all positives",
        meaning=_FOUND,
        misleads=_TOP_MISLEADS,
    ),
    _rank(
        key="recall_at_5",
        label=gettext_noop("Recall in the top twentieth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
        formula="positives among the best 5 % of the rows / all positives",
        meaning=_FOUND,
        misleads=_TOP_MISLEADS,
    ),
    _rank(
        key="recall_at_10",
        label=gettext_noop("Recall in the top tenth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
        formula="positives among the best 10 % of the rows / all positives",
        meaning=_FOUND,
        misleads=_TOP_MISLEADS,
    ),
    _rank(
        key="recall_at_20",
        label=gettext_noop("Recall in the top fifth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
        formula="positives among the best 20 % of the rows / all positives",
        meaning=_FOUND,
        misleads=_TOP_MISLEADS,
    ),
    _lift(
        key="lift_at_1",
        label=gettext_noop("Lift in the top hundredth"),
        description=_LIFT_AT,
        formula="share of positives among the best 1 % of the rows / prevalence",
        meaning=_TIMES,
        misleads=_LIFT_MISLEADS,
    ),
    _lift(
        key="lift_at_5",
        label=gettext_noop("Lift in the top twentieth"),
        description=_LIFT_AT,
        formula="share of positives among the best 5 % of the rows / prevalence",
        meaning=_TIMES,
        misleads=_LIFT_MISLEADS,
    ),
    _lift(
        key="lift_at_10",
        label=gettext_noop("Lift in the top tenth"),
        description=_LIFT_AT,
        formula="share of positives among the best 10 % of the rows / prevalence",
        meaning=_TIMES,
        misleads=_LIFT_MISLEADS,
    ),
    _lift(
        key="lift_at_20",
        label=gettext_noop("Lift in the top fifth"),
        description=_LIFT_AT,
        formula="share of positives among the best 20 % of the rows / prevalence",
        meaning=_TIMES,
        misleads=_LIFT_MISLEADS,
    ),
)
