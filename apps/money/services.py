"""The money of runs is counted without anybody asking."""

from __future__ import annotations

from apps.analysis.registry import KINDS
from apps.analysis.services import start_if_it_fits
from apps.evaluations.comparisons import finished_runs, is_baseline
from apps.evaluations.models import Run
from apps.money.kinds import KEY
from apps.projects.models import Project
from apps.requirements.models import ValueCase

#: So many of the newest runs are counted anew when the prices or the baseline change.
NEWEST = 20


def count_run(run: Run) -> None:
    """A run that has just finished; where it is a baseline's also the newest runs that it was missing for.

    Call it in a transaction. Doing it twice does nothing.
    """
    if not ValueCase.objects.filter(project=run.project_id).exists():
        return
    runs = finished_runs(run.project_id)
    fresh = runs.select_related("project").get(pk=run.pk)
    _start(fresh)
    if is_baseline(fresh):
        truth = fresh.truth.sha256 if fresh.truth else None
        same = runs.select_related("project").filter(task=fresh.task, truth__sha256=truth)
        for other in same.exclude(pk=fresh.pk)[:NEWEST]:
            _start(other)


def count_newest(project: Project) -> None:
    """The newest runs at the prices and against the baseline that count now. Call it in a transaction."""
    for run in finished_runs(project).select_related("project")[:NEWEST]:
        _start(run)


def _start(run: Run) -> None:
    start_if_it_fits(run=run, user=run.created_by, kind=KINDS[KEY], params={})
