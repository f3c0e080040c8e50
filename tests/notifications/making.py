"""Events and webhooks for tests."""

from __future__ import annotations

from typing import Any

from apps.compute.messages import Message
from apps.notifications.events import Event
from apps.notifications.models import Webhook
from apps.projects.models import Project


def make_event(**fields: Any) -> Event:
    fields = {
        "kind": "alert.opened",
        "key": "alert-1-opened",
        "severity": "bad",
        "title": Message("The column %(column)s is missing.", {"column": "age"}),
        "text": Message("Send the batch again with the column."),
        "link": "/projects/churn/alerts/1/",
        **fields,
    }
    return Event(**fields)


def make_webhook(project: Project, **fields: Any) -> Webhook:
    fields = {
        "name": f"Webhook {Webhook.objects.count() + 1}",
        "url": "https://hooks.example.org/portal",
        "secret": "key of the signature",
        "created_by": project.created_by,
        **fields,
    }
    webhook = Webhook.objects.create(project=project, **fields)
    webhook.refresh_from_db()
    return webhook
