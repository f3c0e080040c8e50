"""Pages of this app."""

from apps.notifications.views.deliveries import DeliveryList, DeliveryReplay
from apps.notifications.views.people import PreferenceEdit, TestMail
from apps.notifications.views.webhooks import (
    WebhookCreate,
    WebhookDelete,
    WebhookEdit,
    WebhookList,
    WebhookSecret,
    WebhookTest,
)

__all__ = [
    "DeliveryList",
    "DeliveryReplay",
    "PreferenceEdit",
    "TestMail",
    "WebhookCreate",
    "WebhookDelete",
    "WebhookEdit",
    "WebhookList",
    "WebhookSecret",
    "WebhookTest",
]
