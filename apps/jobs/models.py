"""The job row: the one truth about work that runs in the background."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.projects.access import visible
from apps.projects.models import Project


class State(models.TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class Queue(models.TextChoices):
    SHORT = "short", _("Short")
    LONG = "long", _("Long")
    REPORT = "report", _("Report")  # needs Evidently, which is slow to import and takes much memory


UNFINISHED = frozenset({State.QUEUED, State.RUNNING})
ENDED = frozenset(State) - UNFINISHED


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> models.QuerySet[Job]:
        return visible(self, user)


class Job(models.Model):
    """One piece of work. Every move between states is a compare-and-set in `execution` or `services`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    project = models.ForeignKey(Project, models.CASCADE, related_name="jobs")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    task = models.CharField(max_length=120)  # dotted name of the Celery task
    title = models.CharField(_("title"), max_length=200)
    queue = models.CharField(max_length=8, choices=Queue, default=Queue.SHORT)

    state = models.CharField(_("state"), max_length=9, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    max_attempts = models.PositiveSmallIntegerField(default=3)
    token = models.UUIDField(null=True)  # of the attempt that holds the lease
    lease_until = models.DateTimeField(null=True)
    cancel_requested = models.BooleanField(default=False)

    progress = models.FloatField(default=0.0)  # 0..1
    progress_message = models.JSONField(null=True)  # compute.messages.Message
    error = models.JSONField(null=True)  # {"code", "message", "column", "row"}; the user's or ours
    error_reference = models.CharField(max_length=12, blank=True)  # finds the traceback in the log

    created_at = models.DateTimeField(_("created"), default=timezone.now)
    queued_at = models.DateTimeField(_("queued"), default=timezone.now)  # again when a person retries it
    published_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    objects: ClassVar[models.Manager[Job]] = JobQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at", "-id"]
        verbose_name = _("job")
        indexes = [
            models.Index(fields=["project", "-created_at"], name="job_by_project"),
            models.Index(
                fields=["state", "lease_until"],
                name="job_unfinished",
                condition=models.Q(state__in=["queued", "running"]),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def percent(self) -> int:
        return int(self.progress * 100)

    @property
    def queue_time(self) -> timedelta:
        return (self.started_at or self.finished_at or timezone.now()) - self.queued_at

    @property
    def run_time(self) -> timedelta | None:
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at


class IdempotencyKey(models.Model):
    """A client's promise that two requests with one key are the same request, which started ``job``."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)  # SHA-256 of the fields and the file's hash
    job = models.ForeignKey(Job, models.CASCADE, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_of_user")]

    def __str__(self) -> str:
        return self.key
