"""A monitor on real data: half-hourly electricity prices, a batch a day, with a real model's predictions."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest
from django.conf import settings

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.compute.roles import ColumnRole, Role
from apps.datasets import pipeline as reading
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import IncomingFile, incoming_from_path
from apps.drift.services import Source
from apps.jobs.models import Job, State
from apps.monitoring.models import Batch, LabelUpload, Monitor
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.monitoring.services.batches import submit_batch
from apps.monitoring.services.monitors import add_monitor
from apps.projects.models import Project
from tests.factories import make_model_version, make_project, make_user
from tests.golden import DATA

START = datetime(1996, 8, 19, tzinfo=UTC)
ROLES = {
    "id": ColumnRole(Role.ID),
    "timestamp": ColumnRole(Role.TIMESTAMP),
    "y_true": ColumnRole(Role.TARGET),
    "daypart": ColumnRole(Role.SLICE),
}
PREDICTED = {"y_pred": ColumnRole(Role.PREDICTION), "proba_1": ColumnRole(Role.PROBABILITY)}


class NoProgress:
    """The worker's code reports to a job; here nobody watches."""

    def __call__(self, message: Message, fraction: float) -> None:
        pass


@cache
def elec2() -> pl.DataFrame:
    folder = DATA / "predictions" / "elec2"
    columns = [*ROLES, "nswprice", "nswdemand", "vicprice", "vicdemand", "transfer"]
    truth = pl.read_parquet(folder / "truth.parquet", columns=columns)
    return truth.join(pl.read_parquet(folder / "pred_hgb.parquet"), on="id")


def of_day(day: int, days: int = 1) -> pl.DataFrame:
    """The rows of some days after `START`."""
    start = (START + timedelta(days=day)).replace(tzinfo=None)
    return elec2().filter(pl.col("timestamp").is_between(start, start + timedelta(days=days), closed="left"))


def incoming(frame: pl.DataFrame, name: str = "rows.parquet") -> IncomingFile:
    """A table as if it had just been uploaded."""
    with storage.work_folder() as folder:
        path = folder / name
        frame.write_csv(path) if name.endswith(".csv") else frame.write_parquet(path)
        return incoming_from_path(path)


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Owner")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner, "Power price")


@pytest.fixture
def reference(project: Project, owner: User) -> DataFile:
    """Two weeks before `START`, read."""
    file = submit_file(
        project=project,
        user=owner,
        upload=incoming(of_day(-14, 14)),
        purpose=DataFile.Purpose.DATA,
        roles={**ROLES, **PREDICTED},
    )
    assert file.job is not None
    reading.read(file.job, NoProgress())()  # type: ignore[arg-type]
    Job.objects.filter(pk=file.job_id).update(state=State.SUCCEEDED)
    file.refresh_from_db()
    return file


@pytest.fixture
def about(reference: DataFile) -> MonitorAbout:
    return MonitorAbout(name="Prices", task="binary", reference=Source(reference), starts_at=START)


@pytest.fixture
def monitor(project: Project, owner: User, about: MonitorAbout) -> Monitor:
    champion = WatchedAbout(version=make_model_version(project))
    return add_monitor(project=project, user=owner, about=about, models=[champion])


@pytest.fixture
def send(monitor: Monitor, owner: User) -> Callable[..., Batch]:
    """Send the batch of a day after `START`, an hour after its end; other rows when they are given."""

    def submit(day: int, frame: pl.DataFrame | None = None, **fields: Any) -> Batch:
        start = START + timedelta(days=day)
        said = {"start": start, "arrived_at": start + timedelta(hours=25), **fields}
        frame = of_day(day).drop("y_true") if frame is None else frame
        return submit_batch(monitor=monitor, user=owner, upload=incoming(frame), **said).batch

    return submit


@pytest.fixture
def finish() -> Callable[[Batch | LabelUpload, Any], None]:
    """Do the worker's part of a row's job with the worker's code."""

    def run(row: Batch | LabelUpload, work: Any) -> None:
        work(row.job, NoProgress())()
        Job.objects.filter(pk=row.job_id).update(state=State.SUCCEEDED)
        row.refresh_from_db()

    return run


@pytest.fixture(autouse=True)
def _nothing_left_behind() -> Iterator[None]:
    """A request deletes what was sent and not kept; what a test hands to a service itself stays."""
    yield
    for path in (settings.STORAGE_DIR / "incoming").glob("*"):
        path.unlink(missing_ok=True)
