"""Monitors, batches, labels and alerts in rows: how they are found and put in order, in the database."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, JSONObject
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.monitoring.models import Alert, Batch, LabelUpload, LiveMetric, Monitor, WatchedModel
from apps.monitoring.pages.lights import worst_first, worst_rank
from apps.projects.models import Project

PAGE_SIZE = 50
#: Windows of the small chart in the list.
TREND = 30
HEALTH = {
    "bad": _("Something fails"),
    "warn": _("Something is partly right"),
    "none": _("Something is not known"),
    "ok": _("All is well"),
}
_HEALTH_RANKS = {"bad": 3, "warn": 2, "none": 1, "ok": 0}
SHOWN = {"active": _("Active"), "paused": _("Paused"), "archived": _("Archived")}
_SHOWN = {
    "active": Q(paused_at=None, archived_at=None),
    "paused": Q(paused_at__isnull=False, archived_at=None),
    "archived": Q(archived_at__isnull=False),
}
ALERT_STATES = {
    "open": _("Open"),
    "acknowledged": _("Acknowledged"),
    "snoozed": _("Snoozed"),
    "resolved": _("Resolved"),
    "all": _("All"),
}
#: What a monitor weighs that lists do not show.
_HEAVY = ("pooled", "learned", "roles", "drift_spec", "reference_selection", "holidays")


def monitors_of(user: User, project: Project | None) -> QuerySet[Monitor]:
    """With their newest batch, open alerts and the trend of the watched metric; needs one query."""
    newest = Batch.objects.current().filter(monitor=OuterRef("pk")).order_by("-start")
    alerts = Alert.objects.open().filter(monitor=OuterRef("pk")).order_by().values("monitor")
    champions = WatchedModel.objects.filter(part=WatchedModel.Part.CHAMPION, until=None)
    named = champions.filter(monitor=OuterRef("pk"))
    trend = LiveMetric.objects.filter(
        monitor=OuterRef("pk"),
        metric=OuterRef("watch_metric"),
        watched=Subquery(champions.filter(monitor=OuterRef(OuterRef("pk"))).values("pk")[:1]),
        slice_column="",
        estimated=False,
        value__isnull=False,
        batch__replaced_at=None,
    ).order_by("-start")
    monitors = Monitor.objects.visible_to(user)
    if project is not None:
        monitors = monitors.filter(project=project)
    return (
        monitors.select_related("project")
        .defer(*_HEAVY)
        .annotate(
            model_name=Subquery(named.values("version__model__name")[:1]),
            model_label=Subquery(named.values("version__label")[:1]),
            newest_number=Subquery(newest.values("number")[:1]),
            newest_start=Subquery(newest.values("start")[:1]),
            newest_arrived=Subquery(newest.values("arrived_at")[:1]),
            open_alerts=Coalesce(Subquery(alerts.annotate(n=Count("pk")).values("n")), 0),
            trend=ArraySubquery(
                trend.values(point=JSONObject(value="value", low="low", high="high"))[:TREND]
            ),
        )
    )


def filtered_monitors(monitors: QuerySet[Monitor], chosen: Mapping[str, str]) -> QuerySet[Monitor]:
    """Active and paused ones unless something else is asked for; the worst first."""
    if words := chosen.get("q"):
        monitors = monitors.filter(
            Q(name__icontains=words)
            | Q(project__name__icontains=words)
            | Q(models__version__model__name__icontains=words)
        ).distinct()
    if "state" in chosen:
        monitors = monitors.filter(_SHOWN[chosen["state"]])
    else:
        monitors = monitors.filter(archived_at=None)
    if "health" in chosen:
        monitors = monitors.alias(rank=worst_rank()).filter(rank=_HEALTH_RANKS[chosen["health"]])
    return monitors.order_by(F("paused_at").asc(nulls_first=True), *worst_first())


def batches_of(monitor: Monitor) -> QuerySet[Batch]:
    """Without what only a batch's own page shows; the newest window first."""
    return (
        Batch.objects.filter(monitor=monitor)
        .select_related("job", "created_by")
        .defer("check_result", "notes", "job__progress_message", "job__error")
        .order_by("-start", "-number")
    )


def labels_of(monitor: Monitor) -> QuerySet[LabelUpload]:
    return (
        LabelUpload.objects.filter(monitor=monitor)
        .select_related("job", "created_by", "file")
        .defer("file__profile", "file__roles")
        .annotate(batches=Count("matches"))
        .order_by("-number")
    )


def alerts_of(user: User, project: Project | None) -> QuerySet[Alert]:
    alerts = Alert.objects.visible_to(user)
    if project is not None:
        alerts = alerts.filter(project=project)
    return alerts.select_related("project", "monitor", "acknowledged_by", "resolved_by", "batch").only(
        *(field.attname for field in Alert._meta.concrete_fields),
        *("project__name", "project__slug", "batch__number"),
        *("monitor__name", "monitor__number", "monitor__zone", "monitor__unit"),
        *(f"{by}__{part}" for by in ("acknowledged_by", "resolved_by") for part in ("name", "email")),
    )


def in_state(state: str, now: datetime) -> Q:
    """Open ones are those that wait for somebody; a snooze that is over is none."""
    snoozed = Q(resolved_at=None, snoozed_until__gt=now)
    if state == "resolved":
        return Q(resolved_at__isnull=False)
    if state == "snoozed":
        return snoozed
    if state == "acknowledged":
        return Q(resolved_at=None, acknowledged_at__isnull=False) & ~snoozed
    if state == "open":
        return Q(resolved_at=None, acknowledged_at=None) & ~snoozed
    return Q()


def filtered_alerts(alerts: QuerySet[Alert], chosen: Mapping[str, str], now: datetime) -> QuerySet[Alert]:
    """The causes with what follows from them: an alert whose parent is not shown stands for itself."""
    state = chosen.get("state", "")
    fits = in_state(state, now) if state else Q(resolved_at=None)
    if "kind" in chosen:
        fits &= Q(kind=chosen["kind"])
    if "severity" in chosen:
        fits &= Q(severity=chosen["severity"])
    if words := chosen.get("q"):
        fits &= (
            Q(monitor__name__icontains=words) | Q(cause__icontains=words) | Q(project__name__icontains=words)
        )
    found = alerts.filter(fits)
    inner = Prefetch("children", queryset=found.order_by("first_at", "pk"), to_attr="followers")
    tops = found.filter(Q(parent=None) | ~Q(parent__in=Alert.objects.filter(pk__in=found.values("pk"))))
    return tops.order_by("-opened_at", "-pk").prefetch_related(inner)
