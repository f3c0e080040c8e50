"""Comparisons that people ask for and those that the portal makes by itself."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.comparison_result import ComparisonResult
from apps.compute.messages import InputRejected
from apps.compute.results import EvaluationResult
from apps.datasets.models import DataFile
from apps.evaluations.comparisons import in_order, newest_with_baseline
from apps.evaluations.models import Baseline, Comparison, Model, Run
from apps.evaluations.services import compare_runs, name_baseline
from apps.evaluations.signals import comparison_finished
from apps.projects.models import Project, Role
from tests.evaluations.conftest import PREDICTIONS
from tests.factories import make_member, make_project, make_run

pytestmark = pytest.mark.django_db

Evaluate = Callable[..., Run]
Finish = Callable[[Comparison], Comparison]
FOLDER = PREDICTIONS / "sentiment"


def _run(evaluate: Evaluate, truth: DataFile, model: str, **fields: Any) -> Run:
    said = {"model": model, "baseline": model == "rule", **fields}
    return evaluate(FOLDER / f"pred_{model}.csv", truth, **said)


def test_a_comparison_is_made_once_and_holds_the_values_of_the_reports(
    project: Project, owner: User, evaluate: Evaluate, sentiment: DataFile, finish: Finish
) -> None:
    runs = [_run(evaluate, sentiment, model) for model in ("nb", "lr")]
    comparison = compare_runs(project=project, user=owner, runs=runs)
    assert compare_runs(project=project, user=owner, runs=runs) == comparison
    assert compare_runs(project=project, user=owner, runs=runs[::-1]) != comparison
    assert (comparison.job.task, comparison.with_baseline) == ("apps.evaluations.tasks.compare", False)
    result = ComparisonResult.from_json(finish(comparison).result)
    assert in_order(comparison) == runs
    assert (result.n, result.rows, result.baseline) == (2_400, (2_400, 2_400), None)
    for place, run in enumerate(runs):
        report = EvaluationResult.from_json(run.result)
        for metric in result.metrics:
            assert metric.values[place] == report.metric(metric.key)


def test_a_finished_comparison_is_announced(
    project: Project,
    owner: User,
    evaluate: Evaluate,
    sentiment: DataFile,
    finish: Finish,
    django_capture_on_commit_callbacks: Any,
) -> None:
    runs = [_run(evaluate, sentiment, model) for model in ("nb", "lr")]
    comparison = compare_runs(project=project, user=owner, runs=runs)
    told: list[Comparison] = []

    def listen(comparison: Comparison, **_kwargs: Any) -> None:
        told.append(comparison)

    comparison_finished.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            finish(comparison)
    finally:
        comparison_finished.disconnect(listen)
    assert told == [comparison]


@pytest.mark.parametrize("order", list(itertools.permutations(("rule", "nb", "lr"))))
def test_each_model_meets_the_baseline_whichever_run_comes_first(
    project: Project, evaluate: Evaluate, sentiment: DataFile, order: Sequence[str]
) -> None:
    runs = {model: _run(evaluate, sentiment, model) for model in order}
    pairs = {tuple(c.run_ids) for c in Comparison.objects.filter(project=project, with_baseline=True)}
    assert pairs == {(runs["rule"].pk, runs[model].pk) for model in ("nb", "lr")}
    assert Comparison.objects.count() == 2


def test_the_named_baseline_is_the_one_that_counts(
    project: Project, owner: User, evaluate: Evaluate, sentiment: DataFile, finish: Finish
) -> None:
    rule, nb = _run(evaluate, sentiment, "rule"), _run(evaluate, sentiment, "nb")
    model = nb.model_version.model
    name_baseline(project=project, user=owner, model=model, kind=Baseline.Kind.PRESENT_SYSTEM)
    model.refresh_from_db()
    assert model.kind == Model.Kind.BASELINE
    lr = _run(evaluate, sentiment, "lr")
    assert [c.run_ids for c in Comparison.objects.filter(run_ids__1=lr.pk)] == [[nb.pk, lr.pk]]
    name_baseline(project=project, user=owner, model=rule.model_version.model, kind=Baseline.Kind.RULE)
    assert Comparison.objects.filter(run_ids=[rule.pk, lr.pk], with_baseline=True).exists()
    assert Baseline.objects.get(project=project).kind == Baseline.Kind.RULE
    for comparison in Comparison.objects.filter(run_ids__1=lr.pk):
        finish(comparison)
    newest = newest_with_baseline(project)
    assert newest.run_ids == [rule.pk, lr.pk]  # nb's run is newer, the rule is the one that is named
    assert ComparisonResult.from_json(newest.result).baseline == 0


def test_the_newest_comparison_is_that_of_the_newest_evidence(
    project: Project, evaluate: Evaluate, sentiment: DataFile, finish: Finish
) -> None:
    now = timezone.now()
    _run(evaluate, sentiment, "rule", evaluated_at=now - timedelta(days=9))
    lr = _run(evaluate, sentiment, "lr", evaluated_at=now)
    _run(evaluate, sentiment, "nb", evaluated_at=now - timedelta(days=3))
    assert newest_with_baseline(project) is None  # none is finished
    for comparison in Comparison.objects.all():
        finish(comparison)
    assert newest_with_baseline(project).run_ids[1] == lr.pk


def test_a_baseline_on_other_data_is_not_compared(
    evaluate: Evaluate, read: Callable[..., DataFile], sentiment: DataFile, tmp_path: Path
) -> None:
    part = tmp_path / "part.csv"
    lines = (FOLDER / "truth.csv").read_text().splitlines(keepends=True)
    part.write_text("".join(lines[:1_000]))
    _run(evaluate, read(part, DataFile.Purpose.TRUTH), "rule")
    _run(evaluate, sentiment, "lr")
    assert not Comparison.objects.exists()


def _refused(code: str, project: Project, user: User, runs: Sequence[Run]) -> None:
    with pytest.raises(InputRejected) as caught:
        compare_runs(project=project, user=user, runs=runs)
    assert caught.value.code == code


def test_runs_that_cannot_be_compared_are_refused(project: Project, owner: User) -> None:
    roles = {"id": {"role": "id", "label": ""}}

    def made(**fields: Any) -> Run:
        return make_run(
            project, **{"task": "binary", "positive": "1", "result": {}, "roles": roles, **fields}
        )

    first = made()
    truths = [DataFile.objects.get(pk=made().file_id) for _ in range(2)]
    _refused("number_of_runs", project, owner, [first])
    _refused("number_of_runs", project, owner, [made() for _ in range(21)])
    _refused("same_run_twice", project, owner, [first, first])
    _refused("run_of_other_project", project, owner, [first, make_run(make_project(), result={})])
    _refused("run_unfinished", project, owner, [first, made(result=None)])
    _refused("no_id", project, owner, [first, made(roles={})])
    _refused("task_differs", project, owner, [first, made(task="multiclass")])
    _refused("positive_differs", project, owner, [first, made(positive="0")])
    _refused("truth_differs", project, owner, [made(truth=truths[0]), made(truth=truths[1])])
    assert not Comparison.objects.exists()


def test_a_viewer_neither_compares_nor_names_the_baseline(project: Project) -> None:
    viewer, engineer = (make_member(project, role) for role in (Role.VIEWER, Role.ENGINEER))
    runs = [make_run(project, result={}) for _ in range(2)]
    with pytest.raises(PermissionDenied):
        compare_runs(project=project, user=viewer, runs=runs)
    model = Model.objects.create(project=project, name="Rule")
    with pytest.raises(PermissionDenied):
        name_baseline(project=project, user=engineer, model=model, kind=Baseline.Kind.RULE)


@pytest.mark.parametrize(
    ("kind", "description", "code"),
    [("magic", "", "unknown_kind"), ("rule", "x" * 1_001, "description_too_long")],
)
def test_a_baseline_is_named_with_sense(
    project: Project, owner: User, kind: str, description: str, code: str
) -> None:
    model = Model.objects.create(project=project, name="Rule")
    with pytest.raises(InputRejected) as caught:
        name_baseline(project=project, user=owner, model=model, kind=kind, description=description)
    assert caught.value.code == code
    foreign = Model.objects.create(project=make_project(), name="Rule")
    with pytest.raises(InputRejected):
        name_baseline(project=project, user=owner, model=foreign, kind="rule")
    assert not Baseline.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_requests_at_once_one_comparison_is_made(no_worker: None) -> None:
    project = make_project()
    roles = {"id": {"role": "id", "label": ""}}
    runs = [make_run(project, task="binary", result={}, roles=roles) for _ in range(2)]
    start = Barrier(4)

    def ask(_number: int) -> int:
        try:
            start.wait()
            return compare_runs(project=project, user=project.created_by, runs=runs).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(ask, range(4)))) == 1
    assert Comparison.objects.count() == 1
