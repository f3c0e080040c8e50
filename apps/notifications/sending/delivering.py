"""One round after the other of attempts, as long as anything is due and time is left."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from time import monotonic

from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import Message, gettext_noop
from apps.notifications.hours import not_before
from apps.notifications.models import Delivery, Preference
from apps.notifications.sending import mail, queue, webhooks
from apps.notifications.sending.http import Answer
from apps.projects.models import Project

logger = logging.getLogger(__name__)

#: Receivers that are tried at the same time. They wait for the network, so one worker can.
AT_ONCE = 16
#: No new round begins after this; what is left is found by the next task.
ROUNDS_SECONDS = 45

Send = Callable[[], Answer]


def deliver() -> None:
    """Attempt what is due. Threads only wait for the network; the database is the caller's alone."""
    queue.give_up_on_deadly()
    end = monotonic() + ROUNDS_SECONDS
    with ThreadPoolExecutor(AT_ONCE) as pool:
        while monotonic() < end and (parcels := queue.take(AT_ONCE)):
            prepared = [_prepared(rows) for rows in parcels]
            answers = pool.map(_attempt, [send for _rows, send in prepared])
            for (rows, _send), answer in zip(prepared, answers, strict=True):
                queue.finish(rows, answer)


def _attempt(send: Send) -> Answer:
    """A fault of ours at one delivery holds no other one up."""
    try:
        return send()
    except Exception:
        logger.exception("A delivery failed")
        return Answer(problem=Message(gettext_noop("Sending failed on our side. It is tried again.")))


def _prepared(rows: Sequence[Delivery]) -> tuple[Sequence[Delivery], Send]:
    """What is sent, and the rows that it is the delivery of: none, when the receiver is not to get it now."""
    webhook, person = rows[0].webhook, rows[0].person
    try:
        if webhook is not None:
            project = rows[0].project
            if project is not None and webhook.is_active:
                return rows, partial(webhooks.send, rows[0], webhook, project.slug, timezone.now())
            queue.drop(rows, Message(gettext_noop("The webhook is switched off.")))
        elif person is not None and (kept := _still_wanted(person, rows)):
            return kept, partial(mail.send, mail.compose(Preference.of(person), kept))
    except Exception as error:
        return rows, partial(_raise, error)
    return (), Answer


def _raise(error: Exception) -> Answer:
    raise error


def _still_wanted(person: User, rows: Sequence[Delivery]) -> list[Delivery]:
    """Those that the person may and wants to have now. A test of one's own mail, without project, always."""
    if not person.is_active:
        queue.drop(rows, Message(gettext_noop("This person has no active account any more.")))
        return []
    if not mail.can_send():
        queue.drop(rows, Message(gettext_noop("This portal has no mail server. Its operator can name one.")))
        return []
    projects = Project.objects.visible_to(person).filter(pk__in={row.project_id for row in rows})
    seen = set(projects.values_list("pk", flat=True))
    tests = [row for row in rows if row.project_id is None]
    told = [row for row in rows if row.project_id in seen]
    lost = [row for row in rows if row not in tests and row not in told]
    if lost:
        queue.drop(lost, Message(gettext_noop("This person is no member of the project any more.")))
    preference, now = Preference.of(person), timezone.now()
    if told and preference.mail == Preference.Mail.NEVER:
        queue.drop(told, Message(gettext_noop("This person wants no mail any more.")))
        return tests
    if told and (later := not_before(preference, now)) > now:
        queue.put_back(told, later)
        return tests
    return [*tests, *told]
