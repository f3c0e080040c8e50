"""What people do with monitors."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F, Max, QuerySet
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import ColumnRoles, roles_to_json
from apps.evaluations.models import ModelVersion
from apps.monitoring.models import Monitor, WatchedModel
from apps.monitoring.scheduling import submit_evaluation
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.monitoring.services.checks import (
    CLOCKS_APART,
    check_about,
    check_name_is_free,
    check_watched,
    completed,
    in_zone,
    locked,
)
from apps.monitoring.services.columns import model_roles
from apps.projects.access import Action, require
from apps.projects.models import Project

#: What the reference taught the monitor is learned anew when one of these changes.
TEACHING = (
    *("task", "positive", "threshold", "roles"),
    *("reference_file", "reference_version", "reference_selection"),
)


@transaction.atomic
def add_monitor(
    *, project: Project, user: User, about: MonitorAbout, models: Sequence[WatchedAbout]
) -> Monitor:
    """Watch a live system from now on; exactly one of ``models`` is the champion. For engineers.

    Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, project)
    about = completed(about)
    check_about(project, about)
    _check_parts(models)
    Project.objects.select_for_update(no_key=True).only("pk").get(pk=project.pk)
    check_name_is_free(project, about.name)
    last = Monitor.objects.filter(project=project).aggregate(last=Max("number"))["last"]
    monitor = Monitor.objects.create(
        project=project, number=(last or 0) + 1, created_by=user, due_at=timezone.now(), **about.stored()
    )
    _keep_lists(monitor, about)
    for model in models:
        _add_watched(monitor, model, model.since or monitor.starts_at)
    return monitor


@transaction.atomic
def change_monitor(*, monitor: Monitor, user: User, about: MonitorAbout) -> Monitor:
    """Replace all that was said; `MonitorAbout.of` is what holds. What was measured stays as it was.

    Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, monitor.project)
    about = completed(about)
    check_about(monitor.project, about)
    row = locked(monitor)
    check_name_is_free(monitor.project, about.name, monitor)
    before = {name: getattr(row, name) for name in TEACHING}
    for name, value in about.stored().items():
        setattr(row, name, value)
    if before != {name: getattr(row, name) for name in TEACHING}:
        row.learned = {}
    row.due_at = timezone.now()
    row.save()
    _keep_lists(row, about)
    return row


@transaction.atomic
def pause_monitor(*, monitor: Monitor, user: User) -> Monitor:
    """Nothing comes in and nothing is expected until it is resumed."""
    require(user, Action.UPLOAD, monitor.project)
    row = locked(monitor)
    if row.paused_at is None:
        row.paused_at = timezone.now()
        row.save(update_fields=["paused_at"])
    return row


@transaction.atomic
def resume_monitor(*, monitor: Monitor, user: User) -> Monitor:
    """Watch again. Nothing was expected in the windows of the pause, so their silence is no alarm."""
    require(user, Action.UPLOAD, monitor.project)
    row = locked(monitor)
    if row.paused_at is not None:
        now = timezone.now()
        row.pauses = [*row.pauses, [row.paused_at.isoformat(), now.isoformat()]]
        row.paused_at = None
        row.due_at = now
        row.save(update_fields=["paused_at", "pauses", "due_at"])
    return row


@transaction.atomic
def archive_monitor(*, monitor: Monitor, user: User) -> Monitor:
    """For ever: its results stay, nothing comes in any more. For managers."""
    require(user, Action.MANAGE, monitor.project)
    row = Monitor.objects.select_for_update(no_key=True).get(pk=monitor.pk)
    if row.archived_at is None:
        row.archived_at = timezone.now()
        row.save(update_fields=["archived_at"])
    return row


@transaction.atomic
def watch_model(
    *,
    monitor: Monitor,
    user: User,
    version: ModelVersion,
    part: str,
    roles: ColumnRoles | None = None,
    since: datetime | None = None,
) -> WatchedModel:
    """Watch a version from ``since`` (now); the champion or the baseline before it is watched until then.

    Batches from then on that have labels are evaluated for it. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, monitor.project)
    about = WatchedAbout(version=version, part=part, roles=roles or {})
    since = in_zone(since, monitor.zone) if since else timezone.now()
    _evaluate_anew(monitor, since)
    row = locked(monitor)
    if since > timezone.now() + CLOCKS_APART:
        raise InputRejected("since_in_future", gettext_noop("A model can be watched from now on or earlier."))
    if part != WatchedModel.Part.CHALLENGER:
        _end_part(row, part, since)
    watched = _add_watched(row, about, since)
    submit_evaluation(monitor=row, user=user)  # also without labels: what is pooled is of another champion
    return watched


