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
        source="sklearn.metrics.matthews_corrcoef",
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
    ),
)
