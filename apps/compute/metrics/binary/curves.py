"""ROC and precision-recall curves, the threshold sweep and the confusion table, ready to draw."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.binary.calibration import as_counts
from apps.compute.metrics.binary.confusion import Confusion
from apps.compute.metrics.binary.ranking import Ranking
from apps.compute.results import Table
from apps.compute.uncertainty import Floats

POINTS = 512


def roc_table(ranking: Ranking) -> Table:
    """False against true positive rate at distinct scores, from (0, 0), evenly along the curve."""
    fpr = ranking.false_positives / ranking.negative_total
    tpr = ranking.true_positives / ranking.positive_total
    kept = _evenly(fpr + tpr, POINTS - 1)
    return Table(
        {
            "fpr": [0.0, *fpr[kept].tolist()],
            "tpr": [0.0, *tpr[kept].tolist()],
            "threshold": [None, *ranking.score[kept].tolist()],
        }
    )


def pr_table(ranking: Ranking) -> Table:
    """Precision against recall at distinct scores: half the points evenly in recall, half in the
    logarithm of the rank, because precision moves most among the first rows."""
    recall = ranking.true_positives / ranking.positive_total
    everything = ranking.true_positives + ranking.false_positives
    if len(recall) <= POINTS:
        kept = np.arange(len(recall))
    else:
        by_recall, by_rank = _evenly(recall, POINTS // 2), _evenly(np.log(everything), POINTS // 2)
        kept = np.union1d(by_recall, by_rank)
    return Table(
        {
            "recall": recall[kept].tolist(),
            "precision": (ranking.true_positives[kept] / everything[kept]).tolist(),
            "threshold": ranking.score[kept].tolist(),
        }
    )


def _evenly(rising: Floats, points: int) -> NDArray[np.int64]:
    """Indices of at most ``points`` entries at about equal steps of ``rising``, both ends among them."""
    if len(rising) <= points:
        return np.arange(len(rising))
    return np.unique(np.searchsorted(rising, np.linspace(rising[0], rising[-1], points)))


def threshold_sweep(ranking: Ranking) -> Table:
    """The confusion table and its shares at thresholds 0, 0.01 … 1; a share without rows is None."""
    thresholds = np.arange(101) / 100
    at = np.searchsorted(-ranking.score, -thresholds, side="right")
    tp = np.concatenate(([0.0], ranking.true_positives))[at]
    fp = np.concatenate(([0.0], ranking.false_positives))[at]
    fn, tn = ranking.positive_total - tp, ranking.negative_total - fp
    cells = {"tn": tn, "fp": fp, "fn": fn, "tp": tp}
    return Table(
        {
            "threshold": thresholds.tolist(),
            **{name: as_counts(cell, ranking) for name, cell in cells.items()},
            "precision": _shares(tp, tp + fp),
            "recall": _shares(tp, tp + fn),
            "specificity": _shares(tn, tn + fp),
            "f1": _shares(2 * tp, 2 * tp + fp + fn),
        }
    )


def _shares(part: Floats, whole: Floats) -> list[float | None]:
    return [p / w if w > 0 else None for p, w in zip(part.tolist(), whole.tolist(), strict=True)]


def confusion_table(table: Confusion, classes: Sequence[str], weighted: bool) -> Table:
    """One row per cell; ``classes`` are the names of the negative and the positive class."""
    negative, positive = classes
    n = table.counts[0] if weighted else table.rows[0]
    return Table(
        {
            "truth": [negative, negative, positive, positive],
            "predicted": [negative, positive, negative, positive],
            "n": n.tolist(),
        }
    )
