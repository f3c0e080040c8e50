"""Model versions, their stages and retraining over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.evaluations.models import ModelVersion
from apps.projects.models import Project, Role
from apps.releases.models import ReleaseRule, Stage
from tests.factories import make_member, make_model_version, make_project, make_token
from tests.releases.world import make_champion, name_trainer, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def version(project: Project) -> ModelVersion:
    return make_model_version(project)


def client_of(project: Project, role: Role = Role.OWNER) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(make_member(project, role))}")
    return client


@pytest.fixture
def api(project: Project) -> APIClient:
    return client_of(project)


def post(client: APIClient, address: str, status: int, **body: Any) -> Any:
    answer = client.post(f"/api/v1/{address}", body, format="json")
    assert answer.status_code == status, answer.content
    return answer.json()


def rows(client: APIClient, address: str) -> list[Any]:
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 200, answer.content
    return list(answer.json()["results"])


def test_versions_with_their_stages(api: APIClient, project: Project, version: ModelVersion) -> None:
    make_champion(version)
    rule = make_model_version(project, kind="baseline")
    make_model_version(make_project())
    found = {row["id"]: row for row in rows(api, f"model-versions/?project={project.slug}")}
    assert {pk: row["stage"] for pk, row in found.items()} == {version.pk: "champion", rule.pk: "candidate"}
    assert found[rule.pk]["since"] is None
    assert (found[version.pk]["project"], found[version.pk]["model_name"]) == (project.slug, "Model ml")
    assert [row["id"] for row in rows(api, "model-versions/?stage=champion")] == [version.pk]
    assert [row["id"] for row in rows(api, f"model-versions/?model={rule.model_id}")] == [rule.pk]
    assert api.get("/api/v1/model-versions/?stage=live").status_code == 400


def test_a_version_is_moved(api: APIClient, version: ModelVersion) -> None:
    address = f"model-versions/{version.pk}/stage/"
    change = post(api, address, 201, stage="approved", reason="Beats the rule")
    assert (change["stage"], change["reason"], change["advice"]) == ("approved", "Beats the rule", None)
    problem = post(api, address, 409, stage="approved", reason="Again")
    assert problem["errors"][0]["code"] == "decided_already"
    problem = post(api, address, 422, stage="champion", reason="Now", at="2020-01-01T00:00:00Z")
    assert problem["errors"][0]["code"] == "before_last_move"
    post(api, address, 400, stage="champion")
    post(api, address, 400, stage="live", reason="Now")
    listed = rows(api, f"stage-changes/?version={version.pk}")
    assert [row["stage"] for row in listed] == ["approved"]
    assert "advice" not in listed[0]


def test_a_gate_that_is_not_passed(api: APIClient, project: Project, version: ModelVersion) -> None:
    ReleaseRule.objects.create(project=project, needs_gate=True)
    problem = post(api, f"model-versions/{version.pk}/stage/", 422, stage="approved", reason="Now")
    assert problem["errors"][0]["code"] == "gate_not_passed"


def test_engineers_do_not_approve(project: Project, version: ModelVersion) -> None:
    engineer = client_of(project, Role.ENGINEER)
    address = f"model-versions/{version.pk}/stage/"
    post(engineer, address, 403, stage="approved", reason="Now")
    post(engineer, address, 201, stage="shadow", reason="To see it live")


def test_retraining_is_asked_for_and_answered(
    api: APIClient, project: Project, version: ModelVersion
) -> None:
    body: dict[str, Any] = {"project": project.slug, "model": version.model_id, "reason": "It is old"}
    problem = post(api, "retraining-requests/", 422, **body)
    assert problem["errors"][0]["code"] == "no_trainer"
    name_trainer(project)
    asked = post(api, "retraining-requests/", 201, **body, details={"alert": 7})
    assert (asked["number"], asked["state"], asked["delivery_state"]) == (1, "asked", "waiting")
    assert asked["details"] == {"alert": 7}
    trainer = client_of(project, Role.ENGINEER)
    address = f"retraining-requests/{asked['id']}/answer/"
    assert post(trainer, address, 200, state="running")["state"] == "running"
    done = {"state": "done", "version_label": "2026-04", "cost": 12.5, "note": "On the data of March"}
    answered = post(trainer, address, 200, **done)
    assert (answered["state"], answered["version_label"], answered["cost"]) == ("done", "2026-04", 12.5)
    assert post(trainer, address, 200, **done) == answered
    assert post(trainer, address, 409, state="failed")["errors"][0]["code"] == "decided_already"
    assert rows(api, "retraining-requests/?state=done")[0]["version"] == answered["version"]
    times = api.get(f"/api/v1/retraining-requests/times/?project={project.slug}").json()
    assert (times["ended"], times["done"], times["p90"], times["cost"]) == (1, 1, None, 12.5)


@pytest.mark.parametrize(
    "body",
    [
        {"state": "asked"},
        {"state": 7},
        {"state": "failed", "cost": "a lot"},
        {"state": "failed", "cost": -1},
        {"state": "failed", "ended_at": "yesterday"},
        {"state": "done", "version_label": "x" * 121},
        [],
        "done",
    ],
    ids=str,
)
def test_bad_answers_are_problems(api: APIClient, project: Project, version: ModelVersion, body: Any) -> None:
    name_trainer(project)
    asked = post(
        api,
        "retraining-requests/",
        201,
        project=project.slug,
        model=version.model_id,
        reason="It is old",
    )
    answer = api.post(f"/api/v1/retraining-requests/{asked['id']}/answer/", body, format="json")
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("details", ["text", [1], {"a": "b\x00c"}, {"rows": "x" * 20_000}], ids=str)
def test_bad_details_are_problems(
    api: APIClient, project: Project, version: ModelVersion, details: Any
) -> None:
    name_trainer(project)
    body = {"project": project.slug, "model": version.model_id, "reason": "It is old", "details": details}
    answer = api.post("/api/v1/retraining-requests/", body, format="json")
    assert answer.status_code in (400, 422), answer.content


def test_the_list_asks_as_often_for_many_versions_as_for_few(api: APIClient, project: Project) -> None:
    rows(api, "model-versions/")  # the first use of a token is recorded
    counted = []
    for labels in (range(2), range(2, 30)):
        for label in labels:
            stand(make_model_version(project, str(label)), Stage.SHADOW)
        with CaptureQueriesContext(connection) as queries:
            rows(api, "model-versions/")
        counted.append(len(queries))
    assert counted[0] == counted[1]
