"""Runs that were really evaluated, in the transaction of the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.datasets import pipeline as reading
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations import comparing, pipeline
from apps.evaluations.models import Comparison, Run
from apps.evaluations.services import RunFields, submit_run
from apps.jobs.models import Job, State
from apps.projects.models import Project
from tests.factories import make_project, make_user

PREDICTIONS = Path(__file__).parents[1] / "data" / "predictions"


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


@pytest.fixture
def read(project: Project, owner: User) -> Callable[..., DataFile]:
    """Upload a file and read it with the worker's code."""

    def upload(path: Path, purpose: str = DataFile.Purpose.PREDICTIONS) -> DataFile:
        file = submit_file(project=project, user=owner, upload=incoming_from_path(path), purpose=purpose)
        reading.read(file.job, NoProgress())()
        Job.objects.filter(pk=file.job_id).update(state=State.SUCCEEDED)
        file.refresh_from_db()
        return file

    return upload


@pytest.fixture
def evaluate(project: Project, owner: User) -> Callable[..., Run]:
    """Submit a run and do the worker's part of it with the worker's code."""

    def run(path: Path, truth: DataFile | None = None, parent: Run | None = None, **fields: Any) -> Run:
        submitted = submit_run(
            project=project,
            user=owner,
            upload=incoming_from_path(path),
            truth=truth,
            parent=parent,
            fields=RunFields(**fields),
        )
        pipeline.run_evaluation(submitted.run.job, NoProgress())()
        Job.objects.filter(pk=submitted.run.job_id).update(state=State.SUCCEEDED)
        return Run.objects.get(pk=submitted.run.pk)

    return run


@pytest.fixture
def finish() -> Callable[[Comparison], Comparison]:
    """Do the worker's part of a comparison with the worker's code."""

    def run(comparison: Comparison) -> Comparison:
        comparing.run_comparison(comparison.job, NoProgress())()
        Job.objects.filter(pk=comparison.job_id).update(state=State.SUCCEEDED)
        return Comparison.objects.get(pk=comparison.pk)

    return run


@pytest.fixture
def sentiment(read: Callable[..., DataFile]) -> DataFile:
    """The truth of the sentiment data: 2,400 sentences."""
    return read(PREDICTIONS / "sentiment" / "truth.csv", DataFile.Purpose.TRUTH)
