"""Comparisons: which there are, and those that the portal makes by itself."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from apps.accounts.models import User
from apps.compute.comparison_result import SCHEMA_VERSION
from apps.compute.results import Task
from apps.compute.tasks import TASK_KINDS
from apps.datasets import storage
from apps.datasets.services import queue_for
from apps.evaluations.models import Baseline, Comparison, Model, Run
from apps.jobs import services as jobs
from apps.jobs.models import Job
from apps.projects.models import Project

COMPARE_TASK = "apps.evaluations.tasks.compare"
#: With so many runs, the newest, a baseline that comes later is compared.
MOST_AT_ONCE = 50
_OF_BASELINE = Q(model_version__model__kind=Model.Kind.BASELINE)


def finished_runs(project: Project | int) -> QuerySet[Run]:
    """Runs with a result, the newest evidence first, without the result itself."""
    return (
        Run.objects.filter(project=project, result__isnull=False)
        .select_related("model_version__model", "file", "truth", "created_by")
        .defer("result", "join_report", "file__profile", "truth__profile")
        .order_by("-evaluated_at", "-number")
    )


def is_baseline(run: Run) -> bool:
    return run.model_version is not None and run.model_version.model.kind == Model.Kind.BASELINE


def baseline_run_for(run: Run) -> Run | None:
    """The newest run of the project's named baseline that was judged by the same truth file, or else of any
    baseline.
    """
    return None if run.truth is None else _newest_baseline(run, Q(truth__sha256=run.truth.sha256))


def baseline_with_own_truth(run: Run) -> Run | None:
    """As `baseline_run_for`, for a run whose file holds the truth too: whether the rows are the same is seen
    when they are read.
    """
    return _newest_baseline(run, Q(truth__isnull=True)) if run.truth is None else None


def _newest_baseline(run: Run, judged: Q) -> Run | None:
    if not TASK_KINDS[Task(run.task)].measured:
        return None
    found = finished_runs(run.project_id).filter(_OF_BASELINE, judged, task=run.task, positive=run.positive)
    named = Baseline.objects.filter(project=run.project_id).values("model")
    return found.filter(model_version__model__in=named).first() or found.first()


def compare_with_baseline(run: Run) -> None:
    """See to the comparison of a run that has just finished with the baseline. Call it in the transaction
    that stores the result.

    Works in either order: a baseline's run is compared with the runs that were there before it. Doing it
    twice does nothing. The project is locked, so of two runs that finish at once the later sees the other.
    """
    Project.objects.select_for_update(no_key=True).get(pk=run.project_id)
    run = finished_runs(run.project_id).get(pk=run.pk)
    for other in _runs_to_compare(run):
        baseline = baseline_run_for(other)
        if baseline is not None:
            start_comparison(runs=[baseline, other], user=run.created_by)


def _runs_to_compare(run: Run) -> Sequence[Run]:
    if not is_baseline(run):
        return [run]
    if run.truth is None:
        return []
    others = finished_runs(run.project_id).exclude(_OF_BASELINE)
    return list(others.filter(task=run.task, truth__sha256=run.truth.sha256)[:MOST_AT_ONCE])


def compare_all_with_baseline(project: Project) -> None:
    """After another baseline was named: the newest runs of each truth file against it."""
    for run in finished_runs(project).exclude(_OF_BASELINE)[:MOST_AT_ONCE]:
        baseline = baseline_run_for(run)
        if baseline is not None:
            start_comparison(runs=[baseline, run], user=run.created_by)


def found_rows_name(comparison: Comparison) -> str:
    """Under which the rows lie in which the runs differ most."""
    return f"comparison-{comparison.pk}"


def is_complete(comparison: Comparison) -> bool:
    """Whether it holds all that a comparison made now would hold."""
    result = comparison.result
    if result is None or result.get("schema_version") != SCHEMA_VERSION:
        return False
    return result["kept_flips"] is None or storage.found_rows_path(found_rows_name(comparison)).exists()


def compare_again(*, comparison: Comparison, runs: Sequence[Run], user: User) -> None:
    """Give the comparison a new job where it is not complete and none is under way. What it holds stays until
    the job succeeds. The caller has locked the project.
    """
    if not comparison.job.ended or is_complete(comparison):
        return
    comparison.job = _job(runs, user)
    comparison.save(update_fields=["job"])


def _job(runs: Sequence[Run], user: User) -> Job:
    files = [file for run in runs for file in (run.file, run.truth)]
    return jobs.submit_job(
        project=runs[0].project,
        user=user,
        task=COMPARE_TASK,
        title=" – ".join(str(run) for run in runs),
        queue=queue_for(*files),
    )


def start_comparison(*, runs: Sequence[Run], user: User) -> Comparison:
    """The comparison of these finished runs of one project, in this order: the one that is there, or a new
    one with its job. The caller has locked the project.
    """
    ids = [run.pk for run in runs]
    known = Comparison.objects.filter(project=runs[0].project_id, run_ids=ids).first()
    if known is not None:
        return known
    comparison = Comparison.objects.create(
        project_id=runs[0].project_id,
        run_ids=ids,
        with_baseline=len(runs) == 2 and is_baseline(runs[0]) and not is_baseline(runs[1]),
        job=_job(runs, user),
        created_by=user,
    )
    comparison.runs.set(runs)
    return comparison


# Readers


def in_order(comparison: Comparison) -> list[Run]:
    """The runs in the reader's order, without their results; the first is compared against."""
    found = (
        Run.objects.select_related("project", "file", "truth", "training", "parent", "model_version__model")
        .select_related("job")
        .defer("result", "join_report", "file__profile", "truth__profile", "training__profile")
        .defer("parent__result", "parent__join_report")
        .in_bulk(comparison.run_ids)
    )
    return [found[pk] for pk in comparison.run_ids]


def with_baseline(project: Project) -> QuerySet[Comparison]:
    """Finished comparisons of a model with the baseline: those of the newest evidence first, and for one
    run that with the named, then with the newest baseline first. ``run_ids`` is [baseline, model].
    """
    model = Run.objects.filter(pk=OuterRef("run_ids__1"))
    baseline = Run.objects.filter(pk=OuterRef("run_ids__0"))
    return (
        Comparison.objects.filter(project=project, with_baseline=True, result__isnull=False)
        .annotate(
            model_at=Subquery(model.values("evaluated_at")),
            model_number=Subquery(model.values("number")),
            baseline_at=Subquery(baseline.values("evaluated_at")),
            named=Exists(baseline.filter(model_version__model__baseline_of__isnull=False)),
        )
        .order_by("-model_at", "-model_number", "-named", "-baseline_at", "-pk")
    )


def newest_with_baseline(project: Project) -> Comparison | None:
    """The finished comparison of the newest model run with the baseline. Its ``result`` is a
    `ComparisonResult`; the difference at place 0 is the model's against the baseline.
    """
    return with_baseline(project).first()
