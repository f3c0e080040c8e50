"""Data sets, comparisons and baselines over REST: the same rules as on the pages."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.datasets.models import DataFile, Dataset
from apps.evaluations.models import Baseline, Comparison, Model
from apps.projects.models import Project, Role
from tests.factories import make_file, make_member, make_project, make_run

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def api(project: Project) -> APIClient:
    client = APIClient()
    client.force_login(project.created_by)
    return client


def _as(project: Project, role: Role) -> APIClient:
    client = APIClient()
    client.force_login(make_member(project, role))
    return client


def _runs(project: Project, count: int = 2, **fields: Any) -> list[int]:
    usual = {"task": "binary", "result": {}, "roles": {"id": {"role": "id", "label": ""}}, **fields}
    return [make_run(project, **usual).pk for _ in range(count)]


def test_runs_are_compared_once(api: APIClient, project: Project) -> None:
    runs = _runs(project)
    answers = [
        api.post("/api/v1/comparisons/", {"project": project.slug, "runs": runs}, format="json")
        for _ in range(2)
    ]
    assert [answer.status_code for answer in answers] == [202, 202]
    first, second = (answer.json() for answer in answers)
    assert first["comparison"]["id"] == second["comparison"]["id"]
    assert first["comparison"]["runs"] == runs
    assert (first["job"]["state"], first["comparison"]["state"]) == ("queued", "queued")
    address = answers[0]["Location"]
    assert api.get(address).json()["result"] is None
    Comparison.objects.update(result={"n": 5})
    assert api.get(address).json()["result"] == {"n": 5}
    query = {"project": project.slug, "with_baseline": "false", "run": runs[1]}
    assert api.get("/api/v1/comparisons/", query).json()["count"] == 1
    assert api.get("/api/v1/comparisons/", {"with_baseline": "true"}).json()["count"] == 0
    assert api.get("/api/v1/comparisons/", {"colour": "red"}).status_code == 400


@pytest.mark.parametrize(("count", "status"), [(0, 400), (1, 400), (21, 400), (20, 202)])
def test_two_to_twenty_runs_are_compared(api: APIClient, project: Project, count: int, status: int) -> None:
    body = {"project": project.slug, "runs": _runs(project, count)}
    assert api.post("/api/v1/comparisons/", body, format="json").status_code == status


def test_runs_of_others_are_not_there(api: APIClient, project: Project) -> None:
    body = {"project": project.slug, "runs": [*_runs(project, 1), *_runs(make_project(), 1)]}
    assert api.post("/api/v1/comparisons/", body, format="json").status_code == 400
    unfinished = {"project": project.slug, "runs": _runs(project, 1) + _runs(project, 1, result=None)}
    refused = api.post("/api/v1/comparisons/", unfinished, format="json")
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "run_unfinished")


def test_the_baseline_is_named_by_its_models_name(api: APIClient, project: Project) -> None:
    Model.objects.create(project=project, name="Same as yesterday")
    body = {"project": project.slug, "model": "Same as yesterday", "kind": "last_value", "description": "d"}
    answer = api.post("/api/v1/baselines/", body, format="json")
    assert answer.status_code == 200, answer.content
    assert answer.json()["model"] == "Same as yesterday"
    assert api.post("/api/v1/baselines/", {**body, "kind": "rule"}, format="json").json()["kind"] == "rule"
    assert Baseline.objects.count() == 1
    assert api.get("/api/v1/baselines/", {"project": project.slug}).json()["count"] == 1
    for wrong in ({"model": "Nobody"}, {"kind": "magic"}, {"description": "x" * 1_001}):
        assert api.post("/api/v1/baselines/", {**body, **wrong}, format="json").status_code == 400


def test_a_data_set_gets_versions(api: APIClient, project: Project) -> None:
    body = {"project": project.slug, "name": "Hold-out", "role": "holdout"}
    answer = api.post("/api/v1/datasets/", body, format="json")
    assert answer.status_code == 201, answer.content
    address = f"/api/v1/datasets/{answer.json()['id']}/"
    file = make_file(project, purpose=DataFile.Purpose.TRUTH)
    added = api.post(f"{address}versions/", {"file": str(file.pk), "note": "cleaned"}, format="json")
    assert (added.status_code, added.json()["number"]) == (201, 1)
    same = api.post(f"{address}versions/", {"file": str(file.pk)}, format="json")
    assert (same.status_code, same.json()["errors"][0]["code"]) == (422, "same_content")
    foreign = make_file(make_project(), purpose=DataFile.Purpose.TRUTH)
    assert api.post(f"{address}versions/", {"file": str(foreign.pk)}, format="json").status_code == 400
    assert [version["file_name"] for version in api.get(address).json()["versions"]] == [file.name]
    assert api.post("/api/v1/datasets/", body, format="json").status_code == 422  # the name is taken


@pytest.mark.parametrize("name", ["dataset", "comparison", "baseline"])
def test_who_may_post(project: Project, name: str) -> None:
    """The project is in the body. An outsider does not learn that it is there."""
    Model.objects.create(project=project, name="Rule")
    body = {
        "dataset": {"name": "Hold-out"},
        "comparison": {"runs": _runs(project)},
        "baseline": {"model": "Rule", "kind": "rule"},
    }[name] | {"project": project.slug}
    address = f"/api/v1/{name}s/"
    allowed = {"dataset": 201, "comparison": 202, "baseline": 200}[name]
    assert APIClient().post(address, body, format="json").status_code == 401
    outsider = APIClient()
    outsider.force_login(make_project().created_by)
    assert outsider.post(address, body, format="json").status_code == 404
    assert _as(project, Role.VIEWER).post(address, body, format="json").status_code == 403
    engineer = _as(project, Role.ENGINEER).post(address, body, format="json").status_code
    assert engineer == (403 if name == "baseline" else allowed)
    if name == "baseline":
        assert _as(project, Role.MANAGER).post(address, body, format="json").status_code == allowed
    assert Dataset.objects.count() + Comparison.objects.count() + Baseline.objects.count() == 1
