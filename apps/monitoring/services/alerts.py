"""What people do with alerts. Whatever they do, an alert ends by itself when its cause is gone."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Quantity, gettext_noop
from apps.monitoring.judging import telling
from apps.monitoring.models import Alert, AlertEvent
from apps.projects.access import Action, require

MOST_NOTE = 2_000


@transaction.atomic
def acknowledge(*, alert: Alert, user: User, note: str = "") -> Alert:
    """Somebody looks after it. A second person who does so is not recorded."""
    alert = _open(alert, user, note)
    if alert.acknowledged_at is None:
        alert.acknowledged_at, alert.acknowledged_by = timezone.now(), user
        alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
        _record(alert, AlertEvent.Kind.ACKNOWLEDGED, user, note)
    return alert


@transaction.atomic
def snooze(*, alert: Alert, user: User, until: datetime, note: str = "") -> Alert:
    """Nobody is told of it until then; if it is still open then, they are told again."""
    if until <= timezone.now():
        raise InputRejected(
            "time_is_over",
            gettext_noop("An alert can be snoozed until a time that is to come. Give a later time."),
        )
    alert = _open(alert, user, note)
    alert.snoozed_until = until
    alert.save(update_fields=["snoozed_until"])
    _record(alert, AlertEvent.Kind.SNOOZED, user, note)
    return alert


@transaction.atomic
def resolve(*, alert: Alert, user: User, note: str = "") -> Alert:
    """It is over, a person says. When a new window shows the cause again, a new alert opens."""
    alert = _open(alert, user, note)
    alert.resolved_at, alert.resolved_by = timezone.now(), user
    alert.save(update_fields=["resolved_at", "resolved_by"])
    _record(alert, AlertEvent.Kind.RESOLVED, user, note)
    if alert.parent_id is None and alert.snoozed_until is None:
        telling.tell_resolved(alert)
    return alert


@transaction.atomic
def add_note(*, alert: Alert, user: User, note: str) -> AlertEvent:
    """Also to an alert that is over."""
    require(user, Action.UPLOAD, alert.project)
    _check_note(note)
    if not note.strip():
        raise InputRejected("empty_note", gettext_noop("The note is empty. Write a sentence."))
    return _record(alert, AlertEvent.Kind.NOTE, user, note)


def _open(alert: Alert, user: User, note: str) -> Alert:
    """The alert as it stands; of two people at once, and of one who comes too late, the later one is told."""
    require(user, Action.UPLOAD, alert.project)
    _check_note(note)
    locked = Alert.objects.select_for_update(of=("self",), no_key=True).select_related("project", "monitor")
    row = locked.get(pk=alert.pk)
    if row.resolved_at is not None:
        raise InputRejected(
            "alert_over",
            gettext_noop(
                "Alert %(number)s is over since %(day)s; there is nothing to do. You can add a note."
            ),
            number=str(row.number),
            day=Quantity(row.resolved_at.timestamp(), "date"),
        )
    return row


def _check_note(note: str) -> None:
    if len(note) > MOST_NOTE:
        raise InputRejected(
            "note_too_long",
            gettext_noop("The note has %(length)s characters; at most %(most)s fit. Shorten it."),
            length=len(note),
            most=MOST_NOTE,
        )
    if "\0" in note:
        raise InputRejected(
            "odd_characters", gettext_noop("The note holds a NUL character. Write it again without.")
        )


def _record(alert: Alert, kind: AlertEvent.Kind, user: User, note: str) -> AlertEvent:
    return AlertEvent.objects.create(alert=alert, kind=kind, by=user, note=note, at=timezone.now())
