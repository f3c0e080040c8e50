"""Data sets: data under one name, whose content is replaced by versions."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.datasets.models.files import DataFile
from apps.history.models import audited
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project


class DatasetQuerySet(models.QuerySet["Dataset"]):
    def visible_to(self, user: User) -> models.QuerySet[Dataset]:
        return visible(self, user)


class Dataset(models.Model):
    """Data under one name whose content is replaced from time to time: a hold-out, say."""

    class Role(models.TextChoices):
        TRAINING = "training", _("Training")
        HOLDOUT = "holdout", _("Hold-out")
        PRODUCTION = "production", _("Production")
        REFERENCE = "reference", _("Reference")

    project = models.ForeignKey(Project, models.CASCADE, related_name="datasets")
    name = models.CharField(_("name"), max_length=120)
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.HOLDOUT)
    description = models.TextField(_("what it holds"), max_length=2_000, blank=True)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    source = models.TextField(_("source"), max_length=2_000, blank=True)
    rights = models.TextField(_("rights and policies"), max_length=2_000, blank=True)
    labelling = models.TextField(_("labelling method"), max_length=2_000, blank=True)
    special_values = models.JSONField(default=dict)  # column, or "*" for all -> values that mean "missing"
    key_columns = models.JSONField(default=list)  # names of the columns that tell rows apart
    time_column = models.TextField(_("time column"), blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[Dataset]] = DatasetQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("data set")
        constraints = [models.UniqueConstraint(fields=["project", "name"], name="dataset_name_once")]
        triggers = [audited()]

    def __str__(self) -> str:
        return self.name


class DatasetVersion(models.Model):
    """What a data set held from one moment to the next. The newest version in force counts.

    Its content is never changed; only ``state`` moves, when its check ends or when a person lets a blocked
    version pass (``accepted_by``, ``accepted_reason``).
    """

    class State(models.TextChoices):
        CHECKING = "checking", _("Being checked")
        IN_FORCE = "in_force", _("In force")
        BLOCKED = "blocked", _("Blocked")

    class Origin(models.TextChoices):
        UPLOAD = "upload", _("Upload")
        API = "api", _("API")
        MONITOR = "monitor", _("Monitor")

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(_("state"), max_length=8, choices=State, default=State.IN_FORCE)
    file = models.ForeignKey(DataFile, models.PROTECT, related_name="dataset_versions")
    parent = models.ForeignKey("self", models.CASCADE, null=True, related_name="children")  # made from it
    origin = models.CharField(_("origin"), max_length=7, choices=Origin, default=Origin.UPLOAD)
    note = models.TextField(_("note"), max_length=2_000, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    accepted_reason = models.TextField(_("why it passes all the same"), max_length=2_000, blank=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["dataset", "number"], name="dataset_version_once")]
        triggers = [
            audited(),
            pgtrigger.ReadOnly(
                name="content_stays",
                fields=["project", "dataset", "number", "file", "parent", "origin", "note", "created_by"],
            ),
        ]

    def __str__(self) -> str:
        return _("%(dataset)s, version %(number)d") % {"dataset": self.dataset, "number": self.number}


class VersionDifferenceQuerySet(models.QuerySet["VersionDifference"]):
    def visible_to(self, user: User) -> models.QuerySet[VersionDifference]:
        return visible(self, user)


class VersionDifference(models.Model):
    """What changed between two versions of a data set, row by row; its job computes ``result`` once.

    ``key_columns`` tell rows apart; without any, whole rows are counted.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    older = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="+")
    newer = models.ForeignKey(DatasetVersion, models.CASCADE, related_name="+")
    key_columns = models.JSONField(default=list)
    job = models.OneToOneField(Job, models.PROTECT, related_name="version_difference")
    result = models.JSONField(null=True)  # compute.difference.TableDifference
    created_at = models.DateTimeField(auto_now_add=True)

    objects: ClassVar[models.Manager[VersionDifference]] = VersionDifferenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["older", "newer", "key_columns"], name="version_difference_once")
        ]

    def __str__(self) -> str:
        return f"{self.older_id} → {self.newer_id}"
