"""Where each model version stands in its life, and what is asked of those who train."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.evaluations.models import Model, ModelVersion
from apps.history.models import audited
from apps.notifications.models import Delivery, Webhook
from apps.projects.access import visible
from apps.projects.models import Project

PERSON = settings.AUTH_USER_MODEL


class Stage(models.TextChoices):
    CANDIDATE = "candidate", _("Candidate")
    APPROVED = "approved", _("Approved")
    SHADOW = "shadow", _("Shadow")  # runs beside the champion, nobody acts on it
    CHAMPION = "champion", _("Champion")
    RETIRED = "retired", _("Retired")


class StageChangeQuerySet(models.QuerySet["StageChange"]):
    def visible_to(self, user: User) -> models.QuerySet[StageChange]:
        return visible(self, user)


class StageChange(models.Model):
    """A model version moves to a stage. Never changed; the newest of a version says where it stands.

    A version without any is a candidate. A model has at most one champion: the former is retired by the
    same act. ``advice`` keeps the gate's assessment as it stood when approval demanded one.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="stage_changes")
    version = models.ForeignKey(ModelVersion, models.CASCADE, related_name="stage_changes")
    stage = models.CharField(_("stage"), max_length=9, choices=Stage)
    reason = models.TextField(_("why"), max_length=1_000)
    advice = models.JSONField(null=True)
    at = models.DateTimeField(_("since"), default=timezone.now)
    by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[StageChange]] = StageChangeQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["project", "-at"], name="stage_by_project")]
        triggers = [
            audited(),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.version}: {self.stage}"


class ReleaseRule(models.Model):
    """What approval demands in a project. Without a row: a reason, nothing more."""

    project = models.OneToOneField(Project, models.CASCADE, related_name="release_rule")
    needs_gate = models.BooleanField(_("approval needs a gate that advises to go on"), default=False)
    trainer = models.ForeignKey(Webhook, models.SET_NULL, null=True, related_name="+")

    class Meta:
        triggers = [audited()]

    def __str__(self) -> str:
        return str(self.project)


class RetrainingQuerySet(models.QuerySet["RetrainingRequest"]):
    def visible_to(self, user: User) -> models.QuerySet[RetrainingRequest]:
        return visible(self, user)


class RetrainingRequest(models.Model):
    """The portal asks an outside trainer for a new version of a model, and what the trainer answered."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        RUNNING = "running", _("Training")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    project = models.ForeignKey(Project, models.CASCADE, related_name="retraining_requests")
    number = models.PositiveIntegerField()
    model = models.ForeignKey(Model, models.PROTECT, related_name="retraining_requests")
    reason = models.TextField(_("why"), max_length=1_000)
    #: What the request is about, for the trainer: alert, monitor, data. Free JSON, at most 20 kB.
    details = models.JSONField(default=dict)
    state = models.CharField(_("state"), max_length=7, choices=State, default=State.ASKED)
    delivery = models.ForeignKey(Delivery, models.SET_NULL, null=True, related_name="+")
    version = models.ForeignKey(ModelVersion, models.SET_NULL, null=True, related_name="retraining_requests")
    answer = models.TextField(_("the trainer's note"), max_length=5_000, blank=True)
    cost = models.FloatField(_("cost"), null=True)  # in the project's currency, as the trainer says
    asked_by = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(_("asked"), default=timezone.now)
    started_at = models.DateTimeField(_("training began"), null=True)
    ended_at = models.DateTimeField(_("training ended"), null=True)

    objects: ClassVar[models.Manager[RetrainingRequest]] = RetrainingQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="retraining_number_once")]
        triggers = [audited()]

    def __str__(self) -> str:
        return _("Retraining %(number)d") % {"number": self.number}
