"""Numbers that follow from a multiclass confusion matrix, with delta-method intervals.

Every metric here is a smooth function of three vectors over the classes: the diagonal, the row sums
(truth) and the column sums (predictions). So a gradient has 3 k entries instead of k x k, and a
thousand classes are no trouble.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.uncertainty import Floats, score_interval, wilson

_STEP = 1e-30
#: Variances below this are rounding.
_NO_VARIANCE = 1e-18
#: Ranges that are not 0..1.
_LOWEST = {"mcc": -1.0, "cohen_kappa": -1.0}


@dataclass(frozen=True, slots=True)
class Confusion:
    """Cells of a confusion matrix that hold rows, sorted by truth, then prediction.

    ``n`` counts rows, ``total`` sums their weights (``n`` without weights), ``squares`` their squared
    weights.
    """

    classes: int
    truth: NDArray[np.int64]
    predicted: NDArray[np.int64]
    n: NDArray[np.int64]
    total: Floats
    squares: Floats

    @classmethod
    def count(cls, truth: Codes, predicted: Codes, classes: int, weight: Floats | None) -> Confusion:
        """Count the cells of ``truth`` and ``predicted`` (codes below ``classes``)."""
        key = truth.astype(np.int64) * classes + predicted
        dense = classes * classes
        if dense > 4 * len(key):  # Many classes, few rows: do not walk through empty cells.
            cells, key = np.unique(key, return_inverse=True)
            dense = len(cells)
        else:
            cells = np.arange(dense)
        n = np.bincount(key, minlength=dense)
        held = n > 0
        if weight is None:
            total = squares = n.astype(np.float64)
        else:
            total = np.bincount(key, weight, dense).astype(np.float64)
            squares = np.bincount(key, weight * weight, dense).astype(np.float64)
        cells = cells[held]
        return cls(classes, cells // classes, cells % classes, n[held], total[held], squares[held])

    def margins(self) -> Floats:
        """Diagonal, truth sums and prediction sums: shape (3, classes)."""
        right = self.truth == self.predicted
        return np.stack(
            [
                np.bincount(self.truth[right], self.total[right], self.classes),
                np.bincount(self.truth, self.total, self.classes),
                np.bincount(self.predicted, self.total, self.classes),
            ]
        )


def ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> NDArray[Any]:
    """Quotient that is 0 where the denominator is 0, as scikit-learn's ``zero_division=0``."""
    numerator, denominator = np.broadcast_arrays(numerator, denominator)
    out = np.zeros(numerator.shape, np.result_type(numerator, denominator, np.float64))
    np.divide(numerator, denominator, out=out, where=denominator != 0)
    return out


def metrics(margins: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """All metrics of `Confusion.margins`, shape (..., 3, classes) -> (...). Scale does not matter.

    Definitions are scikit-learn's; macro averages run over all classes, balanced accuracy over those
    that occur in the truth. Kappa is NaN where chance agreement is 1.
    """
    right, truth, predicted = margins[..., 0, :], margins[..., 1, :], margins[..., 2, :]
    total = truth.sum(axis=-1)
    precision, recall = ratio(right, predicted), ratio(right, truth)
    f1 = ratio(2 * right, truth + predicted)
    occurs = truth.real > 0
    accuracy = right.sum(axis=-1) / total
    chance = (truth * predicted).sum(axis=-1) / total**2
    spread = (1 - (truth**2).sum(axis=-1) / total**2) * (1 - (predicted**2).sum(axis=-1) / total**2)
    share = truth / total[..., None]
    return {
        "accuracy": accuracy,
        "balanced_accuracy": (recall * occurs).sum(axis=-1) / occurs.sum(axis=-1),
        "precision_macro": precision.mean(axis=-1),
        "recall_macro": recall.mean(axis=-1),
        "f1_macro": f1.mean(axis=-1),
        "precision_weighted": (precision * share).sum(axis=-1),
        "recall_weighted": (recall * share).sum(axis=-1),
        "f1_weighted": (f1 * share).sum(axis=-1),
        "mcc": ratio(accuracy - chance, np.sqrt(np.where(spread.real > 0, spread, 0))),
        "cohen_kappa": np.where(chance.real < 1, ratio(accuracy - chance, 1 - chance), np.nan),
    }


def influences(confusion: Confusion) -> dict[str, Floats]:
    """How much a row of each held cell moves each of `metrics`: shape (cells,), mean 0 over the rows.

    The gradient by complex steps (Squire & Trapp 1998), exact to rounding.
    """
    k = confusion.classes
    margins = confusion.margins()
    scale = margins[1].sum()
    shares = margins / scale
    gradients = {key: np.empty(3 * k) for key in metrics(shares)}
    block = max(1, 2_000_000 // (3 * k))
    for start in range(0, 3 * k, block):
        stop = min(start + block, 3 * k)
        moved = np.repeat(shares.reshape(1, -1).astype(np.complex128), stop - start, axis=0)
        moved[np.arange(stop - start), np.arange(start, stop)] += 1j * _STEP
        for key, value in metrics(moved.reshape(-1, 3, k)).items():
            gradients[key][start:stop] = value.imag / _STEP
    right = confusion.truth == confusion.predicted
    found = {}
    for key, gradient in gradients.items():
        diagonal, truth, predicted = gradient.reshape(3, k)
        cells = truth[confusion.truth] + predicted[confusion.predicted] + diagonal[confusion.truth] * right
        found[key] = cells - (cells * confusion.total).sum() / scale
    return found


def variances(confusion: Confusion) -> dict[str, float]:
    """Delta-method variance of each of `metrics`: exact for multinomial sampling of the cells to first
    order; with weights, squared influences are summed with squared weights.
    """
    scale = confusion.total.sum()
    return {
        key: float((cells**2 * confusion.squares).sum() / scale**2)
        for key, cells in influences(confusion).items()
    }


def intervals(confusion: Confusion, estimates: Mapping[str, float]) -> dict[str, tuple[float, float]]:
    """95 % intervals of ``estimates`` (some of `metrics`), Wilson-shaped with the delta-method variance.

    Where no row is wrong (or all are) the variance is 0 though errors are possible. Then the effective
    size is that of a mean of recalls, k^2 / sum(1 / n_c) over the k classes that occur.
    """
    variance = variances(confusion)
    support = np.bincount(confusion.truth, confusion.total, confusion.classes) ** 2
    support = ratio(support, np.bincount(confusion.truth, confusion.squares, confusion.classes))
    support = support[support > 0]
    size = len(support) ** 2 / (1 / support).sum()
    found = {}
    for key, value in estimates.items():
        lowest = _LOWEST.get(key, 0.0)
        share = (value - lowest) / (1 - lowest)
        if variance[key] > _NO_VARIANCE and 0 < share < 1:
            low, high = score_interval(value, variance[key], low=lowest)
        else:
            low, high = (lowest + (1 - lowest) * bound for bound in wilson(share * size, size))
        found[key] = (min(float(low), value), max(float(high), value))
    return found
