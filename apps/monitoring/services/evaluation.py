"""Asking for metrics to be computed. The rest of this module is written by its owner."""

from __future__ import annotations

from apps.accounts.models import User
from apps.jobs.models import Job
from apps.monitoring.models import Monitor

EVALUATE_TASK = "apps.monitoring.tasks.evaluate"


def submit_evaluation(*, monitor: Monitor, user: User) -> Job | None:
    """Queue a job that evaluates whatever is to be evaluated, unless one is queued already (None then).

    Must run in the transaction that changed what is to be evaluated.
    """
    raise NotImplementedError
