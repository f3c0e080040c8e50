"""Celery entries of this app."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from apps.jobs.models import Job, State
from apps.projects.models import Project
from apps.requirements.judging import judge_project

logger = logging.getLogger(__name__)


@shared_task(name="apps.requirements.tasks.review")
def review() -> None:
    """Judge anew what got too old, and runs whose message was lost."""
    for project_id in due_projects():
        try:
            judge_project(project_id)
        except Exception:  # one project must not keep the others from being judged
            logger.exception("Judging project %s failed", project_id)


def due_projects() -> list[int]:
    """Projects in which something is due, or a run ended after the last judging: its message was lost."""
    due = Q(judgement__due_at__lte=timezone.now())
    ended = Job.objects.filter(project=OuterRef("pk"), run__isnull=False, state=State.SUCCEEDED)
    unseen = Q(judgement__isnull=False) & Exists(
        ended.filter(finished_at__gt=OuterRef("judgement__judged_at"))
    )
    return list(Project.objects.filter(due | unseen).order_by("pk").values_list("pk", flat=True))
