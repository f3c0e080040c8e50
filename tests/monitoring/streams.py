"""Real prediction streams as monitors, and the worker's code run on them in the transaction of the test."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.messages import Message
from apps.datasets import pipeline as reading
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.services import store_file
from apps.datasets.uploads import incoming_from_path
from apps.jobs.models import Job, State
from apps.monitoring import checking, evaluating, matching
from apps.monitoring.models import Batch, LabelUpload, Monitor, WatchedModel
from apps.monitoring.scheduling import submit_evaluation
from apps.projects.models import Project
from tests.factories import make_job, make_model_version, make_monitor

PREDICTIONS = Path(__file__).parents[1] / "data" / "predictions"
START = datetime(2020, 1, 1, tzinfo=UTC)
Roles = Mapping[str, str]


def stream(name: str, **models: str) -> pl.DataFrame:
    """The truth of a stream, and the columns of each model's file with the model's name before them."""
    frame = _read(name, "truth")
    for model, file in models.items():
        said = _read(name, file)
        frame = frame.join(said.rename({c: f"{model}_{c}" for c in said.columns if c != "id"}), on="id")
    return frame


def _read(name: str, file: str) -> pl.DataFrame:
    (path,) = (PREDICTIONS / name).glob(f"{file}.*")
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def roles(**said: str) -> dict[str, dict[str, str]]:
    """ "probability:1" is the probability of class 1."""
    parts = {name: text.partition(":") for name, text in said.items()}
    return {name: {"role": role, "label": label} for name, (role, _colon, label) in parts.items()}


def quiet(message: Message, share: float) -> None:
    """Nobody watches here."""


def keep(project: Project, frame: pl.DataFrame, purpose: str) -> DataFile:
    """An upload that waits to be read."""
    with storage.work_folder() as folder:
        content = io.BytesIO()
        frame.write_parquet(content)
        path = folder / "data.parquet"
        path.write_bytes(content.getvalue())
        upload = incoming_from_path(path)
        return store_file(project=project, user=project.created_by, upload=upload, purpose=purpose)


def monitor_of(
    project: Project,
    reference: pl.DataFrame,
    champion: Mapping[str, Any],
    baseline: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Monitor:
    file = keep(project, reference, DataFile.Purpose.DATA)
    DataFile.objects.filter(pk=file.pk).update(**reading.saved_fields(reading.read_file(file, quiet)))
    file.refresh_from_db()
    monitor = make_monitor(project, reference_file=file, starts_at=START, **fields)
    monitor.models.update(roles=champion)
    if baseline is not None:
        version = make_model_version(project, kind="baseline")
        part = WatchedModel.Part.BASELINE
        WatchedModel.objects.create(
            monitor=monitor, version=version, part=part, roles=baseline, since=monitor.starts_at
        )
    return monitor


def done(job: Job, work: Callable[..., Callable[[], None]]) -> None:
    """The worker's part of a job."""
    save = work(job, quiet)
    Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED)
    save()


def arrive(monitor: Monitor, frame: pl.DataFrame, start: datetime, end: datetime) -> Batch:
    """A batch that arrived and was checked; one for the same window is corrected."""
    file = keep(monitor.project, frame, DataFile.Purpose.BATCH)
    Batch.objects.filter(monitor=monitor, start=start, replaced_at=None).update(replaced_at=end)
    batch = Batch.objects.create(
        monitor=monitor,
        number=monitor.batches.count() + 1,
        start=start,
        end=end,
        file=file,
        sha256=file.sha256,
        arrived_at=end,
        job=make_job(monitor.project),
        created_by=monitor.created_by,
    )
    done(batch.job, checking.run_check)
    batch.refresh_from_db()
    return batch


def label(monitor: Monitor, frame: pl.DataFrame) -> LabelUpload:
    """Labels that arrived and were matched."""
    file = keep(monitor.project, frame, DataFile.Purpose.LABELS)
    upload = LabelUpload.objects.create(
        monitor=monitor,
        number=monitor.label_uploads.count() + 1,
        file=file,
        sha256=file.sha256,
        arrived_at=START,
        job=make_job(monitor.project),
        created_by=monitor.created_by,
    )
    done(upload.job, matching.run_match)
    return upload


def evaluate(monitor: Monitor) -> Monitor:
    """Run the evaluation that is queued, and those that it queues."""
    submit_evaluation(monitor=monitor, user=monitor.created_by)
    monitor.refresh_from_db()
    while monitor.evaluation_job is not None and monitor.evaluation_job.state == State.QUEUED:
        done(monitor.evaluation_job, evaluating.run_evaluation)
        monitor.refresh_from_db()
    return monitor
