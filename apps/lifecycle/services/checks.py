"""What every service of this app asks of its input, and the lock that orders two people."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.utils import timezone

from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.lifecycle.models import Phase
from apps.projects.models import Project

LONGEST_TIMEBOX = timedelta(days=366)
#: Days further away than this are slips of the pen.
FARTHEST = timedelta(days=3_660)
LONGEST_LINK = 500
_is_link = URLValidator(schemes=["http", "https"])


def lock_project(project: Project) -> None:
    """Whoever changes the course of a project waits here for the one who was faster."""
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)


def open_phase(phase: Phase) -> Phase:
    """The phase behind the project's lock, as it stands now. Raises InputRejected when it is over."""
    lock_project(phase.project)
    now = Phase.objects.select_related("project").get(pk=phase.pk)
    if now.closed_at is not None:
        raise InputRejected(
            "phase_closed",
            gettext_noop("This phase ended on %(day)s. Nothing in it can be changed any more."),
            day=timezone.localdate(now.closed_at),
        )
    return now


def next_number(rows: models.Manager[models.Model] | models.QuerySet[models.Model]) -> int:
    """The next free number; the caller holds the project's lock."""
    return (rows.aggregate(last=models.Max("number"))["last"] or 0) + 1


def text_of(model: type[models.Model], name: str, value: str, *, required: bool = True) -> str:
    """The text without blanks around it, if the field ``name`` can hold it."""
    field = model._meta.get_field(name)
    label = getattr(field, "verbose_name", name)
    value = value.strip()
    if required and not value:
        raise InputRejected("text_missing", gettext_noop("“%(field)s” is empty. Write it down."), field=label)
    most = getattr(field, "max_length", None)
    if most is not None and len(value) > most:
        raise InputRejected(
            "text_too_long",
            gettext_noop("“%(field)s” has %(length)d characters and can have %(most)d. Shorten it."),
            field=label,
            length=len(value),
            most=most,
        )
    if "\x00" in value:
        raise InputRejected(
            "text_with_nul", gettext_noop("“%(field)s” holds a NUL character. Remove it."), field=label
        )
    return value


def link_of(value: str) -> str:
    """A link that can be followed: http or https and nothing else."""
    value = value.strip()
    if not value:
        return ""
    try:
        _is_link(value)
    except ValidationError as error:
        raise InputRejected(
            "bad_link", gettext_noop("The link is no web address. It has to begin with https:// or http://.")
        ) from error
    if len(value) > LONGEST_LINK:
        raise InputRejected(
            "link_too_long",
            gettext_noop("The link has %(length)d characters and can have %(most)d."),
            length=len(value),
            most=LONGEST_LINK,
        )
    return value


def evidence_of(project: Project, *, run: Run | None = None, file: DataFile | None = None) -> None:
    """Raise InputRejected when the run or the file belongs to another project."""
    if run is not None and run.project_id != project.pk:
        raise InputRejected(
            "run_of_other_project",
            gettext_noop("Run %(number)d belongs to another project. Choose a run of this one."),
            number=run.number,
        )
    if file is not None and file.project_id != project.pk:
        raise InputRejected(
            "file_of_other_project",
            gettext_noop("The file “%(file)s” belongs to another project. Upload it to this one."),
            file=file.name,
        )


def past_day(day: date | None, *, earliest: date | None = None) -> date:
    """Today unless said; neither in the future nor before ``earliest``."""
    today = timezone.localdate()
    day = day or today
    if day > today:
        raise InputRejected(
            "day_in_future",
            gettext_noop("%(day)s is in the future. Give the day on which it happened."),
            day=day,
        )
    earliest = max(filter(None, (earliest, today - FARTHEST)))
    if day < earliest:
        raise InputRejected(
            "day_too_early",
            gettext_noop("%(day)s is too early. The earliest possible day is %(earliest)s."),
            day=day,
            earliest=earliest,
        )
    return day


def past_moment(at: datetime | None) -> datetime:
    """Now unless said; not in the future."""
    now = timezone.now()
    if at is not None and at > now:
        raise InputRejected(
            "day_in_future",
            gettext_noop("%(day)s is in the future. Give the day on which it happened."),
            day=timezone.localdate(at),
        )
    return at or now


def check_timebox(started_on: date, ends_on: date) -> None:
    """A timebox ends after its start, and within a year."""
    if ends_on <= started_on:
        raise InputRejected(
            "timebox_ends_before_start",
            gettext_noop("The timebox ends on %(end)s, but starts on %(start)s. Give a later end."),
            start=started_on,
            end=ends_on,
        )
    if ends_on - started_on > LONGEST_TIMEBOX:
        raise InputRejected(
            "timebox_too_long",
            gettext_noop("The timebox has %(days)d days. A discovery takes a year at most."),
            days=(ends_on - started_on).days,
        )
    check_near(started_on)


def check_near(day: date) -> None:
    if abs(day - timezone.localdate()) > FARTHEST:
        raise InputRejected(
            "day_too_far",
            gettext_noop("%(day)s is more than ten years away. Check the year."),
            day=day,
        )
