"""Runs that were really evaluated and questions that were really answered, in the transaction of the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.analysis import pipeline as analysing
from apps.analysis import services
from apps.analysis.models import Analysis
from apps.compute.messages import Message
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations import pipeline as evaluating
from apps.evaluations.models import Run
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
    return make_project(owner, "Income screening")


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def evaluate(project: Project, owner: User) -> Callable[..., Run]:
    """Submit a run, perhaps with a truth file, and do the worker's part of it with the worker's code."""

    def run(path: Path, truth: Path | None = None, **fields: Any) -> Run:
        file = None
        if truth is not None:
            incoming = incoming_from_path(truth)
            file = submit_file(project=project, user=owner, upload=incoming, purpose=DataFile.Purpose.TRUTH)
        submitted = submit_run(
            project=project,
            user=owner,
            upload=incoming_from_path(path),
            truth=file,
            fields=RunFields(**fields),
        )
        evaluating.run_evaluation(submitted.run.job, NoProgress())()  # type: ignore[arg-type]
        Job.objects.filter(pk=submitted.run.job_id).update(state=State.SUCCEEDED)
        return Run.objects.select_related("project", "file", "truth").get(pk=submitted.run.pk)

    return run


def work_off(analysis: Analysis) -> Analysis:
    """Do the worker's part of an analysis with the worker's code."""
    analysing.run_analysis(analysis.job, NoProgress())()  # type: ignore[arg-type]
    Job.objects.filter(pk=analysis.job_id).update(state=State.SUCCEEDED)
    return Analysis.objects.select_related("job", "run", "project").get(pk=analysis.pk)


@pytest.fixture
def ask(owner: User) -> Callable[..., Analysis]:
    """Put a question to a run and answer it."""

    def put(run: Run, kind: str, **params: Any) -> Analysis:
        return work_off(services.ask(run=run, user=owner, kind=kind, params=params))

    return put


@pytest.fixture
def adult(evaluate: Callable[..., Run]) -> Run:
    """Incomes above 50,000 by logistic regression, judged by 9,769 labels with sex, race and more."""
    folder = PREDICTIONS / "adult"
    return evaluate(folder / "pred_lr.csv.gz", folder / "truth.parquet")


@pytest.fixture
def diabetes(evaluate: Callable[..., Run]) -> Run:
    folder = PREDICTIONS / "diabetes"
    return evaluate(folder / "pred_ridge.csv", folder / "truth.csv")
