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
    ),
    _binary(
        key="predicted_positive_rate",
        label=gettext_noop("Predicted positive rate"),
        higher_is_better=None,
        unit="share",
        needs=LABELS,
        description=gettext_noop("Share of rows that are predicted to be of the positive class."),
        source="mean(predicted)",
    ),
    _score(
        key="precision",
        label=gettext_noop("Precision"),
        headline=True,
        description=gettext_noop("Share of the predicted positives that are truly positive."),
        source="sklearn.metrics.precision_score",
    ),
    _score(
        key="recall",
        label=gettext_noop("Recall"),
        headline=True,
        description=gettext_noop("Share of the true positives that are found (sensitivity)."),
        source="sklearn.metrics.recall_score",
    ),
    _score(
        key="specificity",
        label=gettext_noop("Specificity"),
        headline=True,
        description=gettext_noop("Share of the true negatives that are predicted negative."),
        source="tn / (tn + fp)",
    ),
    _score(
        key="f1",
        label=gettext_noop("F1"),
        headline=True,
        description=gettext_noop("Harmonic mean of precision and recall."),
        source="sklearn.metrics.f1_score",
    ),
    _score(
        key="f0_5",
        label=gettext_noop("F0.5"),
        description=gettext_noop("Like F1, with precision twice as important as recall."),
        source="sklearn.metrics.fbeta_score, beta=0.5",
    ),
    _score(
        key="f2",
        label=gettext_noop("F2"),
        description=gettext_noop("Like F1, with recall twice as important as precision."),
        source="sklearn.metrics.fbeta_score, beta=2",
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
    ),
    _rank(
        key="average_precision",
        unit="score",
        label=gettext_noop("Average precision"),
        headline=True,
        description=gettext_noop("Area under the precision-recall curve, without interpolation."),
        source="sklearn.metrics.average_precision_score",
    ),
    _error(
        key="brier",
        label=gettext_noop("Brier score"),
        headline=True,
        description=gettext_noop("Mean squared difference of the probability and what happened (1 or 0)."),
        source="sklearn.metrics.brier_score_loss",
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
    ),
    _error(
        key="mce",
        label=gettext_noop("Maximum calibration error"),
        unit="score",
        description=gettext_noop("Largest gap between forecast and observed share in one of the ten bins."),
        source="max over bins of |mean(y) - mean(p)|",
    ),
    _rank(
        key="ks",
        label=gettext_noop("Kolmogorov-Smirnov"),
        description=gettext_noop("Largest distance between the score distributions of both classes."),
        source="scipy.stats.ks_2samp statistic",
    ),
    _rank(
        key="recall_at_1",
        label=gettext_noop("Recall in the top hundredth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
    ),
    _rank(
        key="recall_at_5",
        label=gettext_noop("Recall in the top twentieth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
    ),
    _rank(
        key="recall_at_10",
        label=gettext_noop("Recall in the top tenth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
    ),
    _rank(
        key="recall_at_20",
        label=gettext_noop("Recall in the top fifth"),
        description=_RECALL_AT,
        source=_RECALL_SOURCE,
    ),
    _lift(key="lift_at_1", label=gettext_noop("Lift in the top hundredth"), description=_LIFT_AT),
    _lift(key="lift_at_5", label=gettext_noop("Lift in the top twentieth"), description=_LIFT_AT),
    _lift(key="lift_at_10", label=gettext_noop("Lift in the top tenth"), description=_LIFT_AT),
    _lift(key="lift_at_20", label=gettext_noop("Lift in the top fifth"), description=_LIFT_AT),
)
