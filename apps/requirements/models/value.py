"""Money: the versions of a project's price list, and where the judging of a project stands."""

from __future__ import annotations

from typing import Any, ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.evaluations.models import Run
from apps.history.models import audited
from apps.projects.models import Project
from apps.requirements.models.rows import ProjectRows

PERSON = settings.AUTH_USER_MODEL


class ValueCases(ProjectRows["ValueCase"]):
    def in_force(self, project: Any) -> models.QuerySet[ValueCase]:
        """The price list that counts, one row at most: the newest approved version or, while none was ever
        approved, the newest. ``project`` is a project, its key or an `OuterRef`.
        """
        approved = models.Q(approval__isnull=False)
        rows = self.filter(project=project).alias(approved=approved).select_related("approval")
        return rows.order_by("-approved", "-number")[:1]

    def marked(self) -> models.QuerySet[ValueCase]:
        """Each with its ``in_force``: whether it is the one that counts."""
        counting = ValueCase.objects.in_force(models.OuterRef("project")).values("pk")
        return self.select_related("approval__approver").annotate(
            in_force=models.Case(
                models.When(pk=models.Subquery(counting), then=True),
                default=False,
                output_field=models.BooleanField(),
            )
        )


class ValueCase(models.Model):
    """What a decision of the model is worth: a version of the project's price list. Never changed itself.

    Money is in whole units of ``currency``; costs are positive numbers. Which prices count depends on the
    task: hits, misses and false alarms of a binary one, right and wrong answers of a multiclass one, each
    unit of absolute error of a regression.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="value_cases")
    number = models.PositiveIntegerField()
    currency = models.CharField(_("currency"), max_length=3, default="EUR")
    volume_per_year = models.FloatField(_("decisions in a year"))
    hoped_per_year = models.FloatField(_("hoped for at the start, per year"), null=True)
    hit = models.FloatField(_("value of a hit, a right or an exact answer"), default=0.0)
    miss = models.FloatField(_("cost of a miss or a wrong answer"), default=0.0)
    false_alarm = models.FloatField(_("cost of a false alarm"), default=0.0)
    error_unit = models.FloatField(_("cost of one unit of absolute error"), default=0.0)
    running_cost = models.FloatField(_("running cost per year"), default=0.0)
    review = models.FloatField(_("cost of looking at one alarm"), default=0.0)
    amount_column = models.CharField(_("column with the amount of a row"), max_length=200, blank=True)
    hit_of_amount = models.FloatField(_("value of a hit, in amounts of the row"), default=0.0)
    miss_of_amount = models.FloatField(_("cost of a miss, in amounts of the row"), default=0.0)
    false_alarm_of_amount = models.FloatField(_("cost of a false alarm, in amounts of the row"), default=0.0)
    training_cost = models.FloatField(_("cost of one training"), default=0.0)
    trainings_per_year = models.FloatField(_("trainings in a year"), default=0.0)
    present_process = models.FloatField(_("what the present process brings per year"), null=True)
    spent = models.FloatField(_("spent so far"), default=0.0)
    delay_per_week = models.FloatField(_("cost of a week of delay"), null=True)
    reason = models.TextField(_("reason for the change"), max_length=1_000, blank=True)
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[ValueCases] = ValueCases.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="value_case_once"),
            models.CheckConstraint(condition=models.Q(volume_per_year__gte=0), name="volume_not_negative"),
        ]
        triggers = [
            audited(),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.number}"

    @property
    def is_approved(self) -> bool:
        return hasattr(self, "approval")


class ValueApproval(models.Model):
    """Somebody other than the author agrees with a version of the price list."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    case = models.OneToOneField(ValueCase, models.CASCADE, related_name="approval")
    approver = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    note = models.TextField(_("note"), max_length=1_000, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        triggers = [
            audited(),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return str(self.case)


class ProjectJudgement(models.Model):
    """Where the judging of a project stands; `tasks.review` looks after what is due.

    ``value``, ``low`` and ``high`` are the money per year of the newest run that was judged, minus that of
    the baseline where it has one.
    """

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="judgement")
    judged_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)  # something gets too old then, or a waiver expires
    run = models.ForeignKey(Run, models.SET_NULL, null=True, related_name="+")
    currency = models.CharField(max_length=3, blank=True)
    value = models.FloatField(null=True)
    low = models.FloatField(null=True)
    high = models.FloatField(null=True)

    class Meta:
        indexes = [models.Index(fields=["due_at"], name="judgement_due")]

    def __str__(self) -> str:
        return str(self.project)
