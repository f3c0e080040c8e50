"""What is watched, how often data are expected, and how it stands."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.datasets.models import DataFile, DatasetVersion
from apps.evaluations.models import ModelVersion, task_choices
from apps.history.models import audited
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project
from apps.requirements.models import Requirement

PERSON = settings.AUTH_USER_MODEL


def every_weekday() -> list[int]:
    return [1, 2, 3, 4, 5, 6, 7]


class Unit(models.TextChoices):
    MINUTES = "minutes", _("minutes")
    HOURS = "hours", _("hours")
    DAYS = "days", _("days")


class Comparable(models.TextChoices):
    """Which earlier windows a window is compared with."""

    AUTO = "auto", _("as the rhythm says")
    PREVIOUS = "previous", _("the windows before it")
    SAME_HOUR = "same_hour", _("the same time of day")
    SAME_WEEKDAY = "same_weekday", _("the same day of the week")
    SAME_WEEKDAY_HOUR = "same_weekday_hour", _("the same time on the same day of the week")


class LightState(models.TextChoices):
    YES = "ok", _("Yes")
    PARTLY = "warn", _("Partly")
    NO = "bad", _("No")
    UNKNOWN = "none", _("Not known")


class MonitorQuerySet(models.QuerySet["Monitor"]):
    def visible_to(self, user: User) -> models.QuerySet[Monitor]:
        return visible(self, user)

    def active(self) -> models.QuerySet[Monitor]:
        return self.filter(paused_at=None, archived_at=None)


class Monitor(models.Model):
    """A live system: its batches are compared with the reference and with one another.

    ``roles`` say what the columns that all models share are used for (id, time, truth, slices, latency); what
    a model predicts is in `WatchedModel`. Times are kept in UTC; ``zone`` is where days begin and end.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="monitors")
    number = models.PositiveIntegerField()
    name = models.CharField(_("name"), max_length=120)
    description = models.TextField(_("what it watches"), max_length=2_000, blank=True)

    task = models.CharField(_("task"), max_length=20, choices=task_choices)
    positive = models.CharField(_("positive class"), max_length=200, blank=True)
    threshold = models.FloatField(_("threshold"), null=True)
    roles = models.JSONField(default=dict)

    reference_file = models.ForeignKey(DataFile, models.PROTECT, related_name="monitors_as_reference")
    reference_version = models.ForeignKey(DatasetVersion, models.PROTECT, null=True, related_name="+")
    reference_selection = models.JSONField(default=list)  # compute.selection.Selection
    drift_spec = models.JSONField(default=dict)  # compute.drift.spec.DriftSpec

    every = models.PositiveIntegerField(_("a batch every"), default=1)
    unit = models.CharField(_("unit"), max_length=7, choices=Unit, default=Unit.DAYS)
    starts_at = models.DateTimeField(_("the first window starts"))
    #: Of a system that was switched off: nothing is expected after it, and the lights stay as they were then.
    ends_at = models.DateTimeField(_("the last window ends"), null=True, blank=True)
    #: Of a stream that is replayed: the time that it has come to. The lights are judged as of then.
    replayed_until = models.DateTimeField(null=True)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), default=every_weekday)  # ISO: 1 is Monday
    holidays = ArrayField(models.DateField(), default=list, blank=True)
    grace_minutes = models.PositiveIntegerField(_("late after, minutes"), default=60)
    comparable = models.CharField(
        _("compared with"), max_length=17, choices=Comparable, default=Comparable.AUTO
    )

    label_delay_hours = models.PositiveIntegerField(_("labels arrive after, hours"), default=0)
    requirements = models.ManyToManyField(Requirement, blank=True, related_name="monitors")  # none: all
    watch_metric = models.CharField(_("metric that must not get worse"), max_length=40)
    #: In points for shares and scores, else as a share of the value before: 0.1 is a tenth worse.
    smallest_drop = models.FloatField(_("smallest worsening that matters"), default=0.02)
    #: The probability of any false "worse than yesterday" within 100 windows.
    false_alarms = models.FloatField(_("false alarms in 100 windows"), default=0.05)
    live_windows = models.PositiveIntegerField(_("windows judged together"), default=10)
    owners = models.ManyToManyField(User, blank=True, related_name="+")
    retention_days = models.PositiveIntegerField(_("raw batches are kept, days"), null=True, blank=True)

    paused_at = models.DateTimeField(null=True)
    #: Pauses that are over, as pairs of ISO times: nothing was expected in them.
    pauses = models.JSONField(default=list)
    archived_at = models.DateTimeField(null=True)
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    # How it stands: written by `judging.judge` alone.
    at_all = models.CharField(max_length=4, choices=LightState, default=LightState.UNKNOWN)
    well = models.CharField(max_length=4, choices=LightState, default=LightState.UNKNOWN)
    as_before = models.CharField(max_length=4, choices=LightState, default=LightState.UNKNOWN)
    standing = models.JSONField(default=dict)  # what the lights rest on: judging.standing.Standing
    judged_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # when silence becomes an alarm, the next time

    #: The newest labelled windows judged as one: compute.monitoring.pooled.Pooled. By `evaluating`.
    pooled = models.JSONField(null=True)
    #: What the reference taught, by watched model: compute.monitoring.cbpe.Calibration or null.
    learned = models.JSONField(default=dict)
    pooled_at = models.DateTimeField(null=True)
    #: The newest job that computes metrics; an earlier one that still runs does no harm.
    evaluation_job = models.OneToOneField(Job, models.SET_NULL, null=True, related_name="evaluated_monitor")

    objects: ClassVar[MonitorQuerySet] = MonitorQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="monitor_number_once"),
            models.UniqueConstraint(fields=["project", "name"], name="monitor_name_once"),
            models.CheckConstraint(condition=models.Q(every__gte=1), name="rhythm_of_at_least_one"),
            models.CheckConstraint(
                condition=models.Q(false_alarms__gt=0, false_alarms__lt=1), name="false_alarms_in_range"
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                name="monitor_due",
                condition=models.Q(paused_at=None, archived_at=None),
            )
        ]
        triggers = [
            audited(
                leave_out=[
                    *("at_all", "well", "as_before", "standing"),
                    *(
                        "judged_at",
                        "due_at",
                        "replayed_until",
                        "pooled",
                        "learned",
                        "pooled_at",
                        "evaluation_job_id",
                    ),
                ]
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.paused_at is None and self.archived_at is None


class WatchedModel(models.Model):
    """A model version that a monitor watches, from ``since`` until ``until`` (empty: still).

    ``roles`` say which columns of a batch are its prediction and its probabilities.
    """

    class Part(models.TextChoices):
        CHAMPION = "champion", _("Champion")
        CHALLENGER = "challenger", _("Challenger")
        BASELINE = "baseline", _("Baseline without ML")

    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="models")
    version = models.ForeignKey(ModelVersion, models.PROTECT, related_name="watched_by")
    part = models.CharField(_("part"), max_length=10, choices=Part, default=Part.CHAMPION)
    roles = models.JSONField(default=dict)
    since = models.DateTimeField()
    until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["monitor"],
                condition=models.Q(part="champion", until=None),
                name="one_champion",
            ),
            models.UniqueConstraint(
                fields=["monitor"],
                condition=models.Q(part="baseline", until=None),
                name="one_watched_baseline",
            ),
        ]

    def __str__(self) -> str:
        return str(self.version)
