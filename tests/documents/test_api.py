"""The design document over REST: the same services, the same rules."""

from __future__ import annotations

import pytest
from rest_framework.test import APIClient

from apps.documents.services import newest_version
from apps.projects.models import Project, Role
from tests.documents.conftest import EVERYTHING
from tests.factories import make_member, make_token, make_user

pytestmark = pytest.mark.django_db


def client_of(user) -> APIClient:  # type: ignore[no-untyped-def]
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user)}")
    return client


@pytest.fixture
def engineer(project: Project) -> APIClient:
    return client_of(make_member(project, Role.ENGINEER))


@pytest.fixture
def base(project: Project) -> str:
    return f"/api/v1/documents/{project.slug}/"


def test_a_section_is_written_and_read(engineer: APIClient, lived_in: Project, base: str) -> None:
    assert engineer.get(base).json()["version"] is None
    body = {"text": f"## Business goal\n\nFewer stops: {EVERYTHING}", "based_on": 0, "note": "First"}
    written = engineer.put(f"{base}sections/problem/", body, format="json")
    assert written.status_code == 200
    document = engineer.get(base).json()
    assert document == written.json()
    problem = document["sections"][0]
    assert (problem["key"], problem["state"], problem["text"]) == ("problem", "draft", body["text"])
    assert [q["title"] for q in problem["questions"] if q["answered"]] == ["Business goal"]
    assert {"code": "R-01", "state": "confirmed"}.items() <= document["references"][3].items()
    assert document["version"]["note"] == "First"


def test_two_writers_get_a_conflict(engineer: APIClient, project: Project, base: str) -> None:
    address = f"{base}sections/data/"
    assert engineer.put(address, {"text": "One", "based_on": 0}, format="json").status_code == 200
    late = engineer.put(address, {"text": "Two", "based_on": 0}, format="json")
    assert late.status_code == 409
    assert late.json()["errors"][0]["code"] == "changed_meanwhile"
    assert "in version 1" in late.json()["detail"]
    assert newest_version(project).sections["data"] == "One"


@pytest.mark.parametrize(
    ("section", "body", "status", "words"),
    [
        ("data", {"text": "x" * 1_000_000, "based_on": 0}, 422, "at most 200,000 fit"),
        ("poetry", {"text": "x", "based_on": 0}, 422, "no section “poetry”"),
        ("data", {"text": "x"}, 400, "required"),
        ("data", {"text": "x", "not_needed": "y", "based_on": 0}, 400, "either text or not_needed"),
        ("data", {"based_on": 0}, 400, "either text or not_needed"),
        ("data", {"text": "a\u0000b", "based_on": 0}, 400, "Null characters"),
        ("data", {"text": ["x"], "based_on": 0}, 400, "Not a valid string"),
        ("data", {"text": "x", "based_on": -1}, 400, "greater than or equal to 0"),
        ("data", {"text": "x", "based_on": 5}, 422, "no version 5"),
    ],
)
def test_bad_input_gets_a_sentence(
    engineer: APIClient, project: Project, base: str, section: str, body: dict, status: int, words: str
) -> None:
    answer = engineer.put(f"{base}sections/{section}/", body, format="json")
    assert answer.status_code == status
    assert words in answer.json()["detail"]
    assert newest_version(project) is None


def test_versions_differences_and_markdown(engineer: APIClient, project: Project, base: str) -> None:
    for number, text in enumerate(("One\nTwo", "One\nThree")):
        engineer.put(f"{base}sections/data/", {"text": text, "based_on": number}, format="json")
    engineer.put(f"{base}sections/model/", {"not_needed": "Rules only", "based_on": 2}, format="json")
    assert [v["number"] for v in engineer.get(f"{base}versions/").json()["results"]] == [3, 2, 1]
    assert engineer.get(f"{base}versions/1/").json()["sections"][2]["text"] == "One\nTwo"
    assert engineer.get(f"{base}versions/9/").status_code == 404
    (change,) = engineer.get(f"{base}difference/?old=1&new=2").json()
    assert change == {
        "section": "data",
        "added": 1,
        "removed": 1,
        "lines": [" One", "-Two", "+Three"],
        "not_needed": {"before": "", "after": ""},
    }
    (marked,) = engineer.get(f"{base}difference/").json()
    assert (marked["section"], marked["not_needed"]) == ("model", {"before": "", "after": "Rules only"})
    assert engineer.get(f"{base}difference/?old=x&new=2").status_code == 404
    assert "Not needed: Rules only" in engineer.get(f"{base}markdown/").text


def test_architecture_decisions(engineer: APIClient, project: Project) -> None:
    address = "/api/v1/architecture-decisions/"
    body = {"project": project.slug, "area": "hardware", "title": "On the gate", "decision": "Runs there."}
    first, second = (engineer.post(address, body, format="json").json() for _ in "12")
    assert (first["code"], second["code"], first["state"]) == ("A-1", "A-2", "proposed")
    refused = engineer.post(f"{address}{first['id']}/settle/", {"state": "accepted"}, format="json")
    assert refused.status_code == 403
    manager = client_of(make_member(project, Role.MANAGER))
    for made in (first, second):
        answer = manager.post(f"{address}{made['id']}/settle/", {"state": "accepted"}, format="json")
        assert answer.json()["state"] == "accepted"
    again = manager.post(f"{address}{first['id']}/settle/", {"state": "rejected"}, format="json")
    assert (again.status_code, again.json()["errors"][0]["code"]) == (409, "decided_already")
    gone = manager.post(f"{address}{first['id']}/supersede/", {"by": 9}, format="json")
    assert (gone.status_code, gone.json()["errors"][0]["code"]) == (422, "cannot_supersede")
    done = manager.post(f"{address}{first['id']}/supersede/", {"by": 2}, format="json").json()
    assert (done["state"], done["superseded_by"]) == ("superseded", 2)
    assert [row["code"] for row in engineer.get(f"{address}?state=accepted").json()["results"]] == ["A-2"]


def test_a_stranger_proposes_nothing_and_a_viewer_neither(project: Project) -> None:
    body = {"project": project.slug, "area": "hardware", "title": "T", "decision": "D"}
    for user, status in ((make_user(), 404), (make_member(project, Role.VIEWER), 403)):
        answer = client_of(user).post("/api/v1/architecture-decisions/", body, format="json")
        assert answer.status_code == status
