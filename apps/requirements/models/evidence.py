"""What the evidence says: evidence that people record, verdicts, waivers and conflicts."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.history.models import audited
from apps.projects.models import Project
from apps.requirements.models.rows import ProjectRows
from apps.requirements.models.wish import Requirement, RequirementVersion, VerdictState

PERSON = settings.AUTH_USER_MODEL


class Evidence(models.Model):
    """What a person saw: for requirements that no run can measure. Never changed; a newer one counts."""

    class Kind(models.TextChoices):
        DOCUMENT = "document", _("Document")
        DRILL = "drill", _("Drill or load test, with measured repeats")
        JUDGEMENT = "judgement", _("Judgement with counts")

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="evidence")
    version = models.ForeignKey(RequirementVersion, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=9, choices=Kind)
    title = models.CharField(_("title"), max_length=200)
    note = models.TextField(_("note"), max_length=5_000, blank=True)
    link = models.URLField(_("link"), max_length=500, blank=True)
    supports = models.BooleanField(_("it holds"), null=True)  # of a document
    positive = models.PositiveIntegerField(_("judged good"), null=True)  # of a judgement
    total = models.PositiveIntegerField(_("judged in all"), null=True)
    values = ArrayField(models.FloatField(), default=list, blank=True)  # of a drill, in the unit of ``limit``
    unit = models.CharField(_("unit"), max_length=20, blank=True)
    limit = models.FloatField(_("limit"), null=True)  # what the share or the mean must reach
    comparison = models.CharField(max_length=8, choices=RequirementVersion.Comparison, blank=True)
    observed_at = models.DateTimeField(_("observed"))
    recorded_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Evidence]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["-observed_at", "-pk"]
        verbose_name_plural = _("evidence")
        triggers = [audited()]

    def __str__(self) -> str:
        return self.title


class Verdict(models.Model):
    """What the evidence said of one version of a requirement, from ``since`` until ``until`` (empty: still).

    Recorded by `judging.judge_project`, never typed. ``low`` and ``high`` bound the value at ``level``, the
    confidence after Holm's correction for the requirements that share the run (``family``). ``reasons`` are
    messages that say why.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="verdicts")
    version = models.ForeignKey(RequirementVersion, models.CASCADE, related_name="verdicts")
    state = models.CharField(max_length=13, choices=VerdictState)
    run = models.ForeignKey(Run, models.PROTECT, null=True, related_name="verdicts")
    evidence = models.ForeignKey(Evidence, models.PROTECT, null=True, related_name="verdicts")
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="+")  # the data it rests on
    slice_value = models.CharField(max_length=600, blank=True)  # the deciding one, of "every slice"
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)
    n = models.PositiveBigIntegerField(null=True)
    level = models.FloatField(null=True)
    family = models.PositiveIntegerField(default=1)
    rows_to_settle = models.PositiveBigIntegerField(null=True)
    reasons = models.JSONField(default=list)
    observed_at = models.DateTimeField(null=True)  # when the evidence was measured
    stale_at = models.DateTimeField(null=True)  # when the evidence gets or got too old
    since = models.DateTimeField()  # when this became so: as a rule, when the evidence was measured
    until = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Verdict]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["-since", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["requirement"], condition=models.Q(until=None), name="one_verdict_in_force"
            )
        ]
        indexes = [
            models.Index(fields=["project", "since"], name="verdict_by_project"),
            models.Index(fields=["stale_at"], name="verdict_getting_old", condition=models.Q(until=None)),
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.requirement}: {self.state}"


class Waiver(models.Model):
    """A must-requirement that a gate may do without: who answers for it, why, and until when."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="waivers")
    owner = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"), max_length=2_000)
    expires_on = models.DateField(_("expires"))
    granted_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    granted_at = models.DateTimeField(auto_now_add=True)
    revoked_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Waiver]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["-granted_at"]
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.requirement}: {self.reason}"


class Conflict(models.Model):
    """Two requirements that cannot both hold. Open until somebody records a decision or the cause is gone."""

    class Kind(models.TextChoices):
        LIMITS = "limits", _("limits exclude each other")
        LOAD = "load", _("the load breaks Little's law")
        EVIDENCE = "evidence", _("no run meets both")

    project = models.ForeignKey(Project, models.CASCADE, related_name="conflicts")
    kind = models.CharField(max_length=8, choices=Kind)
    first = models.ForeignKey(Requirement, models.PROTECT, related_name="+")
    second = models.ForeignKey(Requirement, models.PROTECT, related_name="+")
    reason = models.JSONField()  # a message
    found_at = models.DateTimeField(db_default=Now())
    gone_at = models.DateTimeField(null=True)  # the requirements or the evidence changed

    # The decision of a person
    chosen = models.CharField(max_length=20, blank=True)  # key of the option: `options.Option.key`
    option = models.JSONField(null=True)  # the option with its numbers as they stood
    decision = models.TextField(_("decision"), max_length=2_000, blank=True)
    decided_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Conflict]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["found_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["first", "second", "kind"],
                condition=models.Q(gone_at=None),
                name="conflict_once",
            )
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.first} × {self.second}"
