"""Questions to the rows of a run: weak slices, worst rows, faults of the data, protocols, fairness."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.analysis.registry import KINDS
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.history.models import audited
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project

PERSON = settings.AUTH_USER_MODEL


class AnalysisRows(models.QuerySet[Any]):
    def visible_to(self, user: User) -> models.QuerySet[Any]:
        return visible(self, user)


def kind_choices() -> list[tuple[str, Any]]:
    return [(kind.key, _(kind.label)) for kind in KINDS.values()]


class Analysis(models.Model):
    """One question to the rows of one run. The same question has one row, whoever asks and however often.

    The job's state is the analysis's; ``result`` appears with its success. Rows that it found lie in the
    storage, under its id.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="analyses")
    run = models.ForeignKey(Run, models.CASCADE, related_name="analyses")
    kind = models.CharField(_("kind"), max_length=20, choices=kind_choices)
    params = models.JSONField(default=dict)
    params_key = models.CharField(max_length=64)  # SHA-256 of the parameters
    job = models.OneToOneField(Job, models.PROTECT, related_name="analysis")
    result = models.JSONField(null=True)
    rows = models.PositiveBigIntegerField(null=True)  # that it found and kept
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Analysis]] = AnalysisRows.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["run", "kind", "params_key"], name="analysis_once"),
        ]

    def __str__(self) -> str:
        return f"{self.run}, {KINDS[self.kind].label}"


class Standing(models.Model):
    """A question that every new run of the project is asked."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="standing_analyses")
    kind = models.CharField(_("kind"), max_length=20, choices=kind_choices)
    params = models.JSONField(default=dict)
    params_key = models.CharField(max_length=64)
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Standing]] = AnalysisRows.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["project", "kind", "params_key"], name="standing_once"),
        ]
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.project}, {KINDS[self.kind].label}"


class SavedSlice(models.Model):
    """Rows that somebody wants to look at again, by a rule; each new run is measured on them.

    ``conditions`` are `compute.conditions.Condition`, joined by "and".
    """

    #: What a metric of a saved slice has as its slice column.
    COLUMN = "saved slice"

    project = models.ForeignKey(Project, models.CASCADE, related_name="saved_slices")
    name = models.CharField(_("name"), max_length=120)
    conditions = models.JSONField(default=list)
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[SavedSlice]] = AnalysisRows.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="saved_slice_once")]
        triggers = [audited()]

    def __str__(self) -> str:
        return self.name


class Relabelling(models.Model):
    """A list of suspects that came back from people: corrected truth, and the run judged by it."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="relabellings")
    analysis = models.ForeignKey(Analysis, models.PROTECT, related_name="relabellings")
    run = models.ForeignKey(Run, models.CASCADE, related_name="relabellings")  # judged by the labels before
    list_file = models.ForeignKey(DataFile, models.PROTECT, related_name="+")
    corrected = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="+")
    corrected_run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="corrected_by")
    changed = models.PositiveIntegerField(null=True)
    dropped = models.PositiveIntegerField(null=True)
    days = models.FloatField(_("days of work"), null=True)
    job = models.OneToOneField(Job, models.PROTECT, related_name="relabelling")
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Relabelling]] = AnalysisRows.as_manager()

    class Meta:
        ordering = ["-pk"]
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.run}, {self.list_file.name}"
