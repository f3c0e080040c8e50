"""The headline metrics of a run on each saved slice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from apps.analysis.models import SavedSlice
from apps.analysis.pipeline import Measured, Outcome, Work
from apps.analysis.working.rows import judge_rows
from apps.compute.conditions import conditions_from_json, mask
from apps.compute.inputs import Inputs
from apps.compute.judged import Judged
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.results import MetricResult
from apps.compute.slices import Grouping

_MEASURING = Message(gettext_noop("Measuring the saved slices"))


def measure_slices(work: Work) -> Outcome:
    """One entry a slice: its rows and metrics, or the problem that it has with this table, which is no reason
    to leave the others out.
    """
    slices = work.params["slices"]
    named = {condition["column"] for each in slices for condition in each["conditions"]}
    inputs, judged = judge_rows(work, *named)
    found, measured = [], []
    for place, saved in enumerate(slices):
        work.progress(_MEASURING, 0.3 + 0.7 * place / len(slices))
        entry: dict[str, Any] = {**saved, "n": None, "metrics": [], "problem": None}
        try:
            n, metrics = _measure(inputs, judged, saved)
        except InputRejected as error:
            entry["problem"] = error.message.to_json()
        else:
            entry |= {"n": n, "metrics": [metric.to_json() for metric in metrics]}
            measured += [Measured(metric, SavedSlice.COLUMN, saved["name"]) for metric in metrics]
        found.append(entry)
    return Outcome({"slices": found}, measured=measured)


def _measure(
    inputs: Inputs, judged: Judged, saved: Mapping[str, Any]
) -> tuple[int, tuple[MetricResult, ...]]:
    fits = mask(inputs.frame, conditions_from_json(saved["conditions"]))
    grouping = Grouping((SavedSlice.COLUMN,), ((saved["name"],),), np.where(fits, 0, -1).astype(np.int32))
    return int(fits.sum()), judged.groups(grouping)[0]
