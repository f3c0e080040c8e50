"""How much a metric varies from batch to batch by chance: its standard error, times the root of the rows.

Definitions of NannyML 0.13.1 (``nannyml.sampling_error``), as the labelled reference shows them. Where they
differ from the textbook they are kept, and named here:

* F1 of two classes is taken for a mean over the rows that count for it, which overstates its error by the
  factor 1 + tp / (tp + fp + fn). The mean F1 of many classes takes the error of tp / (tp + fp + fn) itself.
* Macro means of precision, recall and F1 take the classes for independent.

Two are ours on purpose:

* ROC AUC varies with the rows of both classes (DeLong, DeLong & Clarke-Pearson 1988). NannyML sees the rarer
  class alone (`area_parts`; of many classes the sum of these, times 1.2): where both are as common, 95 %
  intervals from it hold the truth in some 85 % of batches. It also ranks tied scores in the order of its sort
  and forgets a positive row that has the lowest score of all; here ties count half and all rows count.
* Average precision is linearised (`ranking.average_precision`). NannyML draws 50 bootstrap samples, without a
  seed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.metrics.ranking import areas, place
from apps.compute.uncertainty import Floats

_EPS = float(np.finfo(np.float64).eps)


def binary(score: Floats, truth: NDArray[np.bool_], decision: NDArray[np.bool_]) -> dict[str, float]:
    """Metric -> spread from labelled rows, arrays of shape (n,); without the metrics that have none.

    ``score`` is the probability of the positive class as the file has it.
    """
    n = len(truth)
    tp, fp, fn = (
        int(np.count_nonzero(cell)) for cell in (truth & decision, ~truth & decision, truth & ~decision)
    )
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
    precision, recall, jaccard = np.empty(k), np.empty(k), np.empty(k)
    for code in range(k):
        true, called = truth == code, predicted == code
        tp, positive, named = (int(np.count_nonzero(rows)) for rows in (true & called, true, called))
        precision[code] = of_share(tp, named, n)
        recall[code] = of_share(tp, positive, n)
        jaccard[code] = of_share(tp, positive + named - tp, n)
    by_class = np.bincount(truth, minlength=k)
    area = areas(scores, truth, None, pairs=False).variance if k > 1 and by_class.all() else np.nan
    return _finite(
        {
            "accuracy": of_share(int(np.count_nonzero(truth == predicted)), n, n),
            "precision_macro": _of_mean(precision),
            "recall_macro": _of_mean(recall),
            "f1_macro": _of_mean(jaccard),
            "roc_auc_ovr_macro": float(np.sqrt(area * n)),
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
    """Of the ROC AUC; both classes have rows."""
    return float(np.hypot(*area_parts(score, positive)))


def area_parts(score: Floats, positive: NDArray[np.bool_]) -> tuple[float, float]:
    """What the positive and the other rows add to `of_area`: how differently they stand among the others."""
    placed, n = place(score, positive, None).of_rows(positive), len(score)
    of_positive, of_others = placed[positive], placed[~positive]
    return (
        float(np.std(of_positive) * np.sqrt(n / len(of_positive))),
        float(np.std(of_others) * np.sqrt(n / len(of_others))),
    )


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
