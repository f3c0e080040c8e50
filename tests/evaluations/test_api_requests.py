"""What a script may say about a run, and what is refused."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.evaluations.models import Run
from apps.projects.models import Project
from tests.factories import make_token

CONTENT = b"id,y_true,y_score\n1,0,0.2\n2,1,0.9\n"
ADDRESS = "/api/v1/runs/"


@pytest.fixture
def client(owner: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    return client


def test_a_file_in_the_place_of_a_list_is_refused(client: APIClient, project: Project) -> None:
    files = {"file": SimpleUploadedFile("x.csv", CONTENT), "cross_slices": SimpleUploadedFile("y", b"[]")}
    answer = client.post(ADDRESS, {"project": project.slug, **files}, format="multipart")
    assert answer.status_code == 400, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == ["cross_slices"]


@pytest.mark.parametrize("field", ["roles", "cross_slices"])
def test_json_text_of_endless_depth_is_refused(client: APIClient, project: Project, field: str) -> None:
    fields = {"project": project.slug, "file": SimpleUploadedFile("x.csv", CONTENT), field: "[" * 200_000}
    assert client.post(ADDRESS, fields, format="multipart").status_code == 400


def test_two_long_idempotency_keys_are_not_cut_to_one(client: APIClient, project: Project) -> None:
    fields = {"project": project.slug, "file": SimpleUploadedFile("x.csv", CONTENT)}
    answer = client.post(ADDRESS, fields, format="multipart", headers={"Idempotency-Key": "k" * 255 + "1"})
    assert answer.status_code == 400, answer.content
    assert [error["field"] for error in answer.json()["errors"]] == ["idempotency_key"]
    assert not Run.objects.exists()
