"""Alerts for scripts: which there are, and what people do with them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.monitoring.models import Alert, Monitor
from apps.projects.models import Project
from tests.factories import make_alert, make_monitor, make_token

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(owner: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    return client


@pytest.fixture
def watching(project: Project) -> Monitor:
    return make_monitor(project)


def act(client: APIClient, alert: Alert, what: str, status: int = 200, **body: Any) -> dict[str, Any]:
    answer = client.post(f"/api/v1/alerts/{alert.pk}/{what}/", body, format="json")
    assert answer.status_code == status, answer.content
    return dict(answer.json())


def listed(client: APIClient, query: str) -> list[int]:
    return [row["number"] for row in client.get(f"/api/v1/alerts/?{query}").json()["results"]]


def test_the_list_and_its_filters(api: APIClient, watching: Monitor, project: Project) -> None:
    make_alert(watching)
    make_alert(watching, kind="silence", severity="warn", acknowledged_at=timezone.now())
    make_alert(make_monitor(project), resolved_at=timezone.now())
    assert sorted(listed(api, f"project={project.slug}")) == [1, 2, 3]
    for query, numbers in {
        f"monitor={watching.pk}": [1, 2],
        "kind=silence": [2],
        "severity=bad": [1, 3],
        "resolved=true": [3],
        "resolved=false": [1, 2],
        "acknowledged=true": [2],
    }.items():
        assert sorted(listed(api, query)) == numbers, query
    for query in ("kind=noise", "colour=red", "monitor=0", "resolved=perhaps"):
        assert api.get(f"/api/v1/alerts/?{query}").status_code == 400, query


def test_what_people_do_is_its_history(api: APIClient, watching: Monitor, owner: User) -> None:
    alert, later = make_alert(watching), (timezone.now() + timedelta(days=1)).isoformat()
    said = act(api, alert, "acknowledge", note="I look")
    assert (bool(said["acknowledged_at"]), said["acknowledged_by"]) == (True, str(owner))
    assert said["title"] == "The column column1 is missing."
    assert act(api, alert, "snooze", until=later)["snoozed_until"]
    assert act(api, alert, "resolve", note="Sent again")["resolved_by"] == str(owner)
    assert act(api, alert, "note", 201, note="It was a typo")["note"] == "It was a typo"
    told = api.get(f"/api/v1/alerts/{alert.pk}/").json()["events"]
    assert [(event["kind"], event["by"], event["note"]) for event in told] == [
        ("acknowledged", str(owner), "I look"),
        ("snoozed", str(owner), ""),
        ("resolved", str(owner), "Sent again"),
        ("note", str(owner), "It was a typo"),
    ]


def test_too_late_and_too_little(api: APIClient, watching: Monitor) -> None:
    alert = make_alert(watching)
    for code, status, what, body in (
        ("time_is_over", 422, "snooze", {"until": "2020-01-01T00:00:00Z"}),
        ("required", 400, "snooze", {}),
        ("empty_note", 422, "note", {}),
        ("max_length", 400, "note", {"note": "a" * 2_001}),
    ):
        assert act(api, alert, what, status, **body)["errors"][0]["code"] == code
    act(api, alert, "resolve")
    over = act(api, alert, "acknowledge", 409)
    assert over["errors"][0]["code"] == "alert_over"
    assert (over["detail"].startswith("Alert 1 is over since "), "%(" in over["detail"]) == (True, False)
    assert alert.events.count() == 1


def test_a_longer_list_asks_no_more(api: APIClient, project: Project, owner: User) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert api.get("/api/v1/alerts/").status_code == 200
        return len(asked)

    make_alert(make_monitor(project), acknowledged_by=owner)
    queries()  # the first one notes that the token was used
    few = queries()
    for _more in range(4):
        make_alert(make_monitor(project), acknowledged_by=owner, resolved_by=owner)
    assert queries() == few
