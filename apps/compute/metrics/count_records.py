"""Records of the metrics of counts. The prediction is the mean of a Poisson distribution."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_count = partial(Metric, tasks=frozenset({Task.COUNT}), needs=frozenset({"labels"}))
_ZEROS = gettext_noop(
    "Counts vary from row to row, so a small gap is chance: look at the interval. Overall agreement may hide "
    "groups with too many and groups with too few zeros."
)

register(
    _count(
        key="poisson_deviance",
        label=gettext_noop("Poisson deviance"),
        higher_is_better=False,
        unit="score",
        high=None,
        headline=True,
        description=gettext_noop(
            "Mean deviance of the counts from the predicted means: an error that forgives more where more is "
            "expected."
        ),
        source="sklearn.metrics.mean_poisson_deviance; McCullagh & Nelder 1989",
        formula="(2 / n) Σ (tᵢ ln(tᵢ / pᵢ) − tᵢ + pᵢ)",
        meaning=gettext_noop(
            "How far counts are from what was predicted, seen from how much counts vary by nature. A perfect "
            "model of Poisson counts has a value near 1, and 0 is only reached by knowing every count."
        ),
        misleads=gettext_noop(
            "Its size depends on how large the counts are, so it compares only between models on the same "
            "rows. A prediction near 0 where something happens decides it."
        ),
    ),
    _count(
        key="poisson_d2",
        label=gettext_noop("Explained deviance (D²)"),
        higher_is_better=True,
        unit="score",
        low=None,
        headline=True,
        description=gettext_noop(
            "Share of the Poisson deviance that the predictions explain; below 0 the mean of the counts "
            "would have been the better prediction."
        ),
        source="sklearn.metrics.d2_tweedie_score(power=1)",
        formula="1 − deviance / deviance of the mean count",
        meaning=gettext_noop(
            "The R² of counts: 1 is everything, 0 is no better than the mean of these rows."
        ),
        misleads=gettext_noop(
            "Part of the deviance is chance that no model can explain, so even a perfect model of "
            "small counts "
            "stays far below 1. It rises with the spread of the data alone."
        ),
    ),
    _count(
        key="exact_count_share",
        label=gettext_noop("Exact counts"),
        higher_is_better=True,
        unit="share",
        headline=True,
        description=gettext_noop("Share of the rows whose rounded prediction is the true count."),
        source="mean(round(p) = t)",
        formula="(1 / n) Σ [round(pᵢ) = tᵢ]",
        meaning=gettext_noop("How often the predicted count, as a whole number, is right."),
        misleads=gettext_noop(
            "A mean is no most likely value: with rare events, predicting 0 for every row is often exact and "
            "says nothing."
        ),
    ),
    _count(
        key="count_dispersion",
        label=gettext_noop("Dispersion"),
        higher_is_better=None,
        unit="ratio",
        high=None,
        headline=True,
        description=gettext_noop(
            "How much more counts vary around their predictions than Poisson counts would: 1 is as much, "
            "above 1 is more."
        ),
        source="Pearson's chi² / n, as nothing was fitted to these rows; McCullagh & Nelder 1989, 6.2.3",
        formula="(1 / n) Σ (tᵢ − pᵢ)² / pᵢ",
        meaning=gettext_noop(
            "Whether the counts are as uncertain as a Poisson model thinks. Well above 1, its intervals are "
            "too narrow."
        ),
        misleads=gettext_noop(
            "A badly fitted mean raises it too, so it says that something is missing and not what. Rows with "
            "a tiny prediction decide it."
        ),
    ),
    _count(
        key="excess_zeros",
        label=gettext_noop("Excess of zeros"),
        higher_is_better=None,
        unit="score",
        low=-1.0,
        headline=True,
        description=gettext_noop(
            "Observed share of rows without any event, less the share that the predictions lead to expect."
        ),
        source="mean([t = 0]) - mean(exp(-p)); Cameron & Trivedi 2013, 5.3",
        formula="(1 / n) Σ ([tᵢ = 0] − exp(−pᵢ))",
        meaning=gettext_noop(
            "Above 0, nothing happens more often than the model thinks; below 0, less often."
        ),
        misleads=_ZEROS,
    ),
    _count(
        key="zero_share",
        label=gettext_noop("Observed zeros"),
        higher_is_better=None,
        unit="share",
        description=gettext_noop("Share of the rows in which nothing happened."),
        source="mean([t = 0])",
        formula="(1 / n) Σ [tᵢ = 0]",
        meaning=gettext_noop("How rare the events are in these rows."),
        misleads=gettext_noop("It says something of the data and nothing of the model."),
    ),
    _count(
        key="expected_zero_share",
        label=gettext_noop("Expected zeros"),
        higher_is_better=None,
        unit="share",
        description=gettext_noop("Share of zeros if each count were Poisson with the predicted mean."),
        source="mean(exp(-p)); Cameron & Trivedi 2013, 5.3",
        formula="(1 / n) Σ exp(−pᵢ)",
        meaning=gettext_noop("How often nothing should happen if the model is right."),
        misleads=_ZEROS,
    ),
)
