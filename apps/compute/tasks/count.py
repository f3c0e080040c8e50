"""Counts of events: the prediction is the mean of a Poisson distribution."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from apps.compute import over_time
from apps.compute.aligned import check_truth
from apps.compute.inputs import Inputs
from apps.compute.judged import Measured
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics import count, count_tables
from apps.compute.metrics.regression import Regression
from apps.compute.over_time import Buckets
from apps.compute.paired.linear import LinearPairs
from apps.compute.results import MetricResult, Table
from apps.compute.roles import Role
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class JudgedCount:
    data: Regression
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        return count.measure(self.data), count_tables.tables(self.data)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        error = self.data.predicted - self.data.truth
        return {"residual_by_time": over_time.residual_table(buckets, error, self.data.weight)}

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [count.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {}

    def errors(self) -> Floats:
        return count.deviance(self.data.truth, self.data.predicted)

    def surprise(self) -> Floats:
        return self.errors()


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedCount:
    """InputRejected: no prediction, values that are not finite numbers, a truth that is negative or no whole
    number, a prediction of 0 or less.
    """
    target, prediction = inputs.columns(Role.TARGET)[0], inputs.column(Role.PREDICTION)
    if prediction is None:
        raise InputRejected("missing_role", _NO_PREDICTION)
    truth, predicted = inputs.numbers(target), inputs.numbers(prediction)
    for code, text, column, values, faulty in (
        ("negative_count", _NEGATIVE, target, truth, truth < 0),
        ("fractional_count", _FRACTION, target, truth, truth != np.rint(truth)),
        ("no_positive_prediction", _NOT_POSITIVE, prediction, predicted, predicted <= 0),
    ):
        if faulty.any():
            value = float(values[int(np.argmax(faulty))])
            raise InputRejected(code, text, column=column, value=f"{value:g}", **inputs.first(faulty))
    return JudgedCount(Regression(truth, predicted, weight), ())


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedCount], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedCount], LinearPairs[Regression]]:
    """InputRejected: other counts."""
    check_truth(names, [run.data.truth for run in runs])
    data = [run.data for run in runs]
    return runs, LinearPairs(data, count.RULES, weight, _no_skill(data[0]))


def _no_skill(data: Regression) -> dict[str, float]:
    """Of the best constant: the mean, and for sizes of errors the median."""
    level = float(np.average(data.truth, weights=data.weight))
    median = float(np.quantile(data.truth, 0.5, weights=data.weight, method="inverted_cdf"))
    if level <= 0:
        return {}
    blind = Regression(data.truth, np.full(len(data.truth), level), data.weight)
    found = {result.key: result.value for result in count.measure(blind) if result.value is not None}
    kept: dict[str, float] = {
        key: found[key] for key in ("poisson_deviance", "poisson_d2", "rmse") if key in found
    }
    return {**kept, "mae": float(np.average(np.abs(data.truth - median), weights=data.weight))}


_NO_PREDICTION = gettext_noop(
    "No column has the role of the prediction. Choose the column with the predicted mean count."
)
_NEGATIVE = gettext_noop(
    "The count in column %(column)s is %(value)s in row %(row)s (%(count)s such rows). Counts are 0 or more: "
    "correct the values, or choose regression as the task."
)
_FRACTION = gettext_noop(
    "The count in column %(column)s is %(value)s in row %(row)s (%(count)s such rows). Counts are whole "
    "numbers: correct the values, or choose regression as the task."
)
_NOT_POSITIVE = gettext_noop(
    "The prediction in column %(column)s is %(value)s in row %(row)s (%(count)s such rows). The Poisson "
    "deviance needs a mean above 0: raise such predictions to a small number, or choose regression as the "
    "task."
)
