"""The design document of a project: its versions, and the records of architecture decisions in it."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.history.models import audited
from apps.projects.models import Project
from apps.requirements.models.rows import ProjectRows

PERSON = settings.AUTH_USER_MODEL


class DocumentVersion(models.Model):
    """The whole document from one change to the next: ``sections`` maps keys of `SECTIONS` to Markdown.

    Never changed itself. A section that is missing was not written yet.
    """

    project = models.ForeignKey(Project, models.CASCADE, related_name="document_versions")
    number = models.PositiveIntegerField()
    sections = models.JSONField(default=dict)
    not_needed = models.JSONField(default=dict)  # key -> why the project does without the section
    changed = models.CharField(max_length=40, blank=True)  # key of the section that this version changed
    note = models.CharField(_("what was changed"), max_length=300, blank=True)
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects: ClassVar[models.Manager[DocumentVersion]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["project", "number"], name="document_version_once")]
        triggers = [
            audited(leave_out=["sections", "not_needed"]),
            pgtrigger.Protect(name="never_changed", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return _("Version %(number)d") % {"number": self.number}


class ArchitectureDecision(models.Model):
    """An architecture decision record (Nygard 2011): context, decision, consequences."""

    class Area(models.TextChoices):
        INTERFACE = "interface", _("Interface")
        ALGORITHMS = "algorithms", _("Algorithms and data")
        SOFTWARE = "software", _("Software infrastructure")
        HARDWARE = "hardware", _("Hardware")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        ACCEPTED = "accepted", _("accepted")
        REJECTED = "rejected", _("rejected")
        SUPERSEDED = "superseded", _("superseded")

    project = models.ForeignKey(Project, models.CASCADE, related_name="architecture_decisions")
    number = models.PositiveIntegerField()  # A-3, never reused in the project
    area = models.CharField(_("area"), max_length=10, choices=Area)
    title = models.CharField(_("title"), max_length=200)
    context = models.TextField(_("context"), max_length=10_000, blank=True)
    options = models.TextField(_("options that were weighed"), max_length=10_000, blank=True)
    decision = models.TextField(_("decision"), max_length=10_000)
    consequences = models.TextField(_("consequences"), max_length=10_000, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.PROPOSED)
    superseded_by = models.ForeignKey("self", models.PROTECT, null=True, related_name="supersedes")
    author = models.ForeignKey(PERSON, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    settled_by = models.ForeignKey(PERSON, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)  # of the present state; empty while it is proposed

    objects: ClassVar[models.Manager[ArchitectureDecision]] = ProjectRows.as_manager()

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="architecture_decision_once"),
            models.CheckConstraint(
                condition=models.Q(state="proposed", settled_at=None)
                | (~models.Q(state="proposed") & models.Q(settled_at__isnull=False)),
                name="settled_decision_has_a_time",
            ),
        ]
        triggers = [audited(), pgtrigger.Protect(name="never_deleted", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title

    @property
    def code(self) -> str:
        return f"A-{self.number}"
