"""Pages of data sets and their versions."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.datasets import pipeline
from apps.datasets.differences import run_difference
from apps.datasets.models import DataFile, Dataset, DatasetVersion, VersionDifference
from apps.projects.models import Project, Role
from tests.datasets.conftest import AddVersion
from tests.factories import make_file, make_member, make_project

SCRIPT = "<script>alert(1)</script>"


def address_of(dataset: Dataset, name: str = "dataset", *place: object) -> str:
    return reverse(f"datasets:{name}", args=[dataset.project.slug, dataset.pk, *place])


def page_of(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_data_set_is_added_and_replaced(signed_in: Client, project: Project) -> None:
    listed = reverse("datasets:datasets", args=[project.slug])
    assert "No data sets yet" in page_of(signed_in, listed)
    answer = signed_in.post(listed, {"name": "<b>Hold-out</b>", "role": "holdout"})
    dataset = Dataset.objects.get()
    assert dataset.owner == project.created_by
    address = address_of(dataset)
    assert answer.url == address
    file = make_file(project, purpose=DataFile.Purpose.TRUTH, name="september.csv")
    make_file(project, name="predictions.csv")
    make_file(project, name="plain.csv", purpose=DataFile.Purpose.DATA)
    page = page_of(signed_in, address)
    assert "It holds nothing yet" in page
    assert "september.csv" in page
    assert "predictions.csv" not in page
    assert "plain.csv" not in page, "a hold-out takes truth files only"
    answer = signed_in.post(address, {"existing": str(file.pk), "note": SCRIPT})
    assert answer.url == address_of(dataset, "version", 1)
    page = page_of(signed_in, address)
    assert "Version 1 holds now: september.csv." in page
    assert SCRIPT not in page
    again = signed_in.post(address, {"existing": str(file.pk), "note": "Typed"})
    assert again.status_code == 422
    assert "Version 1 has the same content as “september.csv”" in again.content.decode()
    assert "Typed" in again.content.decode()
    assert "&lt;b&gt;Hold-out&lt;/b&gt;" in page_of(signed_in, listed)
    assert signed_in.post(address, {"existing": "x"}).status_code == 422
    assert signed_in.post(address, {}).status_code == 400
    assert dataset.versions.count() == 1


def test_a_version_is_uploaded_in_one_step(signed_in: Client, dataset: Dataset) -> None:
    upload = SimpleUploadedFile("may.csv", f"id,{SCRIPT}\n1,{SCRIPT}\n2,b\n".encode())
    answer = signed_in.post(address_of(dataset), {"file": upload, "note": "First"})
    version = dataset.versions.get()
    assert answer.url == address_of(dataset, "version", 1)
    assert (version.origin, version.file.purpose, version.note) == ("upload", "data", "First")
    assert "Its file is not read yet." in page_of(signed_in, answer.url)
    pipeline.read(version.file.job, lambda message, fraction: None)()
    page = page_of(signed_in, answer.url)
    assert "2 rows, 2 columns." in page
    assert SCRIPT not in page
    assert 'class="hist"' in page
    assert version.file.sha256 in page
    empty = signed_in.post(address_of(dataset), {"file": SimpleUploadedFile("empty.csv", b"")})
    assert (empty.status_code, dataset.versions.count()) == (400, 1)


def test_only_versions_in_force_hold(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    version_of("id\n1\n")
    blocked = version_of("id\n2\n")
    DatasetVersion.objects.filter(pk=blocked.pk).update(state=DatasetVersion.State.BLOCKED)
    page = page_of(signed_in, address_of(dataset))
    assert "Version 1 holds now: sales.csv." in page
    assert "Version 2 is blocked." in page
    listed = page_of(signed_in, reverse("datasets:datasets", args=[dataset.project.slug]))
    assert "newest version blocked" in listed


def test_wide_versions_are_paged(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    names = [f"column{i}" for i in range(3_000)]
    version_of(f"{','.join(names)}\n{','.join(['1.5'] * 3_000)}\n")
    address = address_of(dataset, "version", 1)
    page = page_of(signed_in, address)
    assert "column99<" in page
    assert "column100<" not in page
    assert len(page) < 200_000
    assert "column2999<" in page_of(signed_in, f"{address}?q=COLUMN2999")


def test_what_is_known_is_changed(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    version_of("id,income,day\n1,-200,2026-01-01\n")
    address = address_of(dataset, "edit-dataset")
    said = {
        "name": "Sales by day",
        "description": SCRIPT,
        "owner": dataset.project.created_by.pk,
        "source": "The till",
        "special_values": 'income = -200, 9.5, "7", none\n* = unknown',
        "key_columns": "id\n\nday\n",
        "time_column": "day",
    }
    assert signed_in.post(address, said).url == address_of(dataset)
    dataset.refresh_from_db()
    assert dataset.special_values == {"income": [-200, 9.5, "7", "none"], "*": ["unknown"]}
    assert (dataset.key_columns, dataset.time_column) == (["id", "day"], "day")
    page = page_of(signed_in, address)
    assert "income = -200, 9.5, &quot;7&quot;, none" in page
    page = page_of(signed_in, address_of(dataset))
    assert "The till" in page
    assert SCRIPT not in page
    for wrong, sentence in (
        ({"key_columns": "ID"}, "has no column “ID”"),
        ({"time_column": "hour"}, "has no column “hour”"),
        ({"special_values": "-200"}, "“-200” names no column and values"),
        ({"special_values": "income = "}, "needs 1 to 20 special values"),
        ({"key_columns": "id\nid"}, "names the column “id” twice"),
        ({"key_columns": "a\x00"}, "Null characters"),
        ({"name": " "}, "This field is required"),
    ):
        page = signed_in.post(address, {**said, **wrong}).content.decode()
        assert sentence in page
        assert "The till" in page, "nothing that was typed is lost"


OLD = "id,price,shop\n1,10,A\n2,20,B\n3,30,C\n"
NEW = f'id,shop,price,"{SCRIPT}"\n1,A,10,x\n2,B,25,x\n4,D,40,x\n'


def test_two_versions_are_compared(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    version_of(OLD)
    address = address_of(dataset, "difference")
    assert "Nothing to compare yet" in page_of(signed_in, address)
    version_of(NEW)
    Dataset.objects.filter(pk=dataset.pk).update(key_columns=["id"])
    page = page_of(signed_in, address)
    assert "1 column added, 1 column moved." in page
    assert "The rows are not compared yet" in page
    answer = signed_in.post(address, {"from": 2, "to": 1, "key": "id"})
    assert answer.url == f"{address}?from=1&to=2&key=id"
    assert signed_in.post(address, {"from": 1, "to": 2, "key": "id"}).url == answer.url
    difference = VersionDifference.objects.get()
    assert "Waits for a worker" in page_of(signed_in, answer.url)
    run_difference(difference.job, lambda message, fraction: None)()
    page = page_of(signed_in, answer.url)
    assert "1 row changed, 1 row added, 1 row removed." in page
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert "The rows are not compared yet" in page_of(signed_in, f"{address}?from=1&to=2&key=")
    assert "1 row changed" in page_of(signed_in, address), "the key of the data set counts"


def test_differences_that_cannot_be(signed_in: Client, dataset: Dataset, version_of: AddVersion) -> None:
    version_of(OLD)
    version_of(NEW)
    address = address_of(dataset, "difference")
    refused = signed_in.post(address, {"from": 1, "to": 2, "key": SCRIPT})
    assert refused.status_code == 422
    assert "has no column “&lt;script&gt;" in refused.content.decode()
    assert "Choose two different versions" in page_of(signed_in, f"{address}?from=1&to=1")
    for odd in ("from=99&to=1", "from=x&to=", "from=1&to=2&key=%00"):
        page_of(signed_in, f"{address}?{odd}")
    assert signed_in.post(address, {"from": 1, "to": 99}).status_code == 400
    assert not VersionDifference.objects.exists()


def test_rows_without_a_key_of_their_own_are_told(
    signed_in: Client, dataset: Dataset, version_of: AddVersion
) -> None:
    version_of("id,price\n1,10\n1,11\n,12\n2,20\n")
    version_of("id,price\n1,10\n2,21\n,13\n")
    address = address_of(dataset, "difference")
    place = signed_in.post(address, {"from": 1, "to": 2, "key": "id"}).url
    run_difference(VersionDifference.objects.get().job, lambda message, fraction: None)()
    page = page_of(signed_in, place)
    assert "1 row changed." in page
    assert "2 rows of the older and 1 of the newer version are not compared" in page
    assert "1 rows of the older and 1 of the newer version miss a value in a key" in page


def test_queries_do_not_grow(signed_in: Client, dataset: Dataset) -> None:
    def add(number: int) -> None:
        user = User.objects.create(email=f"{number}@example.org")
        DatasetVersion.objects.create(
            project=dataset.project,
            dataset=dataset,
            number=number,
            file=make_file(dataset.project),
            parent=dataset.versions.first(),
            created_by=user,
        )

    def queries(address: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            page_of(signed_in, address)
        return len(captured)

    addresses = [
        address_of(dataset),
        reverse("datasets:datasets", args=[dataset.project.slug]),
        address_of(dataset, "version", 2),
        address_of(dataset, "difference"),
    ]
    for number in (1, 2, 3):
        add(number)
    few = [queries(address) for address in addresses]
    for number in range(4, 30):
        add(number)
    Dataset.objects.create(project=dataset.project, name="Another")
    assert [queries(address) for address in addresses] == few


@pytest.mark.django_db
def test_a_viewer_reads(client: Client) -> None:
    project = make_project()
    dataset = Dataset.objects.create(project=project, name="Hold-out")
    for number in (1, 2):
        DatasetVersion.objects.create(
            project=project,
            dataset=dataset,
            number=number,
            file=make_file(project),
            created_by=project.created_by,
        )
    client.force_login(make_member(project, Role.VIEWER))
    for address in (
        reverse("datasets:datasets", args=[project.slug]),
        address_of(dataset),
        address_of(dataset, "difference"),
    ):
        page = client.get(address)
        assert page.status_code == 200
        assert 'name="csrfmiddlewaretoken" value' not in page.content.decode().split("<main")[1]
        assert client.post(address, {"name": "Mine"}).status_code == 403
