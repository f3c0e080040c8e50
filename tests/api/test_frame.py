"""What every API answer has in common: problem details, pages, the schema."""

import io

import pytest
from django.core.management import call_command
from rest_framework.test import APIClient

from apps.common.problems import CONTENT_TYPE
from tests.factories import make_member, make_project, make_token, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(make_user())}")
    return client


def test_the_schema_is_valid_and_without_warnings() -> None:
    out = io.StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=out)
    assert "openapi: 3.1.0" in out.getvalue()
    assert "/api/v1/runs/" in out.getvalue()


def test_anonymous_requests_are_told_how_to_sign_in() -> None:
    answer = APIClient().get("/api/v1/projects/")
    assert answer.status_code == 401
    assert answer["Content-Type"] == CONTENT_TYPE
    assert answer["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.json()["status"] == 401


def test_a_wrong_field_is_named(client: APIClient) -> None:
    answer = client.post("/api/v1/projects/", {"name": ""})
    body = answer.json()
    assert answer.status_code == 400
    assert answer["Content-Type"] == CONTENT_TYPE
    assert body["title"] == "Bad Request"
    assert body["instance"] == "/api/v1/projects/"
    assert [e["field"] for e in body["errors"]] == ["name"]


def test_a_wrong_field_deep_inside_is_named(client: APIClient) -> None:
    data = {"project": "x", "file_id": "00000000-0000-0000-0000-000000000000", "roles": {"y": "truth"}}
    errors = client.post("/api/v1/runs/", data).json()["errors"]
    assert [e["field"] for e in errors] == ["roles.y.role"]
    assert "truth" in errors[0]["detail"]


def test_broken_json_is_a_problem(client: APIClient) -> None:
    answer = client.post("/api/v1/projects/", "{", content_type="application/json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == CONTENT_TYPE
    assert "JSON" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("get", "/api/v1/nothing/", 404),
        ("get", "/api/v2/", 404),
        ("get", "/api/v1/projects/nothing/", 404),
        ("get", "/api/v1/jobs/not-a-uuid/", 404),
        ("get", "/api/v1/runs/abc/", 404),
        ("delete", "/api/v1/projects/", 405),
    ],
)
def test_other_errors_are_problems_too(client: APIClient, method: str, address: str, status: int) -> None:
    answer = getattr(client, method)(address)
    assert answer.status_code == status
    assert answer["Content-Type"] == CONTENT_TYPE
    assert answer.json()["detail"]


def test_a_refusal_by_role_says_which_role_is_needed() -> None:
    project = make_project()
    client = APIClient()
    client.force_login(make_member(project, "viewer"))
    answer = client.patch(f"/api/v1/projects/{project.slug}/", {"name": "Mine"})
    assert answer.status_code == 403
    assert "Manager" in answer.json()["detail"]


def test_lists_come_in_pages(client: APIClient) -> None:
    for number in range(3):
        client.post("/api/v1/projects/", {"name": f"P {number}"})
    body = client.get("/api/v1/projects/?page_size=2").json()
    assert (body["count"], len(body["results"]), body["previous"]) == (3, 2, None)
    assert client.get(body["next"]).json()["results"][0]["name"] == "P 2"
    assert client.get("/api/v1/projects/?page=9").status_code == 404


def test_members_over_the_api(client: APIClient) -> None:
    slug = client.post("/api/v1/projects/", {"name": "Team"}).json()["slug"]
    person = make_user("ML engineer")
    added = client.post(f"/api/v1/projects/{slug}/members/", {"email": person.email, "role": "engineer"})
    assert added.status_code == 201
    member = f"/api/v1/projects/{slug}/members/{added.json()['id']}/"
    assert client.patch(member, {"role": "manager"}).json()["role"] == "manager"
    assert client.delete(member).status_code == 204
    assert len(client.get(f"/api/v1/projects/{slug}/members/").json()["results"]) == 1
    refused = client.post(f"/api/v1/projects/{slug}/members/", {"email": "no@example.org", "role": "viewer"})
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["code"] == "unknown_person"


def test_the_documentation_pages_are_served_from_here(client: APIClient) -> None:
    client.force_login(make_user())
    for address in ("/api/docs/", "/api/redoc/"):
        page = client.get(address)
        assert page.status_code == 200
        assert "cdn" not in page.content.decode()
