"""Judging: from rows alone, the same again, and at a cost that does not grow."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.compute.results import SliceResult
from apps.evaluations.models import Run
from apps.evaluations.signals import run_finished
from apps.monitoring.judging.judge import judge
from apps.monitoring.judging.standing import Standing
from apps.monitoring.models import Alert, AlertEvent, Batch, LiveMetric, Monitor
from tests.factories import make_job, make_monitor, make_project
from tests.monitoring.judged import at, checked, finding, measure, pool, stand
from tests.requirements.making import finished_run, metric, result_of, verdict, wish

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor() -> Monitor:
    return make_monitor(make_project(), live_windows=10)


def test_judging_again_changes_nothing(monitor: Monitor) -> None:
    measure(checked(monitor, 0, finding("schema", "price")), 0.9)
    wish(monitor.project)
    pool(monitor, metric("accuracy", 0.9, 0.88, 0.92))
    standing = stand(monitor, at(4))
    before = list(Alert.objects.values()), list(AlertEvent.objects.values())
    assert stand(monitor, at(4)) == standing
    assert (list(Alert.objects.values()), list(AlertEvent.objects.values())) == before
    assert Standing.from_json(standing.to_json()) == standing


def test_verdicts_are_those_of_the_requirements(monitor: Monitor) -> None:
    """One run and one pool with the same numbers: with Holm's correction the verdicts are the same."""
    numbers = (
        metric("accuracy", 0.83, 0.81, 0.85),
        metric("precision", 0.83, 0.805, 0.855),
        metric("recall", 0.7, 0.6, 0.79),
        metric("f1", 0.75, 0.72, 0.78),
    )
    parts = tuple(
        SliceResult(("town",), (town,), 100, (metric("accuracy", value, value - 0.05, value + 0.05),))
        for town, value in (("Lyon", 0.8), ("Nice", 0.7))
    )
    wishes = [wish(monitor.project, metric=m.key, limit=0.8) for m in numbers]
    wishes.append(wish(monitor.project, slice_column="town", every_slice=True, limit=0.76))
    checked(monitor)
    pool(monitor, *numbers, slices=parts)
    run = finished_run(monitor.project, result_of(*numbers, slices=parts))
    run_finished.send(sender=Run, run=run)
    live = {v.requirement_id: v for v in stand(monitor, at(1)).verdicts}
    for requirement in wishes:
        theirs, ours = verdict(requirement), live[requirement.pk]
        assert (ours.outcome, ours.slice_value, ours.n) == (theirs.state, theirs.slice_value, theirs.n)
        assert (ours.low, ours.high, ours.level) == pytest.approx((theirs.low, theirs.high, theirs.level))
    assert len({v.outcome for v in live.values()}) == 3


def many(monitor: Monitor, count: int) -> None:
    """Hourly batches with labels and their metric."""
    first = checked(monitor, drift={"a": 2.0})
    measured = measure(first, 0.9)
    jobs = [make_job(monitor.project, state="succeeded") for _each in range(count - 1)]
    batches = []
    for number, job in enumerate(jobs, 1):
        fields = {f.attname: getattr(first, f.attname) for f in Batch._meta.concrete_fields}
        fields |= {"id": None, "number": number + 1, "job_id": job.pk}
        fields |= {"start": at(0, number), "end": at(0, number + 1)}
        batches.append(Batch(**fields))
    Batch.objects.bulk_create(batches)
    rows = []
    for batch in batches:
        fields = {f.attname: getattr(measured, f.attname) for f in LiveMetric._meta.concrete_fields}
        fields |= {"id": None, "batch_id": batch.pk, "start": batch.start}
        rows.append(LiveMetric(**fields))
    LiveMetric.objects.bulk_create(rows)


def queries(monitor: Monitor, hours: int) -> int:
    judge(monitor.pk, at(0, hours))  # alerts are opened once
    with CaptureQueriesContext(
        connection,
    ) as caught:
        judge(monitor.pk, at(0, hours))
    return len(caught)


def test_queries_do_not_grow_with_batches(monitor: Monitor) -> None:
    Monitor.objects.update(unit="hours")
    other = make_monitor(monitor.project, unit="hours")
    many(monitor, 10)
    many(other, 1_000)
    few = queries(monitor, 10)
    began = time.perf_counter()
    assert queries(other, 1_000) == few
    assert time.perf_counter() - began < 5  # seconds, of two judgings on a busy machine
