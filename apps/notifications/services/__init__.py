"""Telling people and systems outside what happens."""

from apps.notifications.events import Event
from apps.notifications.services.people import PreferenceFields, send_test_mail, set_preference
from apps.notifications.services.queueing import notify, notify_webhook
from apps.notifications.services.webhooks import (
    WebhookFields,
    add_webhook,
    change_webhook,
    delete_webhook,
    replay,
    rotate_secret,
    send_test,
)

__all__ = [
    "Event",
    "PreferenceFields",
    "WebhookFields",
    "add_webhook",
    "change_webhook",
    "delete_webhook",
    "notify",
    "notify_webhook",
    "replay",
    "rotate_secret",
    "send_test",
    "send_test_mail",
    "set_preference",
]
