"""The arrays of one file, checked, with the metrics of its task: the same three calls for each task."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from apps.compute import classes, over_time
from apps.compute.inputs import Inputs
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics import multiclass, multiclass_tables, regression, regression_tables
from apps.compute.metrics.binary import BinaryGroups, evaluate_binary
from apps.compute.metrics.binary.evaluate import DEFAULT_THRESHOLD, decide
from apps.compute.over_time import Buckets
from apps.compute.results import MetricResult, Table
from apps.compute.roles import Role
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats

RESAMPLES = 1000

Measured = tuple[tuple[MetricResult, ...], dict[str, Table]]


class Judged(Protocol):
    """What `evaluate` asks of each task."""

    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        """All metrics and tables of the whole file."""

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        """Tables with one row per bucket of time."""

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        """The headline metrics of each group."""

    def described(self) -> Mapping[str, Any]:
        """The fields of `EvaluationResult` that only this task has."""

    def errors(self) -> Floats:
        """What each row adds to the error that the main metric counts, (n,): 1 for a wrong class, else the
        size of the error.
        """

    def surprise(self) -> Floats:
        """How wrong the model was about each row, (n,): largest for confident mistakes and large errors."""


@dataclass(slots=True)
class JudgedBinary:
    data: classes.Binary
    weight: Floats | None
    threshold: float | None
    seed: int
    notes: tuple[Message, ...]
    _sorted: BinaryGroups | None = None

    def measure(self) -> Measured:
        return evaluate_binary(
            self.data.truth,
            self.data.probability,
            self.data.predicted,
            self.weight,
            threshold=self.threshold,
            classes=self.data.classes,
            seed=self.seed,
            resamples=RESAMPLES,
        )

    def decisions(self) -> NDArray[np.bool_]:
        """Which rows count as positive, (n,)."""
        return decide(self.data.probability, self.data.predicted, self.threshold)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        right = self.decisions() == self.data.truth
        return {"metric_by_time": over_time.accuracy_table(buckets, right, self.weight)}

    def errors(self) -> Floats:
        wrong: NDArray[np.bool_] = self.decisions() != self.data.truth
        return wrong.astype(np.float64)

    def surprise(self) -> Floats:
        if self.data.probability is None:
            return self.errors()
        distance: Floats = np.abs(self.data.truth - self.data.probability)
        return distance

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        if self._sorted is None:
            data = self.data
            self._sorted = BinaryGroups(
                data.truth, data.probability, data.predicted, self.weight, threshold=self.threshold
            )
        shown = len(grouping.values)
        hidden = grouping.codes < 0
        if not hidden.any():
            return self._sorted.evaluate(grouping.codes, shown)
        return self._sorted.evaluate(np.where(hidden, shown, grouping.codes), shown + 1)[:shown]

    def described(self) -> Mapping[str, Any]:
        threshold = self.threshold
        if threshold is None and self.data.predicted is None:
            threshold = DEFAULT_THRESHOLD
        return {
            "classes": self.data.classes,
            "positive": self.data.classes[1],
            "threshold": threshold,
            "resamples": RESAMPLES if self.data.probability is not None else 0,
        }


@dataclass(slots=True)
class JudgedMulticlass:
    data: multiclass.Multiclass
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        areas = multiclass.areas_of(self.data)
        metrics = multiclass.measure(self.data, found_areas=areas)
        return metrics, multiclass_tables.tables(self.data, areas)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        right = self.data.truth == self.data.predicted
        return {"metric_by_time": over_time.accuracy_table(buckets, right, self.data.weight)}

    def errors(self) -> Floats:
        wrong: NDArray[np.bool_] = self.data.truth != self.data.predicted
        return wrong.astype(np.float64)

    def surprise(self) -> Floats:
        """What was given to other classes than the true one, or 1 for a wrong class without probabilities."""
        if self.data.probability is None:
            return self.errors()
        given_elsewhere: Floats = (
            1.0 - self.data.probability[self.data.truth, np.arange(len(self.data.truth))]
        )
        return given_elsewhere

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [multiclass.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {"classes": self.data.classes}


@dataclass(slots=True)
class JudgedRegression:
    data: regression.Regression
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        return regression.measure(self.data), regression_tables.tables(self.data)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        error = self.data.predicted - self.data.truth
        return {"residual_by_time": over_time.residual_table(buckets, error, self.data.weight)}

    def errors(self) -> Floats:
        return np.abs(self.data.predicted - self.data.truth)

    def surprise(self) -> Floats:
        return self.errors()

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [regression.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {}


def judge_binary(
    inputs: Inputs, weight: Floats | None, positive: str | None, threshold: float | None, seed: int
) -> JudgedBinary:
    """InputRejected: see `classes.binary`; a threshold outside 0..1 or without probabilities."""
    found = classes.read_labels(inputs)
    if threshold is not None:
        if not 0 <= threshold <= 1:
            raise InputRejected("threshold_out_of_range", _THRESHOLD_RANGE, threshold=threshold)
        if not found.probability:
            raise InputRejected("threshold_without_probability", _THRESHOLD_ALONE)
    data = classes.binary(inputs, found, positive)
    return JudgedBinary(data, weight, threshold, seed, data.notes)


def judge_multiclass(inputs: Inputs, weight: Floats | None, threshold: float | None) -> JudgedMulticlass:
    """InputRejected: see `classes.multiclass`."""
    data, notes = classes.multiclass(inputs, classes.read_labels(inputs), weight)
    if threshold is not None:
        notes.append(Message(_THRESHOLD_UNUSED))
    return JudgedMulticlass(data, tuple(notes))


def judge_regression(inputs: Inputs, weight: Floats | None) -> JudgedRegression:
    """InputRejected: no prediction, values that are not finite numbers, an interval upside down or with
    one end only, a quantile level that is no number between 0 and 1.

    Without columns for an interval the lowest and the highest quantile are one (if there are two).
    """
    prediction = inputs.column(Role.PREDICTION)
    quantiles = {_level(inputs, column): column for column in inputs.columns(Role.QUANTILE)}
    median = quantiles.get(0.5)
    if prediction is None and median is None:
        raise InputRejected("missing_role", _NO_PREDICTION)
    truth = inputs.numbers(inputs.columns(Role.TARGET)[0])
    predicted = inputs.numbers(prediction or str(median))
    values = {level: inputs.numbers(column) for level, column in sorted(quantiles.items())}
    low, high = _interval(inputs, values)
    data = regression.Regression(truth, predicted, weight, low, high, values)
    return JudgedRegression(data, tuple(regression.notes(data)))


def _level(inputs: Inputs, column: str) -> float:
    label = inputs.label(column)
    try:
        level = float(label)
    except ValueError:
        level = float("nan")
    if not 0 < level < 1:
        raise InputRejected("bad_quantile_level", _BAD_LEVEL, column=column, level=label)
    return level


def _interval(inputs: Inputs, quantiles: Mapping[float, Floats]) -> tuple[Floats | None, Floats | None]:
    low_column, high_column = inputs.column(Role.INTERVAL_LOW), inputs.column(Role.INTERVAL_HIGH)
    if low_column is not None and high_column is not None:
        low, high = inputs.numbers(low_column), inputs.numbers(high_column)
        upside_down = low > high
        if upside_down.any():
            where = inputs.first(upside_down)
            raise InputRejected(
                "interval_upside_down", _UPSIDE_DOWN, column=low_column, high=high_column, **where
            )
        return low, high
    if (one := low_column or high_column) is not None:
        raise InputRejected("half_interval", _HALF_INTERVAL, column=one)
    if len(quantiles) < 2:
        return None, None
    levels = sorted(quantiles)
    # Quantiles of a row may cross; then no truth lies between them, and that is what is counted.
    return quantiles[levels[0]], quantiles[levels[-1]]


_THRESHOLD_RANGE = gettext_noop("The threshold %(threshold)s is not between 0 and 1.")
_THRESHOLD_ALONE = gettext_noop(
    "A threshold was given, but no column has the role of a probability. Leave the threshold empty, or "
    "choose the probability column."
)
_THRESHOLD_UNUSED = gettext_noop("The threshold is only used with two classes and was left aside.")
_NO_PREDICTION = gettext_noop(
    "No column has the role of the prediction. Choose the column with the model's output."
)
_BAD_LEVEL = gettext_noop(
    "The quantile column %(column)s has the level “%(level)s”. Give it a level between 0 and 1, such as 0.9."
)
_UPSIDE_DOWN = gettext_noop(
    "The lower end of the interval in column %(column)s is above the upper end in column %(high)s in row "
    "%(row)s (%(count)s such rows). Swap the two columns or correct the values."
)
_HALF_INTERVAL = gettext_noop(
    "Only one end of the interval has a column (%(column)s). Choose the column of the other end too, or give "
    "this one another role."
)
