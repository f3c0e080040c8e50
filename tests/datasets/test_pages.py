"""Pages of files: the list, a file's columns, truth files, deletion."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.datasets import pipeline, storage
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.projects.models import Project
from tests.factories import make_file, make_project, make_run

ADULT = Path(__file__).parents[1] / "data" / "predictions" / "adult"


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def signed_in(client: Client, project: Project) -> Client:
    client.force_login(project.created_by)
    return client


def page_of(client: Client, name: str, *place: object, query: str = "") -> str:
    response = client.get(reverse(f"datasets:{name}", args=place) + query)
    assert response.status_code == 200
    return response.content.decode()


def test_list(signed_in: Client, project: Project) -> None:
    make_file(project, name="small.csv", size=1, rows=10)
    make_file(project, name="large.csv", size=9_000_000, purpose=DataFile.Purpose.TRUTH)
    by_size = page_of(signed_in, "list", project.slug, query="?sort=-size")
    assert by_size.index("large.csv") < by_size.index("small.csv")
    assert "9.0\u00a0MB" in by_size
    truths = page_of(signed_in, "list", project.slug, query="?purpose=truth")
    assert "large.csv" in truths
    assert "small.csv" not in truths
    assert "No file fits the filter" in page_of(signed_in, "list", project.slug, query="?q=none")
    assert "No files yet" in page_of(signed_in, "list", make_project(project.created_by).slug)


def test_list_queries_do_not_grow(signed_in: Client, project: Project) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(signed_in, "list", project.slug)
        return len(captured)

    for _ in range(5):
        make_file(project)
    few = queries()
    for _ in range(60):
        make_run(project)
    assert queries() == few


def test_columns_of_a_file(signed_in: Client, project: Project) -> None:
    upload = incoming_from_path(ADULT / "truth.parquet")
    file = submit_file(project=project, user=project.created_by, upload=upload, purpose="truth")
    pipeline.read(file.job, lambda message, fraction: None)()
    page = page_of(signed_in, "detail", project.slug, file.pk)
    assert "24,421 rows" in page
    assert "76.1%" in page, "23.9 % earn more than 50 thousand, the others less"
    assert "Private" in page


def test_truth_upload(signed_in: Client, project: Project) -> None:
    address = reverse("datasets:upload-truth", args=[project.slug])
    answer = signed_in.post(address, {"file": SimpleUploadedFile("t.csv", b"id,y_true\n1,0\n")})
    file = DataFile.objects.get()
    assert file.purpose == DataFile.Purpose.TRUTH
    assert answer["Location"] == reverse("datasets:detail", args=[project.slug, file.pk])
    assert signed_in.post(address, {}).status_code == 400


def test_delete_asks_and_frees_the_disk(
    signed_in: Client, project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    address = reverse("datasets:upload-truth", args=[project.slug])
    signed_in.post(address, {"file": SimpleUploadedFile("t.csv", b"id,y_true\n1,0\n2,1\n")})
    file = DataFile.objects.get()
    content = storage.raw_path(file.sha256)
    assert content.exists()
    delete = reverse("datasets:delete", args=[project.slug, file.pk])
    assert "This cannot be undone." in signed_in.get(delete).content.decode()
    assert DataFile.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        answer = signed_in.post(delete)
    assert answer["Location"] == reverse("datasets:list", args=[project.slug])
    assert not DataFile.objects.exists()
    assert not content.exists()


def test_evidence_of_a_run_stays(signed_in: Client, project: Project) -> None:
    run = make_run(project)
    delete = reverse("datasets:delete", args=[project.slug, run.file_id])
    assert "evidence of a run, so it stays" in signed_in.get(delete).content.decode()
    signed_in.post(delete)
    assert DataFile.objects.filter(pk=run.file_id).exists()
    assert run.name in page_of(signed_in, "detail", project.slug, run.file_id)
