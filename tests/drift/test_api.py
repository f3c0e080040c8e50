"""Drift over REST: what is asked, answered and refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.datasets.models import DataFile, Dataset, DatasetVersion
from apps.drift.models import ColumnDrift, DriftReport
from apps.drift.services import Source, set_reference
from apps.jobs.models import Job
from apps.projects.models import Project
from tests.drift.conftest import parquet
from tests.factories import make_drift_report, make_file, make_project, make_token

REPORTS, REFERENCES = "/api/v1/drift-reports/", "/api/v1/drift-references/"
OLD = {"x": [float(i % 10) for i in range(50)], "group": ["a", "b"] * 25}
NEW = {"x": [float(i % 10) + 7 for i in range(50)], "group": ["a", "b"] * 25}


@pytest.fixture
def client(owner: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    return client


@pytest.fixture
def version(project: Project, owner: User, stored: Callable[..., DataFile]) -> DatasetVersion:
    dataset = Dataset.objects.create(project=project, name="Meter")
    return DatasetVersion.objects.create(
        project=project, dataset=dataset, number=1, file=stored(OLD), created_by=owner
    )


def test_a_report_of_data_that_the_portal_has(
    client: APIClient,
    project: Project,
    version: DatasetVersion,
    stored: Callable[..., DataFile],
    finish: Callable[[DriftReport], DriftReport],
) -> None:
    current = stored(NEW)
    asked = {
        "project": project.slug,
        "file_id": str(current.pk),
        "selection": [{"column": "group", "operator": "in", "values": ["a"]}],
        "reference": {"dataset": version.dataset_id},
        "name": "Nightly",
        "columns": {"x": {"method": "ks", "limit": 0.01}},
    }
    answer = client.post(REPORTS, asked, format="json")
    assert answer.status_code == 202, answer.content
    report, job = answer.json()["report"], answer.json()["job"]
    assert answer["Location"] == f"{REPORTS}{report['id']}/"
    assert (report["state"], report["job"]) == ("queued", job["id"])
    assert report["current"]["selection"] == asked["selection"]
    assert report["reference"] == {
        "file": str(version.file_id),
        "file_name": "data.parquet",
        "dataset": version.dataset_id,
        "version": 1,
        "selection": [],
    }
    finish(DriftReport.objects.get(pk=report["id"]))
    found = client.get(answer["Location"]).json()
    assert (found["drifted"], found["reference_rows"], found["current_rows"]) == (2, 50, 25)
    assert all(isinstance(finding["title"], str) for finding in found["result"]["findings"])
    columns = client.get(f"{answer['Location']}columns/", {"verdict": "drift", "q": "X"}).json()["results"]
    assert [(c["name"], c["method"], c["limit"], c["flagged"]) for c in columns] == [("x", "ks", 0.01, True)]
    assert columns[0]["details"]["reference"]["rows"] == 50
    for query, names in (
        ({"q": "GRO"}, ["group"]),
        ({"sort": "name"}, ["group", "x"]),
        ({"sort": "-name"}, ["x", "group"]),
    ):
        page = client.get(f"{answer['Location']}columns/", query).json()["results"]
        assert [column["name"] for column in page] == names
    for query, count in (
        ({"project": project.slug}, 1),
        ({"dataset": version.dataset_id}, 0),  # as the reference only
        ({"is_drift": "true"}, 1),
        ({"is_drift": "false"}, 0),
        ({"series": report["series"]}, 1),
        ({"state": "succeeded"}, 1),
        ({"state": "failed"}, 0),
    ):
        assert client.get(REPORTS, query).json()["count"] == count, query


def test_one_request_uploads_and_asks(
    client: APIClient, project: Project, owner: User, stored: Callable[..., DataFile]
) -> None:
    set_reference(project=project, user=owner, source=Source(stored(OLD)))

    def send(**said: Any) -> Any:
        file = SimpleUploadedFile("new.parquet", parquet(NEW))
        body = {
            "project": project.slug,
            "file": file,
            "selection": '[{"column":"x","operator":"from","values":[8]}]',
        }
        headers = {"Idempotency-Key": "night 7"}
        return client.post(REPORTS, {**body, **said}, format="multipart", headers=headers)

    settings = {"columns": json.dumps({"x": {"kind": "category"}}), "roles": '{"group": "target"}'}
    first, again = send(**settings), send(**settings)
    assert (first.status_code, again.status_code) == (202, 202), first.content
    assert first.json()["report"]["id"] == again.json()["report"]["id"]
    report = DriftReport.objects.get()
    assert report.current_file.purpose == DataFile.Purpose.DATA
    assert report.spec["columns"] == {"x": {"kind": "category"}}
    assert report.spec["roles"] == {"group": "target"}
    assert report.current_selection == [{"column": "x", "operator": "from", "values": [8]}]
    assert send().status_code == 409
    assert send(sha256="0" * 64).status_code == 422
    assert DriftReport.objects.count() == DataFile.objects.count() - 1 == 1


def rows_where(**said: Any) -> dict[str, Any]:
    return {"file_id": "file", "selection": [{"column": "x", "operator": "in", "values": [1], **said}]}


BAD = [
    ({}, 400, "file"),
    ({"file_id": "twice", "dataset": "dataset"}, 400, "file"),
    ({"file_id": "twice", "version": 1}, 400, "version"),
    ({"file_id": "foreign"}, 400, "file_id"),
    ({"file_id": "00000000-0000-0000-0000-000000000000"}, 400, "file_id"),
    ({"dataset": 99_999}, 400, "dataset"),
    ({"dataset": "dataset", "version": 7}, 422, "no_version"),
    ({"file_id": "file", "reference": {}}, 400, "reference.file_id"),
    ({"file_id": "file", "reference": {"file_id": "file"}}, 422, "identical_sides"),
    ({"file_id": "file", "selection": "x"}, 400, "selection"),
    (rows_where(operator="like"), 422, "unknown_operator"),
    (rows_where(values=[]), 422, "no_value"),
    (rows_where(values=[[1]]), 422, "no_value"),
    (rows_where(column="z"), 422, "missing_column"),
    ({"file_id": "file", "columns": [1]}, 400, "columns"),
    ({"file_id": "file", "columns": {"x": {"method": "magic"}}}, 422, "unknown_method"),
    ({"file_id": "file", "columns": {"x": {"kind": "magic"}}}, 400, "columns.x.kind"),
    ({"file_id": "file", "columns": {"x": {"limit": "NaN"}}}, 400, "columns.x.limit"),
    ({"file_id": "file", "columns": {"x": {"limit": -1}}}, 422, "bad_limit"),
    ({"file_id": "file", "columns": {"nothing": {"ignore": True}}}, 422, "missing_column"),
    ({"file_id": "file", "roles": {"x": "magic"}}, 400, "roles.x"),
    ({"file_id": "file", "drift_share": 7}, 422, "out_of_range"),
    ({"file_id": "file", "seed": -1}, 400, "seed"),
    ({"file_id": "file", "name": "n" * 201}, 400, "name"),
]  # fmt: skip


def test_requests_that_cannot_be_met(
    client: APIClient, project: Project, owner: User, version: DatasetVersion, stored: Callable[..., DataFile]
) -> None:
    file = stored(NEW)
    set_reference(project=project, user=owner, source=Source.of_version(version))
    rows = {
        "file": str(file.pk),
        "twice": str(file.pk),
        "foreign": str(make_file(make_project()).pk),
        "dataset": version.dataset_id,
    }

    def named(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: named(each) for key, each in value.items()}
        return rows.get(value, value) if isinstance(value, str) else value

    jobs = Job.objects.count()
    for said, status, what in BAD:
        answer = client.post(REPORTS, {"project": project.slug, **named(said)}, format="json")
        assert answer.status_code == status, (said, answer.content)
        error = answer.json()["errors"][0]
        assert what in (error.get("field"), error["code"]), (said, error)
    assert not DriftReport.objects.exists()
    assert Job.objects.count() == jobs


@pytest.mark.parametrize("field", ["selection", "reference", "columns", "roles"])
@pytest.mark.parametrize("text", ["[" * 200_000, "{", "NaN", '"x"', "[1]"])
def test_json_text_that_is_none(client: APIClient, project: Project, field: str, text: str) -> None:
    body = {"project": project.slug, "file": SimpleUploadedFile("x.csv", b"x\n1\n"), field: text}
    assert client.post(REPORTS, body, format="multipart").status_code == 400
    body[field] = SimpleUploadedFile("y", text.encode())
    body["file"].seek(0)
    assert client.post(REPORTS, body, format="multipart").status_code == 400
    assert not DataFile.objects.exists()


def test_the_reference_of_a_project(
    client: APIClient, project: Project, version: DatasetVersion, stored: Callable[..., DataFile]
) -> None:
    assert client.get(REFERENCES, {"project": project.slug}).json()["count"] == 0
    said = {"project": project.slug, "dataset": version.dataset_id, "reason": "Learned from it"}
    answer = client.post(REFERENCES, said, format="json")
    assert answer.status_code == 200, answer.content
    assert (answer.json()["side"]["version"], answer.json()["reason"]) == (1, "Learned from it")
    other = client.post(REFERENCES, {"project": project.slug, "file_id": str(stored(NEW).pk)}, format="json")
    assert other.json()["id"] == answer.json()["id"]
    (row,) = client.get(REFERENCES).json()["results"]
    assert row == other.json() == client.get(f"{REFERENCES}{row['id']}/").json()
    assert client.post(REFERENCES, {"project": project.slug}, format="json").status_code == 400


def test_methods(client: APIClient) -> None:
    methods = {method["key"]: method for method in client.get("/api/v1/drift-methods/").json()}
    assert methods["wasserstein"]["kinds"] == ["number"]
    assert methods["psi"]["kinds"] == ["number", "category"]
    assert (methods["ks"]["is_p_value"], methods["ks"]["limit"]) == (True, 0.05)
    assert any(method["kinds"] == ["text"] for method in methods.values())


def test_queries_do_not_grow_with_rows(client: APIClient, project: Project, owner: User) -> None:
    report = make_drift_report(project)

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(address, {"page_size": 50})
        assert answer.status_code == 200, answer.content
        assert len(answer.content) < 200_000
        return len(captured)

    def add(count: int) -> None:
        jobs = Job.objects.bulk_create(
            Job(project=project, created_by=owner, task="tests.none", title="Drift") for _ in range(count)
        )
        start = DriftReport.objects.count()
        DriftReport.objects.bulk_create(
            DriftReport(
                project=project,
                number=start + place + 1,
                reference_file=report.reference_file,
                current_file=report.current_file,
                series="0" * 32,
                job=job,
                created_by=owner,
                result={"findings": [{"x": "y" * 500}] * 20},
            )
            for place, job in enumerate(jobs)
        )
        places = report.columns.count()
        data = {"reference": {"rows": 1}, "current": {"rows": 1}}
        ColumnDrift.objects.bulk_create(
            ColumnDrift(
                report=report, place=places + i, name=f"c{i}", kind="number", role="feature",
                verdict="none", flagged=False, data=data,
            )
            for i in range(count)
        )  # fmt: skip

    addresses = [REPORTS, f"{REPORTS}?is_drift=false", f"{REPORTS}{report.pk}/columns/?q=c&sort=-strength"]
    add(3)
    queries(REPORTS)  # notes the use of the token
    few = [queries(address) for address in addresses]
    add(5_000)
    assert [queries(address) for address in addresses] == few
