"""Records of the regression metrics. The error is prediction - truth throughout."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_regression = partial(Metric, tasks=frozenset({Task.REGRESSION}), needs=frozenset({"labels"}))
_error = partial(_regression, higher_is_better=False, unit="target", high=None)
_relative = partial(_regression, higher_is_better=False, unit="share")
_score = partial(_regression, higher_is_better=True, unit="score")
#: Of forecasts too, whose intervals know that rows depend on each other.
_FORECAST = frozenset({Task.REGRESSION, Task.FORECAST})
#: Of every single number.
_NUMBER = _FORECAST | {Task.COUNT, Task.PROBABILISTIC}

register(
    _error(
        key="mae",
        tasks=_NUMBER,
        label=gettext_noop("Mean absolute error"),
        headline=True,
        description=gettext_noop("Mean size of the error, in the unit of the target."),
        source="sklearn.metrics.mean_absolute_error",
        formula="(1 / n) Σ |pᵢ − tᵢ|",
        meaning=gettext_noop("How far off a prediction is on average, in the unit of the target."),
        misleads=gettext_noop(
            "It does not say whether errors are even or a few are huge, nor in which direction they lie. Its "
            "size means little without that of a baseline."
        ),
    ),
    _error(
        key="rmse",
        tasks=_NUMBER,
        label=gettext_noop("Root mean squared error"),
        headline=True,
        description=gettext_noop("Square root of the mean squared error: large errors weigh more."),
        source="sklearn.metrics.root_mean_squared_error",
        formula="√((1 / n) Σ (pᵢ − tᵢ)²)",
        meaning=gettext_noop(
            "A typical error in the unit of the target that takes large errors more seriously than small "
            "ones."
        ),
        misleads=gettext_noop(
            "A few outliers, or wrong truths, decide it. It always is at least the mean absolute error; how "
            "much larger says how uneven the errors are."
        ),
    ),
    _score(
        key="r2",
        label=gettext_noop("R²"),
        low=None,
        headline=True,
        description=gettext_noop(
            "Share of the target's variance that the predictions explain; below 0 the mean of the target "
            "would have been the better prediction."
        ),
        source="sklearn.metrics.r2_score",
        formula="1 − Σ (pᵢ − tᵢ)² / Σ (tᵢ − t̄)²",
        meaning=gettext_noop(
            "How much of the differences between rows the model explains: 1 is everything, 0 is no better "
            "than the mean of these rows."
        ),
        misleads=gettext_noop(
            "It rises with the spread of the target alone: the same errors look better on more varied data. "
            "It does not see whether the errors are small enough to be useful."
        ),
    ),
    _error(
        key="mean_error",
        tasks=_NUMBER,
        label=gettext_noop("Mean error (bias)"),
        higher_is_better=None,
        low=None,
        headline=True,
        description=gettext_noop(
            "Mean of prediction minus truth: above 0 the model predicts too much, below 0 too little."
        ),
        source="mean(predicted - truth)",
        formula="(1 / n) Σ (pᵢ − tᵢ)",
        meaning=gettext_noop("Whether predictions are too high or too low on the whole, and by how much."),
        misleads=gettext_noop(
            "Large errors of both signs cancel: 0 does not mean that predictions are good. Groups may be "
            "biased in opposite directions."
        ),
    ),
    _error(
        key="median_absolute_error",
        label=gettext_noop("Median absolute error"),
        headline=True,
        description=gettext_noop("Half of the errors are smaller than this. Outliers do not matter."),
        source="sklearn.metrics.median_absolute_error; interval from order statistics",
        formula="median of |pᵢ − tᵢ|",
        meaning=gettext_noop("The error of a typical row: half of the rows are closer than this."),
        misleads=gettext_noop(
            "The worse half of the rows does not show at all, and there may be disasters in it."
        ),
    ),
    _relative(
        key="mape",
        label=gettext_noop("Mean absolute percentage error"),
        high=None,
        headline=True,
        description=gettext_noop(
            "Mean size of the error divided by the size of the truth, so that negative truths count like "
            "positive ones. A truth of 0 makes it huge."
        ),
        source="sklearn.metrics.mean_absolute_percentage_error",
        formula="(1 / n) Σ |pᵢ − tᵢ| / |tᵢ|",
        meaning=gettext_noop("How far off a prediction is in proportion to the true value."),
        misleads=gettext_noop(
            "Truths near 0 blow it up and decide it. Predicting too little costs at most 100 %, too much has "
            "no limit, so it favours models that predict too little."
        ),
    ),
    _relative(
        key="smape",
        label=gettext_noop("Symmetric mean absolute percentage error"),
        high=2.0,
        description=gettext_noop(
            "Mean of twice the error's size over the sizes of truth and prediction together: from 0 to 2; "
            "0 where both are 0."
        ),
        source="mean(2 |p - t| / (|p| + |t|)), Makridakis 1993",
        formula="(1 / n) Σ 2 |pᵢ − tᵢ| / (|pᵢ| + |tᵢ|)",
        meaning=gettext_noop(
            "The relative error, held against truth and prediction together, so that no row counts more than "
            "2."
        ),
        misleads=gettext_noop(
            "It is not symmetric: the same error costs more when the prediction is too low. Where the truth "
            "is 0, any other prediction costs the full 2."
        ),
    ),
    _regression(
        key="rmsle",
        label=gettext_noop("Root mean squared log error"),
        higher_is_better=False,
        unit="score",
        high=None,
        description=gettext_noop(
            "Root mean squared difference of log(1 + value): judges ratios. No value may be negative."
        ),
        source="sklearn.metrics.root_mean_squared_log_error",
        formula="√((1 / n) Σ (ln(1 + pᵢ) − ln(1 + tᵢ))²)",
        meaning=gettext_noop(
            "A typical error as a ratio: being off by a factor of two costs about the same for small and "
            "large values."
        ),
        misleads=gettext_noop(
            "Predicting too little costs more than predicting too much by the same amount. Near 0 the added "
            "1 decides; values below 0 are not allowed."
        ),
    ),
    _regression(
        key="mse",
        label=gettext_noop("Mean squared error"),
        higher_is_better=False,
        unit="score",
        high=None,
        description=gettext_noop("Mean of the squared error, in the squared unit of the target."),
        source="sklearn.metrics.mean_squared_error",
        formula="(1 / n) Σ (pᵢ − tᵢ)²",
        meaning=gettext_noop("The mean of the squared errors, which most models are trained on."),
        misleads=gettext_noop(
            "Its unit is squared and hard to read; take its root. A few outliers decide it."
        ),
    ),
    _score(
        key="explained_variance",
        label=gettext_noop("Explained variance"),
        low=None,
        description=gettext_noop("Like R², but a constant bias is forgiven."),
        source="sklearn.metrics.explained_variance_score",
        formula="1 − Var(p − t) / Var(t)",
        meaning=gettext_noop(
            "How much of the differences between rows the model explains once a constant bias is taken off."
        ),
        misleads=gettext_noop(
            "A model that is always wrong by the same large amount is perfect here. Read it with the mean "
            "error."
        ),
    ),
    _score(
        key="pearson",
        label=gettext_noop("Pearson correlation"),
        low=-1.0,
        description=gettext_noop("Linear correlation of prediction and truth."),
        source="scipy.stats.pearsonr; interval: delta method on Fisher's z",
        formula="Cov(p, t) / (σ(p) σ(t))",
        meaning=gettext_noop(
            "How closely predictions follow the truth along a straight line, whatever its level and slope."
        ),
        misleads=gettext_noop(
            "Predictions that are twice too large correlate perfectly. One far point can make or break it."
        ),
    ),
    _score(
        key="spearman",
        label=gettext_noop("Spearman correlation"),
        low=-1.0,
        description=gettext_noop("Correlation of the ranks of prediction and truth: is the order right?"),
        source="scipy.stats.spearmanr; interval: Bonett & Wright 2000",
        formula="Pearson correlation of the ranks of p and t",
        meaning=gettext_noop("Whether larger truths get larger predictions: is the order right?"),
        misleads=gettext_noop(
            "It does not see sizes: predictions on another scale are perfect. Many equal values weaken what "
            "it says."
        ),
    ),
    _error(
        key="max_error",
        label=gettext_noop("Largest error"),
        description=gettext_noop("Size of the single largest error."),
        source="sklearn.metrics.max_error",
        formula="max |pᵢ − tᵢ|",
        meaning=gettext_noop("The worst that happened in these rows."),
        misleads=gettext_noop(
            "It rests on one row, grows with the number of rows, and a single wrong truth decides it. Never "
            "compare it between files of different size."
        ),
    ),
    _regression(
        key="interval_coverage",
        tasks=_FORECAST,
        label=gettext_noop("Coverage of the prediction interval"),
        higher_is_better=None,
        unit="share",
        needs=frozenset({"interval"}),
        headline=True,
        description=gettext_noop("Share of the rows whose truth lies in the given interval, ends included."),
        source="mean(low <= truth <= high)",
        formula="(1 / n) Σ [lᵢ ≤ tᵢ ≤ uᵢ]",
        meaning=gettext_noop(
            "How often the truth lies inside the predicted interval. It should be what the interval "
            "promises: neither less nor more."
        ),
        misleads=gettext_noop(
            "Wide enough intervals always cover. The right share over all rows may hide that some groups are "
            "covered far less. Read it with the width."
        ),
    ),
    _error(
        key="interval_width",
        tasks=_FORECAST,
        label=gettext_noop("Width of the prediction interval"),
        needs=frozenset({"interval"}),
        description=gettext_noop("Mean width of the given interval. At equal coverage narrower is better."),
        source="mean(high - low)",
        formula="(1 / n) Σ (uᵢ − lᵢ)",
        meaning=gettext_noop("How much the model leaves open on average, in the unit of the target."),
        misleads=gettext_noop(
            "Narrow intervals are only good where they cover: compare widths at equal coverage."
        ),
    ),
    _error(
        key="pinball_loss",
        tasks=_FORECAST,
        label=gettext_noop("Pinball loss"),
        needs=frozenset({"quantiles"}),
        headline=True,
        description=gettext_noop("Quantile loss, averaged over the given quantiles."),
        source="sklearn.metrics.mean_pinball_loss",
        formula="(1 / n) Σ max(q (tᵢ − pᵢ), (q − 1)(tᵢ − pᵢ)), mean over the quantiles q",
        meaning=gettext_noop(
            "How well the predicted quantiles fit: a high quantile is punished for being too low, a low one "
            "for being too high."
        ),
        misleads=gettext_noop(
            "Its size depends on the unit and on which quantiles were given, so it compares only between "
            "models with the same quantiles on the same rows."
        ),
    ),
)