@transaction.atomic
def hand_over(*, monitor: Monitor, version: ModelVersion, user: User, at: datetime) -> None:
    """From ``at`` on the version is watched in the place, and by the columns, of the champion of its model.

    Nothing is done when the monitor's champion is that version, or one of another model. The caller has
    checked access. Labelled batches from then on are evaluated for it.
    """
    held = _champions(monitor).first()
    if held is None or held.version == version or held.version.model_id != version.model_id:
        return
    since = max(at, held.since)
    _evaluate_anew(monitor, since)
    row = locked(monitor)
    if not _champions(row).filter(pk=held.pk).update(until=since):  # somebody else named another meanwhile
        return
    WatchedModel.objects.create(monitor=row, version=version, part=held.part, roles=held.roles, since=since)
    submit_evaluation(monitor=row, user=user)


@transaction.atomic
def stop_watching(*, watched: WatchedModel, user: User) -> WatchedModel:
    """Watch it no longer; what was measured of it stays. A champion can only be replaced."""
    require(user, Action.UPLOAD, watched.monitor.project)
    locked(watched.monitor)
    if watched.part == WatchedModel.Part.CHAMPION:
        raise InputRejected(
            "champion_stays",
            gettext_noop("A monitor always has a champion. Make another version the champion, or pause it."),
        )
    WatchedModel.objects.filter(pk=watched.pk, until=None).update(until=timezone.now())
    watched.refresh_from_db()
    return watched


def _champions(monitor: Monitor) -> QuerySet[WatchedModel]:
    champions = monitor.models.filter(part=WatchedModel.Part.CHAMPION, until=None)
    return champions.select_related("version")


def _evaluate_anew(monitor: Monitor, since: datetime) -> None:
    """Labelled batches from then on. Before `locked`: workers lock batches first too."""
    later = monitor.batches.current().filter(start__gte=since, labels_ticket__gt=0, file__isnull=False)
    later.update(labels_ticket=F("labels_ticket") + 1)


def _end_part(monitor: Monitor, part: str, since: datetime) -> None:
    """Whoever holds the part, holds it until ``since``."""
    for held in monitor.models.filter(part=part, until=None):
        if since <= held.since:
            raise InputRejected(
                "since_before_predecessor",
                gettext_noop("%(version)s holds this part since %(since)s; its successor comes after it."),
                version=str(held.version),
                since=held.since.isoformat(timespec="minutes"),
            )
        held.until = since
        held.save(update_fields=["until"])


def _add_watched(monitor: Monitor, about: WatchedAbout, since: datetime) -> WatchedModel:
    reference = monitor.reference_file
    roles = about.roles or model_roles(reference)
    check_watched(monitor, about.version, about.part, roles)
    return WatchedModel.objects.create(
        monitor=monitor,
        version=about.version,
        part=about.part,
        roles=roles_to_json(roles),
        since=in_zone(since, monitor.zone),
    )


def _keep_lists(monitor: Monitor, about: MonitorAbout) -> None:
    monitor.requirements.set(about.requirements)
    monitor.owners.set(about.owners)


def _check_parts(models: Sequence[WatchedAbout]) -> None:
    parts = [model.part for model in models]
    if parts.count(WatchedModel.Part.CHAMPION) != 1:
        raise InputRejected(
            "one_champion",
            gettext_noop("A monitor watches exactly one champion; challengers and a baseline may join it."),
        )
    if parts.count(WatchedModel.Part.BASELINE) > 1:
        raise InputRejected("one_baseline", gettext_noop("A monitor watches one baseline at most."))
