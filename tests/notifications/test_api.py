"""Webhooks, deliveries and preferences over REST."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.notifications.models import Delivery, Preference, Webhook
from apps.notifications.services import notify
from apps.projects.models import Project, Role
from tests.factories import make_member, make_project, make_token
from tests.notifications.making import make_event, make_webhook

pytestmark = pytest.mark.django_db
WEBHOOKS, DELIVERIES = "/api/v1/webhooks/", "/api/v1/deliveries/"
PREFERENCE = "/api/v1/notification-preference/"


def client_of(user: User, scope: str = "write") -> APIClient:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(user, scope)}")
    return client


@pytest.fixture
def client(owner: User) -> APIClient:
    return client_of(owner)


@pytest.fixture
def body(project: Project) -> dict[str, Any]:
    return {"project": project.slug, "name": "Chat", "url": "https://hooks.example.org/x"}


def test_a_webhook_from_its_making_to_its_end(client: APIClient, body: dict[str, Any]) -> None:
    made = client.post(WEBHOOKS, body)
    assert made.status_code == 201
    webhook = Webhook.objects.get()
    assert made.json()["secret"] == webhook.secret
    assert (made.json()["format"], made.json()["severity"], made.json()["is_active"]) == (
        "json",
        "warn",
        True,
    )
    place = f"{WEBHOOKS}{webhook.pk}/"
    assert "secret" not in client.get(place).json()
    assert "secret" not in client.get(WEBHOOKS).json()["results"][0]
    changed = client.patch(place, {"severity": "all"})
    assert (changed.status_code, changed.json()["severity"], changed.json()["name"]) == (200, "all", "Chat")
    assert "secret" not in changed.json()
    rotated = client.post(f"{place}secret/").json()["secret"]
    webhook.refresh_from_db()
    assert rotated == webhook.secret != made.json()["secret"]
    tested = client.post(f"{place}test/")
    assert (tested.status_code, tested.json()["state"], tested.json()["event"]) == (202, "waiting", "test")
    assert client.delete(place).status_code == 204
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"url": "http://169.254.169.254/"}, "own_network"),
        ({"url": "javascript:alert(1)"}, "bad_address"),
        ({"url": "https://u:p@example.org/"}, "credentials_in_address"),
        ({"url": "http://example.org:22/"}, "bad_port"),
        ({"name": "Taken"}, "webhook_taken"),
    ],
)
def test_what_is_refused(
    client: APIClient, project: Project, body: dict[str, Any], changes: dict[str, str], code: str
) -> None:
    make_webhook(project, name="Taken")
    answer = client.post(WEBHOOKS, body | changes)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["code"] == code
    assert Webhook.objects.count() == 1


@pytest.mark.parametrize("changes", [{"format": "xml"}, {"name": ""}, {"url": "x" * 501}, {"severity": None}])
def test_fields_that_are_wrong(client: APIClient, body: dict[str, Any], changes: dict[str, Any]) -> None:
    assert client.post(WEBHOOKS, body | changes).status_code == 400


@pytest.mark.parametrize(
    ("role", "status"), [(Role.VIEWER, 403), (Role.ENGINEER, 403), (Role.MANAGER, 201), (Role.OWNER, 201)]
)
def test_managers_make_webhooks(project: Project, body: dict[str, Any], role: Role, status: int) -> None:
    person = make_member(project, role)
    assert client_of(person).post(WEBHOOKS, body).status_code == status
    assert client_of(person, "read").post(WEBHOOKS, body).status_code == 403


def test_outsiders_learn_nothing(project: Project, body: dict[str, Any]) -> None:
    outsider = client_of(make_project().created_by)
    assert outsider.post(WEBHOOKS, body).status_code == 404
    assert APIClient().post(WEBHOOKS, body).status_code == 401
    make_webhook(project)
    notify(project=project, event=make_event())
    for address in (WEBHOOKS, DELIVERIES):
        assert outsider.get(address).json()["count"] == 0
        assert client_of(make_member(project, "engineer")).get(address).json()["count"] == 0
        assert client_of(make_member(project, "manager")).get(address).json()["count"] == 1


def test_deliveries(client: APIClient, project: Project, owner: User) -> None:
    webhook = make_webhook(project)
    notify(project=project, event=make_event(), people=[owner])
    Delivery.objects.filter(webhook=webhook).update(
        state="failed",
        status=500,
        problem={"text": "The receiver answered with status %(status)s.", "params": {"status": 500}},
    )
    [row] = client.get(DELIVERIES, {"state": "failed", "project": project.slug}).json()["results"]
    assert (row["webhook"], row["person"], row["title"]) == (webhook.pk, None, "The column age is missing.")
    assert row["problem"] == "The receiver answered with status 500."
    assert client.get(DELIVERIES).json()["count"] == 2
    assert client.get(DELIVERIES, {"webhook": webhook.pk}).json()["count"] == 1
    assert client.get(DELIVERIES, {"state": "odd"}).status_code == 400
    again = client.post(f"{DELIVERIES}{row['id']}/replay/")
    assert (again.status_code, again.json()["replay_of"], again.json()["state"]) == (
        202,
        row["id"],
        "waiting",
    )
    refused = client.post(f"{DELIVERIES}{again.json()['id']}/replay/")
    assert refused.json()["errors"][0]["code"] == "still_waiting"


def test_own_preference(client: APIClient, owner: User) -> None:
    assert client.get(PREFERENCE).json() == {
        "mail": "at_once",
        "severity": "warn",
        "zone": "UTC",
        "quiet_from": None,
        "quiet_until": None,
        "digest_at": "08:00:00",
        "language": "en",
    }
    assert not Preference.objects.exists()
    said = client.post(PREFERENCE, {"zone": "Asia/Tokyo", "quiet_from": "22:00", "quiet_until": "07:00"})
    assert (said.status_code, said.json()["quiet_from"]) == (200, "22:00:00")
    said = client.post(PREFERENCE, {"mail": "digest"})
    assert (said.json()["mail"], said.json()["zone"]) == ("digest", "Asia/Tokyo")
    assert client.post(PREFERENCE, {"zone": "Nowhere"}).json()["errors"][0]["code"] == "unknown_zone"
    assert client.post(PREFERENCE, {"quiet_from": None}).json()["errors"][0]["code"] == "half_quiet_hours"
    assert client.post(PREFERENCE, {"mail": "pigeon"}).status_code == 400
    assert Preference.objects.get(user=owner).mail == "digest"


def test_mail_to_oneself(client: APIClient, owner: User, project: Project) -> None:
    assert client.post(f"{PREFERENCE}test/").status_code == 202
    row = Delivery.objects.get()
    assert (row.person, row.project) == (owner, None)
    assert client.get(DELIVERIES).json()["count"] == 0
    assert client.get(f"{DELIVERIES}{row.pk}/").status_code == 404
