"""Reports that were really compared, with the worker's code, in the transaction of the test."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

import polars as pl
import pytest

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.datasets import pipeline as reading
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import IncomingFile, incoming_from_path
from apps.drift import pipeline
from apps.drift.models import DriftReport
from apps.jobs.models import Job, State
from apps.projects.models import Project
from tests.factories import make_project, make_user

Columns = Mapping[str, list[Any]]


class NoProgress:
    """The pipelines report to a job; here nobody watches."""

    def __call__(self, message: Message, fraction: float) -> None:
        pass


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Owner")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner, "Demand")


def parquet(columns: Columns) -> bytes:
    content = io.BytesIO()
    pl.DataFrame(columns, strict=False).write_parquet(content)
    return content.getvalue()


@pytest.fixture
def incoming() -> Callable[[Columns], IncomingFile]:
    """A table as if it had just been uploaded."""

    def arrive(columns: Columns) -> IncomingFile:
        with storage.work_folder() as folder:
            path = folder / "data.parquet"
            path.write_bytes(parquet(columns))
            return incoming_from_path(path)

    return arrive


@pytest.fixture
def stored(
    project: Project, owner: User, incoming: Callable[[Columns], IncomingFile]
) -> Callable[..., DataFile]:
    """A table that was uploaded and read."""

    def upload(columns: Columns, **fields: Any) -> DataFile:
        said = {"project": project, "user": owner, "purpose": DataFile.Purpose.DATA, **fields}
        file = submit_file(upload=incoming(columns), **said)
        assert file.job is not None
        reading.read(file.job, NoProgress())()  # type: ignore[arg-type]
        Job.objects.filter(pk=file.job_id).update(state=State.SUCCEEDED)
        file.refresh_from_db()
        return file

    return upload


@pytest.fixture
def finish() -> Callable[[DriftReport], DriftReport]:
    """Do the worker's part of a report with the worker's code."""

    def run(report: DriftReport) -> DriftReport:
        pipeline.run_comparison(report.job, NoProgress())()  # type: ignore[arg-type]
        Job.objects.filter(pk=report.job_id).update(state=State.SUCCEEDED)
        report.refresh_from_db()
        return report

    return run
