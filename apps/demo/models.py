"""Which projects belong to the demo, and how far their stories have been told."""

from __future__ import annotations

from django.db import models

from apps.jobs.models import Job
from apps.projects.models import Project


class Staging(models.Model):
    """A demo project. Its second act follows when the runs of the first have been evaluated."""

    project = models.OneToOneField(Project, models.CASCADE, primary_key=True, related_name="+")
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return str(self.project)


class Replay(models.Model):
    """A stream that is given to a monitor of a demo project; ``name`` is the monitor's."""

    project = models.ForeignKey(Project, models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    job = models.OneToOneField(Job, models.PROTECT, related_name="demo_replay")

    def __str__(self) -> str:
        return self.name
