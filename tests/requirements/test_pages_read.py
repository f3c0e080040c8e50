"""What the pages of requirements say, read as people of each role do."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.projects.models import Project, Role
from tests.factories import make_member
from tests.requirements.story import conflict_of, tell

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("adult")


@pytest.fixture
def project(db: None, folder: Path) -> Project:
    return tell(folder)


def reader(project: Project, role: Role = Role.VIEWER) -> Client:
    client = Client()
    client.force_login(make_member(project, role))
    return client


def page(client: Client, project: Project, name: str, *args: object, query: str = "") -> str:
    answer = client.get(reverse(f"requirements:{name}", args=[project.slug, *args]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("list", ()),
        ("create", ()),
        ("detail", (1,)),
        ("detail", (4,)),
        ("detail", (5,)),
        ("edit", (1,)),
        ("evidence", (4,)),
        ("waiver", (1,)),
        ("withdraw", (1,)),
        ("stakeholders", ()),
        ("matrix", ()),
        ("calculator", ()),
        ("value", ()),
    ],
)
def test_pages_open(project: Project, name: str, args: tuple[object, ...]) -> None:
    html = page(reader(project, Role.MANAGER), project, name, *args)
    assert html.count("<h1") == 1


def test_conflict_opens(project: Project) -> None:
    conflict = conflict_of(project)
    html = page(reader(project, Role.MANAGER), project, "conflict", conflict.pk)
    card = page(reader(project, Role.MANAGER), project, "conflict-card", conflict.pk)
    assert "figure-tradeoff" in html
    assert "figure-tradeoff" in card
