"""The headline metrics of many groups of rows at once, as a slice column with 1,000 values needs."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.binary.confusion import ONE_CLASS, Confusion, confusion_estimates
from apps.compute.metrics.binary.evaluate import decide
from apps.compute.metrics.binary.ranking import NO_VARIANCE, PERFECT
from apps.compute.metrics.estimates import Estimates
from apps.compute.metrics.registry import METRICS
from apps.compute.results import MetricResult
from apps.compute.uncertainty import Bounds, Floats, log_interval, score_interval, wilson

Codes = NDArray[Any]

#: Calibration errors are left out: their upward bias in small groups would decide the order.
GROUPED = (
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "specificity",
    "f1",
    "mcc",
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
)


class BinaryGroups:
    """Rows sorted by score once, then grouped by as many columns as one likes.

    Arguments as of `evaluate_binary`. The sort (4 bytes a row, kept) is only made with ``proba``.
    """

    def __init__(
        self,
        y: NDArray[np.bool_],
        proba: Floats | None,
        predicted: NDArray[np.bool_] | None,
        weight: Floats | None = None,
        *,
        threshold: float | None = None,
    ) -> None:
        self.y, self.proba, self.weight = y, proba, weight
        self.decision = decide(proba, predicted, threshold)
        self.order = None if proba is None else np.argsort(-proba).astype(np.uint32)

    def evaluate(self, codes: Codes, groups: int) -> list[tuple[MetricResult, ...]]:
        """The metrics of `GROUPED` for each of ``groups`` groups; same values and intervals as
        `evaluate_binary` gives on the group's rows.

        ``codes`` has shape (n,): the number of each row's group, from 0; every group has a row.
        """
        table = Confusion.of_rows(self.y, self.decision, self.weight, codes, groups)
        estimates = {estimate.key: estimate for estimate in confusion_estimates(table)}
        if self.proba is not None and self.order is not None:
            ranked = _GroupedRanking(codes, groups, table, self.y, self.proba, self.weight, self.order)
            for estimate in ranked.estimates():
                estimates[estimate.key] = estimate
        keys = [key for key in METRICS if key in GROUPED and key in estimates]
        return [tuple(estimates[key].result(group) for key in keys) for group in range(groups)]


class _GroupedRanking:
    """`Ranking`s of all groups end to end: one entry per group and distinct score in it."""

    def __init__(
        self,
        codes: Codes,
        groups: int,
        table: Confusion,
        y: NDArray[np.bool_],
        proba: Floats,
        weight: Floats | None,
        order: NDArray[np.uint32],
    ) -> None:
        self.groups = groups
        self.rows = table.rows.sum(axis=-1)
        self.positive_rows = table.rows[:, 2:].sum(axis=-1)
        # A stable sort of few small numbers is a radix sort: it keeps the order of the scores.
        small = codes.astype(np.uint16) if groups <= 1 << 16 else codes
        by_group = order[np.argsort(small[order], kind="stable")]
        code, score, label = codes[by_group], proba[by_group], y[by_group]
        new = np.ones(len(score), dtype=np.bool_)
        new[1:] = (score[1:] != score[:-1]) | (code[1:] != code[:-1])
        starts = np.flatnonzero(new)
        self.score, self.group = score[starts], code[starts]
        self.heads = np.searchsorted(self.group, np.arange(groups))
        w = label.astype(np.float64) if weight is None else np.where(label, weight[by_group], 0.0)
        v = 1.0 - w if weight is None else np.where(label, 0.0, weight[by_group])
        self.positive, self.negative = np.add.reduceat(w, starts), np.add.reduceat(v, starts)
        self.positive_squares, self.negative_squares = self.positive, self.negative
        if weight is not None:
            self.positive_squares = np.add.reduceat(w * w, starts)
            self.negative_squares = np.add.reduceat(v * v, starts)
        self.positives, self.negatives = self._sum(self.positive), self._sum(self.negative)
        self.total = self.positives + self.negatives
        self.true_positives, self.false_positives = self._running(self.positive), self._running(self.negative)

    def estimates(self) -> list[Estimates]:
        epsilon = float(np.finfo(np.float64).eps)
        with np.errstate(divide="ignore", invalid="ignore"):
            return [
                self._auc(),
                self._average_precision(),
                self._loss(
                    "log_loss",
                    -np.log(np.maximum(self.score, epsilon)),
                    -np.log(np.maximum(1 - self.score, epsilon)),
                ),
                self._loss("brier", (1 - self.score) ** 2, self.score**2, ceiling=1.0),
            ]

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.group, values, self.groups).astype(np.float64)

    def _running(self, values: Floats) -> Floats:
        """Running totals that start anew in each group."""
        running = np.cumsum(values)
        before = np.concatenate(([0.0], running))[self.heads]
        return np.asarray(running - before[self.group])

    def _remaining(self, values: Floats) -> Floats:
        """Totals from each entry to the end of its group."""
        return np.asarray(self._sum(values)[self.group] - self._running(values) + values)

    def _mean_variance(self, of_positives: Floats, of_negatives: Floats) -> Floats:
        spread = self._sum(self.positive_squares * of_positives**2 + self.negative_squares * of_negatives**2)
        return np.asarray(spread / self.total**2 * self.rows / (self.rows - 1))

    def _auc(self) -> Estimates:
        g = self.group
        below = 1 - (self.false_positives - self.negative / 2) / self.negatives[g]
        above = (self.true_positives - self.positive / 2) / self.positives[g]
        value = self._sum(self.positive * below) / self.positives
        variance = np.zeros(self.groups)
        smaller = np.full(self.groups, np.inf)
        for squares, total, component in (
            (self.positive_squares, self.positives, below),
            (self.negative_squares, self.negatives, above),
        ):
            size = total**2 / self._sum(squares)
            smaller = np.minimum(smaller, size)
            correction = np.where(size > 1, size / (size - 1), np.nan)
            variance += self._sum(squares * (component - value[g]) ** 2) / total**2 * correction
        bounds = _or_wilson(variance < NO_VARIANCE, smaller, value, variance)
        both = (self.positives > 0) & (self.negatives > 0)
        return self._estimates("roc_auc", value, bounds, both, "delong")

    def _average_precision(self) -> Estimates:
        g = self.group
        everything = (self.true_positives + self.false_positives) / self.total[g]
        precision = self.true_positives / self.total[g] / everything
        prevalence = self.positives / self.total
        step = self.positive / self.total[g]
        value = self._sum(precision * step) / prevalence
        step /= everything
        h1, h2 = self._remaining(step), self._remaining(precision * step)
        variance = self._mean_variance((precision + h1 - value[g] - h2) / prevalence[g], h2 / prevalence[g])
        size = self.positives**2 / self._sum(self.positive_squares)
        bounds = _or_wilson(value > PERFECT, size, np.minimum(value, 1), variance)
        both = (self.positives > 0) & (self.negatives > 0)
        return self._estimates("average_precision", np.minimum(value, 1), bounds, both, "delta")

    def _loss(
        self, key: str, of_positives: Floats, of_negatives: Floats, ceiling: float = np.inf
    ) -> Estimates:
        value = self._sum(self.positive * of_positives + self.negative * of_negatives) / self.total
        mean = value[self.group]
        variance = self._mean_variance(of_positives - mean, of_negatives - mean)
        always = np.ones(self.groups, dtype=np.bool_)
        low, high = log_interval(value, variance)
        return self._estimates(key, value, (low, np.minimum(high, ceiling)), always, "delta")

    def _estimates(
        self, key: str, value: Floats, bounds: Bounds, defined: NDArray[np.bool_], method: str
    ) -> Estimates:
        return Estimates(key, np.where(defined, value, np.nan), bounds, self.rows, method, defined, ONE_CLASS)


def _or_wilson(degenerate: NDArray[np.bool_], size: Floats, value: Floats, variance: Floats) -> Bounds:
    """`score_interval`, but Wilson's on ``size`` rows where no variance was seen."""
    usual, few = score_interval(value, variance), wilson(value * size, size)
    return np.where(degenerate, few[0], usual[0]), np.where(degenerate, few[1], usual[1])
