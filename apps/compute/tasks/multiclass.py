"""Three and more classes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from apps.compute.aligned import check_truth, same_classes
from apps.compute.inputs import Inputs
from apps.compute.judged import JudgedMulticlass, judge_multiclass
from apps.compute.messages import Message
from apps.compute.paired import MulticlassPairs
from apps.compute.uncertainty import Floats


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedMulticlass:
    return judge_multiclass(inputs, weight, threshold)


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedMulticlass], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedMulticlass], MulticlassPairs]:
    data = same_classes([run.data for run in runs])
    check_truth(names, [each.truth for each in data])
    runs = [replace(run, data=each) for run, each in zip(runs, data, strict=True)]
    return runs, MulticlassPairs(data, weight)
