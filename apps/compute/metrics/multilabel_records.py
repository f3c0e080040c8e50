"""Records of the metrics of several yes-or-no labels per row."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_label = partial(
    Metric,
    tasks=frozenset({Task.MULTILABEL}),
    higher_is_better=True,
    unit="share",
    needs=frozenset({"labels"}),
)
_ranked = partial(_label, needs=frozenset({"labels", "probability"}), unit="score")

_MICRO = gettext_noop("All cells are one heap: common labels decide it, and a rare one may fail unseen.")
_MACRO = gettext_noop(
    "Rare labels weigh as much as common ones, so a few rows can move it. A label that is neither true nor "
    "predicted in any row counts 0."
)
_ORDER = gettext_noop(
    "It looks at the order of the labels within a row alone: probabilities that are all far too high or too "
    "low are perfect."
)
_POOLED = gettext_noop(
    "Probabilities of different labels are compared with each other, so a common label and a rare one help "
    "it: it may be high where no label is told well from its own rows."
)

register(
    _label(
        key="label_f1_micro",
        label=gettext_noop("F1 over all labels (micro)"),
        headline=True,
        description=gettext_noop(
            "Harmonic mean of precision and recall over the labels of all rows together."
        ),
        source="sklearn.metrics.f1_score(average='micro')",
        formula="2 TP / (2 TP + FP + FN), summed over all rows and labels",
        meaning=gettext_noop("How well the labels that are given and those that are true agree."),
        misleads=_MICRO,
    ),
    _label(
        key="label_f1_macro",
        label=gettext_noop("F1 by label (macro)"),
        headline=True,
        description=gettext_noop("Mean over the labels of each label's F1."),
        source="sklearn.metrics.f1_score(average='macro')",
        formula="mean over labels of 2 TP / (2 TP + FP + FN)",
        meaning=gettext_noop("How well a label is given, rare ones counting as much as common ones."),
        misleads=_MACRO,
    ),
    _label(
        key="exact_match",
        label=gettext_noop("Exact match"),
        headline=True,
        description=gettext_noop("Share of the rows in which every label is right."),
        source="sklearn.metrics.accuracy_score of label indicators",
        formula="(1 / n) Σ [all labels of row i are right]",
        meaning=gettext_noop("How often nothing at all needs to be corrected."),
        misleads=gettext_noop(
            "One wrong label of twenty counts like twenty. It falls with the number of labels alone."
        ),
    ),
    _label(
        key="hamming_loss",
        label=gettext_noop("Wrong labels (Hamming loss)"),
        higher_is_better=False,
        headline=True,
        description=gettext_noop("Share of all labels of all rows that are wrong."),
        source="sklearn.metrics.hamming_loss",
        formula="wrong cells / all cells",
        meaning=gettext_noop("How often a single decision on a label is wrong."),
        misleads=gettext_noop("Where labels are rare, giving none at all has a low loss and is of no use."),
    ),
    _label(
        key="label_precision_micro",
        label=gettext_noop("Precision over all labels (micro)"),
        headline=True,
        description=gettext_noop("Share of the given labels that are true."),
        source="sklearn.metrics.precision_score(average='micro')",
        formula="TP / (TP + FP), summed over all rows and labels",
        meaning=gettext_noop("How far a label that the model gives can be trusted."),
        misleads=_MICRO,
    ),
    _label(
        key="label_recall_micro",
        label=gettext_noop("Recall over all labels (micro)"),
        headline=True,
        description=gettext_noop("Share of the true labels that are given."),
        source="sklearn.metrics.recall_score(average='micro')",
        formula="TP / (TP + FN), summed over all rows and labels",
        meaning=gettext_noop("How much of what is true the model finds."),
        misleads=_MICRO,
    ),
    _label(
        key="label_f1_samples",
        label=gettext_noop("F1 by row (samples)"),
        description=gettext_noop("Mean over the rows of the F1 of each row's labels."),
        source="sklearn.metrics.f1_score(average='samples')",
        formula="mean over rows of 2 TP / (2 TP + FP + FN)",
        meaning=gettext_noop("How well the labels of a single row are met."),
        misleads=gettext_noop(
            "A row without any true or given label counts 0, although nothing is wrong there."
        ),
    ),
    _label(
        key="label_precision_macro",
        label=gettext_noop("Precision by label (macro)"),
        description=gettext_noop("Mean over the labels of each label's precision."),
        source="sklearn.metrics.precision_score(average='macro')",
        formula="mean over labels of TP / (TP + FP)",
        meaning=gettext_noop(
            "How far a given label can be trusted, rare ones counting as much as common ones."
        ),
        misleads=_MACRO,
    ),
    _label(
        key="label_recall_macro",
        label=gettext_noop("Recall by label (macro)"),
        description=gettext_noop("Mean over the labels of each label's recall."),
        source="sklearn.metrics.recall_score(average='macro')",
        formula="mean over labels of TP / (TP + FN)",
        meaning=gettext_noop(
            "How much of a label's rows is found, rare labels counting as much as common ones."
        ),
        misleads=_MACRO,
    ),
    _ranked(
        key="label_roc_auc_macro",
        label=gettext_noop("ROC AUC by label (macro)"),
        headline=True,
        description=gettext_noop("Mean over the labels of the area under each label's ROC curve."),
        source="sklearn.metrics.roc_auc_score(average='macro')",
        formula="mean over labels of P(probability of a row with the label > of one without)",
        meaning=gettext_noop(
            "How well each label's probability tells its rows from the others; 0.5 is chance."
        ),
        misleads=gettext_noop(
            "Rare labels easily look good: most of the rows they are told from are far away. It does not see "
            "whether the threshold is any good."
        ),
    ),
    _ranked(
        key="label_roc_auc_micro",
        label=gettext_noop("ROC AUC over all labels (micro)"),
        description=gettext_noop("Area under the ROC curve of all cells together."),
        source="sklearn.metrics.roc_auc_score(average='micro')",
        formula="P(probability of a true cell > of another cell)",
        meaning=gettext_noop("How well one threshold for all labels could tell true from other cells."),
        misleads=_POOLED,
    ),
    _ranked(
        key="label_average_precision_macro",
        label=gettext_noop("Average precision by label (macro)"),
        headline=True,
        description=gettext_noop(
            "Mean over the labels of the area under each label's precision-recall curve."
        ),
        source="sklearn.metrics.average_precision_score(average='macro')",
        formula="mean over labels of Σ (Rₖ − Rₖ₋₁) Pₖ",
        meaning=gettext_noop("How clean the rows with the highest probabilities of a label are."),
        misleads=gettext_noop(
            "Chance level is how common a label is, so it falls with rare labels and does not "
            "compare between "
            "files with different shares."
        ),
    ),
    _ranked(
        key="label_average_precision_micro",
        label=gettext_noop("Average precision over all labels (micro)"),
        description=gettext_noop("Area under the precision-recall curve of all cells together."),
        source="sklearn.metrics.average_precision_score(average='micro')",
        formula="Σ (Rₖ − Rₖ₋₁) Pₖ over all cells",
        meaning=gettext_noop("How clean the cells with the highest probabilities are."),
        misleads=_POOLED,
    ),
    _ranked(
        key="label_ranking_average_precision",
        label=gettext_noop("Label ranking average precision"),
        description=gettext_noop(
            "Mean over rows and their true labels of the share of true ones among the labels ranked as high."
        ),
        source="sklearn.metrics.label_ranking_average_precision_score",
        formula="mean over rows of the mean over true labels of true labels at or above / labels at or above",
        meaning=gettext_noop("How far the true labels of a row stand on top; 1 is best."),
        misleads=_ORDER,
    ),
    _ranked(
        key="label_ranking_loss",
        label=gettext_noop("Label ranking loss"),
        higher_is_better=False,
        unit="share",
        description=gettext_noop(
            "Share of the pairs of a true and another label of a row in the wrong order."
        ),
        source="sklearn.metrics.label_ranking_loss",
        formula="mean over rows of wrongly ordered pairs / pairs, ties counting as wrong",
        meaning=gettext_noop("How often a label that is not true is ranked as high as one that is."),
        misleads=_ORDER,
    ),
    _ranked(
        key="label_coverage_error",
        label=gettext_noop("Label coverage"),
        higher_is_better=False,
        high=None,
        description=gettext_noop(
            "How far down a row's ranked labels one must go on average to meet all true ones."
        ),
        source="sklearn.metrics.coverage_error",
        formula="mean over rows of the lowest rank of a true label",
        meaning=gettext_noop(
            "The length of the list that would be enough; the best value is the mean number of true labels."
        ),
        misleads=gettext_noop(
            "The lowest true label alone decides a row, and a row without true labels counts 0."
        ),
    ),
)
