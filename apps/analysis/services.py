"""What people ask of the rows of runs."""

from __future__ import annotations

import hashlib
import json

from django.db import transaction

from apps.accounts.models import User
from apps.analysis.models import Analysis, Standing
from apps.analysis.registry import KINDS, Kind, Params
from apps.compute.messages import InputRejected, gettext_noop
from apps.datasets.services import queue_for
from apps.evaluations.comparisons import finished_runs
from apps.evaluations.models import Run
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.projects.access import Action, require
from apps.projects.models import Project

ANALYSE_TASK = "apps.analysis.tasks.analyse"
#: So many runs that are there are measured when a requirement asks for a metric.
NEWEST = 5


def params_key(params: Params) -> str:
    """SHA-256 of the parameters; equal questions have equal keys."""
    return hashlib.sha256(json.dumps(params, sort_keys=True, default=str).encode()).hexdigest()


@transaction.atomic
def ask(*, run: Run, user: User, kind: str, params: Params, standing: bool = False) -> Analysis:
    """Put a question to the rows of a finished run; ``standing`` asks every new run of the project too.

    The same question has one answer: asking again returns the analysis that is there. Its job may still be
    under way. Raises InputRejected and PermissionDenied.
    """
    require(user, Action.UPLOAD, run.project)
    record = kind_of(kind)
    if run.result is None:
        raise InputRejected(
            "run_unfinished",
            gettext_noop("Run %(number)d has no result yet. Ask again when it has one."),
            number=run.number,
        )
    if not record.fits(run.task):
        raise InputRejected(
            "task_does_not_fit",
            gettext_noop("Run %(number)d is of another kind of problem, which this question does not fit."),
            number=run.number,
        )
    params = record.check(run, params)
    if standing:
        keep_asking(project=run.project, user=user, kind=kind, params=params)
    return start(run=run, user=user, kind=kind, params=params)


def kind_of(key: str) -> Kind:
    if key not in KINDS:
        raise InputRejected(
            "unknown_kind",
            gettext_noop("There is no analysis “%(kind)s”. Known: %(known)s."),
            kind=key[:50],
            known=", ".join(KINDS),
        )
    return KINDS[key]


def start(*, run: Run, user: User, kind: str, params: Params) -> Analysis:
    """The analysis of checked parameters: the one that is there, or a new one with its job."""
    key = params_key(params)
    Project.objects.select_for_update(no_key=True).get(pk=run.project_id)  # two requests make one analysis
    known: Analysis | None = (
        Analysis.objects.filter(run=run, kind=kind, params_key=key).select_related("job").first()
    )
    if known is not None:
        return known
    job = _new_job(run, user, kind)
    analysis: Analysis = Analysis.objects.create(
        project=run.project,
        run=run,
        kind=kind,
        params=params,
        params_key=key,
        job=job,
        created_by=user,
    )
    return analysis


def _new_job(run: Run, user: User, kind: str) -> Job:
    return jobs.submit_job(
        project=run.project,
        user=user,
        task=ANALYSE_TASK,
        title=f"{run}: {KINDS[kind].label}",
        queue=queue_for(run.file, run.truth),
    )


@transaction.atomic
def ask_again(*, analysis: Analysis, user: User) -> Analysis:
    """Answer a question anew, such as when the rows that it found are gone. One that is under way stays."""
    require(user, Action.UPLOAD, analysis.project)
    row: Analysis = (
        Analysis.objects.select_for_update(of=("self",))
        .select_related("job", "run__project")
        .get(pk=analysis.pk)
    )
    if row.job.ended:
        row.job = _new_job(row.run, user, row.kind)
        row.result = row.rows = None
        row.save(update_fields=["job", "result", "rows"])
    return row


def keep_asking(*, project: Project, user: User, kind: str, params: Params) -> Standing:
    """Ask every new run of the project; once is enough."""
    require(user, Action.UPLOAD, project)
    standing, _created = Standing.objects.get_or_create(
        project=project,
        kind=kind,
        params_key=params_key(params),
        defaults={"params": params, "created_by": user},
    )
    return standing


def always_measure(*, project: Project, user: User, metric: str, column: str, value: str) -> None:
    """Have a metric that only an analysis measures for every run: those to come, and the newest that are
    there. Nothing happens for a metric that each evaluation measures.
    """
    for kind in KINDS.values():
        params = kind.measures(metric, column, value)
        if params is None:
            continue
        keep_asking(project=project, user=user, kind=kind.key, params=params)
        for run in finished_runs(project)[:NEWEST]:
            start_if_it_fits(run=run, user=user, kind=kind, params=params)


def start_if_it_fits(*, run: Run, user: User, kind: Kind, params: Params) -> Analysis | None:
    """A standing question to a finished run; None where it does not fit: a file without the column."""
    if not kind.fits(run.task):
        return None
    try:
        checked = kind.check(run, dict(params))
    except InputRejected:
        return None
    return start(run=run, user=user, kind=kind.key, params=checked)


@transaction.atomic
def stop_asking(*, standing: Standing, user: User) -> None:
    """New runs are no longer asked. Answers that are there stay."""
    require(user, Action.UPLOAD, standing.project)
    standing.delete()
