"""Monitors of the demo: opened, and given the stream of their past as if it came in window by window."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from enum import IntEnum
from pathlib import Path

import polars as pl

from apps.accounts.models import User
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.spec import QUICK, ColumnSettings
from apps.compute.monitoring.rhythm import Window
from apps.datasets import pipeline as datasets_pipeline
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import IncomingFile, incoming_from_path
from apps.demo import streams
from apps.demo.first_act import PREDICTIONS
from apps.demo.story.records import DemoProject, Watch
from apps.drift.services import Source
from apps.evaluations.models import ModelVersion
from apps.jobs import execution
from apps.jobs.models import UNFINISHED, Job, State
from apps.jobs.progress import Progress
from apps.monitoring import checking, evaluating, matching
from apps.monitoring.judging.judge import judge
from apps.monitoring.models import Monitor
from apps.monitoring.services import batches, labels, monitors
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.monitoring.windows import rhythm_of
from apps.projects.models import Project

#: What the workers would do; here it is done in turn, so that each window is judged as it was then.
WORK: dict[str, Callable[[Job, Progress], Callable[[], None]]] = {
    "apps.datasets.tasks.read": datasets_pipeline.read,
    "apps.monitoring.tasks.check": checking.run_check,
    "apps.monitoring.tasks.match": matching.run_match,
    "apps.monitoring.tasks.evaluate": evaluating.run_evaluation,
}
ARRIVES_AFTER = timedelta(minutes=10)
PAUSE_SECONDS = 0.2


class Happening(IntEnum):
    """What happens at a moment of a stream; at one moment in this order."""

    LABELS = 0
    BATCH = 1
    NOTHING = 2  # a window is over, and whatever is missing is missing


@dataclass(frozen=True, slots=True, order=True)
class Step:
    at: datetime
    kind: Happening
    window: Window


def open_monitor(project: Project, story: DemoProject, watch: Watch, user: User) -> Monitor:
    """The monitor, made on the first call. The reference is what came before its first window."""
    if known := Monitor.objects.filter(project=project, name=watch.name).first():
        return known
    frame = stream_of(story, watch)
    reference = frame.filter(pl.col(streams.TIME) < datetime.fromisoformat(watch.before))
    about = MonitorAbout(
        name=watch.name,
        description=watch.description,
        task=watch.task,
        positive=watch.positive,
        reference=Source(_kept_reference(project, user, reference)),
        roles=streams.shared_roles(watch.slices),
        drift_spec=replace(
            QUICK, columns={name: ColumnSettings(kind=ColumnKind.CATEGORY) for name in watch.categories}
        ),
        starts_at=_moment(watch.first),
        every=watch.every,
        unit=watch.unit,
        holidays=tuple(date.fromisoformat(day) for day in watch.closed),
        label_delay_hours=watch.label_delay_hours,
        watch_metric=watch.metric,
        smallest_drop=watch.smallest_drop,
        owners=(user,),
    )
    versions = ModelVersion.objects.filter(model__project=project)
    watched = [
        WatchedAbout(
            version=versions.get(model__name=model.model, label=model.version),
            part=model.part,
            roles=streams.roles_of(frame, model.part),
        )
        for model in watch.models
    ]
    return monitors.add_monitor(project=project, user=user, about=about, models=watched)


def stream_of(story: DemoProject, watch: Watch) -> pl.DataFrame:
    frame = streams.stream_of(PREDICTIONS / story.folder, story.truth, watch.models)
    return frame.drop(watch.left_out)


def replay(
    monitor: Monitor, watch: Watch, frame: pl.DataFrame, user: User, *, change: Change | None = None
) -> Iterator[datetime]:
    """Send batches and labels in the order of the stream and judge after each; yields the time come to.

    ``change`` may spoil the rows of a window before they are sent. Safe to repeat: what was sent is known.
    """
    for step in steps_of(monitor, watch, frame):
        Monitor.objects.filter(pk=monitor.pk).update(replayed_until=step.at)
        rows = streams.rows_in(frame, step.window)
        if step.kind is Happening.BATCH:
            _send_batch(monitor, watch, change(step.window, rows) if change else rows, step, user)
        elif step.kind is Happening.LABELS:
            _send_labels(monitor, rows, step, user)
        work_off(monitor.project)
        judge(monitor.pk)
        yield step.at


Change = Callable[[Window, pl.DataFrame], pl.DataFrame]


def steps_of(monitor: Monitor, watch: Watch, frame: pl.DataFrame) -> list[Step]:
    """In the order of time. Windows without rows bring nothing but the knowledge that they did not."""
    steps = []
    grace = timedelta(minutes=monitor.grace_minutes + 1)
    delay = timedelta(hours=watch.label_delay_hours)
    last_labels = _moment(watch.labels_until or watch.last)
    for window in rhythm_of(monitor).expected(_moment(watch.first), _moment(watch.last)):
        steps.append(Step(window.end + grace, Happening.NOTHING, window))
        if streams.rows_in(frame, window).is_empty():
            continue
        steps.append(Step(window.end + ARRIVES_AFTER, Happening.BATCH, window))
        if delay and window.end <= last_labels:
            steps.append(Step(window.end + delay, Happening.LABELS, window))
    return sorted(steps)


def work_off(project: Project) -> None:
    """Do what is queued for the project's monitors here, or wait while a worker does it."""
    waiting = Job.objects.filter(project=project, task__in=WORK, state__in=UNFINISHED)
    while jobs := list(waiting.order_by("created_at")):
        for job in jobs:
            if job.state == State.QUEUED:
                execution.execute(str(job.pk), WORK[job.task])
        if waiting.filter(pk__in=[job.pk for job in jobs]).exists():
            time.sleep(PAUSE_SECONDS)


def _kept_reference(project: Project, user: User, frame: pl.DataFrame) -> DataFile:
    upload = _upload(frame, "reference.parquet")
    file = submit_file(project=project, user=user, upload=upload, purpose=DataFile.Purpose.DATA)
    work_off(project)
    file.refresh_from_db()
    return file


def _send_batch(monitor: Monitor, watch: Watch, rows: pl.DataFrame, step: Step, user: User) -> None:
    said = streams.without_labels(rows) if watch.label_delay_hours else rows
    batches.submit_batch(
        monitor=monitor,
        user=user,
        upload=_upload(said, f"{step.window.start:%Y-%m-%dT%H%M}.parquet"),
        start=step.window.start,
        end=step.window.end,
        arrived_at=step.at,
    )


def _send_labels(monitor: Monitor, rows: pl.DataFrame, step: Step, user: User) -> None:
    labels.submit_labels(
        monitor=monitor,
        user=user,
        upload=_upload(streams.labels_of(rows), f"labels-{step.window.start:%Y-%m-%dT%H%M}.parquet"),
        id_column=streams.ID,
        label_column=streams.TARGET,
        idempotency_key=f"replay {monitor.pk} {step.window.start:%Y-%m-%dT%H%M}",
        arrived_at=step.at,
    )


def _upload(frame: pl.DataFrame, name: str) -> IncomingFile:
    with storage.work_folder() as folder:
        path = Path(folder) / name
        frame.write_parquet(path)
        return incoming_from_path(path)


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)
