"""All metrics, intervals and tables of one two-class file."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.binary import calibration, curves, ranking, top
from apps.compute.metrics.binary.confusion import ONE_CLASS, Confusion, confusion_estimates
from apps.compute.metrics.binary.ranking import Ranking
from apps.compute.metrics.registry import METRICS, metrics_for
from apps.compute.results import MetricResult, Table, Task
from apps.compute.uncertainty import Floats

DEFAULT_THRESHOLD = 0.5
#: Metrics of the probabilities that a truth of one class still defines.
ALWAYS_DEFINED = frozenset({"log_loss", "brier", "ece", "mce"})


def evaluate_binary(
    y: NDArray[np.bool_],
    proba: Floats | None,
    predicted: NDArray[np.bool_] | None,
    weight: Floats | None = None,
    *,
    threshold: float | None = None,
    classes: Sequence[str] = ("0", "1"),
    seed: int = 0,
    resamples: int = 1000,
) -> tuple[tuple[MetricResult, ...], dict[str, Table]]:
    """Judge ``proba`` (of the positive class, in 0..1) and the decision against the truth ``y``.

    All arrays have shape (n,), n >= 1, without missing values; ``weight`` is >= 0 with a positive
    sum. The decision is ``proba >= threshold`` if a threshold is given, else ``predicted``, else
    ``proba >= 0.5``. Metrics that need probabilities are left out without them; metrics that the
    data do not define are there with the reason. ``classes`` names the negative and positive class.
    The tables are those listed in `apps.compute.results`. ValueError: neither ``proba`` nor
    ``predicted``, or ``proba`` outside 0..1.
    """
    decision = decide(proba, predicted, threshold)
    table = Confusion.of_rows(y, decision, weight)
    results = {estimate.key: estimate.result(0) for estimate in confusion_estimates(table)}
    tables = {"confusion": curves.confusion_table(table, classes, weight is not None)}
    if proba is not None:
        ranked = ranking.rank(y, proba, weight)
        bins = calibration.bin_scores(ranked)
        scored = _score_metrics(ranked, bins, resamples, np.random.default_rng(seed))
        results.update((metric.key, metric) for metric in scored)
        tables.update(_score_tables(ranked, bins))
    return tuple(results[m.key] for m in metrics_for(Task.BINARY) if m.key in results), tables


def decide(
    proba: Floats | None, predicted: NDArray[np.bool_] | None, threshold: float | None
) -> NDArray[np.bool_]:
    """Which rows are called positive; see `evaluate_binary`."""
    if proba is not None and (threshold is not None or predicted is None):
        return proba >= (DEFAULT_THRESHOLD if threshold is None else threshold)
    if predicted is None:
        raise ValueError("Give probabilities or predicted labels.")
    return predicted


def _score_metrics(
    ranked: Ranking, bins: calibration.Bins, resamples: int, rng: np.random.Generator
) -> list[MetricResult]:
    results = [
        ranking.log_loss(ranked),
        ranking.brier(ranked),
        *calibration.calibration_metrics(bins, ranked.rows, resamples, rng),
    ]
    if ranked.both_classes:
        return [
            *results,
            ranking.roc_auc(ranked),
            ranking.average_precision(ranked),
            ranking.brier_skill(ranked),
            top.kolmogorov_smirnov(ranked, rng),
            *top.top_metrics(ranked, resamples, rng),
        ]
    undefined = [
        key
        for key, metric in METRICS.items()
        if Task.BINARY in metric.tasks and "probability" in metric.needs and key not in ALWAYS_DEFINED
    ]
    return results + [MetricResult(key, None, n=ranked.rows, undefined=ONE_CLASS) for key in undefined]


def _score_tables(ranked: Ranking, bins: calibration.Bins) -> dict[str, Table]:
    """Curves that need both classes are left out where there is one."""
    tables = {
        "calibration": calibration.calibration_table(bins, ranked),
        "score_histogram": calibration.score_histogram(ranked),
        "threshold_sweep": curves.threshold_sweep(ranked),
    }
    if ranked.both_classes:
        tables["roc"] = curves.roc_table(ranked)
        tables["pr"] = curves.pr_table(ranked)
        tables["gains"] = top.gains_table(ranked)
    return tables
