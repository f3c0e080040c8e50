"""Several numbers per row."""

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
from apps.compute.metrics import multioutput, multioutput_tables
from apps.compute.metrics.multioutput import Multioutput
from apps.compute.metrics.regression import Regression
from apps.compute.outputs import check_outputs, find_outputs, gap_notes, read_truth
from apps.compute.over_time import Buckets
from apps.compute.paired.linear import LinearPairs
from apps.compute.paired.regression import RegressionPairs
from apps.compute.results import MetricResult, Table
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class JudgedMultioutput:
    data: Multioutput
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        return multioutput.measure(self.data), multioutput_tables.tables(self.data)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        return {"loss_by_time": over_time.mean_table(buckets, self.errors(), self.data.weight)}

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [multioutput.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {}

    def errors(self) -> Floats:
        """Squared errors in units of each output's variance, (n,): 1 - their mean is the mean R2."""
        return multioutput.scaled_error(self.data)

    def surprise(self) -> Floats:
        return self.errors()


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedMultioutput:
    """An output without truth in a row is left out there, whatever is predicted.

    InputRejected: see `outputs.find_outputs`; values that are not finite numbers, a prediction that is
    missing where the truth is known.
    """
    outputs = find_outputs(inputs, probabilities=False)
    truth, known = read_truth(inputs, outputs)
    predicted = np.stack([inputs.numbers(column, gaps=True) for column in outputs.predictions])
    for column, missing in zip(outputs.predictions, np.isnan(predicted) & known, strict=True):
        if missing.any():
            raise InputRejected("missing_value", _NO_VALUE, column=column, **inputs.first(missing))
    predicted[~known] = 0.0
    data = Multioutput(outputs.names, truth, predicted, known, weight)
    return JudgedMultioutput(data, tuple(gap_notes(outputs, known)))


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedMultioutput], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedMultioutput], LinearPairs[Multioutput]]:
    """InputRejected: other outputs, other true values."""
    data = [run.data for run in runs]
    check_outputs(names, [each.outputs for each in data])
    check_truth(names, [np.where(each.known, each.truth, np.inf).T for each in data])
    return runs, LinearPairs(data, multioutput.RULES, weight, _no_skill(data[0]))


def _no_skill(data: Multioutput) -> dict[str, float]:
    """Of each output's best constant: the median for sizes of errors, the mean for squares."""
    found = []
    for output in data.held():
        known = data.known[output]
        truth, weight = data.truth[output, known], None if data.weight is None else data.weight[known]
        found.append(RegressionPairs([Regression(truth, truth, weight)]).no_skill())
    if not found:
        return {}
    averages = {key: float(np.mean([each[key] for each in found])) for key in ("mae", "rmse")}
    return {
        "outputs_mae": averages["mae"],
        "outputs_rmse": averages["rmse"],
        "outputs_r2": 0.0,
        "outputs_r2_weighted": 0.0,
    }


_NO_VALUE = gettext_noop(
    "The column %(column)s has no prediction in row %(row)s, where the truth is known (%(count)s such rows). "
    "Fill the values in or leave these rows out of the file."
)
