"""Pages of data sets."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.datasets.models import DataFile, Dataset
from apps.projects.models import Project, Role
from tests.factories import make_file, make_member, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def signed_in(client: Client, project: Project) -> Client:
    client.force_login(project.created_by)
    return client


def test_a_data_set_is_added_and_replaced(signed_in: Client, project: Project) -> None:
    listed = reverse("datasets:datasets", args=[project.slug])
    assert "No data sets yet" in signed_in.get(listed).content.decode()
    assert listed in signed_in.get(reverse("datasets:list", args=[project.slug])).content.decode()
    answer = signed_in.post(listed, {"name": "<b>Hold-out</b>", "role": "holdout"})
    dataset = Dataset.objects.get()
    address = reverse("datasets:dataset", args=[project.slug, dataset.pk])
    assert answer.url == address
    assert "No truth file yet" in signed_in.get(address).content.decode()
    file = make_file(project, purpose=DataFile.Purpose.TRUTH, name="september.csv")
    make_file(project, name="predictions.csv")
    page = signed_in.get(address).content.decode()
    assert "september.csv" in page
    assert "predictions.csv" not in page
    script = "<script>alert(1)</script>"
    assert signed_in.post(address, {"file": str(file.pk), "note": script}).url == address
    page = signed_in.get(address).content.decode()
    assert "Version 1 holds now: september.csv." in page
    assert script not in page
    again = signed_in.post(address, {"file": str(file.pk)})
    assert "Version 1 has the same content as “september.csv”" in again.content.decode()
    assert "&lt;b&gt;Hold-out&lt;/b&gt;" in signed_in.get(listed).content.decode()
    assert signed_in.post(address, {"file": "x"}).status_code == 200
    assert dataset.versions.count() == 1


def test_a_viewer_reads(client: Client, project: Project) -> None:
    dataset = Dataset.objects.create(project=project, name="Hold-out")
    client.force_login(make_member(project, Role.VIEWER))
    for address in (
        reverse("datasets:datasets", args=[project.slug]),
        reverse("datasets:dataset", args=[project.slug, dataset.pk]),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert 'name="csrfmiddlewaretoken" value' not in page.content.decode().split("<main")[1]
        assert client.post(address, {"name": "Mine"}).status_code == 403
