"""Records of the metrics that only classification into several classes has."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.classification import LABELS, PROBABILITY
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_multiclass = partial(Metric, tasks=frozenset({Task.MULTICLASS}), unit="share")
_label = partial(_multiclass, higher_is_better=True, needs=LABELS)
_probability = partial(_multiclass, higher_is_better=True, needs=PROBABILITY)
_error = partial(_multiclass, higher_is_better=False, needs=PROBABILITY)

_MACRO = gettext_noop("Mean over all classes, each counting the same; 0 for a class that has none.")
_MICRO = gettext_noop("Over all rows together. With one label per row this equals accuracy.")
_WEIGHTED = gettext_noop("Mean over the classes, weighted by how often each truly occurs.")
_TOP = gettext_noop("Share of rows whose true class is among the classes of the highest probabilities.")

register(
    _label(
        key="f1_macro",
        label=gettext_noop("F1, macro"),
        headline=True,
        description=_MACRO,
        source="sklearn.metrics.f1_score, average='macro', zero_division=0",
    ),
    _label(
        key="precision_macro",
        label=gettext_noop("Precision, macro"),
        headline=True,
        description=_MACRO,
        source="sklearn.metrics.precision_score, average='macro', zero_division=0",
    ),
    _label(
        key="recall_macro",
        label=gettext_noop("Recall, macro"),
        headline=True,
        description=_MACRO,
        source="sklearn.metrics.recall_score, average='macro', zero_division=0",
    ),
    _label(
        key="f1_weighted",
        label=gettext_noop("F1, weighted"),
        description=_WEIGHTED,
        source="sklearn.metrics.f1_score, average='weighted', zero_division=0",
    ),
    _label(
        key="precision_weighted",
        label=gettext_noop("Precision, weighted"),
        description=_WEIGHTED,
        source="sklearn.metrics.precision_score, average='weighted', zero_division=0",
    ),
    _label(
        key="recall_weighted",
        label=gettext_noop("Recall, weighted"),
        description=_WEIGHTED,
        source="sklearn.metrics.recall_score, average='weighted', zero_division=0",
    ),
    _label(
        key="f1_micro",
        label=gettext_noop("F1, micro"),
        description=_MICRO,
        source="sklearn.metrics.f1_score, average='micro'",
    ),
    _label(
        key="precision_micro",
        label=gettext_noop("Precision, micro"),
        description=_MICRO,
        source="sklearn.metrics.precision_score, average='micro'",
    ),
    _label(
        key="recall_micro",
        label=gettext_noop("Recall, micro"),
        description=_MICRO,
        source="sklearn.metrics.recall_score, average='micro'",
    ),
    _probability(
        key="roc_auc_ovr_macro",
        unit="score",
        label=gettext_noop("ROC AUC, one class against the rest"),
        headline=True,
        description=gettext_noop(
            "Chance that a row of a class gets a higher probability of it than a row of another class, "
            "mean over the classes."
        ),
        source="sklearn.metrics.roc_auc_score, multi_class='ovr'; interval: DeLong placements",
    ),
    _probability(
        key="roc_auc_ovo_macro",
        unit="score",
        label=gettext_noop("ROC AUC, pairs of classes"),
        description=gettext_noop(
            "Mean ROC AUC over all pairs of classes; how common they are does not matter."
        ),
        source="sklearn.metrics.roc_auc_score, multi_class='ovo'; Hand & Till 2001",
    ),
    _probability(
        key="top_2_accuracy",
        label=gettext_noop("Top-2 accuracy"),
        description=_TOP,
        source="sklearn.metrics.top_k_accuracy_score, k=2",
    ),
    _probability(
        key="top_3_accuracy",
        label=gettext_noop("Top-3 accuracy"),
        description=_TOP,
        source="sklearn.metrics.top_k_accuracy_score, k=3",
    ),
    _probability(
        key="top_5_accuracy",
        label=gettext_noop("Top-5 accuracy"),
        description=_TOP,
        source="sklearn.metrics.top_k_accuracy_score, k=5",
    ),
    _error(
        key="brier_multiclass",
        label=gettext_noop("Brier score, all classes"),
        unit="score",
        high=2.0,
        headline=True,
        description=gettext_noop("Mean over rows of the squared probability errors summed over the classes."),
        source="Brier 1950; sklearn.metrics.brier_score_loss, scale_by_half=False",
    ),
    _error(
        key="ece_top_label",
        unit="score",
        label=gettext_noop("Expected calibration error, top label"),
        description=gettext_noop(
            "Mean gap between the largest probability and how often the prediction is right, over ten equal "
            "bins. Chance alone makes it greater than 0, most in small files."
        ),
        source="Guo et al. 2017, 10 bins [k/10, (k+1)/10)",
    ),
    _error(
        key="mce_top_label",
        unit="score",
        label=gettext_noop("Maximum calibration error, top label"),
        description=gettext_noop("Largest gap of the calibration bins."),
        source="Guo et al. 2017",
    ),
)
