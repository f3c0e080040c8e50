"""Putting events into the queue of deliveries."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.accounts.models import User
from apps.notifications.events import Event
from apps.notifications.hints import hint
from apps.notifications.hours import due_at
from apps.notifications.models import Delivery, Preference, Webhook
from apps.projects.models import Project


def notify(*, project: Project, event: Event, people: Iterable[User] = ()) -> list[Delivery]:
    """Queue the event for the project's webhooks and for ``people``, as their preferences say.

    Must run in a transaction; messages leave after it. Without people or webhooks nothing is queued.
    Returns the deliveries of this event, also those that an earlier announcement made.
    """
    webhooks = Webhook.objects.filter(project=project, is_active=True)
    deliveries = [
        *(_to_webhook(webhook, event) for webhook in webhooks if event.is_wanted(webhook.severity)),
        *_to_people(project, event, {person.pk: person for person in people if person.is_active}),
    ]
    return _queue(project, event, deliveries)


def notify_webhook(*, project: Project, event: Event, webhook_id: int) -> Delivery:
    """Queue the event for one webhook, whatever its severity filter says: retraining requests, tests.

    As `notify`. Raises Webhook.DoesNotExist for a webhook of another project.
    """
    webhook = Webhook.objects.get(project=project, pk=webhook_id)
    _queue(project, event, [_to_webhook(webhook, event)])
    return Delivery.objects.get(webhook=webhook, key=event.key)


def _to_webhook(webhook: Webhook, event: Event) -> Delivery:
    return Delivery(project_id=webhook.project_id, webhook=webhook, key=event.key, event=event.to_json())


def _to_people(project: Project, event: Event, people: dict[int, User]) -> list[Delivery]:
    preferences = {row.user_id: row for row in Preference.objects.filter(user__in=people)}
    now = timezone.now()
    deliveries = []
    for person in people.values():
        preference = preferences.get(person.pk) or Preference(user=person)
        if preference.mail != Preference.Mail.NEVER and event.is_wanted(preference.severity):
            deliveries.append(
                Delivery(
                    project=project,
                    person=person,
                    key=event.key,
                    event=event.to_json(),
                    is_digest=preference.mail == Preference.Mail.DIGEST,
                    due_at=due_at(preference, now),
                )
            )
    return deliveries


def _queue(project: Project, event: Event, deliveries: list[Delivery]) -> list[Delivery]:
    if not deliveries:
        return []
    with transaction.atomic():
        Delivery.objects.bulk_create(deliveries, ignore_conflicts=True)
        hint()
    receivers = Q(webhook__in=[row.webhook_id for row in deliveries if row.webhook_id]) | Q(
        person__in=[row.person_id for row in deliveries if row.person_id]
    )
    return list(Delivery.objects.filter(receivers, project=project, key=event.key))
