"""Who wants what: stakeholders, requirements with their versions, and the matrix."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.datasets.models import DataFile, Dataset
from apps.history.models import audited
from apps.projects.models import Project
from apps.requirements.models.rows import ProjectRows

PERSON = settings.AUTH_USER_MODEL


class Stakeholder(models.Model):
    """Somebody with a wish: a role, not a person. Goal and baseline are in their own words."""

    class Direction(models.TextChoices):
        UP = "up", _("more is better")
        DOWN = "down", _("less is better")

    class Influence(models.IntegerChoices):
        LOW = 1, _("low")
        MEDIUM = 2, _("medium")
        HIGH = 3, _("high")

    project = models.ForeignKey(Project, models.CASCADE, related_name="stakeholders")
    name = models.CharField(_("role"), max_length=80)  # "Fraud Operations"
    goal = models.TextField(_("goal"), max_length=2_000, blank=True)
    objective = models.TextField(_("objective"), max_length=2_000, blank=True)
    baseline = models.CharField(_("where the goal stands today"), max_length=300, blank=True)
    measure = models.CharField(_("measure they care about"), max_length=200, blank=True)
    direction = models.CharField(_("direction"), max_length=4, choices=Direction, blank=True)
    influence = models.PositiveSmallIntegerField(_("influence"), choices=Influence, default=Influence.MEDIUM)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Stakeholder]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["-influence", "name"]
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="stakeholder_once")]
        triggers = [audited()]

    def __str__(self) -> str:
        return self.name


class VerdictState(models.TextChoices):
    CONFIRMED = "confirmed", _("Confirmed")
    CONTRADICTING = "contradicting", _("Contradicting")
    REFUTED = "refuted", _("Refuted")
    UNVERIFIED = "unverified", _("Unverified")


class Requirement(models.Model):
    """A hypothesis, verified by evidence. What it says stands in its versions; numbers are never reused.

    ``state`` repeats the newest verdict for lists of many requirements.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="requirements")
    number = models.PositiveIntegerField()
    current = models.OneToOneField("RequirementVersion", models.PROTECT, null=True, related_name="current_of")
    state = models.CharField(max_length=13, choices=VerdictState, default=VerdictState.UNVERIFIED)
    asked_on = models.DateField(_("asked for"), default=timezone.localdate)
    withdrawn_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Requirement]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="requirement_number_once")]
        indexes = [
            models.Index(
                fields=["project", "state"],
                name="requirement_in_force",
                condition=models.Q(withdrawn_at=None),
            )
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        return f"R-{self.number:02d}"


class RequirementVersion(models.Model):
    """What a requirement says, from one change to the next. Never changed itself."""

    class Kind(models.TextChoices):
        QUALITY = "quality", _("Quality of predictions")
        LATENCY = "latency", _("Latency")
        THROUGHPUT = "throughput", _("Throughput")
        COST = "cost", _("Cost and money")
        FAIRNESS = "fairness", _("Fairness")
        EXPLAINABILITY = "explainability", _("Explainability")
        RELIABILITY = "reliability", _("Reliability")
        SCALABILITY = "scalability", _("Scalability")
        MAINTAINABILITY = "maintainability", _("Maintainability")
        ADAPTABILITY = "adaptability", _("Adaptability")
        SECURITY = "security", _("Security and privacy")
        USABILITY = "usability", _("Usability")
        LEGAL = "legal", _("Legal")
        OTHER = "other", _("Other")

    class Priority(models.TextChoices):
        MUST = "must", _("must")
        SHOULD = "should", _("should")
        COULD = "could", _("could")

    class Comparison(models.TextChoices):
        AT_LEAST = "at_least", _("at least")
        AT_MOST = "at_most", _("at most")

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="versions")
    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    number = models.PositiveIntegerField()
    statement = models.TextField(_("statement"), max_length=1_000)
    kind = models.CharField(_("kind"), max_length=15, choices=Kind)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority)
    verification = models.TextField(_("how it is verified"), max_length=2_000)
    #: source, stimulus, environment, response, measure: a quality scenario, or empty.
    scenario = models.JSONField(default=dict, blank=True)

    # A target that can be measured; all empty when people record the evidence.
    metric = models.CharField(_("metric"), max_length=40, blank=True)  # key of METRICS, or value_per_year
    comparison = models.CharField(_("comparison"), max_length=8, choices=Comparison, blank=True)
    limit = models.FloatField(_("limit"), null=True)  # in the unit of the metric; shares are 0..1
    dataset = models.ForeignKey(Dataset, models.PROTECT, null=True, related_name="+")  # its newest version
    file = models.ForeignKey(DataFile, models.PROTECT, null=True, related_name="+")  # exactly this truth
    slice_column = models.CharField(_("slice column"), max_length=600, blank=True)
    slice_value = models.CharField(_("slice value"), max_length=600, blank=True)
    every_slice = models.BooleanField(_("every slice of the column"), default=False)
    confidence = models.FloatField(_("confidence"), default=0.95)
    max_age_days = models.PositiveIntegerField(_("greatest age of the evidence, days"), null=True)

    # Under which load: for the check by Little's law.
    batch_size = models.PositiveIntegerField(_("rows in one call"), null=True)
    concurrency = models.PositiveIntegerField(_("calls at the same time"), null=True)
    call_ms = models.FloatField(_("duration of one call, ms"), null=True)

    reason = models.TextField(_("reason for the change"), max_length=1_000, blank=True)
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["requirement", "number"], name="requirement_version_once"),
            models.CheckConstraint(
                condition=models.Q(metric="", comparison="", limit=None)
                | (~models.Q(metric="") & ~models.Q(comparison="") & models.Q(limit__isnull=False)),
                name="whole_target_or_none",
            ),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0.5, confidence__lt=1.0), name="confidence_in_range"
            ),
        ]
        triggers = [
            audited(),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return self.statement

    @property
    def is_measurable(self) -> bool:
        return bool(self.metric)


class Stance(models.Model):
    """A cell of the matrix: who asked for, supports or opposes what."""

    class Kind(models.TextChoices):
        ASKED = "asked", _("asked for it")
        SUPPORTS = "supports", _("supports it")
        OPPOSES = "opposes", _("opposes it")

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    stakeholder = models.ForeignKey(Stakeholder, models.PROTECT, related_name="stances")
    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="stances")
    kind = models.CharField(max_length=8, choices=Kind)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["stakeholder", "requirement"], name="stance_once")]
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.stakeholder} {self.kind} {self.requirement}"
