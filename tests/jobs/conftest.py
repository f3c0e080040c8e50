"""A job in a project, with an engineer who may do everything with it."""

from __future__ import annotations

import pytest

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.projects.models import Project, Role
from tests.factories import make_job, make_member, make_project


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def engineer(project: Project) -> User:
    return make_member(project, Role.ENGINEER)


@pytest.fixture
def job(project: Project) -> Job:
    return make_job(project)
