"""Fixtures of the fault tests. ``stack`` is a whole portal that a test may break as it likes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from celery import current_app
from django.db import connection, connections
from pytest_django import DjangoDbBlocker, Settings

from apps.accounts.models import User
from apps.projects.models import Membership, Project, Role
from tests.faults.stack import LEASE_SECONDS, SWEEP_SECONDS, Stack


@pytest.fixture
def stack(
    tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker, settings: Settings
) -> Iterator[Stack]:
    """PostgreSQL, Valkey, a worker with two children, and beat. The test process talks to the same two."""
    stack = Stack(tmp_path_factory.mktemp("stack"))
    usual = connections["default"].settings_dict.copy()
    broker = current_app.conf.broker_url
    connections["default"].close()
    try:
        stack.start_postgres()
        stack.start_valkey()
        stack.migrate()
        connections["default"].settings_dict.update(stack.connection_settings())
        current_app.conf.broker_url = stack.valkey.url
        settings.JOB_LEASE_SECONDS = LEASE_SECONDS
        settings.JOB_SWEEP_SECONDS = SWEEP_SECONDS
        with django_db_blocker.unblock():
            with connection.cursor() as cursor:
                cursor.execute("CREATE TABLE fault_effect (job_id uuid NOT NULL)")
            stack.start_worker()
            stack.start_beat()
            yield stack
            connection.close()
    finally:
        stack.close()
        connections["default"].settings_dict.update(usual)
        current_app.conf.broker_url = broker


@pytest.fixture
def engineer(stack: Stack) -> User:
    return User.objects.create_user("engineer@example.com")


@pytest.fixture
def project(stack: Stack, engineer: User) -> Project:
    project = Project.objects.create(name="Churn", slug="churn", created_by=engineer)
    Membership.objects.create(project=project, user=engineer, role=Role.ENGINEER)
    return project
