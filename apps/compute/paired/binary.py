"""Two-class runs on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.binary.confusion import STATISTICS
from apps.compute.metrics.ranking import Placements, average_precision_influence, place
from apps.compute.paired.held import Held
from apps.compute.paired.resampled import Resampled, bootstrapped
from apps.compute.paired.spread import Agreement, Spread, linearised
from apps.compute.uncertainty import Floats, count_variance

Flags = NDArray[np.bool_]

#: Bins of the calibration error.
BINS = 10
_EPS = float(np.finfo(np.float64).eps)


class BinaryPairs:
    """``decisions`` and ``scores`` hold one array (n,) per run, None where a run has no probabilities."""

    def __init__(
        self,
        truth: Flags,
        decisions: Sequence[Flags],
        scores: Sequence[Floats | None],
        weight: Floats | None,
        seed: int,
    ) -> None:
        self.truth, self.decisions, self.scores, self.weight = truth, decisions, scores, weight
        self.seed = seed
        self._curves: dict[int, Placements] = {}
        self._held: Held[Floats] = Held()
        self._components: Held[tuple[Floats, Floats]] = Held()
        self._joint: dict[tuple[int, int], tuple[Floats, Floats]] = {}

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        if key in STATISTICS:
            return self._of_tables(key, first, second)
        if self.scores[first] is None or self.scores[second] is None:
            return None
        if key in ("roc_auc", "average_precision") and not self._both_classes:
            return None
        if key == "roc_auc":
            return self._delong(first, second)
        if key == "ece":
            errors = [self._held.of(key, run, partial(self._calibration, run)) for run in (first, second)]
            return bootstrapped(*errors)
        rules = {
            "average_precision": self._average_precision,
            "log_loss": self._log_loss,
            "brier": self._brier,
        }
        if key not in rules:
            return None
        return linearised(
            [self._held.of(key, run, partial(rules[key], run)) for run in (first, second)], self.weight
        )

    def agreement(self, first: int, second: int) -> Agreement:
        return Agreement.of(*(self.decisions[run] == self.truth for run in (first, second)))

    def no_skill(self) -> dict[str, float]:
        """Of the best answer that is the same for every row: the larger class, "all positive" for F1, the
        share of positives as probability. Recall and specificity alone have no such level.
        """
        p = self._mean(self.truth)
        entropy = -sum(share * np.log(share) for share in (p, 1 - p) if share > 0)
        return {
            "accuracy": max(p, 1 - p),
            "balanced_accuracy": 0.5,
            "precision": p,
            "f1": 2 * p / (1 + p),
            "mcc": 0.0,
            "roc_auc": 0.5,
            "average_precision": p,
            "log_loss": float(entropy),
            "brier": p * (1 - p),
        }

    @cached_property
    def _both_classes(self) -> bool:
        return 0 < self._mean(self.truth) < 1

    def _mean(self, values: Flags) -> float:
        return float(np.average(values, weights=self.weight))

    def _of_tables(self, key: str, first: int, second: int) -> Spread:
        """Delta method on the joint table truth x first x second. A quarter of a row in each of its eight
        cells keeps the variance above 0; for accuracy that is Agresti & Min's interval (2005).
        """
        counts, squares = self._table(first, second)
        typical = squares.sum() / counts.sum()
        statistic = STATISTICS[key]

        def difference(joint: NDArray[np.complex128]) -> NDArray[np.complex128]:
            cube = joint.reshape(*joint.shape[:-1], 2, 2, 2)
            tables = [cube.sum(axis=axis).reshape(*joint.shape[:-1], 4) for axis in (-1, -2)]
            found: NDArray[np.complex128] = statistic(tables[1]) - statistic(tables[0])
            return found

        variance = float(count_variance(difference, counts + typical / 4, squares + typical**2 / 4))
        if key == "accuracy" and self.weight is None:
            return Spread(variance, "mcnemar", self.agreement(first, second).p)
        return Spread(variance, "delta")

    def _table(self, first: int, second: int) -> tuple[Floats, Floats]:
        """Sums of the weights and of their squares in the cells of truth x first x second."""
        if (first, second) not in self._joint:
            cell = self.truth.astype(np.int64) << 2 | self.decisions[first].astype(np.int64) << 1
            cell |= self.decisions[second]
            counts = np.bincount(cell, self.weight, 8).astype(np.float64)
            squares = counts
            if self.weight is not None:
                squares = np.bincount(cell, self.weight**2, 8).astype(np.float64)
            self._joint[first, second] = counts, squares
        return self._joint[first, second]

    def _score(self, run: int) -> Floats:
        score = self.scores[run]
        assert score is not None  # noqa: S101  `spread` has looked
        return score

    def _log_loss(self, run: int) -> Floats:
        chance = np.where(self.truth, self._score(run), 1 - self._score(run))
        return np.asarray(-np.log(np.maximum(chance, _EPS)))

    def _brier(self, run: int) -> Floats:
        return (self._score(run) - self.truth) ** 2

    def _curve(self, run: int) -> Placements:
        if run not in self._curves:
            self._curves[run] = place(self._score(run), self.truth, self.weight)
        return self._curves[run]

    def _delong(self, first: int, second: int) -> Spread:
        """DeLong, DeLong & Clarke-Pearson (1988): variances of the components in either class, added."""
        before, after = (
            self._components.of("roc_auc", run, partial(self._placements, run)) for run in (first, second)
        )
        variance = 0.0
        for side, members in enumerate((self.truth, ~self.truth)):
            part = after[side] - before[side]
            w = np.ones(len(part)) if self.weight is None else self.weight[members]
            size = w.sum() ** 2 / np.dot(w, w)
            deviation = part - np.average(part, weights=w)
            correction = size / (size - 1) if size > 1 else np.nan
            variance += float((w * w * deviation**2).sum() / w.sum() ** 2 * correction)
        return Spread(variance, "delong")

    def _placements(self, run: int) -> tuple[Floats, Floats]:
        """The components of the positive and of the negative rows."""
        components = self._curve(run).of_rows(self.truth)
        return components[self.truth], components[~self.truth]

    def _average_precision(self, run: int) -> Floats:
        return average_precision_influence(self._curve(run), self.truth)[1]

    def _calibration(self, run: int) -> Floats:
        """The calibration error in each resample: a sum over bins of |mean of (p - y) in the bin|."""
        score = self._score(run)
        bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
        gaps = (np.where(bins == place, score - self.truth, 0.0) for place in range(BINS))
        return self._resamples.of(gaps, lambda means: np.asarray(np.abs(means).sum(axis=1)))

    @cached_property
    def _resamples(self) -> Resampled:
        return Resampled(len(self.truth), self.weight, self.seed)
