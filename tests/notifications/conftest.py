"""Receivers, and a portal that may reach them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

import pytest

from apps.accounts.models import User
from apps.notifications.models import Webhook
from apps.projects.models import Project
from tests.factories import make_project, make_user
from tests.notifications.making import make_webhook
from tests.notifications.receiver import Receiver, running


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Nadia Petrova")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner, "Churn")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as receiver:
        yield receiver


@pytest.fixture
def loopback(settings: Any) -> None:
    """The operator allows the network in which the receivers of the tests are."""
    settings.WEBHOOK_ALLOWED_NETWORKS = [ip_network("127.0.0.0/8")]


@pytest.fixture
def webhook(project: Project, receiver: Receiver, loopback: None) -> Webhook:
    return make_webhook(project, url=receiver.url())
