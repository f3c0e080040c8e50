"""A webhook and its log in the world in which everybody asks, and their rows of the access table."""

from __future__ import annotations

from typing import Any

from apps.compute.messages import Message
from apps.notifications.events import Event
from apps.notifications.models import Delivery, Webhook
from apps.projects.models import Project
from tests.access.rows import MANAGER, SIGNED_IN, rows

ROWS = [
    *rows(MANAGER, "notifications:webhooks", "get", "project"),
    *rows(MANAGER, "notifications:new", "get post put", "project"),
    *rows(MANAGER, "notifications:webhook", "get post put", "project", "webhook_pk"),
    *rows(MANAGER, "notifications:delete", "get post", "project", "webhook_pk"),
    *rows(MANAGER, "notifications:secret", "get post", "project", "webhook_pk"),
    *rows(MANAGER, "notifications:test", "post", "project", "webhook_pk"),
    *rows(MANAGER, "notifications:deliveries", "get", "project"),
    *rows(MANAGER, "notifications:replay", "post", "project", "delivery_row_pk"),
    *rows(SIGNED_IN, "notifications:preference", "get post put"),
    *rows(SIGNED_IN, "notifications:test-mail", "post"),
    *rows(SIGNED_IN, "api:webhook-list", "get"),
    *rows(MANAGER, "api:webhook-detail", "get patch delete", "webhook_pk"),
    *rows(MANAGER, "api:webhook-secret", "post", "webhook_pk"),
    *rows(MANAGER, "api:webhook-test", "post", "webhook_pk"),
    *rows(SIGNED_IN, "api:delivery-list", "get"),
    *rows(MANAGER, "api:delivery-detail", "get", "delivery_row_pk"),
    *rows(MANAGER, "api:delivery-replay", "post", "delivery_row_pk"),
    *rows(SIGNED_IN, "api:notification-preference-list", "get post"),
    *rows(SIGNED_IN, "api:notification-preference-test", "post"),
]


def make_notifications(project: Project) -> dict[str, Any]:
    """A webhook and what was sent to it; the parts of their addresses."""
    webhook = Webhook.objects.create(
        project=project, name="Chat", url="https://hooks.example.org/x", created_by=project.created_by
    )
    event = Event("test", "test-1", "ok", Message("This is a test."), Message("It is."), "/")
    delivery = Delivery.objects.create(
        project=project, webhook=webhook, key=event.key, event=event.to_json(), state=Delivery.State.SENT
    )
    return {"webhook_pk": webhook.pk, "webhook": webhook.pk, "delivery_row_pk": delivery.pk}
