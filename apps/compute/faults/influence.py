"""How much a metric changes when one row is left out, exactly: m(all rows but i) - m(all rows), for every row
i.

Means, roots of means, R², numbers that follow from the confusion matrix and the area under the ROC curve all
decompose: what a row brings is taken off, so all n changes cost about as much as the metric. Weighted rows
too.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics import confusion
from apps.compute.metrics.confusion import ratio
from apps.compute.metrics.multiclass import Multiclass
from apps.compute.metrics.ranking import place
from apps.compute.metrics.regression import Regression
from apps.compute.uncertainty import Floats

_EPS = float(np.finfo(np.float64).eps)
_CELLS = 2_000_000  # margins held at once

#: Metrics whose change is known in closed form.
BINARY = (
    *("accuracy", "balanced_accuracy", "precision", "recall", "specificity", "f1", "mcc", "cohen_kappa"),
    *("log_loss", "brier", "roc_auc"),
)
MULTICLASS = (
    *("accuracy", "balanced_accuracy", "precision_macro", "recall_macro", "f1_macro", "precision_weighted"),
    *("recall_weighted", "f1_weighted", "mcc", "cohen_kappa", "log_loss", "brier_multiclass"),
)
REGRESSION = ("mae", "mse", "rmse", "mean_error", "mape", "smape", "r2")


def binary_influence(
    key: str,
    truth: NDArray[np.bool_],
    probability: Floats | None,
    decision: NDArray[np.bool_],
    weight: Floats | None = None,
) -> Floats:
    """Change of the `BINARY` metric ``key`` for each row, (n,); NaN where the metric needs the row (the last
    one of its class). ``probability`` (n,) is of the positive class, ``decision`` (n,) what was called
    positive.

    InputRejected: another metric, a metric of probabilities without any, fewer than two rows with weight.
    """
    w = _weights(key, BINARY, weight, len(truth))
    if key in ("log_loss", "brier", "roc_auc"):
        if probability is None:
            raise InputRejected("influence_without_probability", _NO_PROBABILITY, metric=key)
        if key == "roc_auc":
            return _of_auc(truth, probability, w)
        if key == "brier":
            return _of_mean((probability - truth) ** 2, w)
        of_truth = np.where(truth, probability, 1 - probability)
        return _of_mean(-np.log(np.clip(of_truth, _EPS, 1 - _EPS)), w)
    counted = _of_counts(truth.astype(np.int32), decision.astype(np.int32), 2, w, weight is not None)
    return counted[key] if key in counted else _of_table(truth, decision, w)[key]


def multiclass_influence(key: str, data: Multiclass) -> Floats:
    """Change of the `MULTICLASS` metric ``key`` for each row, (n,). Macro averages keep running over all
    classes. InputRejected: as `binary_influence`.
    """
    w = _weights(key, MULTICLASS, data.weight, len(data.truth))
    if key in ("log_loss", "brier_multiclass"):
        losses = data.loss if key == "log_loss" else data.brier
        if losses is None:
            raise InputRejected("influence_without_probability", _NO_PROBABILITY, metric=key)
        return _of_mean(losses, w)
    weighted = data.weight is not None
    return _of_counts(data.truth, data.predicted, len(data.classes), w, weighted)[key]


def regression_influence(key: str, data: Regression) -> Floats:
    """Change of the `REGRESSION` metric ``key`` for each row, (n,); NaN for R² where all other true values
    are the same. InputRejected: another metric, fewer than two rows with weight.
    """
    truth, w = data.truth, _weights(key, REGRESSION, data.weight, len(data.truth))
    error = data.predicted - truth
    size = np.abs(error)
    if key == "mean_error":
        return _of_mean(error, w)
    if key == "mape":
        return _of_mean(size / np.maximum(np.abs(truth), _EPS), w)
    if key == "smape":
        scale = np.abs(truth) + np.abs(data.predicted)
        return _of_mean(np.divide(2 * size, scale, out=np.zeros(len(size)), where=scale > 0), w)
    if key == "mae":
        return _of_mean(size, w)
    squares = error * error
    if key == "mse":
        return _of_mean(squares, w)
    if key == "rmse":
        mean = np.dot(w, squares) / w.sum()
        return np.asarray(np.sqrt(np.maximum(mean + _of_mean(squares, w), 0)) - np.sqrt(mean))
    return _of_r2(truth, squares, w)


def _weights(key: str, known: tuple[str, ...], weight: Floats | None, n: int) -> Floats:
    if key not in known:
        raise InputRejected("influence_unknown", _UNKNOWN, metric=key, known=", ".join(known))
    w = np.ones(n) if weight is None else weight
    if np.count_nonzero(w) < 2:
        raise InputRejected("influence_one_row", _ONE_ROW)
    return w


def _of_mean(values: Floats, w: Floats) -> Floats:
    """(S - w v) / (W - w) - S / W, written so that nothing cancels."""
    mean, total = np.dot(w, values) / w.sum(), w.sum()
    return np.asarray(w * (mean - values) / (total - w))


def _of_r2(truth: Floats, squares: Floats, w: Floats) -> Floats:
    total = w.sum()
    centred = truth - np.dot(w, truth) / total
    rest = np.dot(w, squares)
    spread = np.dot(w, centred * centred)
    # Without row i the mean moves too: its share of the sum of squares is w W / (W - w) (y - mean)².
    left = spread - w * total / (total - w) * centred * centred
    varies = left > _EPS * spread
    without = np.divide(rest - w * squares, left, out=np.full(len(w), np.nan), where=varies)
    return np.asarray((rest / spread if spread > 0 else np.nan) - without)


def _of_auc(truth: NDArray[np.bool_], score: Floats, w: Floats) -> Floats:
    """The area is the mean of the placements of either class, so a row takes its own placement with it."""
    change = np.full(len(truth), np.nan)
    masses = (float(w[~truth].sum()), float(w[truth].sum()))
    if not all(masses):
        return change
    curve = place(score, truth, w)
    placed = curve.of_rows(truth)
    mass = np.where(truth, masses[1], masses[0])
    left = mass - w
    return np.asarray(np.divide(w * (curve.auc - placed), left, out=change, where=left > _EPS * mass))


def _of_counts(
    truth: Codes, predicted: Codes, classes: int, w: Floats, weighted: bool
) -> Mapping[str, Floats]:
    """Changes of all `confusion.metrics`. Rows of one cell and weight change them alike."""
    cell = truth.astype(np.int64) * classes + predicted
    if weighted:
        pair, place_of = np.unique(np.stack([cell, w]), axis=1, return_inverse=True)
        cells, weights = pair[0].astype(np.int64), pair[1]
    else:
        cells, place_of = np.unique(cell, return_inverse=True)
        weights = np.ones(len(cells))
    margins = confusion.Confusion.count(truth, predicted, classes, w if weighted else None).margins()
    whole = confusion.metrics(margins)
    changes: dict[str, list[Floats]] = {key: [] for key in whole}
    step = max(1, _CELLS // (3 * classes))
    for at in range(0, len(cells), step):
        some, less = cells[at : at + step], weights[at : at + step]
        rows, own, called = np.arange(len(some)), some // classes, some % classes
        moved = np.repeat(margins[None], len(some), axis=0)
        moved[rows, 0, own] -= less * (own == called)
        moved[rows, 1, own] -= less
        moved[rows, 2, called] -= less
        for key, value in confusion.metrics(moved).items():
            changes[key].append(value - whole[key])
    return {key: np.concatenate(parts)[place_of] for key, parts in changes.items()}


def _of_table(truth: NDArray[np.bool_], decision: NDArray[np.bool_], w: Floats) -> Mapping[str, Floats]:
    """Changes of the shares of a table of two classes that `confusion.metrics` has for many only."""

    def share(part: NDArray[np.bool_], whole: NDArray[np.bool_]) -> Floats:
        above, below = float(w[part].sum()), float(w[whole].sum())
        return np.asarray(
            ratio(above - w * part, below - w * whole) - ratio(np.asarray(above), np.asarray(below))
        )

    hit, either = truth & decision, truth | decision
    both = float(w[truth].sum() + w[decision].sum())
    hits = float(w[hit].sum())
    return {
        "precision": share(hit, decision),
        "recall": share(hit, truth),
        "specificity": share(~either, ~truth),
        "f1": ratio(2 * (hits - w * hit), both - w * truth - w * decision)
        - ratio(np.asarray(2 * hits), np.asarray(both)),
    }


_NO_PROBABILITY = gettext_noop(
    "The metric %(metric)s needs probabilities, and this run has none. Choose a metric of the predicted "
    "labels, such as accuracy."
)
_UNKNOWN = gettext_noop(
    "The influence of single rows is not known for the metric %(metric)s. Choose one of: %(known)s."
)
_ONE_ROW = gettext_noop("The influence of a row needs at least two rows with a weight above 0.")
