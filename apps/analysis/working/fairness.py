"""Groups of a column against each other."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

from apps.analysis.kinds.fairness import MOST_GROUPS, too_many_groups
from apps.analysis.pipeline import Measured, Outcome, Work
from apps.analysis.working.rows import judge_rows
from apps.compute import fairness
from apps.compute.fairness_result import Fairness
from apps.compute.inputs import Inputs
from apps.compute.judged import Judged, JudgedBinary, JudgedMulticlass, JudgedRegression
from apps.compute.messages import Message, gettext_noop
from apps.compute.slices import groupings

_COMPARING = Message(gettext_noop("Comparing the groups"))


def compare_groups(work: Work) -> Outcome:
    """The result is a `Fairness`; its metrics can be asked for by requirements."""
    column = work.params["column"]
    inputs, judged = judge_rows(work, column)
    (grouping,), _notes = groupings(inputs.frame, [column], [])
    names = [value for (value,) in grouping.values]
    if len(names) > MOST_GROUPS:
        raise too_many_groups(column, len(names))
    work.progress(_COMPARING, 0.5)
    found = _measure(inputs, judged, grouping.codes, names, work.run.seed)
    return Outcome(found.to_json(), measured=[Measured(metric, column) for metric in found.metrics])


def _measure(inputs: Inputs, judged: Judged, codes: NDArray[Any], names: list[str], seed: int) -> Fairness:
    weight = inputs.weight()
    match judged:
        case JudgedBinary():
            truth = judged.data.truth.astype(bool)
            return fairness.measure(truth, judged.decisions(), codes, names, weight, seed)
        case JudgedMulticlass():
            right = judged.data.truth == judged.data.predicted
            return fairness.measure_accuracy(right, codes, names, weight, seed)
        case JudgedRegression():
            error = judged.data.predicted - judged.data.truth
            return fairness.measure_errors(error, codes, names, weight, seed)
    raise TypeError(f"Groups of {type(judged).__name__} cannot be compared.")
