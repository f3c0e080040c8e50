"""One call from a Parquet file to an `EvaluationResult`."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np

from apps.compute import over_time, slices
from apps.compute.inputs import Inputs, read
from apps.compute.judged import Judged
from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import latency
from apps.compute.over_time import Buckets
from apps.compute.results import EvaluationResult, SliceResult, Task
from apps.compute.roles import ColumnRoles, Role
from apps.compute.slices import Grouping
from apps.compute.task import infer_task
from apps.compute.tasks import TASK_KINDS

#: Told now and then what is being done and how much of the work is done (0..1).
Progress = Callable[[Message, float], None]

_READING = Message(gettext_noop("Reading the file"))
_METRICS = Message(gettext_noop("Metrics, curves and intervals"))
_SLICES = Message(gettext_noop("Slices"))


@dataclass(frozen=True, slots=True)
class EvaluationSpec:
    """What to compute. ``task`` None lets the columns decide (`infer_task`); ``threshold`` None judges the
    file's predicted labels, or probability >= 0.5 where it has none. ``positive`` names the positive class.
    ``cross_slices`` are groups of slice columns whose combinations are reported too.
    """

    roles: ColumnRoles
    task: Task | None = None
    positive: str | None = None
    threshold: float | None = None
    cross_slices: tuple[tuple[str, ...], ...] = ()
    seed: int = 0


def evaluate(path: Path, spec: EvaluationSpec, progress: Progress) -> EvaluationResult:
    """Evaluate the prediction file at ``path`` (normalised Parquet with truth and predictions).

    Rows without a target are left out and counted in a note. Anything else that is wrong with the file
    raises InputRejected before a number is computed. But for the durations, the result depends on the
    file, ``spec`` and the version of this code alone.
    """
    if spec.task is not None and not TASK_KINDS[spec.task].measured:
        counted: EvaluationResult = TASK_KINDS[spec.task].judging().count(path, spec.roles, spec.seed)
        return counted
    durations: dict[str, float] = {}
    with _timed(durations, "read"):
        progress(_READING, 0.0)
        inputs = read(path, spec.roles)
        task = spec.task or infer_task(inputs)
        judged = judge(inputs, task, spec)
        groupings, slice_notes = slices.groupings(inputs.frame, inputs.columns(Role.SLICE), spec.cross_slices)
        buckets, time_notes = _buckets(inputs)
        milliseconds, latency_notes = inputs.milliseconds()
    with _timed(durations, "metrics"):
        progress(_METRICS, 0.2)
        metrics, tables = judged.measure()
        if buckets is not None:
            tables |= judged.tables_over_time(buckets)
        if milliseconds is not None:
            metrics += latency.measure(milliseconds)
            tables |= latency.tables(milliseconds)
    with _timed(durations, "slices"):
        found: list[SliceResult] = []
        for number, grouping in enumerate(groupings):
            progress(_SLICES, 0.6 + 0.4 * number / len(groupings))
            found += _slices(judged, grouping)
    return EvaluationResult(
        task=task,
        n=inputs.frame.height,
        metrics=metrics,
        weighted=bool(inputs.columns(Role.WEIGHT)),
        tables=tables,
        slices=tuple(found),
        notes=(*inputs.notes, *judged.notes, *slice_notes, *time_notes, *latency_notes),
        seed=spec.seed,
        durations=durations,
        **judged.described(),
    )


def judge(inputs: Inputs, task: Task, spec: EvaluationSpec) -> Judged:
    """The checked arrays of the file. InputRejected: see the task's module."""
    judged: Judged = (
        TASK_KINDS[task]
        .judging()
        .judge(inputs, inputs.weight(), positive=spec.positive, threshold=spec.threshold, seed=spec.seed)
    )
    return judged


def _buckets(inputs: Inputs) -> tuple[Buckets | None, list[Message]]:
    column = inputs.column(Role.TIMESTAMP)
    return (None, []) if column is None else over_time.bucket(inputs.frame.get_column(column))


def _slices(judged: Judged, grouping: Grouping) -> list[SliceResult]:
    sizes = np.bincount(grouping.codes[grouping.codes >= 0], minlength=len(grouping.values))
    return [
        SliceResult(grouping.columns, values, int(n), metrics)
        for values, n, metrics in zip(grouping.values, sizes, judged.groups(grouping), strict=True)
    ]


@contextmanager
def _timed(durations: dict[str, float], step: str) -> Iterator[None]:
    start = perf_counter()
    yield
    durations[step] = perf_counter() - start
