"""Every field of every request to monitors, batches, labels and alerts, with everything JSON can hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.common.problems import CONTENT_TYPE
from apps.history.models import Change
from apps.projects.models import Project
from tests.access.monitoring import make_monitoring
from tests.api.test_misuse_types import ODD
from tests.factories import make_file, make_model_version, make_token

pytestmark = pytest.mark.django_db
SAID = {
    "name": "Prices",
    "task": "binary",
    "reference": {},
    "starts_at": "2026-01-05T00:00:00Z",
    "description": "Prices of a market",
    "positive": "1",
    "threshold": 0.5,
    "roles": {"id": {"role": "id"}, "y": {"role": "target"}},
    "drift": {"drift_share": 0.5},
    "every": 1,
    "unit": "days",
    "ends_at": None,
    "zone": "Europe/Berlin",
    "weekdays": [1, 2],
    "holidays": ["2026-01-06"],
    "grace_minutes": 10,
    "comparable": "auto",
    "label_delay_hours": 1,
    "requirements": [],
    "watch_metric": "accuracy",
    "smallest_drop": 0.02,
    "false_alarms": 0.05,
    "live_windows": 10,
    "owners": [],
    "retention_days": 90,
}
MODEL = {
    "version": 0,
    "part": "challenger",
    "roles": {"p": {"role": "prediction"}},
    "since": "2026-01-06T00:00:00Z",
}
NOTE = {"note": "Seen"}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("post", "monitors/", {**SAID, "project": "", "models": []}),
    ("patch", "monitors/{monitor_pk}/", SAID),
    ("post", "monitors/{monitor_pk}/models/", MODEL),
    (
        "post",
        "monitors/{monitor_pk}/batches/",
        {
            "start": "2026-01-06T00:00:00Z",
            "end": "2026-01-07T00:00:00Z",
            "rows": [{"id": 1}],
            "replace": True,
        },
    ),
    (
        "post",
        "monitors/{monitor_pk}/labels/",
        {"rows": [{"id": 1, "y": 1}], "id_column": "id", "label_column": "y"},
    ),
    ("post", "alerts/{alert_pk}/acknowledge/", NOTE),
    ("post", "alerts/{alert_pk}/snooze/", {**NOTE, "until": "2098-01-01T00:00:00Z"}),
    ("post", "alerts/{alert_pk}/resolve/", NOTE),
    ("post", "alerts/{alert_pk}/note/", NOTE),
]


@pytest.fixture
def api(owner: User) -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    return client


@pytest.mark.parametrize(("method", "address", "body"), REQUESTS, ids=lambda part: str(part)[:40])
def test_odd_values_are_refused_and_change_nothing(
    api: APIClient, project: Project, method: str, address: str, body: dict[str, Any]
) -> None:
    rows = make_monitoring(project)
    names = {
        "project": project.slug,
        "model_version": make_model_version(project, "2").pk,
    }
    place = f"/api/v1/{address.format(**rows)}"
    good = {
        name: names.get(value, value) if isinstance(value, str) else value for name, value in body.items()
    }
    if "reference" in good:
        good["reference"] = {"file_id": str(make_file(project, purpose="data").pk)}
    if "models" in good:
        good["models"] = [{"version": names["model_version"], "roles": MODEL["roles"]}]
    for field in good:
        for odd in ODD:
            rest = json.dumps({name: value for name, value in good.items() if name != field})
            sent = f'{rest[:-1]}{", " if len(good) > 1 else ""}"{field}": {odd}}}'
            with transaction.atomic():
                trail = Change.objects.count()
                answer = getattr(api, method)(place, sent, content_type="application/json")
                assert answer.status_code < 500, f"{field} = {odd}: {answer.content!r}"
                if answer.status_code >= 400:
                    assert answer["Content-Type"] == CONTENT_TYPE, f"{field} = {odd}"
                    assert answer.json()["detail"], f"{field} = {odd}"
                    assert Change.objects.count() == trail, f"{field} = {odd} changed something"
                transaction.set_rollback(True)
    whole = getattr(api, method)(place, "[1]", content_type="application/json")
    assert whole.status_code == 400


@pytest.mark.parametrize("address", ["monitors", "batches", "label-uploads", "alerts"])
@pytest.mark.parametrize("key", ["0", "-1", "abc", "9" * 30, "%00", "1.5", "٣"])
def test_ids_that_are_not_there(api: APIClient, address: str, key: str) -> None:
    answer = api.get(f"/api/v1/{address}/{key}/")
    assert (answer.status_code, bool(answer.json()["detail"])) == (404, True)


@pytest.mark.parametrize(
    "query", ["since=soon", "before=9999-12-31T23:59:59Z", "monitor=x", "replaced=2", "start=2026-01-01"]
)
def test_questions_that_mean_nothing(api: APIClient, query: str) -> None:
    answer = api.get(f"/api/v1/batches/?{query}")
    assert (answer.status_code, bool(answer.json()["detail"])) == (400, True)
