"""Metrics of live rows: of one window, of the newest ones as one table, and of one model against another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from apps.compute import comparison
from apps.compute.aligned import Side
from apps.compute.comparison_result import Difference
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.inputs import present
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.registry import METRICS, metrics_for
from apps.compute.monitoring.pooled import Beaten
from apps.compute.results import MetricResult, SliceResult, Task
from apps.compute.roles import ColumnRole, ColumnRoles, Role

Progress = Callable[[Message, float], None]

#: Without these columns a row cannot be judged; the other roles only add something.
_NEEDED = frozenset(
    {Role.PREDICTION, Role.PROBABILITY, Role.QUANTILE, Role.INTERVAL_LOW, Role.INTERVAL_HIGH, Role.TARGET}
)
_USED = _NEEDED | {Role.SLICE, Role.WEIGHT, Role.LATENCY}
#: A name that no column of a file can have by accident.
_ROW = "\0row"


@dataclass(frozen=True, slots=True)
class LiveModel:
    """How a model's rows are judged. ``segments`` are columns and crossings of columns."""

    name: str
    roles: ColumnRoles
    task: Task
    positive: str | None = None
    threshold: float | None = None
    segments: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """``rows`` are those that were judged: with a label and a prediction. A model whose rows cannot be judged
    has undefined headline metrics, with the reason, which is also the last of the ``notes``.
    """

    metrics: tuple[MetricResult, ...]
    slices: tuple[SliceResult, ...]
    notes: tuple[Message, ...]
    rows: int


def measure(path: Path, model: LiveModel, progress: Progress, *, folder: Path) -> Measured:
    """Every metric of the rows of a Parquet table that have a label and all that the model says.

    ``folder`` takes a file made on the way.
    """
    complete, left_out = _complete(path, model, folder / "complete.parquet")
    notes = (Message(_LEFT_OUT, {"model": model.name, "count": left_out}),) if left_out else ()
    try:
        result = evaluate(complete, _spec(complete, model), progress)
    except InputRejected as fault:
        why = Message(_NOT_JUDGED, {"model": model.name, "reason": fault.message})
        undefined = [_undefined(key, fault.message) for key in headlines(model)]
        return Measured(tuple(undefined), (), (*notes, why), 0)
    return Measured(result.metrics, result.slices, (*notes, *result.notes), result.n)


def headlines(model: LiveModel) -> list[str]:
    """The metrics that lead a report and that this model's columns allow."""
    has_probability = any(use.role is Role.PROBABILITY for use in model.roles.values())
    return [
        metric.key
        for metric in metrics_for(model.task)
        if metric.headline
        and not metric.needs & {"latency", "quantiles", "interval"}
        and (has_probability or "probability" not in metric.needs)
    ]


def _undefined(key: str, why: Message) -> MetricResult:
    return MetricResult(key, None, undefined=why)


def _spec(path: Path, model: LiveModel) -> EvaluationSpec:
    """With the segments whose columns are there and have no other use that matters."""
    schema = pl.read_parquet_schema(path)
    roles = {
        name: use
        for name, use in model.roles.items()
        if use.role in _NEEDED or (use.role in _USED and name in schema)
    }
    crossings = []
    for segment in model.segments:
        free = [name for name in segment if name in schema and roles.get(name, _SLICE).role is Role.SLICE]
        if len(free) < len(segment):
            continue
        roles |= dict.fromkeys(free, _SLICE)
        if len(segment) > 1:
            crossings.append(segment)
    # The baseline has labels where the champion has probabilities: it is judged by what it has.
    has_probability = any(use.role is Role.PROBABILITY for use in roles.values())
    threshold = model.threshold if has_probability else None
    return EvaluationSpec(roles, model.task, model.positive, threshold, tuple(crossings))


def _complete(path: Path, model: LiveModel, target: Path) -> tuple[Path, int]:
    """The rows that have a label and all that the model says, and how many have a label alone."""
    frame = pl.read_parquet(path)
    said, labelled = pl.repeat(True, frame.height, eager=True), pl.repeat(True, frame.height, eager=True)
    for name, use in model.roles.items():
        if use.role is Role.TARGET and name in frame.columns:
            labelled &= pl.Series(present(frame[name]))
        elif use.role in _NEEDED and name in frame.columns:
            said &= pl.Series(present(frame[name]))
    kept = said & labelled
    if kept.all():
        return path, 0
    frame.filter(kept).write_parquet(target)
    return target, int((labelled & ~said).sum())


def pool(windows: Sequence[Path], target: Path) -> Path:
    """The rows of several tables as one, in their order; a column that some lack is empty there."""
    frames = [pl.scan_parquet(window, glob=False) for window in windows]
    try:
        pl.concat(frames, how="diagonal_relaxed").sink_parquet(target)
    except (pl.exceptions.SchemaError, pl.exceptions.ComputeError):
        # A column is a number in one window and no number in another: as text all can stand together.
        pl.concat([frame.cast(pl.String) for frame in frames], how="diagonal").sink_parquet(target)
    return target


def beaten(path: Path, champion: LiveModel, baseline: LiveModel, *, folder: Path) -> tuple[Beaten, ...]:
    """The champion against the baseline on the rows where both say something, by every headline metric that
    both have. Nothing where the two cannot be compared.
    """
    both, _ = _complete(path, champion, folder / "champion.parquet")
    both, _ = _complete(both, baseline, folder / "both.parquet")
    numbered = folder / "numbered.parquet"
    pl.scan_parquet(both, glob=False).with_row_index(_ROW).sink_parquet(numbered)
    sides = [_side(numbered, model) for model in (baseline, champion)]
    try:
        found = comparison.compare(sides, champion.task, lambda message, share: None)
    except InputRejected:
        return ()
    differences = [(metric.key, metric.differences[0]) for metric in found.metrics]
    return tuple(
        _beaten(key, difference, found.n) for key, difference in differences if difference is not None
    )


def _side(path: Path, model: LiveModel) -> Side:
    spec = _spec(path, model)
    roles = {name: use for name, use in spec.roles.items() if use.role in _NEEDED | {Role.WEIGHT}}
    return Side(model.name, path, {_ROW: ColumnRole(Role.ID), **roles}, spec.positive, spec.threshold)


def _beaten(key: str, difference: Difference, n: int) -> Beaten:
    sign = 1 if METRICS[key].higher_is_better else -1
    low = high = None
    if difference.low is not None and difference.high is not None:
        low, high = sorted((sign * difference.low, sign * difference.high))
    return Beaten(key, sign * difference.value, low, high, n)


_SLICE = ColumnRole(Role.SLICE)
_LEFT_OUT = gettext_noop("%(model)s says nothing in %(count)s labelled rows, which are left out.")
_NOT_JUDGED = gettext_noop("%(model)s could not be judged: %(reason)s")
