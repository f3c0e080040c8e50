"""Webhooks and deliveries in rows: how they are found and filtered, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Max, QuerySet

from apps.notifications.models import Delivery, Webhook
from apps.projects.models import Project

PAGE_SIZE = 50


def listed_webhooks(project: Project) -> QuerySet[Webhook]:
    """With ``newest``, the id of the delivery that tells how the webhook is doing."""
    return Webhook.objects.filter(project=project).annotate(newest=Max("deliveries")).order_by("name", "pk")


def with_newest(webhooks: list[Any]) -> list[tuple[Webhook, Delivery | None]]:
    """Rows of `listed_webhooks`, each with its newest delivery."""
    found = Delivery.objects.in_bulk([webhook.newest for webhook in webhooks if webhook.newest])
    return [(webhook, found.get(webhook.newest)) for webhook in webhooks]


def filtered_deliveries(project: Project, chosen: Mapping[str, str]) -> QuerySet[Delivery]:
    """The newest first; ``chosen`` may hold a ``state`` and the id of a ``webhook``."""
    rows = Delivery.objects.filter(project=project, **chosen)
    return rows.select_related("webhook", "person").order_by("-pk")
