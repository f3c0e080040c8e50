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

register(
    _error(
        key="mae",
        label=gettext_noop("Mean absolute error"),
        headline=True,
        description=gettext_noop("Mean size of the error, in the unit of the target."),
        source="sklearn.metrics.mean_absolute_error",
    ),
    _error(
        key="rmse",
        label=gettext_noop("Root mean squared error"),
        headline=True,
        description=gettext_noop("Square root of the mean squared error: large errors weigh more."),
        source="sklearn.metrics.root_mean_squared_error",
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
    ),
    _error(
        key="mean_error",
        label=gettext_noop("Mean error (bias)"),
        higher_is_better=None,
        low=None,
        headline=True,
        description=gettext_noop(
            "Mean of prediction minus truth: above 0 the model predicts too much, below 0 too little."
        ),
        source="mean(predicted - truth)",
    ),
    _error(
        key="median_absolute_error",
        label=gettext_noop("Median absolute error"),
        headline=True,
        description=gettext_noop("Half of the errors are smaller than this. Outliers do not matter."),
        source="sklearn.metrics.median_absolute_error; interval from order statistics",
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
    ),
    _regression(
        key="mse",
        label=gettext_noop("Mean squared error"),
        higher_is_better=False,
        unit="score",
        high=None,
        description=gettext_noop("Mean of the squared error, in the squared unit of the target."),
        source="sklearn.metrics.mean_squared_error",
    ),
    _score(
        key="explained_variance",
        label=gettext_noop("Explained variance"),
        low=None,
        description=gettext_noop("Like R², but a constant bias is forgiven."),
        source="sklearn.metrics.explained_variance_score",
    ),
    _score(
        key="pearson",
        label=gettext_noop("Pearson correlation"),
        low=-1.0,
        description=gettext_noop("Linear correlation of prediction and truth."),
        source="scipy.stats.pearsonr; interval: delta method on Fisher's z",
    ),
    _score(
        key="spearman",
        label=gettext_noop("Spearman correlation"),
        low=-1.0,
        description=gettext_noop("Correlation of the ranks of prediction and truth: is the order right?"),
        source="scipy.stats.spearmanr; interval: Bonett & Wright 2000",
    ),
    _error(
        key="max_error",
        label=gettext_noop("Largest error"),
        description=gettext_noop("Size of the single largest error."),
        source="sklearn.metrics.max_error",
    ),
    _regression(
        key="interval_coverage",
        label=gettext_noop("Coverage of the prediction interval"),
        higher_is_better=None,
        unit="share",
        needs=frozenset({"interval"}),
        headline=True,
        description=gettext_noop("Share of the rows whose truth lies in the given interval, ends included."),
        source="mean(low <= truth <= high)",
    ),
    _error(
        key="interval_width",
        label=gettext_noop("Width of the prediction interval"),
        needs=frozenset({"interval"}),
        description=gettext_noop("Mean width of the given interval. At equal coverage narrower is better."),
        source="mean(high - low)",
    ),
    _error(
        key="pinball_loss",
        label=gettext_noop("Pinball loss"),
        needs=frozenset({"quantiles"}),
        headline=True,
        description=gettext_noop("Quantile loss, averaged over the given quantiles."),
        source="sklearn.metrics.mean_pinball_loss",
    ),
)
