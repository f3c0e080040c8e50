"""What people say of monitors on pages: what becomes of it, and that nothing typed is lost."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.monitoring.models import Batch, LabelUpload, Monitor, WatchedModel
from apps.projects.models import Project, Role
from tests.factories import make_member, make_model_version
from tests.monitoring.conftest import START, of_day
from tests.requirements.making import wish


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def typed(reference: DataFile) -> dict[str, Any]:
    """A filled form of a new monitor."""
    return {
        "name": "Prices",
        "reference": f"file:{reference.pk}",
        "version": make_model_version(reference.project).pk,
        "task": "binary",
        "every": 1,
        "unit": "days",
        "starts_at": "1996-08-19T00:00",
        "label_delay_hours": 48,
        "zone": "Australia/Sydney",
        "weekdays": [1, 2, 3, 4, 5],
        "holidays": "1996-12-25, 1996-12-26",
        "grace_minutes": 90,
        "comparable": "auto",
        "smallest_drop": 0.03,
        "false_alarms": 10,
        "live_windows": 20,
    }


def address(name: str, monitor: Monitor) -> str:
    return reverse(f"monitoring:{name}", args=[monitor.project.slug, monitor.number])


def refused(client: Client, url: str, said: dict[str, Any], words: str, *kept: str) -> None:
    """The same page with the reason, and with what was typed."""
    response = client.post(url, said)
    page = response.content.decode()
    assert response.status_code in (200, 400, 409, 422)
    assert words in page
    for text in kept:
        assert text in page


# A new monitor


def test_a_new_monitor_is_as_it_was_typed(signed_in: Client, project: Project, typed: dict[str, Any]) -> None:
    response = signed_in.post(reverse("monitoring:new", args=[project.slug]), typed)
    monitor = Monitor.objects.get()
    assert response.headers["Location"] == address("detail", monitor)
    assert monitor.starts_at.isoformat() == "1996-08-18T14:00:00+00:00"  # midnight in Sydney
    assert [day.isoformat() for day in monitor.holidays] == ["1996-12-25", "1996-12-26"]
    assert (monitor.weekdays, monitor.false_alarms) == ([1, 2, 3, 4, 5], 0.1)
    assert monitor.models.get().version_id == typed["version"]
    assert monitor.roles["y_true"]["role"] == "target"  # guessed from the reference


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "This field is required"),
        ({"starts_at": "soon"}, "Write a date and time, for example"),
        ({"holidays": "Christmas"}, "“Christmas” is not a date."),
        ({"roles": "id = id\nprice"}, "Line 2 is not understood."),
        ({"roles": "nowhere = target"}, "nowhere"),
        ({"reference": "file:999999"}, "Select a valid choice"),
        ({"every": 0}, "greater than or equal to 1"),
        ({"zone": "Mars/Olympus"}, "Select a valid choice"),
        ({"watch_metric": "rmse"}, "rmse"),
    ],
)
def test_a_wrong_form_is_shown_again(
    signed_in: Client, project: Project, typed: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    url = reverse("monitoring:new", args=[project.slug])
    refused(signed_in, url, {**typed, "description": "The spot market", **changes}, words, "The spot market")
    assert not Monitor.objects.exists()


def test_a_name_is_taken_once(signed_in: Client, monitor: Monitor, typed: dict[str, Any]) -> None:
    url = reverse("monitoring:new", args=[monitor.project.slug])
    refused(signed_in, url, typed, "has a monitor “Prices” already", 'value="90"')
    assert Monitor.objects.count() == 1


def test_a_project_without_models_says_where_they_come_from(signed_in: Client, project: Project) -> None:
    page = signed_in.get(reverse("monitoring:new", args=[project.slug])).content.decode()
    assert "There is no model to watch yet" in page
    assert reverse("evaluations:upload", args=[project.slug]) in page


def test_requirements_are_offered_by_what_they_say(signed_in: Client, project: Project) -> None:
    make_model_version(project)
    wish(project, statement="It is right most of the time.")
    page = signed_in.get(reverse("monitoring:new", args=[project.slug])).content.decode()
    assert "R-01 It is right most of the time." in page


# Its settings


def test_settings_start_from_what_holds(signed_in: Client, monitor: Monitor, typed: dict[str, Any]) -> None:
    page = signed_in.get(address("edit", monitor)).content.decode()
    assert 'value="1996-08-19T00:00"' in page
    assert "y_true = target" in page
    said = {**typed, "name": "Spot prices", "roles": "y_true = target\nid = id"}
    assert signed_in.post(address("edit", monitor), said).headers["Location"] == address("detail", monitor)
    monitor.refresh_from_db()
    assert (monitor.name, monitor.grace_minutes, set(monitor.roles)) == ("Spot prices", 90, {"y_true", "id"})


def test_wrong_settings_change_nothing(signed_in: Client, monitor: Monitor, typed: dict[str, Any]) -> None:
    said = {**typed, "name": "Spot prices", "false_alarms": 80}
    refused(signed_in, address("edit", monitor), said, "less than or equal to 50", "Spot prices")
    monitor.refresh_from_db()
    assert monitor.name == "Prices"


# Its models


def test_a_challenger_joins_and_leaves(signed_in: Client, monitor: Monitor) -> None:
    url, version = address("models", monitor), make_model_version(monitor.project, "2")
    said = {"version": version.pk, "part": "challenger", "since": "1996-09-01T00:00", "roles": ""}
    assert signed_in.post(url, said).status_code == 302
    watched = monitor.models.get(part=WatchedModel.Part.CHALLENGER)
    assert watched.since.isoformat() == "1996-09-01T00:00:00+00:00"
    assert signed_in.post(url, {"stop": watched.pk}).status_code == 302
    watched.refresh_from_db()
    assert watched.until is not None


def test_a_model_of_tomorrow_is_refused(signed_in: Client, monitor: Monitor) -> None:
    version = make_model_version(monitor.project, "2")
    said = {"version": version.pk, "part": "challenger", "since": "2198-09-01T00:00"}
    refused(signed_in, address("models", monitor), said, "from now on or earlier", "2198-09-01T00:00")
    assert monitor.models.count() == 1


@pytest.mark.parametrize("which", ["0", "x", "9" * 30])
def test_no_other_model_is_stopped(signed_in: Client, monitor: Monitor, which: str) -> None:
    assert signed_in.post(address("models", monitor), {"stop": which}).status_code == 404


def test_the_champion_stays(signed_in: Client, monitor: Monitor) -> None:
    champion = monitor.models.get()
    response = signed_in.post(address("models", monitor), {"stop": champion.pk}, follow=True)
    assert "A monitor always has a champion" in response.content.decode()
    champion.refresh_from_db()
    assert champion.until is None


# Whether it runs


def test_pause_resume_and_archive(signed_in: Client, monitor: Monitor) -> None:
    page = signed_in.post(address("pause", monitor), follow=True).content.decode()
    assert "This monitor is paused." in page
    page = signed_in.post(address("resume", monitor), follow=True).content.decode()
    assert "This monitor is paused." not in page
    monitor.refresh_from_db()
    assert len(monitor.pauses) == 1
    assert signed_in.post(address("archive", monitor)).status_code == 302
    page = signed_in.post(address("pause", monitor), follow=True).content.decode()
    assert "is archived, so nothing in it changes any more" in page


def test_engineers_do_not_archive(client: Client, monitor: Monitor) -> None:
    client.force_login(make_member(monitor.project, Role.ENGINEER))
    assert client.post(address("archive", monitor)).status_code == 403
    monitor.refresh_from_db()
    assert monitor.archived_at is None


# What is uploaded


def csv_of(day: int, *columns: str) -> SimpleUploadedFile:
    rows = of_day(day).select(columns or unlabelled(day))
    return SimpleUploadedFile("rows.csv", rows.write_csv().encode(), "text/csv")


def unlabelled(day: int) -> list[str]:
    return [name for name in of_day(day).columns if name != "y_true"]


def test_a_batch_is_uploaded(signed_in: Client, monitor: Monitor) -> None:
    said = {"start": "1996-08-20T00:00", "end": "", "file": csv_of(1)}
    response = signed_in.post(address("upload-batch", monitor), said)
    batch = Batch.objects.get()
    assert (batch.start - START).days == 1
    assert response.headers["Location"].endswith(f"/batches/{batch.number}/")
    again = signed_in.post(
        address("upload-batch", monitor), {**said, "file": csv_of(1)}, follow=True
    ).content.decode()
    assert "The portal has this batch already" in again


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"start": "yesterday"}, "Write a date and time"),
        ({"file": ""}, "No file was chosen"),
        ({"end": "2198-01-01T00:00"}, "2198"),
    ],
)
def test_a_wrong_batch_is_refused(
    signed_in: Client, monitor: Monitor, changes: dict[str, Any], words: str
) -> None:
    said = {"start": "1996-08-20T00:00", "end": "1996-08-21T00:00", "file": csv_of(1), **changes}
    kept = [str(said[name]) for name in ("start", "end")]
    refused(signed_in, address("upload-batch", monitor), said, words, *kept)
    assert not Batch.objects.exists()


def test_labels_are_uploaded(signed_in: Client, monitor: Monitor) -> None:
    said = {"file": csv_of(1, "id", "y_true"), "id_column": "id", "label_column": ""}
    assert signed_in.post(address("upload-labels", monitor), said).status_code == 302
    assert LabelUpload.objects.get().id_column == "id"


def test_labels_without_a_file_keep_the_columns(signed_in: Client, monitor: Monitor) -> None:
    said = {"id_column": "row number", "label_column": "truth"}
    refused(signed_in, address("upload-labels", monitor), said, "No file was chosen", "row number", "truth")
