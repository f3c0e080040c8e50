"""What may be said about a monitor, checked before anything is stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apps.accounts.models import User
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.registry import METRICS, Metric, metrics_for
from apps.compute.monitoring.rhythm import Comparable, Rhythm, Unit, check_rhythm
from apps.compute.results import Task
from apps.compute.roles import ColumnRoles
from apps.compute.tasks import TASK_KINDS
from apps.drift.checks import check_spec
from apps.drift.services import check_source
from apps.evaluations.models import ModelVersion
from apps.jobs.models import State
from apps.monitoring.models import Monitor, WatchedModel
from apps.monitoring.services.about import MonitorAbout
from apps.monitoring.services.columns import check_model_roles, check_shared_roles, shared_roles
from apps.projects.models import Membership, Project
from apps.requirements.models import Requirement
from apps.requirements.services.checks import check_choice, check_number, check_same_project, check_texts

FIRST_YEAR, LAST_YEAR = 1990, 2199
#: The clocks of two computers agree within this.
CLOCKS_APART = timedelta(minutes=5)
MOST_YEARS_MINUTES = 10 * 366 * 24 * 60


def completed(about: MonitorAbout) -> MonitorAbout:
    """With defaults for what was left open. InputRejected: the task or the zone is none."""
    check_choice(Monitor, "task", about.task)
    check_rhythm(_rhythm(about, datetime(2000, 1, 1, tzinfo=ZoneInfo("UTC"))))  # the zone, before it is used
    return replace(
        about,
        starts_at=in_zone(about.starts_at, about.zone),
        ends_at=in_zone(about.ends_at, about.zone) if about.ends_at else None,
        watch_metric=about.watch_metric or TASK_KINDS[Task(about.task)].main,
        roles=about.roles or shared_roles(about.reference.file),
    )


def in_zone(moment: datetime, zone: str) -> datetime:
    """A naive time is one of the clocks of the zone; of an hour that comes twice the first is meant.

    InputRejected: a year with which the calendar cannot be reckoned.
    """
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise InputRejected(
            "moment_out_of_range",
            gettext_noop("%(moment)s is too far away. Give a time in the years %(first)s to %(last)s."),
            moment=moment.isoformat(timespec="minutes"),
            first=str(FIRST_YEAR),
            last=str(LAST_YEAR),
        )
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))


def check_about(project: Project, about: MonitorAbout) -> None:
    """Raise what is wrong with a completed description, the first thing first."""
    check_texts(Monitor, about, required=("name",))
    _check_reference(project, about)
    check_shared_roles(about.roles, about.reference.file)
    check_spec(about.drift_spec)
    _check_times(about)
    _check_numbers(about)
    _check_metric(about)
    _check_requirements(project, about.requirements)
    _check_owners(project, about.owners)


def check_name_is_free(project: Project, name: str, monitor: Monitor | None = None) -> None:
    others = Monitor.objects.filter(project=project, name=name.strip())
    if (others.exclude(pk=monitor.pk) if monitor else others).exists():
        raise InputRejected(
            "name_taken",
            gettext_noop("The project has a monitor “%(name)s” already. Choose another name."),
            name=name.strip(),
        )


def check_watched(monitor: Monitor, version: ModelVersion, part: str, roles: ColumnRoles) -> None:
    """InputRejected: a version of another project, one watched already, or columns that do not fit."""
    check_same_project(monitor.project, version.model, str(version))
    check_choice(WatchedModel, "part", part)
    check_model_roles(roles, monitor.reference_file)
    if monitor.models.filter(version=version, part=part, until=None).exists():
        raise InputRejected(
            "watched_already",
            gettext_noop("“%(version)s” is watched in this part already."),
            version=str(version),
        )


def locked(monitor: Monitor) -> Monitor:
    """The row until the end of the transaction. InputRejected: it is archived."""
    row = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related("project")
    found = row.get(pk=monitor.pk)
    if found.archived_at is not None:
        raise InputRejected(
            "monitor_archived",
            gettext_noop("The monitor “%(name)s” is archived, so nothing in it changes any more."),
            name=found.name,
        )
    return found


def _rhythm(about: MonitorAbout, starts_at: datetime) -> Rhythm:
    check_choice(Monitor, "unit", about.unit)
    check_choice(Monitor, "comparable", about.comparable)
    return Rhythm(
        every=about.every,
        unit=Unit(about.unit),
        starts_at=starts_at,
        zone=about.zone,
        weekdays=tuple(about.weekdays),
        holidays=tuple(about.holidays),
        comparable=Comparable(about.comparable),
    )


def _check_reference(project: Project, about: MonitorAbout) -> None:
    check_source(project, about.reference)
    file = about.reference.file
    if file.is_read:
        return
    if file.job is not None and file.job.state == State.FAILED:
        raise InputRejected(
            "reference_unreadable",
            gettext_noop("The file “%(file)s” could not be read, so nothing can be compared with it."),
            file=file.name,
        )


def _check_times(about: MonitorAbout) -> None:
    if about.ends_at is not None and about.ends_at <= about.starts_at:
        raise InputRejected(
            "ends_before_start", gettext_noop("The last window ends before the first one starts.")
        )
    check_rhythm(_rhythm(about, about.starts_at))


def _check_numbers(about: MonitorAbout) -> None:
    bounded = is_bounded(METRICS[about.watch_metric]) if about.watch_metric in METRICS else True
    for name, low, high in (
        ("threshold", 0, 1),
        ("grace_minutes", 0, MOST_YEARS_MINUTES),
        ("label_delay_hours", 0, MOST_YEARS_MINUTES // 60),
        ("smallest_drop", 0.0001, 1 if bounded else 100),
        ("false_alarms", 0.001, 0.5),
        ("live_windows", 1, 1_000),
        ("retention_days", 1, 36_500),
    ):
        required = name not in ("threshold", "retention_days")
        check_number(Monitor, name, getattr(about, name), low=low, high=high, required=required)


def is_bounded(metric: Metric) -> bool:
    """Whether a drop of the metric is told in points; else as a share of the value before."""
    return metric.low is not None and metric.high is not None


def _check_metric(about: MonitorAbout) -> None:
    task = Task(about.task)
    metric = METRICS.get(about.watch_metric)
    if metric is None or task not in metric.tasks or metric.higher_is_better is None:
        known = [each.key for each in metrics_for(task) if each.higher_is_better is not None]
        raise InputRejected(
            "metric_does_not_fit",
            gettext_noop(
                "“%(metric)s” is no metric of this task that can get worse. Choose one of: %(known)s."
            ),
            metric=about.watch_metric[:100],
            known=", ".join(known),
        )


def _check_requirements(project: Project, requirements: Sequence[Requirement]) -> None:
    for requirement in requirements:
        check_same_project(project, requirement, requirement.code)
        if requirement.current is None or not requirement.current.is_measurable:
            raise InputRejected(
                "not_measurable",
                gettext_noop(
                    "%(code)s names no metric and limit, so a monitor cannot judge it. Leave it out, or give "
                    "it a target."
                ),
                code=requirement.code,
            )


def _check_owners(project: Project, owners: Sequence[User]) -> None:
    members = set(
        Membership.objects.filter(project=project, user__in=owners, user__is_active=True).values_list(
            "user", flat=True
        )
    )
    for owner in owners:
        if owner.pk not in members:
            raise InputRejected(
                "owner_no_member",
                gettext_noop("%(person)s is no member of the project. An owner of a monitor is one."),
                person=Message("%(name)s", {"name": str(owner)}),
            )
