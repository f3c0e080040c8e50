"""The pages of projects."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.projects.models import Project, Role
from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(client: Client):
    user = make_user("Product manager")
    client.force_login(user)
    return user


def test_a_project_is_made_and_found(client: Client, person) -> None:
    made = client.post(
        "/projects/new/",
        {"name": "Fresh food demand", "description": "Less waste.", "use_case": "forecasting"},
    )
    assert made["Location"] == "/projects/fresh-food-demand/"
    assert "Fresh food demand" in client.get("/?q=waste").text


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


def test_whoever_leaves_a_project_lands_on_the_list(client: Client, person) -> None:
    project = make_project(person, "Churn")
    make_member(project, Role.OWNER)
    own = project.memberships.get(user=person)
    answer = client.post(f"/projects/churn/members/{own.pk}/", {"remove": "1"}, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    assert "Product manager is no member any more." in answer.text


def test_the_last_owner_is_told_why_they_stay(client: Client, person) -> None:
    project = make_project(person, "Churn")
    own = project.memberships.get()
    page = client.post(f"/projects/churn/members/{own.pk}/", {"role": "viewer"}, follow=True).text
    assert "A project needs an owner." in page
    assert project.memberships.get().role == Role.OWNER


def test_a_role_that_is_none_changes_nothing(client: Client, person) -> None:
    project = make_project(person, "Churn")
    make_member(project, Role.VIEWER)
    member = project.memberships.get(role=Role.VIEWER)
    page = client.post(f"/projects/churn/members/{member.pk}/", {"role": "king"}, follow=True).text
    assert "There is no such role." in page
    assert "has the role" not in page
    member.refresh_from_db()
    assert member.role == Role.VIEWER


def test_a_member_is_added_by_address_and_a_typing_error_is_kept(client: Client, person) -> None:
    project = make_project(person, "Churn")
    other = make_user("ML engineer")
    page = client.post("/projects/churn/members/", {"email": "nobody@example.org", "role": "manager"}).text
    assert "Nobody here signs in as nobody@example.org" in page
    assert 'value="nobody@example.org"' in page
    assert 'value="manager" selected' in page
    client.post("/projects/churn/members/", {"email": other.email, "role": "engineer"})
    assert project.memberships.get(user=other).role == Role.ENGINEER


def test_the_api_needs_as_many_queries_for_many_projects(client: Client, person) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/api/v1/projects/").status_code == 200
        return len(captured)

    for _ in range(10):
        make_project(person)
    few = queries()
    for _ in range(190):
        make_project(person)
    assert queries() == few <= 6


@pytest.mark.parametrize("address", ["/projects/churn/members/", "/api/v1/projects/churn/members/"])
def test_members_need_as_many_queries_for_many_people(client: Client, person, address: str) -> None:
    project = make_project(person, "Churn")

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(address).status_code == 200
        return len(captured)

    few = queries()
    for _ in range(30):
        make_member(project, Role.VIEWER)
    assert queries() == few <= 8
