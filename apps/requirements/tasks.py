"""Celery entries of this app."""

from __future__ import annotations

from celery import shared_task
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone

from apps.jobs.models import Job, State
from apps.requirements.judging import judge_project
from apps.requirements.models import ProjectJudgement, Requirement


@shared_task(name="apps.requirements.tasks.review")
def review() -> None:
    """Judge anew what got too old, and runs whose message was lost."""
    for project_id in due_projects():
        judge_project(project_id)


def due_projects() -> list[int]:
    """Projects in which something is due, or with requirements and a run that ended after the judging."""
    judged = ProjectJudgement.objects.filter(project=OuterRef("project")).values("judged_at")[:1]
    unseen = (
        Job.objects.filter(
            run__isnull=False,
            state=State.SUCCEEDED,
            project__in=Requirement.objects.filter(withdrawn_at=None).values("project"),
        )
        .annotate(judged_at=Subquery(judged))
        .filter(Q(judged_at=None) | Q(finished_at__gt=F("judged_at")))
    )
    due = ProjectJudgement.objects.filter(due_at__lte=timezone.now())
    return sorted(
        {*due.values_list("project", flat=True), *unseen.values_list("project", flat=True).distinct()}
    )
