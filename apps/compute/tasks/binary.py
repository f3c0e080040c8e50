"""Two classes."""

from __future__ import annotations

from collections.abc import Sequence

from apps.compute.aligned import check_classes, check_truth
from apps.compute.inputs import Inputs
from apps.compute.judged import JudgedBinary, judge_binary
from apps.compute.messages import Message
from apps.compute.paired import BinaryPairs
from apps.compute.uncertainty import Floats


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedBinary:
    return judge_binary(inputs, weight, positive, threshold, seed)


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedBinary], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedBinary], BinaryPairs]:
    check_classes(names, [run.data.classes for run in runs])
    check_truth(names, [run.data.truth for run in runs])
    decisions = [run.decisions() for run in runs]
    scores = [run.data.probability for run in runs]
    return runs, BinaryPairs(runs[0].data.truth, decisions, scores, weight, seed)
