"""The worker's side of a batch: what it holds, without labels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
from django.db import transaction
from django.db.models import F

from apps.compute.drift.spec import Side
from apps.compute.inputs import present
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.monitoring.check.engine import CheckSpec, Expected, Previous, check_batch
from apps.compute.monitoring.check.records import BatchCheck
from apps.compute.monitoring.rhythm import Window
from apps.compute.results import Task
from apps.compute.roles import ColumnRoles
from apps.datasets import pipeline as datasets
from apps.datasets import storage
from apps.datasets.checking import record
from apps.datasets.models import DataFile, Expectation
from apps.jobs.models import Job
from apps.jobs.progress import Progress
from apps.monitoring import matching, tables
from apps.monitoring.judging import judge
from apps.monitoring.models import Batch, Monitor
from apps.monitoring.scheduling import submit_evaluation
from apps.monitoring.windows import rhythm_of

#: How far back a comparable batch is looked for.
MOST_EARLIER = 400
#: What looks into other data sets is told by the check of a version, not of a batch.
_OF_OTHERS = ("no_overlap",)


def run_check(job: Job, progress: Progress) -> Callable[[], None]:
    """InputRejected: the file of the batch or of the reference cannot be read, or is kept no longer, or the
    reference, which may have been unread when the monitor was made, lacks columns that are used.
    """
    batch = Batch.objects.select_related(
        "file", "monitor__project", "monitor__reference_file", "monitor__reference_version__dataset"
    ).get(job=job)
    monitor = batch.monitor
    file = batch.file
    if file is None:
        raise InputRejected("batch_gone", _GONE)
    table = datasets.table_of(file, datasets.part(progress, 0.0, 0.4))
    reference = datasets.table_of(monitor.reference_file, datasets.part(progress, 0.4, 0.5))
    models = tables.watched_models(monitor)
    models = tables.watched_at(models, batch.start) or models
    used = tables.roles_of(monitor, *models)
    tables.check_columns(used, monitor.reference_file, pl.read_parquet_schema(reference.path))
    found = check_batch(
        Side(table.path, missing_values=tables.special_values_of(monitor)),
        tables.reference_side(monitor, reference.path),
        _spec(batch, used),
        datasets.part(progress, 0.5, 0.95),
        previous=_previous(batch),
        cache=tables.reference_folder(monitor),
    )
    if table.fields is not None:
        vars(file).update(table.fields)  # so that nobody reads it again before it is saved
    with_labels = _has_labels(table.path, tables.target_of(monitor))
    save_matches = matching.match_batch(batch)

    def save() -> None:
        datasets.save_fields({file: table, monitor.reference_file: reference})
        _save(batch, found, with_labels=with_labels)
        save_matches()
        submit_evaluation(monitor=monitor, user=job.created_by)
        transaction.on_commit(lambda: judge.judge(monitor.pk), robust=True)

    return save


def _has_labels(table: Path, target: str | None) -> bool:
    if target is None or target not in pl.read_parquet_schema(table):
        return False
    return bool(present(pl.read_parquet(table, columns=[target])[target]).any())


def _spec(batch: Batch, roles: ColumnRoles) -> CheckSpec:
    monitor = batch.monitor
    return CheckSpec(
        roles=roles,
        task=Task(monitor.task),
        drift=tables.drift_spec_of(monitor),
        start=batch.start,
        end=batch.end,
        zone=monitor.zone,
        expected=_expected(monitor),
    )


def _expected(monitor: Monitor) -> tuple[Expected, ...]:
    if monitor.reference_version is None:
        return ()
    rows = Expectation.objects.filter(dataset=monitor.reference_version.dataset_id)
    return tuple(
        Expected(row.pk, record(row), row.severity == Expectation.Severity.BLOCK)
        for row in rows.exclude(kind__in=_OF_OTHERS).order_by("pk")
    )


def _previous(batch: Batch) -> Previous | None:
    """The newest earlier batch of a comparable window that was checked and is kept."""
    rhythm = rhythm_of(batch.monitor)
    key = rhythm.key(Window(batch.start, batch.end))
    earlier = (
        Batch.objects.current()
        .filter(monitor=batch.monitor_id, start__lt=batch.start, rows__gt=0, file__isnull=False)
        .select_related("file")
        .defer("check_result", "notes", "file__profile")
        .order_by("-start")[:MOST_EARLIER]
    )
    for other in earlier.iterator(chunk_size=20):
        path = storage.table_path(_file(other).sha256)
        if rhythm.key(Window(other.start, other.end)) == key and path.exists():
            special = tables.special_values_of(batch.monitor)
            return Previous(other.number, Side(path, missing_values=special))
    return None


def _file(batch: Batch) -> DataFile:
    assert batch.file is not None  # noqa: S101  the query asked for it
    return batch.file


def _save(batch: Batch, found: BatchCheck, *, with_labels: bool) -> None:
    Batch.objects.filter(pk=batch.pk).update(
        rows=found.rows,
        check_result=found.to_json(),
        drifted=found.reference.drifted if found.reference else None,
        strongest=found.reference.strongest if found.reference else None,
        broken=found.count("bad"),
        warned=found.count("warn"),
        latency_p95=found.latency["p95"] if found.latency else None,
        labels_ticket=F("labels_ticket") + (1 if with_labels else 0),
    )


_GONE = gettext_noop("The file of this batch is kept no longer, so it cannot be checked again.")
