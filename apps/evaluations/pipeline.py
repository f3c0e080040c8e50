"""The worker's side of a run: read, join with the truth, evaluate, say what to save."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from django.db import transaction

from apps.compute import EVALUATION_VERSION
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.join import JoinReport, join_predictions
from apps.compute.leaks import Overlap
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import (
    PREDICTED,
    SINGLE_ROLES,
    ColumnRole,
    ColumnRoles,
    Role,
    roles_from_json,
    roles_to_json,
)
from apps.datasets import pipeline as datasets
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.pipeline import part
from apps.evaluations.comparisons import compare_with_baseline
from apps.evaluations.leaks import look_for_leaks
from apps.evaluations.models import MetricValue, Run
from apps.evaluations.signals import run_finished
from apps.jobs.models import Job
from apps.jobs.progress import Progress

#: Told what is being done and how much of the work is done (0..1).
Report = Callable[[Message, float], None]

SLICE_SEPARATOR = " × "
#: Of a slice's column and of its value: what the columns of `MetricValue` and their index take.
MOST_CHARACTERS, MOST_BYTES = 600, 1_000


@dataclass(frozen=True, slots=True)
class Table:
    """What a run is judged on: the predictions, joined with the truth file if it has one. ``said`` are the
    uses of the prediction file's columns, ``roles`` those of the table's.
    """

    path: Path
    said: dict[str, ColumnRole]
    roles: dict[str, ColumnRole]
    report: JoinReport | None
    sources: dict[DataFile, datasets.Table]


def run_evaluation(job: Job, progress: Progress) -> Callable[[], None]:
    run = Run.objects.select_related("project", "file", "truth", "training").get(job=job)
    with storage.work_folder() as folder:
        table = table_of(run, folder / "joined.parquet", part(progress, 0.0, 0.4))
        overlap = _overlap(run, table, part(progress, 0.4, 0.5))
        result = evaluate(table.path, _spec(run, table.roles), part(progress, 0.5, 0.99))
    if run.truth is not None:
        result = replace(result, notes=(*result.notes, *_unused_truths(table.said)))
    return lambda: _save(run, result, table, overlap)


def _overlap(run: Run, table: Table, progress: Report) -> Overlap | None:
    """The hold-out's rows in the training data, where these are known; that file joins the sources."""
    if run.training is None:
        return None
    holdout = replace(table.sources[run.file], roles=table.said)
    if run.truth is not None:
        holdout = table.sources[run.truth]
    training = datasets.table_of(run.training, progress)
    table.sources[run.training] = training
    return look_for_leaks(run, training, holdout)


def table_of(run: Run, joined: Path, progress: Report) -> Table:
    """The run's table; where it has a truth file the join is written to ``joined``. Files that are read side
    by side are not joined: the table is that of the predictions.
    """
    predictions = datasets.table_of(run.file, part(progress, 0.0, 0.6))
    said = {**predictions.roles, **roles_from_json(run.roles)}
    if run.truth is None:
        return Table(predictions.path, said, said, None, {run.file: predictions})
    truth = datasets.table_of(run.truth, part(progress, 0.6, 0.8))
    if is_side_by_side(run, said, truth.roles):
        return Table(predictions.path, said, said, None, {run.file: predictions, run.truth: truth})
    progress(Message(gettext_noop("Joining with the truth file")), 0.8)
    report = _join(run, predictions.path, said, truth, joined)
    sources = {run.file: predictions, run.truth: truth}
    return Table(joined, said, joined_roles(said, truth.roles, report), report, sources)


def is_side_by_side(run: Run, predictions: ColumnRoles, truth: ColumnRoles) -> bool:
    """Whether truth and predictions have the same columns, such as thousands of targets, in a run that only
    protocols judge. A join would keep those of the truth alone.
    """
    ids = {name for roles in (predictions, truth) for name, use in roles.items() if use.role is Role.ID}
    own = set(predictions) - ids
    return run.task == Task.PROTOCOL and bool(own) and own <= set(truth)


