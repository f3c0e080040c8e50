"""Telling people and systems outside what happens."""

from apps.notifications.events import Event
from apps.notifications.services.queueing import notify, notify_webhook

__all__ = ["Event", "notify", "notify_webhook"]
