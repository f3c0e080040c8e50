"""Data sets, versions and differences over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from apps.datasets.differences import run_difference
from apps.datasets.models import DataFile, Dataset, DatasetVersion, VersionDifference
from apps.projects.models import Project, Role
from tests.datasets.conftest import AddVersion
from tests.factories import make_file, make_member, make_project

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def api(project: Project) -> APIClient:
    client = APIClient()
    client.force_login(project.created_by)
    return client


def test_what_is_known_is_given_and_changed(api: APIClient, project: Project) -> None:
    body = {
        "project": project.slug,
        "name": "Meters",
        "role": "production",
        "source": "The grid",
        "special_values": {"*": [-200], "load": ["n/k", 1.5]},
        "key_columns": ["meter", " day"],
    }
    answer = api.post("/api/v1/datasets/", body, format="json")
    assert answer.status_code == 201, answer.content
    given = answer.json()
    assert {name: given[name] for name in body} == body
    assert (given["owner"], given["current_version"]) == (project.created_by.email, None)
    address = f"/api/v1/datasets/{given['id']}/"
    changed = api.patch(address, {"owner": None, "rights": "Ours", "time_column": "day"}, format="json")
    assert changed.status_code == 200, changed.content
    known = api.get(address).json()
    assert (known["owner"], known["rights"], known["source"]) == (None, "Ours", "The grid")
    assert known["key_columns"] == ["meter", " day"]


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"special_values": {"load": []}}, 422),
        ({"special_values": {"load": list(range(21))}}, 422),
        ({"special_values": {str(i): [1] for i in range(101)}}, 422),
        ({"special_values": {"load": [{"a": 1}]}}, 422),
        ({"special_values": {"load": [10**400]}}, 422),
        ({"special_values": {"load": ["x" * 201]}}, 422),
        ({"special_values": {"a\x00": ["x"]}}, 422),
        ({"special_values": [1]}, 400),
        ({"key_columns": [f"k{i}" for i in range(11)]}, 422),
        ({"key_columns": ["a", "a"]}, 422),
        ({"key_columns": "id"}, 400),
        ({"owner": "nobody@example.org"}, 400),
        ({"rights": "x" * 2_001}, 400),
        ({"name": ""}, 400),
    ],
)
def test_what_cannot_be_known(api: APIClient, dataset: Dataset, wrong: dict[str, Any], status: int) -> None:
    address = f"/api/v1/datasets/{dataset.pk}/"
    before = api.get(address).json()
    answer = api.patch(address, wrong, format="json")
    assert answer.status_code == status, answer.content
    assert api.get(address).json() == before


def test_columns_are_those_of_the_version_in_force(
    api: APIClient, dataset: Dataset, version_of: AddVersion
) -> None:
    version_of("id,load\n1,2\n")
    address = f"/api/v1/datasets/{dataset.pk}/"
    for wrong in ({"key_columns": [SCRIPT]}, {"time_column": "day"}, {"special_values": {"Load": [1]}}):
        answer = api.patch(address, wrong, format="json")
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (422, "missing_column")
    assert api.patch(address, {"key_columns": ["id"]}, format="json").status_code == 200


def test_a_version_is_uploaded(api: APIClient, dataset: Dataset) -> None:
    address = f"/api/v1/datasets/{dataset.pk}/versions/"

    def send(text: str, **fields: Any) -> Any:
        body = {"file": SimpleUploadedFile("may.csv", text.encode()), **fields}
        return api.post(address, body, format="multipart")

    first = send("id\n1\n", note="First")
    assert first.status_code == 201, first.content
    said = first.json()
    assert (said["number"], said["state"], said["origin"], said["parent"]) == (1, "in_force", "api", None)
    assert DataFile.objects.get(pk=said["file"]).purpose == DataFile.Purpose.DATA
    assert said["job"] is not None
    assert send("id\n2\n").json()["parent"] == 1
    assert send("id\n3\n", parent=1).json()["parent"] == 1
    assert send("id\n3\n").json()["errors"][0]["code"] == "same_content"
    assert send("id\n4\n", sha256="0" * 64).json()["errors"][0]["code"] == "wrong_checksum"
    assert send("").status_code == 400
    assert send("id\n4\n", parent=9).status_code == 400
    assert api.post(address, {"note": "No file"}, format="multipart").status_code == 400
    assert dataset.versions.count() == 3


def test_which_files_become_versions(api: APIClient, project: Project, dataset: Dataset) -> None:
    holdout = Dataset.objects.create(project=project, name="Hold-out", role=Dataset.Role.HOLDOUT)
    foreign = make_file(make_project(), purpose=DataFile.Purpose.DATA)

    def send(to: Dataset, file: DataFile) -> Any:
        return api.post(f"/api/v1/datasets/{to.pk}/versions/", {"file": str(file.pk)}, format="json")

    data, truth = (make_file(project, purpose=purpose) for purpose in ("data", "truth"))
    assert send(dataset, data).status_code == 201
    assert send(dataset, truth).status_code == 201
    assert send(holdout, truth).status_code == 201
    assert send(holdout, data).json()["errors"][0]["code"] == "not_a_truth_file"
    assert send(dataset, make_file(project)).json()["errors"][0]["code"] == "predictions_file"
    assert send(dataset, foreign).status_code == 400
    upload = {"file": SimpleUploadedFile("t.csv", b"id,y\n1,0\n")}
    version = api.post(f"/api/v1/datasets/{holdout.pk}/versions/", upload, format="multipart").json()
    assert DataFile.objects.get(pk=version["file"]).purpose == DataFile.Purpose.TRUTH


def test_the_profile_of_a_version(api: APIClient, dataset: Dataset, version_of: AddVersion) -> None:
    names = [f"column{i}" for i in range(250)]
    version_of(f"{','.join(names)}\n{','.join(['1'] * 250)}\n")
    address = f"/api/v1/datasets/{dataset.pk}/versions/1/"
    whole = api.get(address).json()
    assert (whole["rows"], whole["column_count"], whole["columns_found"]) == (1, 250, 250)
    assert [column["name"] for column in whole["columns"]] == names[:100]
    last = api.get(address, {"column_page": 3}).json()
    assert [column["name"] for column in last["columns"]] == names[200:]
    found = api.get(address, {"column": "COLUMN24"}).json()
    assert found["columns_found"] == 11
    assert api.get(address, {"colour": "red"}).status_code == 400
    assert api.get(address, {"column_page": 0}).status_code == 400
    assert api.get(f"/api/v1/datasets/{dataset.pk}/versions/2/").status_code == 404
    stranger = APIClient()
    stranger.force_login(make_project().created_by)
    assert stranger.get(address).status_code == 404


def test_versions_are_compared_once(api: APIClient, dataset: Dataset, version_of: AddVersion) -> None:
    version_of("id,load\n1,2\n2,3\n")
    version_of("id,load,day\n1,2,x\n2,4,x\n")
    body = {"dataset": dataset.pk, "older": 2, "newer": 1, "key_columns": ["id"]}
    answers = [api.post("/api/v1/version-differences/", body, format="json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202], answers[0].content
    first, second = (answer.json()["difference"] for answer in answers)
    assert first == second
    assert (first["older"], first["newer"], first["state"]) == (1, 2, "queued")
    address = answers[0]["Location"]
    waiting = api.get(address).json()
    assert waiting["result"] is None
    assert waiting["schema"]["added"] == [{"name": "day", "kind": "text"}]
    run_difference(VersionDifference.objects.get().job, lambda message, fraction: None)()
    result = api.get(address).json()["result"]
    assert (result["changed"], result["added"], result["removed"]) == (1, 0, 0)
    assert result["columns"][0]["examples"][0] == {"row": 2, "key": [2], "older": 3, "newer": 4}
    for wrong, status in (
        ({"key_columns": ["nothing"]}, 422),
        ({"newer": 2}, 422),
        ({"newer": 7}, 400),
        ({"key_columns": ["id", "\x00"]}, 400),
        ({"dataset": 0}, 404),
    ):
        answer = api.post("/api/v1/version-differences/", {**body, **wrong}, format="json")
        assert answer.status_code == status, (wrong, answer.content)
    assert VersionDifference.objects.count() == 1


def test_who_may_ask_for_a_difference(dataset: Dataset) -> None:
    for number in (1, 2):
        DatasetVersion.objects.create(
            project=dataset.project,
            dataset=dataset,
            number=number,
            file=make_file(dataset.project),
            created_by=dataset.project.created_by,
        )
    body = {"dataset": dataset.pk, "older": 1, "newer": 2}
    address = "/api/v1/version-differences/"
    assert APIClient().post(address, body, format="json").status_code == 401
    people = {
        404: make_project().created_by,
        403: make_member(dataset.project, Role.VIEWER),
        202: make_member(dataset.project, Role.ENGINEER),
    }
    for status, person in people.items():
        client = APIClient()
        client.force_login(person)
        assert client.post(address, body, format="json").status_code == status


def test_queries_do_not_grow(api: APIClient, project: Project, dataset: Dataset) -> None:
    def add(to: Dataset, number: int) -> None:
        DatasetVersion.objects.create(
            project=project,
            dataset=to,
            number=number,
            file=make_file(project),
            parent=to.versions.first(),
            created_by=project.created_by,
        )

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert api.get(address).status_code == 200
        return len(captured)

    for number in (1, 2):
        add(dataset, number)
    of_one = f"/api/v1/datasets/{dataset.pk}/"
    addresses = ["/api/v1/datasets/", of_one, f"{of_one}versions/", "/api/v1/version-differences/"]
    few = [queries(address) for address in addresses]
    another = Dataset.objects.create(project=project, name="Another")
    for number in range(3, 30):
        add(dataset, number)
        add(another, number)
    assert [queries(address) for address in addresses] == few
    versions = api.get(of_one).json()["versions"]
    assert [version["number"] for version in versions] == list(range(29, 9, -1))
    assert api.get(f"{of_one}versions/").json()["count"] == 29
