"""Alerts: something is wrong, since when, and who looks after it."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.monitoring.models.batches import Batch
from apps.monitoring.models.monitors import Monitor
from apps.projects.access import visible
from apps.projects.models import Project

PERSON = settings.AUTH_USER_MODEL


class AlertQuerySet(models.QuerySet["Alert"]):
    def visible_to(self, user: User) -> models.QuerySet[Alert]:
        return visible(self, user)

    def open(self) -> models.QuerySet[Alert]:
        return self.filter(resolved_at=None)


class Alert(models.Model):
    """One cause, from the first window that shows it until it is over. A cause has one open alert at a time.

    ``parent`` is the alert whose cause explains this one: a column that is missing explains its drift.
    ``first_at`` and ``last_at`` are event times: the starts of the first and the last window that show it.
    """

    class Kind(models.TextChoices):
        SILENCE = "silence", _("No data")
        FAILURE = "failure", _("The check failed")
        SCHEMA = "schema", _("Columns changed")
        VOLUME = "volume", _("Number of rows")
        QUALITY = "quality", _("Data quality")
        DRIFT = "drift", _("Drift")
        LATENCY = "latency", _("Latency")
        REQUIREMENT = "requirement", _("A requirement")
        BASELINE = "baseline", _("Against the baseline")
        WORSE = "worse", _("Worse than before")
        LABELS = "labels", _("Labels")

    class Severity(models.TextChoices):
        BAD = "bad", _("Failure")
        WARN = "warn", _("Warning")

    project = models.ForeignKey(Project, models.CASCADE, related_name="alerts")
    number = models.PositiveIntegerField()
    monitor = models.ForeignKey(Monitor, models.CASCADE, related_name="alerts")
    kind = models.CharField(_("kind"), max_length=11, choices=Kind)
    cause = models.CharField(max_length=700)  # equal for what is the same: "schema:vicprice"
    severity = models.CharField(_("severity"), max_length=4, choices=Severity)
    title = models.JSONField()  # a message
    text = models.JSONField()  # a message: what to do, or the numbers
    batch = models.ForeignKey(
        Batch, models.SET_NULL, null=True, related_name="alerts"
    )  # the newest to show it
    parent = models.ForeignKey("self", models.SET_NULL, null=True, related_name="children")
    first_at = models.DateTimeField(_("since"))
    last_at = models.DateTimeField(_("last seen"))
    times = models.PositiveIntegerField(_("windows"), default=1)
    opened_at = models.DateTimeField(_("opened"))
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    snoozed_until = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolved_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")  # null: by itself

    objects: ClassVar[AlertQuerySet] = AlertQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="alert_number_once"),
            models.UniqueConstraint(
                fields=["monitor", "cause"], condition=Q(resolved_at=None), name="one_open_alert"
            ),
        ]
        indexes = [
            models.Index(fields=["project", "-opened_at"], name="alert_by_project"),
            models.Index(
                fields=["snoozed_until"], name="alert_snoozed", condition=Q(snoozed_until__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return _("Alert %(number)d") % {"number": self.number}

    @property
    def is_open(self) -> bool:
        return self.resolved_at is None


class AlertEvent(models.Model):
    """What happened to an alert, in order. Never changed."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        WORSE = "worse", _("became a failure")
        ACKNOWLEDGED = "acknowledged", _("acknowledged")
        SNOOZED = "snoozed", _("snoozed")
        WOKEN = "woken", _("the snooze is over")
        RESOLVED = "resolved", _("resolved")
        NOTE = "note", _("note")

    alert = models.ForeignKey(Alert, models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")  # null: the portal
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.alert}: {self.kind}"
