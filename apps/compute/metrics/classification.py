"""Records of the metrics that binary and multiclass evaluation share."""

from __future__ import annotations

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

BOTH = frozenset({Task.BINARY, Task.MULTICLASS})
LABELS = frozenset({"labels"})
PROBABILITY = frozenset({"probability"})

register(
    Metric(
        key="accuracy",
        label=gettext_noop("Accuracy"),
        tasks=BOTH,
        higher_is_better=True,
        unit="share",
        needs=LABELS,
        headline=True,
        description=gettext_noop("Share of rows whose predicted class is the true one."),
        source="sklearn.metrics.accuracy_score",
        formula="(1 / n) Σ [ŷᵢ = yᵢ]",
        meaning=gettext_noop("How many of a hundred rows get the right class, whatever the classes are."),
        misleads=gettext_noop(
            "When one class is common: who always names it is right nearly always. Errors of different cost "
            "count the same. Read it beside the baseline and balanced accuracy."
        ),
    ),
    Metric(
        key="balanced_accuracy",
        label=gettext_noop("Balanced accuracy"),
        tasks=BOTH,
        higher_is_better=True,
        unit="share",
        needs=LABELS,
        headline=True,
        description=gettext_noop("Mean of the recalls of the classes, so that a rare class counts in full."),
        source="sklearn.metrics.balanced_accuracy_score",
        formula="(1 / K) Σₖ TPₖ / (TPₖ + FNₖ)",
        meaning=gettext_noop(
            "How often the model is right when each class is asked for equally often. Guessing gives 1 / K "
            "for K classes."
        ),
        misleads=gettext_noop(
            "It weighs a class of ten rows like one of ten thousand, so a few rows of a rare class move it "
            "much. It does not say what share of alarms is right."
        ),
    ),
    Metric(
        key="mcc",
        label=gettext_noop("Matthews correlation"),
        tasks=BOTH,
        higher_is_better=True,
        unit="score",
        needs=LABELS,
        low=-1.0,
        headline=True,
        description=gettext_noop(
            "Correlation of predicted and true classes: 1 perfect, 0 no better than chance."
        ),
        source="sklearn.metrics.matthews_corrcoef; Gorodkin 2004 for several classes",
        formula="(TP · TN − FP · FN) / √((TP + FP)(TP + FN)(TN + FP)(TN + FN)), or its kin for K classes",
        meaning=gettext_noop(
            "One number for the whole confusion matrix: high only when every class is both found and named "
            "rightly."
        ),
        misleads=gettext_noop(
            "It depends on the prevalence, so values from data with different mixtures of classes do not "
            "compare. It is 0 where the model only ever names one class, however good its scores are."
        ),
    ),
    Metric(
        key="cohen_kappa",
        label=gettext_noop("Cohen's kappa"),
        tasks=BOTH,
        higher_is_better=True,
        unit="score",
        needs=LABELS,
        low=-1.0,
        description=gettext_noop("Agreement of prediction and truth beyond what chance alone would give."),
        source="sklearn.metrics.cohen_kappa_score",
        formula="(pₒ − pₑ) / (1 − pₑ), pₒ = accuracy, pₑ = Σₖ share of k in y · share of k in ŷ",
        meaning=gettext_noop(
            "The part of the possible agreement beyond chance that is reached: 0 is what guessing with the "
            "same shares of classes gives."
        ),
        misleads=gettext_noop(
            "With one very common class it is low although nearly all rows are right, and models that name "
            "the classes in other shares are held against another chance."
        ),
    ),
    Metric(
        key="log_loss",
        label=gettext_noop("Log loss"),
        tasks=BOTH,
        higher_is_better=False,
        unit="score",
        needs=PROBABILITY,
        high=None,
        headline=True,
        description=gettext_noop(
            "Mean negative log of the probability given to the true class. Confident errors cost most."
        ),
        source="sklearn.metrics.log_loss",
        formula="−(1 / n) Σ ln p(yᵢ)",
        meaning=gettext_noop(
            "How surprised the model is by what happens, on average. Only honest probabilities make it small."
        ),
        misleads=gettext_noop(
            "A single row with a probability near 0 for what happened outweighs thousands of good ones. It "
            "says nothing about decisions at a threshold, and its size depends on how hard the data are."
        ),
    ),
)
