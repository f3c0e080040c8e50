"""Who an event is queued for."""

from __future__ import annotations

from datetime import UTC, time
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.notifications.models import Delivery, Preference, Severity, Webhook
from apps.notifications.services import Event, notify, notify_webhook
from apps.projects.models import Project
from tests.factories import make_project, make_user
from tests.notifications.making import make_event, make_webhook

pytestmark = pytest.mark.django_db


def test_event_survives_json() -> None:
    event = make_event(title=Message("The column %(column)s is missing.", {"column": "age"}), data={"n": 3})
    assert Event.from_json(event.to_json()) == event


def test_webhooks_and_people_are_told_once(project: Project, owner: User) -> None:
    webhook = make_webhook(project)
    first = notify(project=project, event=make_event(), people=[owner, owner])
    again = notify(project=project, event=make_event(), people=[owner])
    assert {(row.webhook_id, row.person_id) for row in first} == {(webhook.pk, None), (None, owner.pk)}
    assert {row.pk for row in again} == {row.pk for row in first}
    assert Delivery.objects.count() == 2


def test_the_same_key_in_another_project_is_another_event(project: Project, owner: User) -> None:
    other = make_project(owner)
    for place in (project, other):
        notify(project=place, event=make_event(), people=[owner])
    assert set(Delivery.objects.values_list("project", flat=True)) == {project.pk, other.pk}


@pytest.mark.parametrize(
    ("wanted", "told"),
    [(Severity.BAD, {"bad"}), (Severity.WARN, {"bad", "warn"}), (Severity.ALL, {"bad", "warn", "ok"})],
)
def test_severity_filters(project: Project, owner: User, wanted: str, told: set[str]) -> None:
    webhook = make_webhook(project, severity=wanted)
    Preference.objects.create(user=owner, severity=wanted)
    for severity in ("bad", "warn", "ok"):
        notify(project=project, event=make_event(key=severity, severity=severity), people=[owner])
    assert set(webhook.deliveries.values_list("key", flat=True)) == told
    assert set(owner.deliveries.values_list("key", flat=True)) == told


def test_nobody_is_told(project: Project, owner: User) -> None:
    """Webhooks that are off or of others, people who left or want no mail."""
    make_webhook(project, is_active=False)
    make_webhook(make_project())
    Preference.objects.create(user=owner, mail=Preference.Mail.NEVER)
    gone = make_user(is_active=False)
    assert notify(project=project, event=make_event(), people=[owner, gone]) == []
    assert not Delivery.objects.exists()


def test_a_digest_waits_for_its_time(project: Project, owner: User) -> None:
    Preference.objects.create(user=owner, mail="digest", digest_at=time(8), zone="Asia/Tokyo")
    [row] = notify(project=project, event=make_event(), people=[owner])
    assert row.is_digest
    assert row.due_at > timezone.now()
    assert row.due_at.astimezone(UTC).time() == time(23)  # Tokyo is nine hours ahead


def test_one_webhook_whatever_its_filter(project: Project) -> None:
    webhook = make_webhook(project, severity="bad")
    row = notify_webhook(project=project, event=make_event(severity="ok"), webhook_id=webhook.pk)
    assert (row.webhook, row.state) == (webhook, "waiting")
    assert notify_webhook(project=project, event=make_event(), webhook_id=webhook.pk) == row
    with pytest.raises(Webhook.DoesNotExist):
        notify_webhook(project=make_project(), event=make_event(), webhook_id=webhook.pk)


def test_a_transaction_gives_one_hint(project: Project, django_capture_on_commit_callbacks: Any) -> None:
    make_webhook(project)
    with django_capture_on_commit_callbacks() as hints:
        for key in "abc":
            notify(project=project, event=make_event(key=key))
    assert len(hints) == 1


def test_the_trail_hides_what_is_secret(project: Project) -> None:
    webhook = make_webhook(project, url="https://hooks.example.org:8443/services/T0/secret?key=1")
    assert webhook.host == "hooks.example.org:8443"
    webhook.url, webhook.secret = "https://evil.example.org/other", "changed key"
    webhook.save()
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT old::text, new::text FROM history_change WHERE "table" = %s', ["notifications_webhook"]
        )
        trail = str(cursor.fetchall())
    assert "hooks.example.org:8443" in trail
    assert "evil.example.org" in trail
    assert "services/T0" not in trail
    assert "changed key" not in trail
