"""A script that watches a live system: real electricity prices, a batch a day, labels that come later."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.monitoring import checking, evaluating, matching
from apps.monitoring.models import Batch, LabelUpload, LiveMetric, Monitor
from apps.projects.models import Project, Role
from tests.factories import (
    make_batch,
    make_member,
    make_model_version,
    make_monitor,
    make_project,
    make_token,
)
from tests.monitoring.conftest import START, of_day

pytestmark = pytest.mark.django_db
MULTIPART = "multipart"


def client_of(user: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user)}")
    return client


@pytest.fixture
def api(owner: User) -> APIClient:
    return client_of(owner)


def rows_of(day: int, count: int | None = None, labelled: bool = False) -> list[dict[str, Any]]:
    """The first rows of a day as a script would send them."""
    frame = of_day(day).head(count) if count else of_day(day)
    frame = frame if labelled else frame.drop("y_true")
    rows: list[dict[str, Any]] = json.loads(
        frame.with_columns(pl.col("timestamp").cast(pl.String)).write_json()
    )
    return rows


def csv_of(day: int) -> SimpleUploadedFile:
    return SimpleUploadedFile("day.csv", of_day(day).drop("y_true").write_csv().encode())


def start_of(day: int) -> str:
    return (START + timedelta(days=day)).isoformat()


def post(client: APIClient, address: str, body: Any, status: int, **extra: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/{address}/", body, **{"format": "json", **extra})
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def refused(client: APIClient, address: str, body: Any, status: int = 422, **extra: Any) -> str:
    """The code of the one error, which has a sentence."""
    problem = post(client, address, body, status, **extra)
    assert problem["detail"].endswith((".", "?")), problem
    return str(problem["errors"][0]["code"])


@pytest.fixture
def said(project: Project, reference: DataFile) -> dict[str, Any]:
    return {
        "project": project.slug,
        "name": "Prices",
        "task": "binary",
        "reference": {"file_id": str(reference.pk)},
        "starts_at": START.isoformat(),
        "models": [{"version": make_model_version(project).pk}],
    }


# monitors


def test_a_monitor_is_made_read_and_changed(
    api: APIClient, said: dict[str, Any], owner: User, project: Project
) -> None:
    made = post(api, "monitors", {**said, "owners": [owner.email], "drift": {"drift_share": 0.3}}, 201)
    [champion] = made["models"]
    assert (champion["part"], champion["version"]) == ("champion", said["models"][0]["version"])
    assert (made["watch_metric"], made["owners"]) == ("accuracy", [owner.email])
    assert made["lights"]["at_all"] == {"state": "none", "text": "", "evidence": ""}
    address = f"/api/v1/monitors/{made['id']}/"
    assert api.get(address).json() == made
    change = {"label_delay_hours": 24, "drift": {"smallest_effect": 0.2}}
    changed = api.patch(address, change, format="json").json()
    assert (changed["label_delay_hours"], changed["name"], changed["roles"]) == (24, "Prices", made["roles"])
    assert changed["drift_spec"] != made["drift_spec"]
    reference = {"reference": {"file_id": made["reference_file"]}}
    assert api.patch(address, reference, format="json").status_code == 200
    [listed] = api.get(f"/api/v1/monitors/?project={project.slug}&active=true&well=none").json()["results"]
    assert (listed["id"], "models" in listed) == (made["id"], False)
    assert api.get("/api/v1/monitors/?active=false").json()["count"] == 0
    assert api.get("/api/v1/monitors/?well=ok").json()["count"] == 0


def test_who_may_watch_what(said: dict[str, Any], project: Project, api: APIClient) -> None:
    viewer, stranger = client_of(make_member(project, Role.VIEWER)), client_of(make_project().created_by)
    assert viewer.post("/api/v1/monitors/", said, format="json").status_code == 403
    assert stranger.post("/api/v1/monitors/", said, format="json").status_code == 404
    made = post(api, "monitors", said, 201)
    models = f"/api/v1/monitors/{made['id']}/models/"
    body = {"version": make_model_version(project, "2").pk}
    assert viewer.post(models, body, format="json").status_code == 403
    assert stranger.post(models, body, format="json").status_code == 404


def test_a_name_twice_and_no_champion(api: APIClient, said: dict[str, Any]) -> None:
    post(api, "monitors", said, 201)
    assert refused(api, "monitors", said) == "name_taken"
    assert refused(api, "monitors", {**said, "models": []}) == "one_champion"
    foreign = make_model_version(make_project()).pk
    assert refused(api, "monitors", {**said, "models": [{"version": foreign}]}, 400)
    assert Monitor.objects.count() == 1


def test_a_pause_and_the_end(api: APIClient, monitor: Monitor) -> None:
    place = f"monitors/{monitor.pk}"
    assert post(api, f"{place}/pause", None, 200)["paused_at"]
    batch = {"start": start_of(0), "rows": rows_of(0)}
    assert refused(api, f"{place}/batches", batch) == "monitor_paused"
    assert post(api, f"{place}/resume", None, 200)["paused_at"] is None
    assert post(api, f"{place}/archive", None, 200)["archived_at"]
    assert refused(api, f"{place}/batches", batch) == "monitor_archived"
    assert api.get("/api/v1/monitors/?active=true").json()["count"] == 0


def test_another_champion(api: APIClient, monitor: Monitor, project: Project) -> None:
    body = {"version": make_model_version(project, "2").pk, "since": "1996-09-01T00:00:00"}
    watched = post(api, f"monitors/{monitor.pk}/models", body, 201)
    assert (watched["part"], watched["version_label"], watched["since"]) == (
        *("champion", "2"),
        "1996-09-01T00:00:00Z",
    )
    old, new = api.get(f"/api/v1/monitors/{monitor.pk}/").json()["models"]
    assert (old["until"], new["until"]) == (new["since"], None)
    assert refused(api, f"monitors/{monitor.pk}/models", body) == "since_before_predecessor"


# batches


def test_a_batch_as_a_file_and_as_rows(api: APIClient, monitor: Monitor) -> None:
    place = f"monitors/{monitor.pk}/batches"
    first = post(api, place, {"start": start_of(0), "file": csv_of(0)}, 202, format=MULTIPART)
    assert (first["batch"]["number"], first["batch"]["end"]) == (1, "1996-08-20T00:00:00Z")
    assert (first["job"]["state"], first["repeated"]) == ("queued", False)
    body = {"start": start_of(1), "end": start_of(2), "rows": rows_of(1)}
    second = post(api, place, body, 202)
    assert (second["batch"]["number"], second["batch"]["is_late"]) == (2, True)
    again = post(api, place, body, 200)
    assert (again["batch"], again["job"]["id"], again["repeated"]) == (
        *(second["batch"], second["job"]["id"]),
        True,
    )
    text = {**body, "start": start_of(2), "end": start_of(3), "rows": json.dumps(rows_of(2))}
    post(api, place, text, 202, format=MULTIPART)
    assert Batch.objects.count() == 3


def test_a_time_without_a_zone_is_one_of_the_monitor(api: APIClient, said: dict[str, Any]) -> None:
    berlin = {**said, "zone": "Europe/Berlin", "starts_at": "1996-08-19T00:00:00"}
    made = post(api, "monitors", berlin, 201)
    assert made["starts_at"] == "1996-08-18T22:00:00Z"
    sent = post(
        api, f"monitors/{made['id']}/batches", {"start": "1996-08-20T00:00:00", "rows": rows_of(1)}, 202
    )
    assert (sent["batch"]["start"], sent["batch"]["end"]) == ("1996-08-19T22:00:00Z", "1996-08-20T22:00:00Z")


def test_other_content_of_a_window(api: APIClient, monitor: Monitor) -> None:
    place = f"monitors/{monitor.pk}/batches"
    post(api, place, {"start": start_of(0), "rows": rows_of(0)}, 202)
    other = {"start": start_of(0), "rows": rows_of(0, 40)}
    assert refused(api, place, other, 409) == "batch_exists"
    post(api, place, {**other, "replace": True}, 202)
    answers = [api.get(f"/api/v1/batches/?monitor={monitor.pk}&replaced={asked}").json() for asked in (0, 1)]
    assert [[row["number"] for row in answer["results"]] for answer in answers] == [[2], [1]]


def test_windows_that_cannot_be(api: APIClient, monitor: Monitor) -> None:
    place, rows = f"monitors/{monitor.pk}/batches", rows_of(0, 2)
    post(api, place, {"start": start_of(0), "rows": rows}, 202)
    tomorrow = (timezone.now() + timedelta(days=1)).isoformat()
    for code, window in {
        "batch_overlaps": {"start": "1996-08-19T12:00Z", "end": "1996-08-20T12:00Z"},
        "no_window_starts_there": {"start": "1996-08-20T12:00Z"},
        "window_ends_before_start": {"start": start_of(2), "end": start_of(1)},
        "window_too_early": {"start": start_of(-3), "end": start_of(-2)},
        "window_in_future": {"start": start_of(3), "end": tomorrow},
    }.items():
        assert refused(api, place, {"rows": rows, **window}) == code
    assert Batch.objects.count() == 1


@pytest.mark.parametrize(
    ("code", "body"),
    [
        ("too_many_rows", {"rows": [{"id": 1}] * 10_001}),
        ("nested_column", {"rows": [{"id": 1, "x": [1]}]}),
        ("odd_row", {"rows": [{}]}),
        ("odd_row", {"rows": ["1"]}),
        ("file_or_rows", {}),
    ],
)
def test_rows_that_cannot_be(api: APIClient, monitor: Monitor, code: str, body: dict[str, Any]) -> None:
    assert refused(api, f"monitors/{monitor.pk}/batches", {"start": start_of(0), **body}) == code
    assert not Batch.objects.exists()


@pytest.mark.parametrize(
    ("value", "status", "code"), [("NaN", 400, "no_list"), ('"\\ud800"', 422, "odd_characters")]
)
def test_values_that_no_file_holds(
    api: APIClient, monitor: Monitor, value: str, status: int, code: str
) -> None:
    place = f"/api/v1/monitors/{monitor.pk}/batches/"
    answer = api.post(
        place, f'{{"start": "{start_of(0)}", "rows": [{{"x": {value}}}]}}', content_type="application/json"
    )
    assert 400 <= answer.status_code < 500
    assert answer.json()["detail"]
    form = {"start": start_of(0), "rows": f'[{{"x": {value}}}]'}
    assert refused(api, f"monitors/{monitor.pk}/batches", form, status, format=MULTIPART) == code


def test_a_batch_without_rows_is_checked(
    api: APIClient, monitor: Monitor, finish: Callable[[Any, Any], None]
) -> None:
    sent = post(api, f"monitors/{monitor.pk}/batches", {"start": start_of(0), "rows": []}, 202)
    finish(batch := Batch.objects.get(pk=sent["batch"]["id"]), checking.run_check)
    assert batch.rows == 0


def test_two_requests_with_one_key(api: APIClient, monitor: Monitor) -> None:
    place, key = f"monitors/{monitor.pk}/batches", {"HTTP_IDEMPOTENCY_KEY": "day 0"}
    body = {"start": start_of(0), "rows": rows_of(0)}
    first = post(api, place, body, 202, **key)
    assert post(api, place, body, 200, **key)["batch"]["id"] == first["batch"]["id"]
    other = {**body, "start": start_of(1)}
    assert refused(api, place, other, 409, **key) == "idempotency_key_reused"
    labels = {"rows": [{"id": 1, "y_true": 1}]}
    place = f"monitors/{monitor.pk}/labels"
    one, again = (post(api, place, labels, 202, HTTP_IDEMPOTENCY_KEY="labels") for _ in range(2))
    assert one["labels"] == again["labels"]


def test_a_batch_with_what_was_found(
    api: APIClient, send: Callable[..., Batch], finish: Callable[[Any, Any], None]
) -> None:
    finish(batch := send(0, of_day(0).drop("y_true", "nswprice")), checking.run_check)
    said = api.get(f"/api/v1/batches/{batch.pk}/").json()
    found = [finding for finding in said["check_result"]["findings"] if finding["state"] == "bad"]
    assert any("nswprice" in finding["title"] + finding["text"] for finding in found)
    for finding in said["check_result"]["findings"]:
        assert "%(" not in finding["title"] + finding["text"]
    assert (said["rows"], said["state"], said["notes"]) == (48, "succeeded", batch.notes)
    before = f"/api/v1/batches/?before={start_of(0).replace('+', '%2B')}"
    assert api.get(before).json()["count"] == 0


# labels and metrics


def test_labels_as_a_file_and_as_rows(
    api: APIClient, monitor: Monitor, send: Callable[..., Batch], finish: Callable[[Any, Any], None]
) -> None:
    place = f"monitors/{monitor.pk}/labels"
    finish(send(0), checking.run_check)
    truth = of_day(0).select("id", "y_true")
    file = SimpleUploadedFile("truth.csv", truth.head(40).write_csv().encode())
    sent = [post(api, place, {"file": file}, 202, format=MULTIPART)["labels"]]
    rest = [*truth.tail(20).to_dicts(), {"id": "nobody", "y_true": 1}]
    rest = [{**row, "id": str(row["id"])} for row in rest]
    for _again in range(2):
        sent.append(
            post(api, place, {"rows": rest, "id_column": "id", "label_column": "y_true"}, 202)["labels"]
        )
    for upload in sent:
        finish(LabelUpload.objects.get(pk=upload["id"]), matching.run_match)
    listed = api.get(f"/api/v1/label-uploads/?monitor={monitor.pk}").json()["results"]
    assert [(row["number"], row["matched"], row["rows"]) for row in listed] == [
        (3, 20, 21),
        (2, 20, 21),
        (1, 40, 40),
    ]
    assert api.get(f"/api/v1/label-uploads/{sent[1]['id']}/").json()["unknown_examples"] == ["nobody"]
    assert refused(api, place, {"rows": []}) == "no_labels"
    assert refused(api, place, {}) == "file_or_rows"
    assert api.get("/api/v1/label-uploads/?replaced=true").status_code == 400


def test_a_metric_over_time(
    api: APIClient, monitor: Monitor, send: Callable[..., Batch], finish: Callable[[Any, Any], None]
) -> None:
    for day in (0, 1):
        finish(send(day, of_day(day)), checking.run_check)
    monitor.refresh_from_db()
    finish(evaluation_of(monitor), evaluating.run_evaluation)
    place = f"/api/v1/monitors/{monitor.pk}/metrics/"
    truth = [float((frame["y_true"] == frame["y_pred"]).mean()) for frame in (of_day(0), of_day(1))]

    def values(query: str = "") -> list[float]:
        answer = api.get(f"{place}{query}").json()["results"]
        return [row["value"] for row in answer if not row["estimated"]]

    assert values() == pytest.approx(truth)
    assert values("?since=1996-08-20T00:00:00") == pytest.approx(truth[1:])
    assert values("?before=1996-08-20T00:00:00Z&metric=accuracy") == pytest.approx(truth[:1])
    assert values("?metric=greatness") == []
    slices = LiveMetric.objects.filter(slice_column="daypart", metric="accuracy", estimated=False)
    value = slices.values_list("slice_value", flat=True).first()
    assert (
        len(values(f"?slice_column=daypart&slice_value={value}")) == slices.filter(slice_value=value).count()
    )
    assert api.get(f"{place}?colour=red").status_code == 400


class evaluation_of:  # noqa: N801
    """The newest job of a monitor's metrics, as a row that `finish` takes."""

    def __init__(self, monitor: Monitor) -> None:
        self.job, self.job_id = monitor.evaluation_job, monitor.evaluation_job_id
        self.refresh_from_db = partial(monitor.refresh_from_db)


# lists


@pytest.mark.parametrize("address", ["monitors", "batches", "label-uploads"])
def test_a_longer_list_asks_no_more(api: APIClient, project: Project, address: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get(f"/api/v1/{address}/").status_code == 200
        return len(asked)

    grow(project)
    queries()  # the first one notes that the token was used
    few = queries()
    for _more in range(4):
        grow(project)
    assert queries() == few


def grow(project: Project) -> None:
    monitor = make_monitor(project)
    batch = make_batch(monitor)
    LabelUpload.objects.create(
        monitor=monitor,
        number=1,
        sha256="0" * 64,
        arrived_at=timezone.now(),
        job=make_batch(monitor, day=1).job,
        created_by=batch.created_by,
    )
