"""Metrics of several numbers per row; scikit-learn is the reference. Error = prediction - truth.

A cell is one output of one row. Cells whose truth is not known count nowhere: each output is judged by the
rows in which it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import (
    linear,
    multioutput_records,  # noqa: F401  (registers the metrics)
)
from apps.compute.metrics.linear import Found, Linear, Undefined, average, mean, ratio, root
from apps.compute.metrics.registry import metrics_for
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import Floats

NO_VALUES = Undefined(Message(gettext_noop("No output has a true value in these rows.")))
_CONSTANT = gettext_noop("The truth is the same in all rows of: %(outputs)s (%(count)s outputs).")
_ALL_CONSTANT = Undefined(Message(gettext_noop("The truth of every output is the same in all rows.")))
_NO_ROW = Undefined(Message(gettext_noop("No row has two known outputs.")))


@dataclass(frozen=True, slots=True)
class Multioutput:
    """``truth``, ``predicted`` and ``known`` have shape (outputs, n), ``weight`` (n,). ``known`` marks the
    cells with a truth; where there is none, truth and prediction are 0.
    """

    outputs: tuple[str, ...]
    truth: Floats
    predicted: Floats
    known: NDArray[np.bool_]
    weight: Floats | None = None

    def rows(self, index: NDArray[Any] | slice) -> Multioutput:
        """The rows at ``index``; views where it is a slice."""
        return Multioutput(
            self.outputs,
            self.truth[:, index],
            self.predicted[:, index],
            self.known[:, index],
            None if self.weight is None else self.weight[index],
        )

    @property
    def n(self) -> int:
        return int(self.truth.shape[1])

    def held(self) -> list[int]:
        """Outputs that are known in a row with weight."""
        counting = self.known if self.weight is None else self.known & (self.weight > 0)
        return [int(output) for output in np.flatnonzero(counting.any(axis=1))]

    def of(self, values: Floats, output: int) -> Linear:
        """Mean of ``values`` (n,) over the rows in which the output is known."""
        known = self.known[output].astype(np.float64)
        return ratio(values * known, known, self.weight)

    def error(self, output: int) -> Floats:
        error: Floats = self.predicted[output] - self.truth[output]
        return error

    def away(self, output: int) -> Floats:
        """Squared distance of each known truth from their mean, (n,); 0 elsewhere."""
        level = self.of(self.truth[output], output).value
        found: Floats = (self.truth[output] - level) ** 2 * self.known[output]
        return found

    def constant(self, output: int) -> bool:
        known = self.known[output] if self.weight is None else self.known[output] & (self.weight > 0)
        values = self.truth[output, known]
        return bool(values.min() == values.max())


def output_mae(data: Multioutput, output: int) -> Linear:
    return data.of(np.abs(data.error(output)), output)


def output_rmse(data: Multioutput, output: int) -> Linear:
    return root(data.of(data.error(output) ** 2, output))


def output_bias(data: Multioutput, output: int) -> Linear:
    return data.of(data.error(output), output)


def output_r2(data: Multioutput, output: int) -> Linear:
    """1 - mean squared error / variance, of an output whose truth varies."""
    found = ratio(data.error(output) ** 2 * data.known[output], data.away(output), data.weight)
    return found.mapped(1 - found.value, -1.0)


def scaled_error(data: Multioutput) -> Floats:
    """Mean over the known outputs of the squared error in units of the output's variance, (n,): 1 is an error
    as large as the output's standard deviation. Outputs whose truth is the same everywhere are left out.
    """
    total, cells = np.zeros(data.n), np.zeros(data.n)
    for output in data.held():
        if data.constant(output):
            continue
        variance = data.of(data.away(output), output).value
        total += data.error(output) ** 2 / variance * data.known[output]
        cells += data.known[output]
    return np.divide(total, cells, out=np.zeros(data.n), where=cells > 0)


def row_correlations(data: Multioutput) -> tuple[Floats, NDArray[np.bool_]]:
    """Pearson correlation of each row's predictions with its truth over the known outputs, and which rows
    have two or more of them: both (n,).

    A row whose predictions are all the same counts -1, as in the single-cell integration challenge (Kaggle
    2022); else one whose truth is all the same counts 0, as in that of NeurIPS 2021.
    """
    cells = data.known.sum(axis=0)
    enough = cells > 1
    found = np.zeros(data.n)
    sides = []
    for values in (data.truth, data.predicted):
        centred = np.where(data.known, values - values.sum(axis=0) / np.maximum(cells, 1), 0.0)
        low = np.where(data.known, values, np.inf).min(axis=0)
        high = np.where(data.known, values, -np.inf).max(axis=0)
        sides.append((centred, low == high))
    (truth, truth_same), (predicted, predicted_same) = sides
    size = np.sqrt((truth**2).sum(axis=0) * (predicted**2).sum(axis=0))
    varied = enough & ~truth_same & ~predicted_same & (size > 0)
    np.divide((truth * predicted).sum(axis=0), size, out=found, where=varied)
    found[predicted_same] = -1.0
    return np.clip(found, -1.0, 1.0), enough


def _mean_of(rule: Callable[[Multioutput, int], Linear]) -> Callable[[Multioutput], Found]:
    def found(data: Multioutput) -> Found:
        held = data.held()
        return average(rule(data, output) for output in held) if held else NO_VALUES

    return found


def _r2(data: Multioutput) -> Found:
    held = data.held()
    constant = [data.outputs[output] for output in held if data.constant(output)]
    if constant:
        names = ", ".join(constant[:5])
        return Undefined(Message(_CONSTANT, {"outputs": names, "count": len(constant)}))
    return average(output_r2(data, output) for output in held) if held else NO_VALUES


def _r2_weighted(data: Multioutput) -> Found:
    """1 - sum of squared errors / sum of squared distances, over all cells."""
    squares, away = np.zeros(data.n), np.zeros(data.n)
    for output in data.held():
        squares += data.error(output) ** 2 * data.known[output]
        if not data.constant(output):
            away += data.away(output)
    if not (away if data.weight is None else away * data.weight).any():
        return _ALL_CONSTANT
    found = ratio(squares, away, data.weight)
    return found.mapped(1 - found.value, -1.0)


def _rowwise(data: Multioutput) -> Found:
    values, enough = row_correlations(data)
    if not (enough if data.weight is None else enough & (data.weight > 0)).any():
        return _NO_ROW
    if enough.all():
        return mean(values, data.weight)
    return ratio(values * enough, enough.astype(np.float64), data.weight)


#: Key -> estimate of a file.
RULES: Mapping[str, Callable[[Multioutput], Found]] = {
    "outputs_r2": _r2,
    "outputs_r2_weighted": _r2_weighted,
    "outputs_mae": _mean_of(output_mae),
    "outputs_rmse": _mean_of(output_rmse),
    "outputs_row_correlation": _rowwise,
}
_INTERVALS = {
    "outputs_r2": linear.below_one,
    "outputs_r2_weighted": linear.below_one,
    "outputs_mae": linear.positive,
    "outputs_rmse": linear.positive,
    "outputs_row_correlation": linear.correlation,
}


def measure(data: Multioutput, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """Every metric of ``data`` (at least one row), or only the headline ones, in registry order."""
    wanted = [m.key for m in metrics_for(Task.MULTIOUTPUT) if m.key in RULES and (m.headline or not headline)]
    found = linear.results({key: RULES[key](data) for key in wanted}, _INTERVALS, data.weight, data.n)
    return tuple(found.values())
