"""People and systems outside are told of alerts. Those that another alert explains are not told of."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from apps.accounts.models import User
from apps.compute.messages import Message
from apps.monitoring.models import Alert, Monitor
from apps.notifications.services import Event, notify
from apps.projects.models import Role


def tell_opened(alert: Alert) -> None:
    _tell(alert, "alert.opened", "opened", alert.severity)


def tell_worse(alert: Alert) -> None:
    _tell(alert, "alert.worse", f"worse:{alert.last_at.isoformat()}", alert.severity)


def tell_woken(alert: Alert, snoozed_until: datetime) -> None:
    """The snooze is over and it is still open."""
    _tell(alert, "alert.opened", f"woken:{snoozed_until.isoformat()}", alert.severity)


def tell_resolved(alert: Alert) -> None:
    _tell(alert, "alert.resolved", "resolved", "ok")


def _tell(alert: Alert, kind: str, what: str, severity: str) -> None:
    event = Event(
        kind=kind,
        key=f"alert:{alert.pk}:{what}",
        severity=severity,
        title=Message.from_json(alert.title),
        text=Message.from_json(alert.text),
        link=f"/projects/{alert.project.slug}/alerts/{alert.number}/",
        data={
            "monitor": alert.monitor.name,
            "alert": alert.number,
            "kind": alert.kind,
            "cause": alert.cause,
            "first_at": alert.first_at.isoformat(),
            "last_at": alert.last_at.isoformat(),
        },
    )
    notify(project=alert.project, event=event, people=_people(alert.monitor))


def _people(monitor: Monitor) -> QuerySet[User]:
    """The owners of the monitor; without any, those who answer for the project."""
    owners = monitor.owners.filter(is_active=True)
    if owners.exists():
        return owners
    return User.objects.filter(
        is_active=True,
        memberships__project=monitor.project_id,
        memberships__role__in=[Role.MANAGER, Role.OWNER],
    )
