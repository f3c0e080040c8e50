"""Several yes-or-no labels per row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute import over_time
from apps.compute.aligned import check_truth
from apps.compute.inputs import Inputs
from apps.compute.judged import Measured
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics import multilabel, multilabel_tables
from apps.compute.metrics.binary.evaluate import DEFAULT_THRESHOLD
from apps.compute.metrics.multilabel import Multilabel
from apps.compute.outputs import check_outputs, find_outputs, gap_notes, read_truth
from apps.compute.over_time import Buckets
from apps.compute.paired.linear import LinearPairs
from apps.compute.results import MetricResult, Table
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class JudgedMultilabel:
    data: Multilabel
    threshold: float | None
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        return multilabel.measure(self.data), multilabel_tables.tables(self.data)

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        right = (self.data.wrong() == 0).astype(np.float64)
        return {"exact_match_by_time": over_time.accuracy_table(buckets, right, self.data.weight)}

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        order, places = grouping.parts()
        ordered = self.data.rows(order)
        return [multilabel.measure(ordered.rows(place), headline=True) for place in places]

    def described(self) -> Mapping[str, Any]:
        return {"threshold": self.threshold}

    def errors(self) -> Floats:
        """Wrong labels of each row."""
        return self.data.wrong()

    def surprise(self) -> Floats:
        """The largest distance of a probability from its truth; without probabilities the share of wrong
        labels.
        """
        if self.data.probability is None:
            return self.data.wrong() / self.data.cells()
        away: Floats = np.abs(self.data.probability - self.data.truth)
        furthest: Floats = np.where(self.data.known, away, 0.0).max(axis=0)
        return furthest


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedMultilabel:
    """Labels are predicted as the file says, or where their probability reaches the threshold (0.5) if one is
    asked for or the file has probabilities alone. A label without truth in a row is left out there.

    InputRejected: see `outputs.find_outputs`; truth or prediction that is not 0 or 1, a prediction that is
    missing, a threshold outside 0..1 or without probabilities.
    """
    outputs = find_outputs(inputs, probabilities=True)
    if threshold is not None:
        if not 0 <= threshold <= 1:
            raise InputRejected("threshold_out_of_range", _THRESHOLD_RANGE, threshold=threshold)
        if not outputs.probabilities:
            raise InputRejected("threshold_without_probability", _THRESHOLD_ALONE)
    elif not outputs.predictions:
        threshold = DEFAULT_THRESHOLD
    truth, known = read_truth(inputs, outputs)
    for column, values in zip(outputs.targets, truth, strict=True):
        _flags(inputs, column, values)
    probability = (
        np.stack([inputs.probabilities(column) for column in outputs.probabilities])
        if outputs.probabilities
        else None
    )
    if threshold is not None and probability is not None:
        predicted = probability >= threshold
    else:
        columns = outputs.predictions
        predicted = np.stack([_flags(inputs, column, inputs.numbers(column)) for column in columns])
    data = Multilabel(outputs.names, truth > 0, predicted, known, probability, weight)
    return JudgedMultilabel(data, threshold, tuple(gap_notes(outputs, known)))


def _flags(inputs: Inputs, column: str, values: Floats) -> NDArray[np.bool_]:
    faulty = (values != 0) & (values != 1)
    if faulty.any():
        value = float(values[int(np.argmax(faulty))])
        raise InputRejected(
            "not_a_label", _NOT_A_LABEL, column=column, value=f"{value:g}", **inputs.first(faulty)
        )
    return values > 0


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedMultilabel], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedMultilabel], LinearPairs[Multilabel]]:
    """InputRejected: other labels, other true values."""
    check_outputs(names, [run.data.labels for run in runs])
    check_truth(names, [np.where(run.data.known, run.data.truth, -1).T for run in runs])
    data = [run.data for run in runs]
    return runs, LinearPairs(data, multilabel.RULES, weight, _no_skill(data[0]))


def _no_skill(data: Multilabel) -> dict[str, float]:
    """Of the best answer that is the same for every row: all labels for F1, each label's commoner value for
    the share of wrong labels, the labels' frequencies as probabilities for what ranks.
    """
    w = np.ones(data.n) if data.weight is None else data.weight
    mass = (data.known * w).sum(axis=1)
    share = (data.truth * data.known * w).sum(axis=1) / np.maximum(mass, np.finfo(float).tiny)
    shape = data.truth.shape
    all_on = np.broadcast_to(mass > 0, (data.n, shape[0])).T
    frequent = np.broadcast_to(share, (data.n, shape[0])).T
    blind = Multilabel(data.labels, data.truth, all_on, data.known, frequent, data.weight)
    found = {result.key: result.value for result in multilabel.measure(blind) if result.value is not None}
    ranked = ("label_f1_", "label_roc_auc_", "label_average_", "label_ranking_", "label_coverage_")
    kept = {key: value for key, value in found.items() if key.startswith(ranked)}
    wrong = float((np.minimum(share, 1 - share) * mass).sum() / mass.sum())
    return {**kept, "hamming_loss": wrong}


_THRESHOLD_RANGE = gettext_noop("The threshold %(threshold)s is not between 0 and 1.")
_THRESHOLD_ALONE = gettext_noop(
    "A threshold was given, but no column has the role of a probability. Leave the threshold empty, or "
    "choose the probability column."
)
_NOT_A_LABEL = gettext_noop(
    "The column %(column)s must hold 0 or 1 for each row, but row %(row)s has %(value)s (%(count)s "
    "such rows). "
    "Correct the values, or choose regression of several outputs as the task."
)
