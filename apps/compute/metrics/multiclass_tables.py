"""The multiclass tables of `apps.compute.results`."""

from __future__ import annotations

import numpy as np

from apps.compute.metrics import confusion as cm
from apps.compute.metrics.multiclass import Multiclass, calibration_bins
from apps.compute.metrics.ranking import Areas
from apps.compute.results import Table
from apps.compute.uncertainty import wilson

#: A confusion table of more classes than this lists only the cells that hold rows, largest first.
MOST_DENSE_CLASSES = 50
MOST_CELLS = 5_000
MOST_CONFUSED_PAIRS = 20


def tables(data: Multiclass, areas: Areas | None) -> dict[str, Table]:
    """All tables of ``data`` but those over time; ``areas`` as of `multiclass.areas_of`."""
    confusion = cm.Confusion.count(data.truth, data.predicted, len(data.classes), data.weight)
    found = {
        "confusion": _confusion_table(confusion, data.classes),
        "per_class": _class_table(confusion, data, areas),
        "confused_pairs": _pair_table(confusion, data.classes),
    }
    if data.probability is not None:
        found["calibration"] = _calibration_table(data)
        found["confidence_histogram"] = _confidence_table(data)
    return found


def _confusion_table(confusion: cm.Confusion, classes: tuple[str, ...]) -> Table:
    k = len(classes)
    truth, predicted, n = confusion.truth, confusion.predicted, confusion.n
    if k <= MOST_DENSE_CLASSES:
        cells = np.zeros(k * k, np.int64)
        cells[truth * k + predicted] = n
        truth, predicted, n = np.arange(k * k) // k, np.arange(k * k) % k, cells
    else:
        largest = np.argsort(-n, kind="stable")[:MOST_CELLS]
        truth, predicted, n = truth[largest], predicted[largest], n[largest]
    return Table(
        {
            "truth": [classes[code] for code in truth],
            "predicted": [classes[code] for code in predicted],
            "n": n.tolist(),
        }
    )


def _class_table(confusion: cm.Confusion, data: Multiclass, areas: Areas | None) -> Table:
    right, truth, predicted = confusion.margins()
    recall = cm.ratio(right, truth)
    k = confusion.classes
    size = cm.ratio(truth**2, np.bincount(confusion.truth, confusion.squares, k))
    low, high = wilson(recall * size, size)
    return Table(
        {
            "class": list(data.classes),
            "support": np.bincount(confusion.truth, confusion.n, k).astype(int).tolist(),
            "precision": cm.ratio(right, predicted).tolist(),
            "recall": recall.tolist(),
            "f1": cm.ratio(2 * right, truth + predicted).tolist(),
            "roc_auc": [None] * k if areas is None else areas.by_class.tolist(),
            "recall_low": [float(v) if s else None for v, s in zip(low, truth, strict=True)],
            "recall_high": [float(v) if s else None for v, s in zip(high, truth, strict=True)],
        }
    )


def _pair_table(confusion: cm.Confusion, classes: tuple[str, ...]) -> Table:
    wrong = np.flatnonzero(confusion.truth != confusion.predicted)
    worst = wrong[np.argsort(-confusion.n[wrong], kind="stable")[:MOST_CONFUSED_PAIRS]]
    support = np.bincount(confusion.truth, confusion.n, confusion.classes)
    return Table(
        {
            "truth": [classes[code] for code in confusion.truth[worst]],
            "predicted": [classes[code] for code in confusion.predicted[worst]],
            "n": confusion.n[worst].tolist(),
            "share": (confusion.n[worst] / support[confusion.truth[worst]]).tolist(),
        }
    )


def _calibration_table(data: Multiclass) -> Table:
    bins = calibration_bins(data)
    low, high = wilson(bins["observed"] * bins["size"], bins["size"])
    columns = {name: bins[name].tolist() for name in ("low", "high", "mean_predicted", "observed")}
    columns |= {"observed_low": low.tolist(), "observed_high": high.tolist()}
    return Table(columns | {"n": bins["n"].astype(int).tolist()})


def _confidence_table(data: Multiclass, bins: int = 30) -> Table:
    right = data.truth == data.predicted
    confidence = data.confidence if data.confidence is not None else np.empty(0)
    counts = [
        np.histogram(
            confidence[side], bins, (0.0, 1.0), weights=None if data.weight is None else data.weight[side]
        )[0]
        for side in (~right, right)
    ]
    edges = np.arange(bins + 1) / bins
    return Table(
        {
            "low": edges[:-1].tolist(),
            "high": edges[1:].tolist(),
            "wrong": counts[0].tolist(),
            "right": counts[1].tolist(),
        }
    )
