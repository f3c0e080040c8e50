"""The pages of projects."""

import pytest
from django.test import Client

from apps.projects.models import Project
from tests.factories import make_job, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client):
    user = make_user("Product manager")
    client.force_login(user)
    return user


def test_nobody_has_a_project_at_first(client: Client, person) -> None:
    page = client.get("/projects/").text
    assert "No projects yet" in page
    assert "Start a project" in page


def test_a_project_is_made_and_found(client: Client, person) -> None:
    made = client.post("/projects/new/", {"name": "Fresh food demand", "description": "Less waste."})
    assert made["Location"] == "/projects/fresh-food-demand/"
    assert "Fresh food demand" in client.get("/projects/?q=waste").text
    assert "No project fits “froud”" in client.get("/projects/?q=froud").text


def test_nothing_typed_is_lost_on_an_error(client: Client, person) -> None:
    make_project(person, "Churn")
    page = client.post(
        "/projects/new/", {"name": "Mine", "slug": "churn", "description": "Typed with care"}
    ).text
    assert "Typed with care" in page
    assert "This short name is taken" in page
    assert Project.objects.count() == 1


def test_names_are_escaped(client: Client, person) -> None:
    project = make_project(person, "<script>alert(1)</script>")
    page = client.get(f"/projects/{project.slug}/").text
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


def test_sorting_by_activity_puts_the_newest_first(client: Client, person) -> None:
    quiet, busy = make_project(person, "Quiet"), make_project(person, "Busy")
    make_job(busy)
    names = [p.name for p in client.get("/projects/?sort=-activity").context["object_list"]]
    assert set(names) == {quiet.name, busy.name}
    assert client.get("/projects/?sort=nonsense").status_code == 200


def test_the_list_needs_as_many_queries_for_many_projects(client: Client, person, django_assert_num_queries):
    def queries() -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get("/projects/").status_code == 200
        return len(captured)

    for _ in range(10):
        make_project(person)
    few = queries()
    for _ in range(190):
        make_project(person)
    assert queries() == few <= 10
