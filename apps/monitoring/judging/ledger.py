"""Alerts are opened, seen again and resolved here, and each step is written down."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Max

from apps.monitoring.judging import telling
from apps.monitoring.judging.alerts import Draft
from apps.monitoring.judging.facts import Facts
from apps.monitoring.models import Alert, AlertEvent
from apps.projects.models import Project

WRITTEN = (
    *("kind", "severity", "title", "text", "batch_id", "parent_id", "first_at", "last_at", "times"),
    *("snoozed_until", "resolved_at"),
)


@dataclass(slots=True)
class _Changes:
    """What this judging brings about. ``told`` is done last, when every row is written."""

    opened: list[Alert] = field(default_factory=list)
    events: list[AlertEvent] = field(default_factory=list)
    worse: list[Alert] = field(default_factory=list)
    woken: list[tuple[Alert, datetime]] = field(default_factory=list)
    freed: list[Alert] = field(default_factory=list)  # no other alert explains them any more
    resolved: list[Alert] = field(default_factory=list)

    def note(self, alert: Alert, kind: AlertEvent.Kind, at: datetime) -> None:
        self.events.append(AlertEvent(alert=alert, kind=kind, at=at))


def write_alerts(facts: Facts, drafts: Sequence[Draft]) -> list[Alert]:
    """Bring the alerts of a monitor up to the drafts; those that are open afterwards."""
    changes = _Changes()
    before = {alert.pk: _state(alert) for alert in facts.alerts}
    known = {alert.cause: alert for alert in facts.alerts}
    open_now = {}
    for draft in drafts:
        alert = known.pop(draft.cause, None)
        if alert is not None:
            _see_again(changes, alert, draft, facts.clock)
        elif _is_new(facts, draft):
            alert = _new(facts, draft)
            changes.opened.append(alert)
        if alert is not None:
            open_now[draft.cause] = alert
    for alert in known.values():
        alert.resolved_at = facts.clock
        changes.note(alert, AlertEvent.Kind.RESOLVED, facts.clock)
        changes.resolved.append(alert)
    _wake(changes, open_now.values(), facts.clock)
    _create(facts, changes)
    _link(facts, changes, drafts, open_now)
    rows = [alert for alert in [*open_now.values(), *known.values()] if _state(alert) != before.get(alert.pk)]
    if rows:
        Alert.objects.bulk_update(rows, WRITTEN)
    AlertEvent.objects.bulk_create(changes.events)
    _tell(changes, facts.clock)
    return list(open_now.values())


def _state(alert: Alert) -> tuple[object, ...]:
    return tuple(getattr(alert, name) for name in WRITTEN)


def _is_new(facts: Facts, draft: Draft) -> bool:
    """What a person resolved opens anew only when a window after it shows it."""
    settled = facts.settled.get(draft.cause)
    return settled is None or draft.last_at > settled.last_at


def _new(facts: Facts, draft: Draft) -> Alert:
    return Alert(
        project=facts.monitor.project,
        monitor=facts.monitor,
        kind=draft.kind,
        cause=draft.cause,
        severity=draft.severity,
        title=draft.title.to_json(),
        text=draft.text.to_json(),
        batch_id=draft.batch_id,
        first_at=draft.first_at,
        last_at=draft.last_at,
        times=draft.times or 1,
        opened_at=facts.clock,
    )


def _see_again(changes: _Changes, alert: Alert, draft: Draft, at: datetime) -> None:
    if draft.times is not None:
        alert.times = max(alert.times, draft.times)
    elif draft.last_at > alert.last_at:
        alert.times += 1
    if (alert.severity, draft.severity) == (Alert.Severity.WARN, Alert.Severity.BAD):
        changes.note(alert, AlertEvent.Kind.WORSE, at)
        changes.worse.append(alert)
    alert.kind, alert.severity, alert.batch_id = draft.kind, draft.severity, draft.batch_id
    alert.title, alert.text = draft.title.to_json(), draft.text.to_json()
    alert.first_at, alert.last_at = min(alert.first_at, draft.first_at), draft.last_at


def _wake(changes: _Changes, alerts: Iterable[Alert], at: datetime) -> None:
    for alert in alerts:
        if alert.snoozed_until is not None and alert.snoozed_until <= at:
            changes.note(alert, AlertEvent.Kind.WOKEN, alert.snoozed_until)
            changes.woken.append((alert, alert.snoozed_until))
            alert.snoozed_until = None


def _create(facts: Facts, changes: _Changes) -> None:
    """Numbers go through the whole project: two monitors at once get two."""
    if not changes.opened:
        return
    Project.objects.select_for_update(no_key=True).only("pk").get(pk=facts.monitor.project_id)
    last = Alert.objects.filter(project=facts.monitor.project_id).aggregate(last=Max("number"))["last"] or 0
    for number, alert in enumerate(changes.opened, last + 1):
        alert.number = number
    Alert.objects.bulk_create(changes.opened)
    for alert in changes.opened:
        changes.note(alert, AlertEvent.Kind.OPENED, facts.clock)


def _link(facts: Facts, changes: _Changes, drafts: Sequence[Draft], open_now: dict[str, Alert]) -> None:
    """Each alert points to the one that explains it, also when a person has resolved that one."""
    for draft in drafts:
        alert = open_now.get(draft.cause)
        if alert is None:
            continue
        parent = open_now.get(draft.parent) or facts.settled.get(draft.parent)
        if alert.parent_id is not None and parent is None:
            changes.freed.append(alert)
        alert.parent = parent


def _tell(changes: _Changes, at: datetime) -> None:
    for alert in (*changes.opened, *changes.freed):
        if _is_told(alert, at):
            telling.tell_opened(alert)
    for alert in changes.worse:
        if _is_told(alert, at):
            telling.tell_worse(alert)
    for alert, until in changes.woken:
        if _is_told(alert, at):
            telling.tell_woken(alert, until)
    for alert in changes.resolved:
        if _is_told(alert, at):
            telling.tell_resolved(alert)


def _is_told(alert: Alert, at: datetime) -> bool:
    return alert.parent_id is None and (alert.snoozed_until is None or alert.snoozed_until <= at)
