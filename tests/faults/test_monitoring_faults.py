"""A worker that is killed while it checks, matches and evaluates leaves one result: that of a calm day."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pytest_django import Settings

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.drift.services import Source
from apps.evaluations.models import ModelVersion
from apps.jobs.models import ENDED, Job, State
from apps.monitoring.models import Batch, LabelMatch, LabelUpload, LiveMetric, Monitor
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.monitoring.services.batches import submit_batch
from apps.monitoring.services.labels import submit_labels
from apps.monitoring.services.monitors import add_monitor
from apps.projects.models import Project
from tests.factories import make_model_version
from tests.faults.stack import Stack, wait_for
from tests.monitoring.conftest import PREDICTED, ROLES, START, elec2, incoming

pytestmark = pytest.mark.faults
#: Copies of the stream in the batch: enough that every job takes a second, so that kills hit it.
COPIES = 4


class Desk:
    """Sends what a live system sends, and looks what became of it."""

    def __init__(self, stack: Stack, user: User, reference: DataFile, version: ModelVersion) -> None:
        self.stack, self.user, self.reference, self.version = stack, user, reference, version

    def monitor(self, name: str) -> Monitor:
        return add_monitor(
            project=self.reference.project,
            user=self.user,
            about=MonitorAbout(name=name, task="binary", reference=Source(self.reference), starts_at=START),
            models=[WatchedAbout(version=self.version)],
        )

    def run(self, name: str, frame: pl.DataFrame, *, kill: bool) -> tuple[Monitor, list[int]]:
        """A batch, then its labels. Returns the attempts of the check, estimates, match and metrics."""
        monitor = self.monitor(name)
        said: dict[str, Any] = {"monitor": monitor, "user": self.user}
        batch = submit_batch(upload=incoming(frame.drop("y_true")), start=START, **said).batch
        attempts = [self.end(batch.job, kill=kill), self.end(self.evaluation(monitor), kill=kill)]
        upload = submit_labels(upload=incoming(frame.select("id", "y_true")), **said)
        attempts += [self.end(upload.job, kill=kill), self.end(self.evaluation(monitor), kill=kill)]
        return monitor, attempts

    def end(self, job: Job, *, kill: bool) -> int:
        if kill:
            wait_for(lambda: state_of(job) == State.RUNNING, seconds=20, what=f"{job.task} to begin")
            self.stack.kill_children("worker")
        wait_for(lambda: state_of(job) in ENDED, what=f"{job.task} to end")
        job.refresh_from_db()
        assert job.state == State.SUCCEEDED, job.error
        return job.attempts

    def evaluation(self, monitor: Monitor) -> Job:
        monitor.refresh_from_db()
        assert monitor.evaluation_job is not None
        return monitor.evaluation_job


def state_of(job: Job) -> str:
    return Job.objects.values_list("state", flat=True).get(pk=job.pk)


def result_of(monitor: Monitor) -> dict[str, Any]:
    """Everything that was found in the one batch, without the keys of rows."""
    place = ("estimated", "metric", "slice_column", "slice_value")
    metrics = LiveMetric.objects.filter(monitor=monitor).order_by(*place)
    monitor.refresh_from_db()
    assert monitor.pooled is not None
    return {
        "batch": Batch.objects.values(
            *("rows", "check_result", "drifted", "strongest", "broken", "warned"),
            *("labels_ticket", "evaluated_ticket", "labelled", "changed_labels", "is_estimated"),
        ).get(monitor=monitor),
        "labels": LabelUpload.objects.values("rows", "matched", "unknown_examples").get(monitor=monitor),
        "matches": list(LabelMatch.objects.filter(batch__monitor=monitor).values_list("rows")),
        "metrics": list(metrics.values_list(*place, "value", "low", "high", "n")),
        "pooled": [(model["metrics"], model["slices"], model["rows"]) for model in monitor.pooled["models"]],
    }


@pytest.fixture
def desk(stack: Stack, project: Project, engineer: User, settings: Settings) -> Desk:
    settings.STORAGE_DIR = stack.folder / "files"
    reference = submit_file(
        project=project,
        user=engineer,
        upload=incoming(elec2().head(20_000)),
        purpose=DataFile.Purpose.DATA,
        roles={**ROLES, **PREDICTED},
    )
    assert reference.job is not None
    job = reference.job
    wait_for(lambda: state_of(job) == State.SUCCEEDED, what="the reference to be read")
    reference.refresh_from_db()
    return Desk(stack, engineer, reference, make_model_version(project))


def test_killed_while_checking_matching_and_evaluating(desk: Desk) -> None:
    once = elec2().filter(pl.col("timestamp") >= START.replace(tzinfo=None))
    frame = pl.concat([once] * COPIES).with_columns(id=pl.int_range(pl.len()))
    killed, attempts = desk.run("Killed", frame, kill=True)
    assert attempts == [2, 2, 2, 2]
    calm, attempts = desk.run("Calm", frame, kill=False)
    assert attempts == [1, 1, 1, 1]
    assert result_of(killed) == result_of(calm)
    assert {estimated for estimated, *_rest in result_of(killed)["metrics"]} == {True, False}
