"""Asking for metrics to be computed."""

from __future__ import annotations

from apps.accounts.models import User
from apps.jobs.models import Job, State
from apps.jobs.services import submit_job
from apps.monitoring.models import Monitor

EVALUATE_TASK = "apps.monitoring.tasks.evaluate"


def submit_evaluation(*, monitor: Monitor, user: User) -> Job | None:
    """Queue a job that evaluates whatever is to be evaluated, unless one is queued already (None then).

    Must run in the transaction that changed what is to be evaluated. A job that runs already may have looked
    before that change, so another one is queued behind it.
    """
    locked = Monitor.objects.select_for_update(of=("self",), no_key=True).select_related("evaluation_job")
    row = locked.get(pk=monitor.pk)
    if row.evaluation_job is not None and row.evaluation_job.state == State.QUEUED:
        return None
    job = submit_job(project=row.project, user=user, task=EVALUATE_TASK, title=row.name)
    Monitor.objects.filter(pk=row.pk).update(evaluation_job=job)
    return job
