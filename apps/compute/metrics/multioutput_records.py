"""Records of the metrics of several numbers per row."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_outputs = partial(Metric, tasks=frozenset({Task.MULTIOUTPUT}), needs=frozenset({"labels"}), headline=True)
_score = partial(_outputs, higher_is_better=True, unit="score", low=None)
_error = partial(_outputs, higher_is_better=False, unit="target", high=None)

_UNITS = gettext_noop(
    "Outputs in different units, or of different size, are added up: the one with the largest "
    "numbers decides "
    "it. Look at the outputs one by one then."
)

register(
    _score(
        key="outputs_r2",
        label=gettext_noop("Mean R² of the outputs"),
        description=gettext_noop(
            "Mean over the outputs of the share of the output's variance that is explained; every output "
            "counts the same."
        ),
        source="sklearn.metrics.r2_score(multioutput='uniform_average')",
        formula="mean over outputs of 1 − Σ (pᵢ − tᵢ)² / Σ (tᵢ − t̄)²",
        meaning=gettext_noop(
            "How much of the differences between rows is explained for a typical output: 1 is "
            "everything, 0 is "
            "no better than each output's mean."
        ),
        misleads=gettext_noop(
            "One output that is predicted very badly can make it negative although all others are "
            "good: it has "
            "no lower end. An output that hardly varies decides it."
        ),
    ),
    _score(
        key="outputs_r2_weighted",
        label=gettext_noop("R² weighted by variance"),
        description=gettext_noop(
            "Share of the variance of all outputs together that is explained: outputs that vary more count "
            "more."
        ),
        source="sklearn.metrics.r2_score(multioutput='variance_weighted')",
        formula="1 − Σ (pᵢ − tᵢ)² / Σ (tᵢ − t̄)², summed over rows and outputs",
        meaning=gettext_noop("How much of all the variation is explained, whichever output it is in."),
        misleads=_UNITS,
    ),
    _error(
        key="outputs_mae",
        label=gettext_noop("Mean absolute error of the outputs"),
        description=gettext_noop("Mean over the outputs of their mean absolute errors."),
        source="sklearn.metrics.mean_absolute_error(multioutput='uniform_average')",
        formula="mean over outputs of (1 / n) Σ |pᵢ − tᵢ|",
        meaning=gettext_noop("How far off a typical cell is."),
        misleads=_UNITS,
    ),
    _error(
        key="outputs_rmse",
        label=gettext_noop("Root mean squared error of the outputs"),
        description=gettext_noop("Mean over the outputs of their root mean squared errors."),
        source="sklearn.metrics.root_mean_squared_error(multioutput='uniform_average')",
        formula="mean over outputs of √((1 / n) Σ (pᵢ − tᵢ)²)",
        meaning=gettext_noop("A typical error that takes large errors more seriously than small ones."),
        misleads=_UNITS,
    ),
    _score(
        key="outputs_row_correlation",
        label=gettext_noop("Correlation within rows"),
        low=-1.0,
        description=gettext_noop(
            "Mean over the rows of the correlation of a row's predictions with its truth; a row whose "
            "predictions are all the same counts -1."
        ),
        source="Kaggle, Open Problems: Multimodal Single-Cell Integration (2022), evaluation",
        formula="mean over rows i of corr(prediction_i, truth_i)",
        meaning=gettext_noop("How well the profile of a row over its outputs is met."),
        misleads=gettext_noop(
            "Outputs that differ in size in the same way in every row give a high value to a model "
            "that knows "
            "only their means. It needs outputs that compare with each other."
        ),
    ),
)
