"""Metrics of the confusion table, for one table or for many at once.

A table has the four cells tn, fp, fn, tp in its last axis.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.estimates import Estimates
from apps.compute.uncertainty import Bounds, Floats, count_variance, wilson

TN, FP, FN, TP = range(4)

NO_POSITIVE = Message(gettext_noop("No row truly is of the positive class."))
NO_NEGATIVE = Message(gettext_noop("No row truly is of the negative class."))
NONE_PREDICTED = Message(gettext_noop("No row is predicted to be of the positive class."))
ONE_CLASS = Message(gettext_noop("All rows truly are of one class."))
NO_VARIATION = Message(gettext_noop("The truth or the prediction holds one class only."))
ALL_ONE_CLASS = Message(gettext_noop("The truth and the prediction hold one and the same class only."))
NOTHING_POSITIVE = Message(gettext_noop("No row is of the positive class, neither truly nor by prediction."))


@dataclass(frozen=True, slots=True)
class Confusion:
    """Tables of shape (groups, 4): rows, sums of weights, and sums of squared weights per cell."""

    rows: NDArray[np.int64]
    counts: Floats
    squares: Floats

    @classmethod
    def of_rows(
        cls,
        y: NDArray[np.bool_],
        predicted: NDArray[np.bool_],
        weight: Floats | None,
        codes: NDArray[Any] | None = None,
        groups: int = 1,
    ) -> Confusion:
        """Count the rows of each group. ``codes`` (n,) are group numbers below ``groups``."""
        if codes is None and weight is None:
            tp = np.count_nonzero(y & predicted)
            fn = np.count_nonzero(y) - tp
            fp = np.count_nonzero(predicted) - tp
            rows = np.array([[len(y) - tp - fn - fp, fp, fn, tp]], dtype=np.int64)
        else:
            cell = (y.astype(np.uint8) << 1 | predicted).astype(np.int64)
            if codes is not None:
                cell += codes.astype(np.int64) << 2
            rows = np.bincount(cell, minlength=4 * groups).reshape(groups, 4)
            if weight is not None:
                counts = np.bincount(cell, weight, 4 * groups).reshape(groups, 4)
                squares = np.bincount(cell, weight * weight, 4 * groups).reshape(groups, 4)
                return cls(rows, counts.astype(np.float64), squares.astype(np.float64))
        return cls(rows, rows.astype(np.float64), rows.astype(np.float64))


def confusion_estimates(table: Confusion) -> list[Estimates]:
    """All metrics that need only the table, each with a 95 % interval.

    Shares have Wilson's interval (with weights: on the effective sample size of the linearised
    variance). F1 is a monotone function of tp / (tp + fp + fn), a share too, and takes its interval
    from there (Lam 2023, "indirect Wilson"). The others: delta method, `score_interval`.
    """
    everything = (TN, FP, FN, TP)
    return [
        _share(table, "prevalence", (FN, TP), everything),
        _share(table, "predicted_positive_rate", (FP, TP), everything),
        _share(table, "accuracy", (TN, TP), everything),
        _delta(table, "balanced_accuracy", _balanced_accuracy, ONE_CLASS),
        _share(table, "precision", (TP,), (FP, TP), why=NONE_PREDICTED, convention=0.0),
        _share(table, "recall", (TP,), (FN, TP), why=NO_POSITIVE, convention=0.0),
        _share(table, "specificity", (TN,), (TN, FP), why=NO_NEGATIVE),
        _f1(table),
        _delta(table, "f0_5", lambda t: _f_beta(t, 0.5), NOTHING_POSITIVE, convention=0.0),
        _delta(table, "f2", lambda t: _f_beta(t, 2.0), NOTHING_POSITIVE, convention=0.0),
        _delta(table, "mcc", _mcc, NO_VARIATION, low=-1.0, convention=0.0),
        _delta(table, "cohen_kappa", _kappa, ALL_ONE_CLASS, low=-1.0),
    ]


def share_bounds(hits: Floats, total: Floats, hit_squares: Floats, total_squares: Floats) -> Bounds:
    """Wilson's interval of hits / total, sums of weights, on the linearised effective sample size.

    With weights of 1 the squares are the counts and this is Wilson's interval of a binomial share.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        share = hits / total
        spread = hit_squares * (1 - share) ** 2 + (total_squares - hit_squares) * share**2
        effective = share * (1 - share) * total**2 / spread
        # At 0 and 1 nothing was seen to vary; Kish's size of the rows is what remains.
        edge = (hits <= 0) | (hits >= total)
        effective = np.where(edge, total**2 / total_squares, effective)
    return wilson(share * effective, effective)


