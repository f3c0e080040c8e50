"""A project with its people, and what a script of each of them asks with."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.projects.models import Project
from tests.evaluations.conftest import PREDICTIONS, evaluate, read  # noqa: F401
from tests.factories import make_member, make_project, make_token, make_user

Ask = Callable[[User], APIClient]


@pytest.fixture
def ask() -> Ask:
    def client_of(user: User, scope: str = "write") -> APIClient:
        client = APIClient(raise_request_exception=False)
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user, scope)}")
        return client

    return client_of


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Head of Data")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner, "Demand")


@pytest.fixture
def api(owner: User, ask: Ask) -> APIClient:
    """The owner's script."""
    return ask(owner)


@pytest.fixture
def second(project: Project, ask: Ask) -> APIClient:
    """Another manager's script."""
    return ask(make_member(project, "manager"))


@pytest.fixture
def viewer(project: Project, ask: Ask) -> APIClient:
    return ask(make_member(project, "viewer"))


@pytest.fixture
def run(evaluate: Callable[..., Run], read: Callable[..., DataFile]) -> Run:  # noqa: F811
    """A logistic regression on the breast cancer data, evaluated by the worker's code."""
    truth = read(PREDICTIONS / "breast_cancer" / "truth.csv", DataFile.Purpose.TRUTH)
    return evaluate(PREDICTIONS / "breast_cancer" / "pred_lr.csv", truth=truth, positive="malignant")
