"""What people do with jobs."""

from __future__ import annotations

from functools import partial

from django.db import transaction
from django.db.models.functions import Now

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.jobs.ending import announce
from apps.jobs.models import UNFINISHED, Job, Queue, State
from apps.jobs.publishing import publish
from apps.projects.access import Action, require
from apps.projects.models import Project


@transaction.atomic
def submit_job(
    *,
    project: Project,
    user: User,
    task: str,
    title: str,
    queue: str = Queue.SHORT,
    max_attempts: int = 3,
) -> Job:
    """Queue a job for the Celery task with this dotted name; its message leaves when the transaction commits.

    Call it inside the transaction that saves what the job works on: then both are durable or neither is.
    A broker that is down neither fails nor delays the caller; the sweeper publishes the job later.
    """
    job = Job.objects.create(
        project=project,
        created_by=user,
        task=task,
        title=title[:200],
        queue=queue,
        max_attempts=max_attempts,
    )
    transaction.on_commit(partial(publish, job.pk), robust=True)
    return job


@transaction.atomic
def cancel_job(*, job: Job, user: User) -> Job:
    """Cancel a waiting job at once; ask a running one to stop. A job that has ended stays as it is."""
    require(user, Action.UPLOAD, job.project)
    # First the request, whatever the unfinished state: a worker that claims or requeues the job between
    # the two updates finds it.
    Job.objects.filter(pk=job.pk, state__in=UNFINISHED).update(cancel_requested=True)
    waiting = Job.objects.filter(pk=job.pk, state=State.QUEUED, cancel_requested=True)
    if waiting.update(state=State.CANCELLED, finished_at=Now()):
        announce(job.pk)
    job.refresh_from_db()
    return job


@transaction.atomic
def retry_job(*, job: Job, user: User) -> Job:
    """Queue a failed or cancelled job again, with all its attempts. A job that is under way stays as it is.

    Raises InputRejected ("job_succeeded") for a job that has its result.
    """
    require(user, Action.UPLOAD, job.project)
    again = Job.objects.filter(pk=job.pk, state__in=[State.FAILED, State.CANCELLED]).update(
        state=State.QUEUED,
        attempts=0,
        token=None,
        lease_until=None,
        cancel_requested=False,
        progress=0.0,
        progress_message=None,
        error=None,
        error_reference="",
        queued_at=Now(),
        published_at=None,
        started_at=None,
        finished_at=None,
    )
    if again:
        transaction.on_commit(partial(publish, job.pk), robust=True)
    job.refresh_from_db()
    if job.state == State.SUCCEEDED:
        raise InputRejected(
            "job_succeeded",
            gettext_noop("The job “%(title)s” has succeeded, so there is nothing to run again."),
            title=job.title,
        )
    return job
