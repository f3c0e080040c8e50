"""Two-class runs on the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.binary.confusion import STATISTICS
from apps.compute.metrics.ranking import Placements, place
from apps.compute.paired.spread import Agreement, Spread, linearised
from apps.compute.uncertainty import Floats, count_variance

Flags = NDArray[np.bool_]

#: Groups of rows of the bootstrap, its resamples, and the bins of the calibration error.
GROUPS, RESAMPLES, BINS = 2_000, 1_000, 10
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

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        if key in STATISTICS:
            return self._of_tables(key, first, second)
        scores = [score for run in (first, second) if (score := self.scores[run]) is not None]
        if len(scores) < 2:
            return None
        if key in ("roc_auc", "average_precision") and not self._both_classes:
            return None
        if key == "roc_auc":
            return self._delong(first, second)
        if key == "average_precision":
            return linearised([self._average_precision(run) for run in (first, second)], self.weight)
        if key == "log_loss":
            chances = [np.where(self.truth, score, 1 - score) for score in scores]
            return linearised([-np.log(np.maximum(chance, _EPS)) for chance in chances], self.weight)
        if key == "brier":
            return linearised([(score - self.truth) ** 2 for score in scores], self.weight)
        return self._calibration(scores[0], scores[1]) if key == "ece" else None

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
        cell = self.truth.astype(np.int64) << 2 | self.decisions[first].astype(np.int64) << 1
        cell |= self.decisions[second]
        counts = np.bincount(cell, self.weight, 8).astype(np.float64)
        squares = counts if self.weight is None else np.bincount(cell, self.weight**2, 8)
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

    def _curve(self, run: int) -> Placements:
        if run not in self._curves:
            score = self.scores[run]
            assert score is not None  # noqa: S101  `spread` has looked
            self._curves[run] = place(score, self.truth, self.weight)
        return self._curves[run]

    def _delong(self, first: int, second: int) -> Spread:
        """DeLong, DeLong & Clarke-Pearson (1988): variances of the components in either class, added."""
        components = [self._curve(run).of_rows(self.truth) for run in (first, second)]
        difference = components[1] - components[0]
        variance = 0.0
        for members in (self.truth, ~self.truth):
            part = difference[members]
            w = np.ones(len(part)) if self.weight is None else self.weight[members]
            size = w.sum() ** 2 / np.dot(w, w)
            deviation = part - np.average(part, weights=w)
            correction = size / (size - 1) if size > 1 else np.nan
            variance += float((w * w * deviation**2).sum() / w.sum() ** 2 * correction)
        return Spread(variance, "delong")

    def _average_precision(self, run: int) -> Floats:
        """Influence of each row; the formula stands at `metrics.binary.ranking.average_precision`."""
        curve = self._curve(run)
        positive, negative = (values[::-1] for values in (curve.positive, curve.negative))
        total = positive.sum() + negative.sum()
        above = np.cumsum(positive + negative) / total
        step = positive / total
        precision = np.cumsum(positive) / total / above
        prevalence = positive.sum() / total
        value = float((precision * step).sum() / prevalence)
        h1 = np.cumsum((step / above)[::-1])
        h2 = np.cumsum((precision * step / above)[::-1])
        influence = -h2[curve.level]
        influence[self.truth] += (precision[::-1] + h1 - value)[curve.level[self.truth]]
        return np.asarray(influence / prevalence)

    def _calibration(self, first: Floats, second: Floats) -> Spread:
        """Bootstrap of the rows in random groups: the error is a sum over bins of |sum of (p - y)|."""
        rng = np.random.default_rng(self.seed)
        groups = min(GROUPS, len(self.truth))
        group = rng.integers(0, groups, len(self.truth))
        drawn = rng.poisson(1.0, (RESAMPLES, groups)).astype(np.float64)
        w = np.ones(len(self.truth)) if self.weight is None else self.weight
        mass = np.maximum(drawn @ np.bincount(group, w, groups), _EPS)
        errors = []
        for score in (first, second):
            bins = np.minimum((score * BINS).astype(np.int64), BINS - 1)
            gaps = np.bincount(group * BINS + bins, w * (score - self.truth), groups * BINS)
            errors.append(np.abs(drawn @ gaps.reshape(groups, BINS)).sum(axis=1) / mass)
        return Spread(float(np.var(errors[1] - errors[0], ddof=1)), "bootstrap")
