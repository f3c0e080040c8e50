"""Upload a run from outside a project."""

import pytest
from django.test import Client

from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


def test_only_projects_that_take_runs_are_offered(client: Client) -> None:
    user = make_user()
    mine, other = make_project(user, "Mine"), make_project(user, "Other")
    theirs = make_project(name="Theirs")
    theirs.memberships.create(user=user, role="viewer")
    client.force_login(user)
    offered = [project.slug for project in client.get("/projects/upload/").context["projects"]]
    assert offered == [mine.slug, other.slug]


def test_the_only_project_is_opened_at_once(client: Client) -> None:
    project = make_project()
    client.force_login(make_member(project, "engineer"))
    assert client.get("/projects/upload/")["Location"] == f"/projects/{project.slug}/runs/upload/"


def test_without_a_project_the_page_says_what_to_do(client: Client) -> None:
    client.force_login(make_user())
    assert "No project takes runs from you" in client.get("/projects/upload/").text
