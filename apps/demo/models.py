"""Which projects belong to the demo, and how far their stories have been told."""

from __future__ import annotations

from django.db import models

from apps.projects.models import Project


class Staging(models.Model):
    """A demo project. Its second act follows when the runs of the first have been evaluated."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.project)
