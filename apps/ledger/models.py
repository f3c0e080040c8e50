"""The gain ledger: what each change brought, in the metric, days and money."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.evaluations.models import Comparison, Run
from apps.history.models import audited
from apps.projects.access import visible
from apps.projects.models import Project

PERSON = settings.AUTH_USER_MODEL


class LedgerRows(models.QuerySet[Any]):
    def visible_to(self, user: User) -> models.QuerySet[Any]:
        return visible(self, user)


class Change(models.Model):
    """One change and what it brought. With a run, the gain is measured on the rows that it has in common with
    its parent run (``comparison``). Without one it was measured elsewhere: ``before`` and ``after`` of
    ``metric`` are stated with their ``source``. So are those of a run whose labels were corrected.

    ``kind`` is classified from facts of the two runs; for a change measured elsewhere people say it.
    """

    class Kind(models.TextChoices):
        DATA = "data", _("Data work")
        MODEL = "model", _("Model work")
        BOTH = "both", _("Cannot be told apart")
        NONE = "none", _("Nothing changed")
        UNKNOWN = "unknown", _("Not known")

    project = models.ForeignKey(Project, models.CASCADE, related_name="changes")
    title = models.CharField(_("change"), max_length=200)
    subject = models.CharField(_("what was worked on"), max_length=120, blank=True)  # "Solar panels"
    kind = models.CharField(_("kind"), max_length=7, choices=Kind, default=Kind.UNKNOWN)
    run = models.OneToOneField(Run, models.CASCADE, null=True, related_name="change")
    parent = models.ForeignKey(Run, models.CASCADE, null=True, related_name="changes_from")
    comparison = models.ForeignKey(Comparison, models.SET_NULL, null=True, related_name="+")
    metric = models.CharField(max_length=40, blank=True)  # of a gain that is stated
    before = models.FloatField(_("before"), null=True)
    after = models.FloatField(_("after"), null=True)
    source = models.CharField(_("where it was measured"), max_length=300, blank=True)
    days = models.FloatField(_("days of work"), null=True)
    cost = models.FloatField(_("cost"), null=True)  # in the currency of the price list
    kept = models.BooleanField(_("kept"), default=True)
    created_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Change]] = LedgerRows.as_manager()

    class Meta:
        ordering = ["pk"]
        triggers = [audited()]

    def __str__(self) -> str:
        return self.title

    @property
    def is_stated(self) -> bool:
        """Whether its gain is stated, and not a paired difference of two runs."""
        return bool(self.metric)
