"""Records of the metrics that forecasts alone have; the others are those of regression."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_forecast = partial(
    Metric,
    tasks=frozenset({Task.FORECAST}),
    higher_is_better=False,
    unit="score",
    needs=frozenset({"labels"}),
    high=None,
)

_SCALE = gettext_noop(
    "The scale is what the file gives as the naive error of each series' history: another history or another "
    "season gives another number. Series whose history never changed have no scale and are left out."
)

register(
    _forecast(
        key="mase",
        label=gettext_noop("Mean absolute scaled error (MASE)"),
        headline=True,
        description=gettext_noop(
            "Mean size of the error over that of the naive forecast on the series' history, mean over series."
        ),
        source="Hyndman & Koehler 2006; M4 competition, Makridakis et al. 2020",
        formula="mean over series of mean(|p - t| / scale), scale = mean |y_i - y_(i-m)| of the history",
        meaning=gettext_noop(
            "Below 1 the forecasts are better than the naive one was one step ahead; series of any size "
            "compare."
        ),
        misleads=_SCALE,
    ),
    _forecast(
        key="series_smape",
        label=gettext_noop("Symmetric percentage error by series (sMAPE)"),
        unit="share",
        high=2.0,
        headline=True,
        description=gettext_noop(
            "Mean of twice the error's size over the sizes of truth and forecast together, mean over "
            "series: from 0 to 2; 0 where both are 0."
        ),
        source="M4 competition, Makridakis et al. 2020",
        formula="mean over series of mean(2 |p - t| / (|p| + |t|))",
        meaning=gettext_noop("How large errors are beside the values, whatever the unit; 0 is perfect."),
        misleads=gettext_noop(
            "Near 0 every error looks huge, and forecasts that are too high cost less than those that are "
            "too low."
        ),
    ),
    _forecast(
        key="wape",
        label=gettext_noop("Weighted absolute percentage error (WAPE)"),
        unit="share",
        headline=True,
        description=gettext_noop("Sum of the sizes of the errors over the sum of the sizes of the truth."),
        source="Kolassa & Schütz 2007 (MAE/mean)",
        formula="sum |p - t| / sum |t|",
        meaning=gettext_noop("How much of the total volume is forecast wrongly."),
        misleads=gettext_noop("Large series decide it: small ones may be forecast badly without a trace."),
    ),
    _forecast(
        key="rmsse",
        label=gettext_noop("Root mean squared scaled error (RMSSE)"),
        description=gettext_noop(
            "Root mean square of the scaled errors of each series, mean over series: large errors weigh more."
        ),
        source="Hyndman & Koehler 2006",
        formula="mean over series of sqrt(mean(((p - t) / scale)^2)), scale as for MASE",
        meaning=gettext_noop("Like MASE, but a few large errors cost more than many small ones."),
        misleads=gettext_noop(
            "The scale is the naive forecast's mean absolute error; the M5 competition scales by its mean "
            "square and weighs series by sales, so its numbers differ."
        ),
    ),
    _forecast(
        key="msis",
        label=gettext_noop("Mean scaled interval score (MSIS)"),
        needs=frozenset({"interval"}),
        headline=True,
        description=gettext_noop(
            "Width of the interval and a penalty for truths outside of it, over the naive error, mean over "
            "series."
        ),
        source="M4 competition, Makridakis et al. 2020; Gneiting & Raftery 2007",
        formula="mean over series of mean((u - l + 2/a (l - t)+ + 2/a (t - u)+) / scale), a = 1 - level",
        meaning=gettext_noop(
            "Narrow intervals that hold the truth score low; misses cost the more, the farther."
        ),
        misleads=gettext_noop(
            "It rests on the level of the interval: two interval columns are taken as one of 95 percent, "
            "quantile columns by their levels. Rare misses decide it, so that with few of them its own "
            "interval is too narrow."
        ),
    ),
)
