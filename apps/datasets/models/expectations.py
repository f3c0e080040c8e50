"""What is expected of a data set, and what its versions said to that."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.datasets.models.datasets import Dataset, DatasetVersion
from apps.history.models import audited
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project


class ExpectationQuerySet(models.QuerySet["Expectation"]):
    def visible_to(self, user: User) -> models.QuerySet[Expectation]:
        return visible(self, user)


class Expectation(models.Model):
    """An assumption on the data, checked at every new version. ``kind`` is a key of
    `compute.expectations.KINDS`, which says what ``columns`` and ``params`` mean.
    """

    class Severity(models.TextChoices):
        WARN = "warn", _("Warn")
        BLOCK = "block", _("Block the version")

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="expectations")
    kind = models.CharField(_("kind"), max_length=20)
    columns = models.JSONField(default=list)
    params = models.JSONField(default=dict)
    severity = models.CharField(
        _("when it does not hold"), max_length=5, choices=Severity, default=Severity.WARN
    )
    note = models.TextField(_("why it is expected"), max_length=1_000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Expectation]] = ExpectationQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("expectation")
        triggers = [audited()]

    def __str__(self) -> str:
        return f"{self.kind} {', '.join(self.columns)}".strip()


class CheckQuerySet(models.QuerySet["Check"]):
    def visible_to(self, user: User) -> models.QuerySet[Check]:
        return visible(self, user)


class Check(models.Model):
    """A version looked at with the expectations that held then; the newest check of a version counts."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    version = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="checks")
    job = models.OneToOneField(Job, models.PROTECT, related_name="data_check")
    passed = models.PositiveIntegerField(null=True)  # how many expectations hold; None: not checked yet
    warned = models.PositiveIntegerField(null=True)
    blocked = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Check]] = CheckQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return _("Check of %(version)s") % {"version": self.version}


class CheckResult(models.Model):
    """What a check said to one expectation, which is kept here as it was then."""

    class State(models.TextChoices):
        HOLDS = "holds", _("holds")
        VIOLATED = "violated", _("violated")
        UNDECIDED = "undecided", _("cannot be checked")

    check_of = models.ForeignKey(Check, models.CASCADE, related_name="results")
    expectation = models.ForeignKey(Expectation, models.SET_NULL, null=True, related_name="results")
    kind = models.CharField(max_length=20)
    columns = models.JSONField(default=list)
    params = models.JSONField(default=dict)
    severity = models.CharField(max_length=5, choices=Expectation.Severity)
    state = models.CharField(max_length=9, choices=State)
    tested = models.PositiveBigIntegerField(default=0)  # rows
    violations = models.PositiveBigIntegerField(default=0)  # rows
    message = models.JSONField()  # compute.messages.Message: what was found
    examples = models.JSONField(default=list)  # at most 20: {"row": 1, "values": {column: value}}

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"
