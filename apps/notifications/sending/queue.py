"""The rows that are due: taking them with a lease, and writing down how an attempt ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import SystemRandom

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from apps.compute.messages import Message, gettext_noop
from apps.notifications.models import Delivery, Webhook
from apps.notifications.sending.http import GONE, Answer

State = Delivery.State
MINUTE = timedelta(minutes=1)
#: Pauses after the first, second, ... attempt that failed; with one more attempt after the last.
PAUSES = tuple(n * MINUTE for n in (1, 2, 5, 15, 60, 3 * 60, 12 * 60, 24 * 60))
MOST_ATTEMPTS = len(PAUSES) + 1
#: A pause is longer by up to this share, so that receivers are not all tried at one moment.
JITTER = 0.2
#: Longer than any round of attempts lasts: who holds it for so long is dead.
LEASE = timedelta(minutes=3)
#: So many messages go into one mail.
MOST_IN_A_MAIL = 200

_random = SystemRandom()


def take(most: int) -> list[list[Delivery]]:
    """At most ``most`` receivers, each with what it is to be sent now, leased to the caller.

    A receiver gets one request at a time, the oldest first; a person gets all that is due in one mail.
    """
    now = timezone.now()
    with transaction.atomic():
        waiting = _due(now).select_for_update(skip_locked=True, of=("self",)).order_by("pk")
        heads = list(waiting.filter(~Exists(_in_the_way(now)))[:most])
        people = [row.person_id for row in heads if row.person_id]
        others = waiting.filter(person__in=people).exclude(pk__in=[row.pk for row in heads])
        parcels = {(row.webhook_id, row.person_id): [row] for row in heads}
        for row in others:
            parcels[row.webhook_id, row.person_id].append(row)
        taken = [parcel[:MOST_IN_A_MAIL] for parcel in parcels.values()]
        lease_until = now + LEASE
        for row in (row for parcel in taken for row in parcel):
            row.lease_until, row.attempts = lease_until, row.attempts + 1
            row.save(update_fields=["lease_until", "attempts"])
    return taken


def _due(now: datetime) -> QuerySet[Delivery]:
    free = Q(lease_until=None) | Q(lease_until__lt=now)
    rows = Delivery.objects.filter(free, state=State.WAITING, due_at__lte=now)
    return rows.select_related("webhook", "person", "project")


def _in_the_way(now: datetime) -> QuerySet[Delivery]:
    """Deliveries to the same receiver that come first, or that somebody is at."""
    receiver = Q(webhook=OuterRef("webhook")) | Q(person=OuterRef("person"))
    first = Q(due_at__lte=now, pk__lt=OuterRef("pk")) | Q(lease_until__gte=now)
    return Delivery.objects.filter(receiver, first, state=State.WAITING)


def give_up_on_deadly() -> int:
    """Rows at which worker after worker died come to an end too."""
    problem = Message(gettext_noop("Every attempt was interrupted."))
    rows = Delivery.objects.filter(
        state=State.WAITING, attempts__gte=MOST_ATTEMPTS, lease_until__lt=timezone.now()
    )
    return rows.update(state=State.FAILED, lease_until=None, problem=problem.to_json())


def put_back(rows: Sequence[Delivery], due_at: datetime) -> None:
    """Leave it for later, as if it had not been taken."""
    _held(rows).update(lease_until=None, attempts=F("attempts") - 1, due_at=due_at)


def drop(rows: Sequence[Delivery], reason: Message) -> None:
    _held(rows).update(state=State.DROPPED, lease_until=None, problem=reason.to_json())


def finish(rows: Sequence[Delivery], answer: Answer) -> None:
    """Write down how the attempt ended; nothing, if the lease was lost and another worker is at it."""
    outcome = {"status": answer.status, "milliseconds": answer.milliseconds, "lease_until": None}
    if answer.problem is None:
        now = timezone.now()
        _held(rows).update(state=State.SENT, sent_at=now, problem=None, **outcome)
        return
    for row in rows:
        _fail(row, answer, outcome | {"problem": answer.problem.to_json()})


def _fail(row: Delivery, answer: Answer, outcome: dict[str, object]) -> None:
    webhook = row.webhook
    if webhook and answer.status == GONE:
        _held([row]).update(state=State.FAILED, **outcome)
        Webhook.objects.filter(pk=webhook.pk).update(is_active=False)
    elif row.attempts >= MOST_ATTEMPTS:
        _held([row]).update(state=State.FAILED, **outcome)
    else:
        pause = PAUSES[row.attempts - 1] * _random.uniform(1, 1 + JITTER)
        _held([row]).update(due_at=timezone.now() + pause, **outcome)
    if webhook:
        _spare(webhook)


def _spare(webhook: Webhook) -> None:
    """A receiver that is down is tried once a minute, and not at once with all else that waits for it."""
    soon = timezone.now() + PAUSES[0]
    webhook.deliveries.filter(state=State.WAITING, lease_until=None, due_at__lt=soon).update(due_at=soon)


def _held(rows: Sequence[Delivery]) -> QuerySet[Delivery]:
    """Those of the rows whose lease, taken together, is still the caller's."""
    leases = {row.lease_until for row in rows}
    return Delivery.objects.filter(
        pk__in=[row.pk for row in rows], state=State.WAITING, lease_until__in=leases
    )
