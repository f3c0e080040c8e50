"""Fixtures of the fault tests. ``stack`` is a whole portal that a test may break as it likes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from pytest_django import DjangoDbBlocker, Settings

from apps.accounts.models import User
from apps.projects.models import Membership, Project, Role
from tests.faults.stack import LEASE_SECONDS, SWEEP_SECONDS, Stack, wait_for
from tests.portal import others_at_work


@pytest.fixture(scope="session")
def started_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    stack = Stack(tmp_path_factory.mktemp("stack"))
    try:
        stack.start_postgres()
        stack.start_valkey()
        stack.migrate()
        with psycopg.connect(stack.postgres.url, autocommit=True) as database:
            database.execute("CREATE TABLE fault_effect (job_id uuid NOT NULL)")
        yield stack
    finally:
        stack.close()


def empty_tables() -> None:
    """Again when the sweep of the running stack began in between, and PostgreSQL ended the deadlock here."""
    for _ in range(4):
        with suppress(OperationalError), connection.cursor() as cursor:
            cursor.execute("TRUNCATE accounts_user, fault_effect CASCADE")
            return
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE accounts_user, fault_effect CASCADE")


@pytest.fixture
def stack(
    started_stack: Stack,
    django_db_blocker: DjangoDbBlocker,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Stack]:
    """PostgreSQL, Valkey, a worker with two children, and beat: all run, and nothing is in the database.

    The test process talks to the same two services.
    """
    started_stack.heal()
    usual = connections["default"].settings_dict.copy()
    connections["default"].close()
    connections["default"].settings_dict.update(started_stack.connection_settings())
    monkeypatch.setenv("CELERY_BROKER_URL", started_stack.valkey.url)  # Celery prefers it to the settings
    settings.JOB_LEASE_SECONDS = LEASE_SECONDS
    settings.JOB_SWEEP_SECONDS = SWEEP_SECONDS
    try:
        with django_db_blocker.unblock():
            wait_for(lambda: not others_at_work(), what="the jobs of the last test to end")
            empty_tables()
            yield started_stack
            connection.close()
    finally:
        connections["default"].settings_dict.clear()
        connections["default"].settings_dict.update(usual)


@pytest.fixture
def engineer(stack: Stack) -> User:
    return User.objects.create_user("engineer@example.com")


@pytest.fixture
def project(stack: Stack, engineer: User) -> Project:
    project = Project.objects.create(name="Churn", slug="churn", created_by=engineer)
    Membership.objects.create(project=project, user=engineer, role=Role.ENGINEER)
    return project
