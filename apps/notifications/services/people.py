"""How one person wants to be told. Everybody decides for themselves."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from datetime import time
from zoneinfo import available_timezones

from django.db import transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.notifications.events import TEST, Event
from apps.notifications.hints import hint
from apps.notifications.models import Delivery, Preference, Severity


@dataclass(frozen=True, slots=True)
class PreferenceFields:
    """What a person says; ``quiet_from`` and ``quiet_until`` are both given or both left out."""

    mail: str = Preference.Mail.AT_ONCE
    severity: str = Severity.WARN
    zone: str = "UTC"
    quiet_from: time | None = None
    quiet_until: time | None = None
    digest_at: time = time(8)
    language: str = "en"


@transaction.atomic
def set_preference(*, user: User, fields: PreferenceFields) -> Preference:
    """Of the person themselves. Mail that waits already keeps its time, but never comes in quiet hours."""
    if fields.zone not in available_timezones():
        raise InputRejected(
            "unknown_zone",
            gettext_noop("“%(zone)s” is no time zone. Choose one such as Europe/Berlin."),
            zone=fields.zone,
        )
    if (fields.quiet_from is None) != (fields.quiet_until is None):
        raise InputRejected(
            "half_quiet_hours",
            gettext_noop("Give both the begin and the end of the quiet hours, or neither."),
        )
    if fields.quiet_from is not None and fields.quiet_from == fields.quiet_until:
        raise InputRejected(
            "no_quiet_hours",
            gettext_noop(
                "Quiet hours begin and end at different times. To get no mail at all choose “never”."
            ),
        )
    preference, _created = Preference.objects.update_or_create(user=user, defaults=asdict(fields))
    return preference


@transaction.atomic
def send_test_mail(*, user: User) -> Delivery:
    """Queue a mail to the person themselves, whatever their preference says."""
    event = Event(
        kind=TEST,
        key=f"test-{secrets.token_hex(8)}",
        severity="ok",
        title=Message(gettext_noop("This is a test.")),
        text=Message(gettext_noop("You asked whether mail of the portal arrives. It does.")),
        link="/settings/notifications/",
    )
    delivery = Delivery.objects.create(person=user, key=event.key, event=event.to_json())
    hint()
    return delivery
