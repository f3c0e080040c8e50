"""Drift reports: one side of data compared with another, and which data are the project's reference."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.datasets.models import DataFile, DatasetVersion
from apps.history.models import audited
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project


class Reference(models.Model):
    """The data that a project's drift reports compare with unless they say otherwise."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="drift_reference")
    file = models.ForeignKey(DataFile, models.PROTECT, related_name="reference_of")
    version = models.ForeignKey(DatasetVersion, models.PROTECT, null=True, related_name="+")
    selection = models.JSONField(default=list)  # compute.selection.Selection
    reason = models.TextField(_("why"), max_length=1_000, blank=True)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        triggers = [audited()]

    def __str__(self) -> str:
        return str(self.version or self.file)


class DriftReportQuerySet(models.QuerySet["DriftReport"]):
    def visible_to(self, user: User) -> models.QuerySet[DriftReport]:
        return visible(self, user)


class DriftReport(models.Model):
    """Current data compared with reference data. The job's state is the report's; what is found appears with
    its success: the counts here, ``result`` (`compute.drift.result.DriftResult` without its columns), and a
    `ColumnDrift` for each column.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="drift_reports")
    number = models.PositiveIntegerField(_("number"))
    name = models.CharField(_("name"), max_length=200, blank=True)
    reference_file = models.ForeignKey(DataFile, models.PROTECT, related_name="drift_as_reference")
    reference_version = models.ForeignKey(DatasetVersion, models.PROTECT, null=True, related_name="+")
    reference_selection = models.JSONField(default=list)
    current_file = models.ForeignKey(DataFile, models.PROTECT, related_name="drift_as_current")
    current_version = models.ForeignKey(DatasetVersion, models.PROTECT, null=True, related_name="+")
    current_selection = models.JSONField(default=list)
    spec = models.JSONField(default=dict)  # compute.drift.spec.DriftSpec, as asked for
    special_values = models.JSONField(default=dict)  # of both sides, as their data sets had them then
    #: Equal for reports that compare with the same reference rows: the points of one time line.
    series = models.CharField(max_length=32)
    job = models.OneToOneField(Job, models.PROTECT, related_name="drift_report")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    reference_rows = models.PositiveBigIntegerField(null=True)
    current_rows = models.PositiveBigIntegerField(null=True)
    compared = models.PositiveIntegerField(null=True)  # columns that could be compared
    flagged = models.PositiveIntegerField(null=True)  # columns that Evidently's rule flags
    drifted = models.PositiveIntegerField(null=True)  # columns with the verdict "drift"
    is_drift = models.BooleanField(null=True)
    strongest = models.FloatField(null=True)
    table_auc = models.FloatField(null=True)
    findings_bad = models.PositiveIntegerField(null=True)
    findings_warn = models.PositiveIntegerField(null=True)
    findings_ok = models.PositiveIntegerField(null=True)
    #: The time that the current data tell of; without a time column the moment of the report.
    observed_from = models.DateTimeField(null=True)
    observed_to = models.DateTimeField(null=True)
    since = models.DateTimeField(null=True)
    result = models.JSONField(null=True)

    objects: ClassVar[models.Manager[DriftReport]] = DriftReportQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("drift report")
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="drift_number_once")]
        indexes = [
            models.Index(fields=["project", "series", "observed_to"], name="drift_time_line"),
            models.Index(fields=["project", "-created_at"], name="drift_by_project"),
        ]

    def __str__(self) -> str:
        return self.name or _("Drift report %(number)d") % {"number": self.number}

    @property
    def is_finished(self) -> bool:
        return self.result is not None


class ColumnDrift(models.Model):
    """One column of a report. ``data`` is a `compute.drift.result.ColumnDrift`; the rest is for queries."""

    report = models.ForeignKey(DriftReport, models.CASCADE, related_name="columns")
    place = models.PositiveIntegerField()  # in the order of the report, from 0
    name = models.TextField()
    kind = models.CharField(max_length=10)
    role = models.CharField(max_length=10)
    method = models.CharField(max_length=40, blank=True)
    verdict = models.CharField(max_length=12)
    flagged = models.BooleanField()
    value = models.FloatField(null=True)
    strength = models.FloatField(null=True)
    since = models.DateTimeField(null=True)
    data = models.JSONField()

    class Meta:
        ordering = ["place"]
        constraints = [models.UniqueConstraint(fields=["report", "place"], name="column_drift_once")]
        indexes = [models.Index(fields=["report", "verdict", "place"], name="column_drift_verdict")]

    def __str__(self) -> str:
        return self.name


class EvidentlyReport(models.Model):
    """Evidently's own HTML report of the same two sides, rendered on request by a job of its own queue.

    ``sha256`` is where the bytes lie in the storage; empty until the job has succeeded.
    """

    report = models.OneToOneField(DriftReport, models.CASCADE, related_name="evidently")
    job = models.OneToOneField(Job, models.PROTECT, related_name="evidently_report")
    sha256 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True)
    rows = models.PositiveIntegerField(null=True)  # of the larger side, at most the documented sample
    columns = models.PositiveIntegerField(null=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"Evidently: {self.report}"
