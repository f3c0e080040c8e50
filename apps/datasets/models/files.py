"""Uploaded files: what came in, and what the portal found in it."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.projects.access import visible
from apps.projects.models import Project


class DataFileQuerySet(models.QuerySet["DataFile"]):
    def visible_to(self, user: User) -> models.QuerySet[DataFile]:
        return visible(self, user)

    def uploaded(self) -> models.QuerySet[DataFile]:
        """Without those that a live system sends to its monitor, which would hide all others."""
        return self.exclude(purpose__in=MONITORED)


class DataFile(models.Model):
    """One upload. Its bytes live in the content-addressed storage under ``sha256``; its name is a label.

    ``job`` reads it: normalises to Parquet, profiles the columns and guesses their roles. Until then
    ``rows`` is empty.
    """

    class Purpose(models.TextChoices):
        PREDICTIONS = "predictions", _("Predictions")
        TRUTH = "truth", _("Truth")
        DATA = "data", _("Data")
        BATCH = "batch", _("Batch of a monitor")
        LABELS = "labels", _("Labels of a monitor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="files")
    purpose = models.CharField(_("purpose"), max_length=11, choices=Purpose, default=Purpose.PREDICTIONS)
    name = models.CharField(_("name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField(_("size"))  # bytes as uploaded
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField(_("uploaded"), auto_now_add=True)
    job = models.OneToOneField(Job, models.PROTECT, null=True, related_name="data_file")

    format = models.CharField(_("format"), max_length=20, blank=True)
    rows = models.PositiveBigIntegerField(_("rows"), null=True)
    column_count = models.PositiveIntegerField(_("columns"), null=True)
    profile = models.JSONField(null=True)  # compute.profile, one record per column
    roles = models.JSONField(default=dict)  # column -> {"role", "label"}: guessed, then corrected

    objects: ClassVar[DataFileQuerySet] = DataFileQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        verbose_name = _("file")
        indexes = [
            models.Index(fields=["project", "-uploaded_at"], name="file_by_project"),
            models.Index(fields=["project"], include=["size"], name="file_quota"),
            models.Index(fields=["sha256"], name="file_content"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_read(self) -> bool:
        return self.rows is not None


#: What a live system sends; shown with its monitor and not among the files.
MONITORED = (DataFile.Purpose.BATCH, DataFile.Purpose.LABELS)
#: Choices of the purposes for which people upload files.
UPLOADED = [choice for choice in DataFile.Purpose.choices if choice[0] not in MONITORED]