def _share(
    table: Confusion,
    key: str,
    hits: tuple[int, ...],
    among: tuple[int, ...],
    *,
    why: Message = ONE_CLASS,
    convention: float = np.nan,
) -> Estimates:
    counts, squares = table.counts, table.squares
    total = counts[..., among].sum(axis=-1)
    hit = counts[..., hits].sum(axis=-1)
    bounds = share_bounds(hit, total, squares[..., hits].sum(axis=-1), squares[..., among].sum(axis=-1))
    defined = total > 0
    value = np.where(defined, hit / np.where(defined, total, 1), convention)
    return Estimates(key, value, bounds, table.rows[..., among].sum(axis=-1), "wilson", defined, why)


def _f1(table: Confusion) -> Estimates:
    jaccard = _share(table, "f1", (TP,), (FP, FN, TP), why=NOTHING_POSITIVE, convention=0.0)
    low, high = (2 * bound / (1 + bound) for bound in jaccard.bounds)
    value = 2 * jaccard.value / (1 + jaccard.value)
    return Estimates("f1", value, (low, high), jaccard.n, "wilson", jaccard.defined, jaccard.why)


def _delta(
    table: Confusion,
    key: str,
    statistic: Callable[[Any], Any],
    why: Message,
    *,
    low: float = 0.0,
    convention: float = np.nan,
) -> Estimates:
    with np.errstate(divide="ignore", invalid="ignore"):
        value = statistic(table.counts)
        defined = np.isfinite(value)
        # Half a row in each cell keeps the variance above 0 when a cell is empty (Agresti 2013, 3.1).
        typical = table.squares.sum(axis=-1, keepdims=True) / table.counts.sum(axis=-1, keepdims=True)
        counts = table.counts + typical / 2
        variance = count_variance(statistic, counts, table.squares + typical**2 / 2)
        smooth = (statistic(counts) - low) / (1 - low)
        effective = smooth * (1 - smooth) * (1 - low) ** 2 / variance
        share = (value - low) / (1 - low)
        bounds = wilson(share * effective, effective)
    rescaled = (low + (1 - low) * bounds[0], low + (1 - low) * bounds[1])
    rows = table.rows.sum(axis=-1)
    return Estimates(key, np.where(defined, value, convention), rescaled, rows, "delta", defined, why)


# The statistics below take counts or shares, real or complex (see `count_variance`), so they use
# arithmetic only.


def _part(hits: tuple[int, ...], among: tuple[int, ...]) -> Callable[[Any], Any]:
    return lambda t: t[..., hits].sum(axis=-1) / t[..., among].sum(axis=-1)


def _balanced_accuracy(t: Any) -> Any:
    return (t[..., TP] / (t[..., TP] + t[..., FN]) + t[..., TN] / (t[..., TN] + t[..., FP])) / 2


def _f_beta(t: Any, beta: float) -> Any:
    hits = (1 + beta**2) * t[..., TP]
    return hits / (hits + beta**2 * t[..., FN] + t[..., FP])


def _mcc(t: Any) -> Any:
    tn, fp, fn, tp = (t[..., cell] for cell in range(4))
    scale = np.sqrt(tp + fp) * np.sqrt(tp + fn) * np.sqrt(tn + fp) * np.sqrt(tn + fn)
    return (tp * tn - fp * fn) / scale


def _kappa(t: Any) -> Any:
    tn, fp, fn, tp = (t[..., cell] for cell in range(4))
    by_chance = (tn + fp) * (fp + tp) + (fn + tp) * (tn + fn)
    return 1 - (fp + fn) * (tn + fp + fn + tp) / by_chance


#: The headline metrics of a table, for the variance of their difference between two runs.
STATISTICS: dict[str, Callable[[Any], Any]] = {
    "accuracy": _part((TN, TP), (TN, FP, FN, TP)),
    "balanced_accuracy": _balanced_accuracy,
    "precision": _part((TP,), (FP, TP)),
    "recall": _part((TP,), (FN, TP)),
    "specificity": _part((TN,), (TN, FP)),
    "f1": lambda t: _f_beta(t, 1.0),
    "mcc": _mcc,
}
