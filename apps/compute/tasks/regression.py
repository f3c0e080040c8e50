"""One number per row."""

from __future__ import annotations

from collections.abc import Sequence

from apps.compute.aligned import check_truth
from apps.compute.inputs import Inputs
from apps.compute.judged import JudgedRegression, judge_regression
from apps.compute.messages import Message
from apps.compute.paired import RegressionPairs
from apps.compute.uncertainty import Floats


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedRegression:
    return judge_regression(inputs, weight)


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedRegression], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedRegression], RegressionPairs]:
    check_truth(names, [run.data.truth for run in runs])
    return runs, RegressionPairs([run.data for run in runs])
