"""Asking for a report on a page: of data that are there, of a part of them, or of an upload."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.datasets import pipeline as reading
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.drift.models import DriftReport, Reference
from apps.drift.services import Source, set_reference
from apps.projects.models import Project
from tests.factories import make_file, make_project, make_user


def nobody_watches(message: Message, fraction: float) -> None:
    pass


@pytest.fixture
def owner(db: None) -> User:
    return make_user("Owner")


@pytest.fixture
def project(owner: User) -> Project:
    return make_project(owner)


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def read(project: Project, owner: User, tmp_path: Path) -> Callable[[str], DataFile]:
    """A small file that was uploaded and read, with a time in it."""

    def upload(name: str) -> DataFile:
        path = tmp_path / name
        days = pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 4, 10), "1d", eager=True)
        table = pl.DataFrame({"at": days, "amount": range(len(days)), "country": ["DE", "FR"] * 50})
        table.with_columns(pl.lit(name).alias("made_by")).write_csv(path)
        file = submit_file(
            project=project, user=owner, upload=incoming_from_path(path), purpose=DataFile.Purpose.DATA
        )
        reading.read(file.job, nobody_watches)()
        file.refresh_from_db()
        return file

    return upload


def posted(current: object, reference: object = "", do: str = "compare", **changes: Any) -> dict[str, Any]:
    """What the form sends; ``changes`` are its fields, "_" for "-"."""
    data = {
        "do": do,
        "current-source": f"file:{current.pk}" if isinstance(current, DataFile) else current,
        "reference-source": f"file:{reference.pk}" if isinstance(reference, DataFile) else reference,
        "options-drift_share": "50",
        "options-confidence": "95",
    }
    for prefix in ("current-rows", "reference-rows", "columns"):
        data |= {f"{prefix}-TOTAL_FORMS": "1", f"{prefix}-INITIAL_FORMS": "0"}
    return {**data, **{name.replace("__", "-"): value for name, value in changes.items()}}


def address_of(project: Project, query: str = "") -> str:
    return reverse("drift:new", args=[project.slug]) + query


def test_two_files_with_everything_said(
    signed_in: Client, project: Project, read: Callable[[str], DataFile]
) -> None:
    old, new = read("old.csv"), read("new.csv")
    answer = signed_in.post(
        address_of(project),
        posted(
            new,
            old,
            **{
                "options-name": "Spring",
                "options-time_column": "at",
                "options-drift_share": "30",
                "options-confidence": "99",
                "current-first": "2026-03-01",
                "reference-end": "2026-03-01",
                "current-rows-0-column": "country",
                "current-rows-0-operator": "in",
                "current-rows-0-values": 'DE, "a, b"',
                "columns-0-column": "amount",
                "columns-0-method": "ks",
                "columns-0-limit": "0.01",
            },
        ),
    )
    assert answer.status_code == 302
    report = DriftReport.objects.get(project=project)
    assert answer["Location"] == reverse("drift:detail", args=[project.slug, report.number])
    assert (report.name, report.current_file, report.reference_file) == ("Spring", new, old)
    assert report.current_selection == [
        {"column": "country", "operator": "in", "values": ["DE", "a, b"]},
        {"column": "at", "operator": "from", "values": ["2026-03-01"]},
    ]
    assert report.reference_selection == [{"column": "at", "operator": "before", "values": ["2026-03-01"]}]
    assert report.spec["columns"] == {"amount": {"method": "ks", "limit": 0.01}}
    assert (report.spec["drift_share"], report.spec["confidence"]) == (0.3, 0.99)
    again = signed_in.get(address_of(project, f"?again={report.number}")).content.decode()
    for value in ('value="Spring"', 'value="DE, &quot;a, b&quot;"', 'value="0.01"', 'value="2026-03-01"'):
        assert value in again
    assert 'value="amount"' in again


def test_the_projects_reference_is_taken(
    signed_in: Client, project: Project, owner: User, read: Callable[[str], DataFile]
) -> None:
    old, new = read("old.csv"), read("new.csv")
    page = signed_in.get(address_of(project, f"?current=file:{new.pk}")).content.decode()
    assert f'<option value="file:{new.pk}" selected>new.csv</option>' in page
    refused = signed_in.post(address_of(project), posted(new))
    assert "This field is required." in refused.content.decode()
    set_reference(project=project, user=owner, source=Source(old))
    assert "The project&#x27;s reference: old.csv" in signed_in.get(address_of(project)).content.decode()
    assert signed_in.post(address_of(project), posted(new)).status_code == 302
    assert DriftReport.objects.get(project=project).reference_file == old


def row(column: str, operator: str, values: str) -> dict[str, str]:
    """The first condition of the current side."""
    said = {"column": column, "operator": operator, "values": values}
    return {f"current-rows-0-{name}": value for name, value in said.items()}


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"options-confidence": "12"}, "greater than or equal to 50"),
        ({"options-drift_share": "many"}, "Write a number between 0 and 100, for example 50"),
        ({"current-first": "soon"}, "Write a date, for example 2026-03-01"),
        ({"current-first": "2026-03-01", "current-end": "2026-03-01"}, "so no row is left"),
        (row("contry", "in", "DE"), "There is no column “contry”. Check its name."),
        (row("amount", "in", "x"), "whose type Int64 has no value “x”"),
        (row("amount", "from", "1,2"), "Write one value, for example 10"),
        ({"columns-0-column": "nobody"}, "There is no column “nobody”. Check its name."),
        ({"columns-0-column": "amount", "columns-0-limit": "0"}, "it must be a number above 0"),
        (
            {"columns-0-column": "amount", "columns-0-kind": "category", "columns-0-method": "t_test"},
            "Choose another method or another kind.",
        ),
    ],
)
def test_faults_stand_beside_their_fields_and_nothing_is_lost(
    signed_in: Client,
    project: Project,
    read: Callable[[str], DataFile],
    changes: dict[str, str],
    sentence: str,
) -> None:
    old, new = read("old.csv"), read("new.csv")
    name = "What I <typed>"
    answer = signed_in.post(address_of(project), posted(new, old, **{"options-name": name, **changes}))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert 'value="What I &lt;typed&gt;"' in page
    for value in changes.values():
        assert value in page
    assert f'<option value="file:{new.pk}" selected>' in page
    assert not DriftReport.objects.exists()


def test_the_same_rows_are_refused(
    signed_in: Client, project: Project, read: Callable[[str], DataFile]
) -> None:
    file = read("one.csv")
    answer = signed_in.post(address_of(project), posted(file, file))
    assert answer.status_code == 422
    assert "so there is nothing to compare" in answer.content.decode()


def test_rows_are_added_without_script(
    signed_in: Client, project: Project, read: Callable[[str], DataFile]
) -> None:
    old, new = read("old.csv"), read("new.csv")
    said = posted(new, old, do="add-columns", **{"columns-0-column": "amount", "options-name": "Kept"})
    page = signed_in.post(address_of(project), said).content.decode()
    assert 'name="columns-1-column"' in page
    assert 'value="Kept"' in page
    assert '<option value="country">' in page
    conditions = posted(new, old, do="add-current")
    assert 'name="current-rows-1-column"' in signed_in.post(address_of(project), conditions).content.decode()
    broken = {**posted(new, old, do="add-current"), "current-rows-TOTAL_FORMS": "many"}
    assert signed_in.post(address_of(project), broken).status_code == 200


def test_files_of_others_are_not_there(signed_in: Client, project: Project) -> None:
    other = make_file(make_project(), name="secret.csv")
    page = signed_in.get(
        address_of(project, f"?current=file:{other.pk}&reference=version:1")
    ).content.decode()
    assert "secret.csv" not in page
    assert "There are no data to compare yet" in page
    mine = make_file(project)
    answer = signed_in.post(address_of(project), posted(other, mine))
    assert "Select a valid choice" in answer.content.decode()
    assert signed_in.post(address_of(project), {"do": "compare"}).status_code == 200
    assert not DriftReport.objects.exists()


def test_an_upload_is_compared_at_once(
    signed_in: Client, project: Project, owner: User, read: Callable[[str], DataFile]
) -> None:
    address = reverse("drift:upload", args=[project.slug])
    content = b"amount,country\n1,DE\n2,FR\n"
    first = signed_in.post(address, {"file": SimpleUploadedFile("first.csv", content)})
    file = DataFile.objects.get(project=project)
    assert first["Location"] == address_of(project, f"?current=file:{file.pk}")
    set_reference(project=project, user=owner, source=Source(file))
    assert "first.csv" in signed_in.get(address).content.decode()
    again = signed_in.post(address, {"file": SimpleUploadedFile("second.csv", content + b"3,DE\n")})
    report = DriftReport.objects.get(project=project)
    assert again["Location"] == reverse("drift:detail", args=[project.slug, report.number])
    assert (report.current_file.name, report.reference_file) == ("second.csv", file)
    same = signed_in.post(address, {"file": SimpleUploadedFile("third.csv", content)})
    assert same.status_code == 422
    assert "so there is nothing to compare" in same.content.decode()
    assert not DataFile.objects.filter(name="third.csv").exists(), "with a refusal nothing is kept"
    assert "No file was chosen" in signed_in.post(address, {}).content.decode()
    assert Reference.objects.get(project=project).file == file
