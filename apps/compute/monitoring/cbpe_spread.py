"""How much a metric varies from batch to batch by chance: its standard error, times the root of the rows.

Definitions of NannyML 0.13.1 (``nannyml.sampling_error``), as the labelled reference shows them. Where they
differ from the textbook they are kept, and named here:

* F1 of two classes is taken for a mean over the rows that count for it, which overstates its error by the
  factor 1 + tp / (tp + fp + fn). The mean F1 of many classes takes the error of tp / (tp + fp + fn) itself.
* ROC AUC knows the variation of the rarer class alone (of many classes, the rarer side of each, times 1.2).
* Macro means take the classes for independent.

Two are ours on purpose. NannyML ranks tied scores in the order of its sort and forgets a positive row that
has the lowest score of all; here ties count half and all rows count, as in the metric. It draws 50 bootstrap
samples, without a seed, for average precision; here the error is linearised (`ranking.average_precision`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.metrics.ranking import place
from apps.compute.uncertainty import Floats

_EPS = float(np.finfo(np.float64).eps)
#: NannyML's correction of the error of the mean ROC AUC.
MANY_AREAS = 1.2


def binary(score: Floats, truth: NDArray[np.bool_], decision: NDArray[np.bool_]) -> dict[str, float]:
    """Metric -> spread from labelled rows, arrays of shape (n,); without the metrics that have none.

    ``score`` is the probability of the positive class as the file has it.
    """
    n = len(truth)
    tp, fp, fn = (np.count_nonzero(cell) for cell in (truth & decision, ~truth & decision, truth & ~decision))
    tn = n - tp - fp - fn
    relevant = tp + fp + fn
    found = {
        "accuracy": of_share(tp + tn, n, n),
        "precision": of_share(tp, tp + fp, n),
        "recall": of_share(tp, tp + fn, n),
        "specificity": of_share(tn, tn + fp, n),
        "f1": of_share(tp, relevant, n) * (2 * relevant / (tp + relevant) if relevant else 1.0),
        "brier": float(np.std((score - truth) ** 2)),
        "log_loss": float(np.std(-np.log(np.maximum(np.where(truth, score, 1 - score), _EPS)))),
    }
    if 0 < tp + fn < n:
        found["roc_auc"] = of_area(score, truth)
        found["average_precision"] = of_average_precision(score, truth)
    return _finite(found)


def multiclass(scores: Floats, truth: Codes, predicted: Codes) -> dict[str, float]:
    """`binary` for ``scores`` of shape (classes, n) and codes of shape (n,)."""
    k, n = scores.shape
    own = scores[truth, np.arange(n)]
    precision, recall, jaccard, area = (np.full(k, np.nan) for _ in range(4))
    for code, score in enumerate(scores):
        true, called = truth == code, predicted == code
        tp = np.count_nonzero(true & called)
        positive, named = np.count_nonzero(true), np.count_nonzero(called)
        precision[code] = of_share(tp, named, n)
        recall[code] = of_share(tp, positive, n)
        jaccard[code] = of_share(tp, positive + named - tp, n)
        if 0 < positive < n:
            area[code] = of_area(score, true)
    return _finite(
        {
            "accuracy": of_share(np.count_nonzero(truth == predicted), n, n),
            "precision_macro": _of_mean(precision),
            "recall_macro": _of_mean(recall),
            "f1_macro": _of_mean(jaccard),
            "roc_auc_ovr_macro": _of_mean(area) * MANY_AREAS,
            "brier_multiclass": float(np.std((scores**2).sum(axis=0) - 2 * own + 1)),
            "log_loss": float(np.std(-np.log(np.maximum(own, _EPS)))),
        }
    )


def of_share(hits: int, among: int, rows: int) -> float:
    """Of hits / among, where ``among`` of the ``rows`` count; NaN where none does."""
    if not among:
        return float("nan")
    share = hits / among
    return float(np.sqrt(share * (1 - share) * rows / among))


def of_area(score: Floats, positive: NDArray[np.bool_]) -> float:
    """Of the ROC AUC, from where the rows of the rarer class stand among the others; both have rows."""
    rarer = positive if 2 * np.count_nonzero(positive) <= len(positive) else ~positive
    placed = place(score, positive, None).of_rows(positive)[rarer]
    return float(np.std(placed) * np.sqrt(len(score) / len(placed)))


def of_average_precision(score: Floats, truth: NDArray[np.bool_]) -> float:
    """Root mean square of the rows' influences; both classes have rows."""
    curve = place(-score, truth, None)  # levels from the highest score to the lowest
    n = len(score)
    prevalence = curve.positive.sum() / n
    step = curve.positive / n
    everything = np.cumsum(curve.positive + curve.negative) / n
    precision = np.cumsum(step) / everything
    value = (precision * step).sum() / prevalence
    above = np.cumsum((step / everything)[::-1])[::-1]
    lost = np.cumsum((precision * step / everything)[::-1])[::-1]
    influence = (truth * (precision + above - value)[curve.level] - lost[curve.level]) / prevalence
    return float(np.sqrt(np.mean(influence**2)))


def _of_mean(of_classes: Floats) -> float:
    return float(np.sqrt((of_classes**2).sum()) / len(of_classes))


def _finite(spread: dict[str, float]) -> dict[str, float]:
    return {key: value for key, value in spread.items() if np.isfinite(value)}
