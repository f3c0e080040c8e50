"""Telling people and systems outside what happens. The rest of this module is written by its owner."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.notifications.models import Delivery
from apps.projects.models import Project


@dataclass(frozen=True, slots=True)
class Event:
    """Something to be told. ``kind``: alert.opened, alert.worse, alert.resolved, retraining.asked or test.

    ``severity``: bad, warn or ok. ``link`` is a path of the portal. ``data`` goes into the JSON of webhooks.
    ``key`` names the event: a receiver gets an event once, however often it is announced.
    """

    kind: str
    key: str
    severity: str
    title: Message
    text: Message
    link: str
    data: Mapping[str, Any] = field(default_factory=dict)


def notify(*, project: Project, event: Event, people: Iterable[User] = ()) -> list[Delivery]:
    """Queue the event for the project's webhooks and for ``people``, as their preferences say.

    Must run in a transaction; messages leave after it. Without people or webhooks nothing is queued.
    """
    raise NotImplementedError


def notify_webhook(*, project: Project, event: Event, webhook_id: int) -> Delivery:
    """Queue the event for one webhook, whatever its severity filter says: retraining requests, tests."""
    raise NotImplementedError