def _only_column(roles: dict[str, ColumnRole], role: Role, file: DataFile) -> str:
    names = [name for name, use in roles.items() if use.role is role]
    if len(names) == 1:
        return names[0]
    raise InputRejected(
        "no_id",
        gettext_noop(
            "The file “%(file)s” has %(count)d columns used as row id; joining with the truth needs exactly "
            "one. Choose the column that names the rows."
        ),
        file=file.name,
        count=len(names),
    )


def _join(
    run: Run, predictions: Path, roles: dict[str, ColumnRole], truth: datasets.Table, target: Path
) -> JoinReport:
    assert run.truth is not None  # noqa: S101  the caller has a truth source
    return join_predictions(
        predictions,
        truth.path,
        prediction_id=_only_column(roles, Role.ID, run.file),
        truth_id=_only_column(truth.roles, Role.ID, run.truth),
        target=target,
        keep=[name for name, use in roles.items() if use.role in PREDICTED],
    )


def joined_roles(
    predictions: dict[str, ColumnRole], truth: dict[str, ColumnRole], report: JoinReport
) -> dict[str, ColumnRole]:
    """Uses of the joined table's columns. The truth file says what is true, the other what is predicted;
    what only one column may be (a timestamp, a weight) is the truth file's where both have one.
    """
    roles = {name: use for name, use in truth.items() if use.role not in PREDICTED}
    taken = {use.role for use in roles.values()} & (SINGLE_ROLES | {Role.TARGET})
    for name, use in predictions.items():
        if name not in report.replaced and use.role not in taken:
            roles[name] = use
    return roles


def _unused_truths(roles: dict[str, ColumnRole]) -> list[Message]:
    """Labels of the prediction file do not count beside a truth file, and that is said."""
    text = gettext_noop(
        "The column “%(column)s” of the predictions was not used as truth: the truth file says what is true."
    )
    return [Message(text, {"column": name}) for name, use in roles.items() if use.role is Role.TARGET]


def _spec(run: Run, roles: dict[str, ColumnRole]) -> EvaluationSpec:
    return EvaluationSpec(
        roles=roles,
        task=Task(run.task) if run.task else None,
        positive=run.positive or None,
        threshold=run.threshold,
        cross_slices=tuple(dict.fromkeys(tuple(group) for group in run.cross_slices)),
        seed=run.seed,
    )


def _save(run: Run, result: EvaluationResult, table: Table, overlap: Overlap | None) -> None:
    datasets.save_fields(table.sources)
    Run.objects.filter(pk=run.pk).update(
        task=result.task.value,
        positive=result.positive or "",
        roles=roles_to_json(table.said),
        rows=result.n,
        result=result.to_json(),
        join_report=table.report.to_json() if table.report else None,
        overlap=overlap.to_json() if overlap else None,
        evaluation_version=EVALUATION_VERSION,
    )
    MetricValue.objects.filter(run=run).delete()
    MetricValue.objects.bulk_create(metric_values(run, result), batch_size=2_000)
    compare_with_baseline(run)
    transaction.on_commit(lambda: run_finished.send(sender=Run, run=run))


def metric_values(run: Run, result: EvaluationResult) -> list[MetricValue]:
    """The rows that make a result searchable: every metric, overall and on each slice."""
    groups = [("", "", result.metrics)]
    groups += [
        (fitted(SLICE_SEPARATOR.join(s.columns)), fitted(SLICE_SEPARATOR.join(s.values)), s.metrics)
        for s in result.slices
    ]
    return [
        MetricValue(
            run=run,
            metric=metric.key,
            slice_column=column,
            slice_value=value,
            value=metric.value,
            low=metric.low,
            high=metric.high,
            n=metric.n,
        )
        for column, value, metrics in groups
        for metric in metrics
    ]


def fitted(text: str) -> str:
    """The text; a longer one cut, with a part of its SHA-256 so that different texts stay different."""
    content = text.encode()
    if len(text) <= MOST_CHARACTERS and len(content) <= MOST_BYTES:
        return text
    start = content[: MOST_CHARACTERS // 2].decode(errors="ignore")
    return f"{start}… {hashlib.sha256(content).hexdigest()[:16]}"
