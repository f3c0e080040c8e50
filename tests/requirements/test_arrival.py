"""A verdict never depends on the order in which runs arrive."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.compute.results import SliceResult, Table
from apps.evaluations.models import Run
from apps.jobs.models import Job, State
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import Conflict, Verdict
from apps.requirements.services import ValueFields, set_value_case
from tests.factories import make_file, make_project
from tests.requirements.making import finished_run, metric, result_of, swept, wish

RUNS = 6
NOW = timezone.now()
#: Runs 2 and 3 were evaluated at the same moment.
DAYS_AGO = (9, 5, 3, 3, 2, 1)
FIELDS = (
    *(
        "requirement__number",
        "version__number",
        "state",
        "run__number",
        "slice_value",
        "value",
        "low",
        "high",
    ),
    *("n", "level", "family", "rows_to_settle", "reasons", "stale_at", "observed_at"),
)

shares = st.integers(5, 95).map(lambda percent: percent / 100)


@pytest.mark.django_db
@settings(max_examples=8, deadline=None)
@given(
    order=st.permutations(range(RUNS)),
    shares=st.lists(st.tuples(shares, shares, shares), min_size=RUNS, max_size=RUNS),
)
def test_verdicts_do_not_depend_on_the_order_of_arrival(
    order: list[int], shares: list[tuple[float, float, float]]
) -> None:
    with transaction.atomic():
        project, runs = _world(shares)
        with transaction.atomic():
            _arrive(runs)
            judge_project(project.pk)
            at_once = _outcome(project)
            transaction.set_rollback(True)
        for index in order:
            _arrive([runs[index]])
            judge_project(project.pk)
        one_by_one = _outcome(project)
        transaction.set_rollback(True)
    assert one_by_one == at_once


def _world(shares: list[tuple[float, float, float]]) -> tuple[Project, list[Run]]:
    """A project with requirements of every kind, and runs that are still on their way."""
    project = make_project()
    truth = make_file(project, sha256="f" * 64)
    prices = ValueFields(currency="EUR", volume_per_year=1_000, hit=10, false_alarm=4)
    set_value_case(project=project, user=project.created_by, fields=prices)
    asked = (NOW - timedelta(days=20)).date()
    for target in (
        {"metric": "accuracy", "limit": 0.5},
        {"metric": "accuracy", "limit": 0.6, "file": truth},
        {"metric": "recall", "limit": 0.6},
        {"metric": "precision", "limit": 0.6},
        {"metric": "accuracy", "limit": 0.4, "slice_column": "country", "every_slice": True},
        {"metric": "accuracy", "limit": 0.5, "max_age_days": 4},
        {"metric": "value_per_year", "limit": 1_500.0},
    ):
        wish(project, asked_on=asked, **target)
    runs = []
    for index, (accuracy, recall, other) in enumerate(shares):
        run = _run(project, index, accuracy, recall, other, truth if index % 2 else None)
        Job.objects.filter(pk=run.job_id).update(state=State.RUNNING)
        runs.append(run)
    return project, runs


def _run(project: Project, index: int, accuracy: float, recall: float, other: float, truth: Any) -> Run:
    def estimate(key: str, share: float, n: int) -> Any:
        return metric(key, share, max(0.0, share - 0.04), min(1.0, share + 0.04), n)

    tp, fp = round(recall * 100), round(other * 100)
    cells = (100 - fp, fp, 100 - tp, tp)
    slices = tuple(
        SliceResult(("country",), (name,), 50, (estimate("accuracy", share, 50),))
        for name, share in (("DE", recall), ("FR", other))
    )
    result = result_of(
        estimate("accuracy", accuracy, 200),
        estimate("recall", recall, 100),
        estimate("precision", tp / (tp + fp), 100),
        threshold=0.5,
        slices=slices,
        tables={
            "confusion": Table({"truth": list("0011"), "predicted": list("0101"), "n": list(cells)}),
            "threshold_sweep": swept((0.0, 0, 100, 0, 100), (0.5, *cells), (1.0, 100, 0, 100, 0)),
        },
    )
    file = make_file(project, sha256=f"{RUNS - index}" * 64)
    evaluated_at: datetime = NOW - timedelta(days=DAYS_AGO[index])
    return finished_run(project, result, file=file, truth=truth, evaluated_at=evaluated_at)


def _arrive(runs: list[Run]) -> None:
    Job.objects.filter(run__in=runs).update(state=State.SUCCEEDED)


def _outcome(project: Project) -> tuple[list[Any], list[Any]]:
    """Everything that a verdict says but since when, and the conflicts."""
    verdicts = Verdict.objects.filter(project=project, until=None).order_by("requirement__number")
    conflicts = Conflict.objects.filter(project=project, gone_at=None)
    named = conflicts.order_by("kind", "first__number", "second__number")
    return list(verdicts.values(*FIELDS)), list(
        named.values_list("kind", "first__number", "second__number", "reason")
    )
