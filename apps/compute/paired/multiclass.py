"""Runs with any number of classes on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np

from apps.compute.metrics.confusion import Confusion, influences
from apps.compute.metrics.multiclass import Multiclass
from apps.compute.metrics.ranking import place
from apps.compute.paired.held import Held
from apps.compute.paired.spread import Agreement, Spread, linearised
from apps.compute.uncertainty import Floats


class MulticlassPairs:
    """``runs`` share their rows and truth; each may have its own order of classes."""

    def __init__(self, runs: Sequence[Multiclass], weight: Floats | None) -> None:
        self.runs, self.weight = runs, weight
        self._cells: dict[int, dict[str, Floats]] = {}
        self._held: Held[Floats | None] = Held()

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        parts = [self._held.of(key, run, partial(self._influence, key, run)) for run in (first, second)]
        if parts[0] is None or parts[1] is None:
            return None
        found = linearised([parts[0], parts[1]], self.weight)
        if key == "accuracy" and self.weight is None:
            return Spread(found.variance, "mcnemar", self.agreement(first, second).p)
        return found

    def agreement(self, first: int, second: int) -> Agreement:
        return Agreement.of(*(run.truth == run.predicted for run in (self.runs[first], self.runs[second])))

    def no_skill(self) -> dict[str, float]:
        """Of always naming the most frequent class, and of the classes' shares as probabilities."""
        shares = self._shares
        k, most = len(self.runs[0].classes), float(shares.max())
        held = shares[shares > 0]
        return {
            "accuracy": most,
            "balanced_accuracy": 1 / len(held),
            "mcc": 0.0,
            "f1_macro": 2 * most / (1 + most) / k,
            "precision_macro": most / k,
            "recall_macro": 1 / k,
            "roc_auc_ovr_macro": 0.5,
            "log_loss": float(-(held * np.log(held)).sum()),
            "brier_multiclass": float(1 - (shares**2).sum()),
        }

    @cached_property
    def _shares(self) -> Floats:
        counts = np.bincount(self.runs[0].truth, self.weight, len(self.runs[0].classes))
        return np.asarray(counts / counts.sum(), dtype=np.float64)

    def _influence(self, key: str, run: int) -> Floats | None:
        data = self.runs[run]
        if key == "log_loss":
            return data.loss
        if key == "brier_multiclass":
            return data.brier
        if key == "roc_auc_ovr_macro":
            return self._areas(data)
        return self._of_confusion(key, run)

    def _of_confusion(self, key: str, run: int) -> Floats | None:
        data = self.runs[run]
        k = len(data.classes)
        confusion = Confusion.count(data.truth, data.predicted, k, self.weight)
        if run not in self._cells:
            self._cells[run] = influences(confusion)
        if key not in self._cells[run]:
            return None
        held = confusion.truth * k + confusion.predicted  # ascending
        at = np.searchsorted(held, data.truth.astype(np.int64) * k + data.predicted)
        return np.asarray(self._cells[run][key][at])

    def _areas(self, data: Multiclass) -> Floats | None:
        """Each row's DeLong component in the curve of every class, averaged over the classes."""
        if data.probability is None:
            return None
        w = np.ones(len(data.truth)) if self.weight is None else self.weight
        mass = np.bincount(data.truth, w, len(data.classes))
        if (mass == 0).any() or len(mass) < 2:
            return None
        influence = np.zeros(len(data.truth))
        for code, column in enumerate(data.probability):
            positive = data.truth == code
            curve = place(column, positive, self.weight)
            side = np.where(positive, mass[code], mass.sum() - mass[code])
            influence += (curve.of_rows(positive) - curve.auc) / side
        return influence * float(w.sum()) / len(mass)
