"""Metrics of rows whose classes are known by probability only: each row counts in part for every class.

A metric is its usual function of the expected counts (NannyML 0.13.1). Keys of `registry.METRICS`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import confusion as cm
from apps.compute.metrics.binary import ranking
from apps.compute.metrics.binary.confusion import ONE_CLASS, Confusion, confusion_estimates
from apps.compute.metrics.ranking import place
from apps.compute.uncertainty import Floats

#: Metric -> value, or the reason why there is none (or only a convention).
Expected = dict[str, tuple[float | None, Message | None]]

_EPS = float(np.finfo(np.float64).eps)
_COUNTED = ("accuracy", "precision", "recall", "specificity", "f1")
_MACRO = ("accuracy", "precision_macro", "recall_macro", "f1_macro")


def binary(probability: Floats, score: Floats, decision: NDArray[np.bool_]) -> Expected:
    """``probability`` of the positive class, ``score`` what the file says of it: shape (n,), n > 0."""
    positive, negative = float(probability.sum()), float((1 - probability).sum())
    tp, fp = float(probability[decision].sum()), float((1 - probability[decision]).sum())
    cells = np.array([[negative - fp, fp, positive - tp, tp]])
    found: Expected = {}
    for metric in confusion_estimates(Confusion(np.rint(cells).astype(np.int64), cells, cells)):
        if metric.key in _COUNTED:
            value = float(metric.value[0])
            found[metric.key] = (
                value if np.isfinite(value) else None,
                None if metric.defined[0] else metric.why,
            )
    squares = probability * (1 - score) ** 2 + (1 - probability) * score**2
    logs = probability * _log(score) + (1 - probability) * _log(1 - score)
    found |= {"brier": (float(squares.mean()), None), "log_loss": (float(-logs.mean()), None)}
    if positive <= 0 or negative <= 0:
        return found | {"roc_auc": (None, ONE_CLASS), "average_precision": (None, ONE_CLASS)}
    is_positive = np.repeat([True, False], len(score))
    ranked = ranking.rank(is_positive, np.tile(score, 2), np.concatenate([probability, 1 - probability]))
    for area in (ranking.roc_auc(ranked), ranking.average_precision(ranked)):
        found[area.key] = (area.value, None)
    return found


def multiclass(probabilities: Floats, scores: Floats, predicted: Codes, classes: tuple[str, ...]) -> Expected:
    """`binary` for arrays of shape (classes, n) and codes of shape (n,). Macro means over all ``classes``."""
    k, n = probabilities.shape
    right = np.bincount(predicted, probabilities[predicted, np.arange(n)], k)
    margins = np.stack([right, probabilities.sum(axis=1), np.bincount(predicted, minlength=k)])
    values = cm.metrics(margins)
    found: Expected = {key: (float(values[key]), None) for key in _MACRO}
    brier = (scores**2).sum(axis=0) + 1 - 2 * (probabilities * scores).sum(axis=0)
    found["brier_multiclass"] = (float(brier.mean()), None)
    found["log_loss"] = (float(-(probabilities * _log(scores)).sum(axis=0).mean()), None)
    absent = [label for label, total in zip(classes, margins[1], strict=True) if not 0 < total < n]
    if absent:
        why = Message(_ABSENT, {"classes": ", ".join(absent[:5]), "count": len(absent)})
        return found | {"roc_auc_ovr_macro": (None, why)}
    is_class = np.repeat([True, False], n)
    areas = [
        place(np.tile(score, 2), is_class, np.concatenate([probability, 1 - probability])).auc
        for score, probability in zip(scores, probabilities, strict=True)
    ]
    return found | {"roc_auc_ovr_macro": (float(np.mean(areas)), None)}


def _log(score: Floats) -> Floats:
    return np.log(np.maximum(score, _EPS))


_ABSENT = gettext_noop(
    "By the probabilities no row or every row is of %(classes)s (%(count)s of the classes in all)."
)
