"""How the 95 % interval of each metric is made, in words: for the pages of metrics."""

from __future__ import annotations

from collections.abc import Mapping

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric
from apps.compute.results import Task

#: By the method that a result names.
METHODS: Mapping[str, str] = {
    "wilson": gettext_noop(
        "Wilson's score interval of a share. It stays between 0 and 1 and holds for few rows too "
        "(Wilson 1927)."
    ),
    "delta": gettext_noop(
        "The delta method: the variance of the metric follows from how much each row moves it."
    ),
    "log-normal": gettext_noop(
        "The standard error of a mean, taken on the logarithm, so that both ends stay above 0."
    ),
    "delong": gettext_noop(
        "From the ranks of each row among the rows of the other class (DeLong, DeLong & Clarke-Pearson 1988)."
    ),
    "inversion": gettext_noop(
        "By inverting tests: chance alone makes this number greater than 0, so the ends are the smallest and "
        "the largest true gap with which the value would be no outlier."
    ),
    "split": gettext_noop(
        "The upper end is that of a difference of two shares; for the lower end one half of the rows chooses "
        "the cut and the other half measures it, because the best cut flatters."
    ),
    "bootstrap": gettext_noop(
        "A bootstrap: rows are drawn again with replacement, with a fixed seed, and the middle nineteen "
        "twentieths of the results are the interval."
    ),
    "order statistics": gettext_noop(
        "From the order of the rows: two of the sorted values enclose the quantile (Conover 1999, 3.2)."
    ),
    "normal": gettext_noop("The mean plus and minus 1.96 of its standard errors."),
    "fisher z": gettext_noop("Fisher's z of the correlation, with the variance of Bonett & Wright (2000)."),
    "draws": gettext_noop(
        "The rates of all groups are drawn from their errors, and the range that noise alone would give is "
        "taken off; simulations hold its coverage."
    ),
    "t": gettext_noop("Student's t over the queries or the series, which are the units that were drawn."),
    "units": gettext_noop(
        "From the units that were drawn (rows, images, people, scans), which are resampled where no formula "
        "holds; the result of a run names the method."
    ),
    "mirrored": gettext_noop(
        "From draws around the observed shares. The low end is mirrored at the value, because chance alone "
        "makes this number greater than 0; so the interval is rather too wide than too narrow."
    ),
    "none": gettext_noop("It has none: no method is known to cover. Read it beside a metric that has one."),
}

#: Per cent of the central intervals of a predicted distribution.
_LEVELS = (50, 80, 90, 95)

_KEYS: Mapping[str, tuple[str, ...]] = {
    "wilson": (
        *("accuracy", "prevalence", "predicted_positive_rate", "precision", "recall", "specificity", "f1"),
        *("f1_micro", "precision_micro", "recall_micro"),
        *("top_2_accuracy", "top_3_accuracy", "top_5_accuracy", "interval_coverage"),
        *("exact_match", "exact_count_share", "zero_share"),
        *(f"coverage_{level}" for level in _LEVELS),
    ),
    "delta": (
        *("balanced_accuracy", "mcc", "cohen_kappa", "f0_5", "f2", "average_precision"),
        *("brier", "brier_skill", "f1_macro", "precision_macro", "recall_macro"),
        *("f1_weighted", "precision_weighted", "recall_weighted", "r2", "explained_variance", "pearson"),
        *(f"label_f1_{kind}" for kind in ("micro", "macro", "samples")),
        *(f"label_{name}_{kind}" for name in ("precision", "recall") for kind in ("micro", "macro")),
        *(f"label_{name}_{kind}" for name in ("roc_auc", "average_precision") for kind in ("micro", "macro")),
        *("label_ranking_average_precision", "label_ranking_loss", "hamming_loss"),
        *("outputs_r2", "outputs_r2_weighted", "outputs_row_correlation"),
        *("poisson_d2", "expected_zero_share"),
    ),
    "log-normal": (
        *("log_loss", "brier_multiclass", "mae", "rmse", "mse", "mape", "smape", "rmsle"),
        *("pinball_loss", "interval_width", "latency_mean", "throughput"),
        *("label_coverage_error", "outputs_mae", "outputs_rmse", "poisson_deviance", "count_dispersion"),
        *("crps", *(f"{name}_{level}" for name in ("width", "interval_score") for level in _LEVELS)),
    ),
    "delong": ("roc_auc", "roc_auc_ovr_macro"),
    "inversion": ("ece", "mce"),
    "split": ("ks",),
    "bootstrap": tuple(f"{name}_at_{share}" for name in ("recall", "lift") for share in (1, 5, 10, 20)),
    "order statistics": ("latency_p50", "latency_p90", "latency_p99", "median_absolute_error"),
    "normal": ("mean_error", "excess_zeros", "log_score"),
    "mirrored": ("quantile_calibration_error",),
    "fisher z": ("spearman",),
    "none": ("roc_auc_ovo_macro", "ece_top_label", "mce_top_label", "max_error"),
}
METHOD_OF: Mapping[str, str] = {key: method for method, keys in _KEYS.items() for key in keys}


def interval_words(metric: Metric) -> str:
    """A message id that says how the interval of ``metric`` is made."""
    if metric.key in METHOD_OF:
        return METHODS[METHOD_OF[metric.key]]
    if metric.of_groups and Task.PROTOCOL not in metric.tasks:
        return METHODS["draws"]
    return METHODS["t" if metric.tasks <= {Task.RANKING, Task.FORECAST} else "units"]
