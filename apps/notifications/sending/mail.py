"""One mail to a person with everything that waits for them."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from smtplib import SMTPException
from time import monotonic
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.dummy import EmailBackend as NoBackend
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.common.translate import translate
from apps.compute.messages import Message, gettext_noop
from apps.notifications.events import Event
from apps.notifications.models import Delivery, Preference
from apps.notifications.sending.http import Answer

logger = logging.getLogger(__name__)
SUBJECT_CHARACTERS = 180


@dataclass(frozen=True, slots=True)
class Told:
    """The newest about one thing, in the reader's words. ``earlier``: how many messages it replaces."""

    project: str
    title: str
    text: str
    url: str
    earlier: int


def can_send() -> bool:
    """Whether the portal has a way to send mail at all."""
    return not isinstance(get_connection(), NoBackend)


def compose(preference: Preference, deliveries: Sequence[Delivery]) -> EmailMessage:
    """Of deliveries in the order of their events, with their projects, in the person's language."""
    with translation.override(preference.language):
        told = newest_of_each(deliveries)
        is_digest = any(delivery.is_digest for delivery in deliveries)
        body = render_to_string(
            "notifications/mail.txt",
            {
                "told": told,
                "is_digest": is_digest,
                "settings_url": f"{settings.BASE_URL}/settings/notifications/",
            },
        )
        mail = EmailMessage(_subject(told, is_digest), body, to=[preference.user.email])
    # Sent a second time, after a worker was lost, it carries the same name and mail programs may fold it.
    host = urlsplit(settings.BASE_URL).hostname
    mail.extra_headers = {
        "Message-ID": f"<mlsd-delivery-{deliveries[0].pk}@{host}>",
        "Auto-Submitted": "auto-generated",
    }
    return mail


def newest_of_each(deliveries: Sequence[Delivery]) -> list[Told]:
    """Messages with one link speak of one thing, such as an alert that opened and was resolved: the newest
    is told. What happened last stands first.
    """
    about: dict[tuple[int | None, str], list[Delivery]] = {}
    for delivery in deliveries:
        about.setdefault((delivery.project_id, delivery.event["link"]), []).append(delivery)
    newest_first = sorted(about.values(), key=lambda rows: -rows[-1].pk)
    return [_told(rows[-1], len(rows) - 1) for rows in newest_first]


def _told(delivery: Delivery, earlier: int) -> Told:
    event = Event.from_json(delivery.event)
    return Told(
        project=delivery.project.name if delivery.project else "",
        title=translate(event.title),
        text=translate(event.text),
        url=settings.BASE_URL + event.link,
        earlier=earlier,
    )


def _subject(told: Sequence[Told], is_digest: bool) -> str:
    if len(told) == 1:
        text = f"[{told[0].project or 'MLSD Portal'}] {told[0].title}"
    elif is_digest:
        text = _("Your day: %(messages)s") % {"messages": _messages(len(told))}
    else:
        text = "[MLSD Portal] " + _messages(len(told))
    text = " ".join(text.split())  # a line break would end the header
    return text if len(text) <= SUBJECT_CHARACTERS else text[: SUBJECT_CHARACTERS - 1] + "…"


def _messages(count: int) -> str:
    return ngettext("%(count)d message", "%(count)d messages", count) % {"count": count}


def send(mail: EmailMessage) -> Answer:
    """Runs outside the database. What the mail server says stays in the log: it may name addresses."""
    begin = monotonic()
    problem = None
    try:
        mail.send()
    except (OSError, SMTPException) as error:
        logger.warning("Mail to a person was not taken: %s", error)
        text = gettext_noop("The mail server did not take the mail (%(why)s).")
        problem = Message(text, {"why": type(error).__name__})
    return Answer(None, round((monotonic() - begin) * 1_000), problem)
