"""How champions aged: which windows count, and how old their versions were."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from apps.monitoring.aging import aged_points, aged_series
from apps.monitoring.models import Batch, LiveMetric, Monitor, WatchedModel
from tests.factories import make_batch, make_model_version, make_monitor, make_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor() -> Monitor:
    return make_monitor(make_project(), smallest_drop=0.03)


def measure(batch: Batch, value: float | None, watched: WatchedModel, **fields: Any) -> LiveMetric:
    bounds = {"low": None, "high": None} if value is None else {"low": value - 0.02, "high": value + 0.02}
    fields = {"metric": "accuracy", "n": 1_000, **bounds, **fields}
    return LiveMetric.objects.create(
        batch=batch, monitor=batch.monitor, watched=watched, start=batch.start, value=value, **fields
    )


def live(monitor: Monitor, days: int, slope: float = 0.001) -> None:
    """A champion that loses ``slope`` a day, replaced after half of the days."""
    first = monitor.models.get()
    half = monitor.starts_at + timedelta(days=days // 2)
    WatchedModel.objects.filter(pk=first.pk).update(until=half)
    second = WatchedModel.objects.create(
        monitor=monitor, version=make_model_version(monitor.project, "2"), roles=first.roles, since=half
    )
    noise = np.random.default_rng(5).normal(0, 0.002, days).tolist()
    for day in range(days):
        batch = make_batch(monitor, day, rows=1_000, labelled=1_000)
        watched = first if batch.start < half else second
        age = (batch.start - watched.since).days
        measure(batch, 0.9 - slope * age + noise[day], watched)


def test_without_labels_nothing_is_known(monitor: Monitor) -> None:
    assert aged_series(monitor) is None


def test_ages_are_days_since_the_version_went_live(monitor: Monitor) -> None:
    live(monitor, 40)
    points = aged_points(monitor)
    assert [point.age for point in points] == [*range(20), *range(20)]
    assert [point.version for point in points] == ["Model ml 1"] * 20 + ["Model ml 2"] * 20


def test_windows_that_say_nothing_are_left_out(monitor: Monitor) -> None:
    champion = monitor.models.get()
    good = make_batch(monitor, 0, rows=100, labelled=100)
    measure(good, 0.9, champion)
    measure(good, 0.8, champion, slice_column="shop", slice_value="north")
    measure(good, 0.7, champion, estimated=True)
    measure(make_batch(monitor, 1, rows=100, labelled=10), 0.6, champion)
    measure(make_batch(monitor, 2, rows=100, labelled=100), None, champion)
    replaced = make_batch(monitor, 3, rows=100, labelled=100, replaced_at=monitor.starts_at)
    measure(replaced, 0.5, champion)
    challenger = WatchedModel.objects.create(
        monitor=monitor,
        version=make_model_version(monitor.project, "2"),
        part="challenger",
        since=monitor.starts_at,
    )
    measure(good, 0.4, challenger)
    points = aged_points(monitor)
    assert [point.value for point in points] == [0.9]


def test_a_version_that_came_back_ages_anew(monitor: Monitor) -> None:
    first = monitor.models.get()
    back = monitor.starts_at + timedelta(days=10)
    WatchedModel.objects.filter(pk=first.pk).update(until=back)
    again = WatchedModel.objects.create(monitor=monitor, version=first.version, since=back)
    measure(make_batch(monitor, 1, rows=100, labelled=100), 0.9, first)
    measure(make_batch(monitor, 12, rows=100, labelled=100), 0.8, again)
    points = aged_points(monitor)
    assert [(point.version, point.age) for point in points] == [
        ("Model ml 1 (2026-01-05)", 1.0),
        ("Model ml 1 (2026-01-15)", 2.0),
    ]


def test_a_metric_without_better_and_worse_does_not_age(monitor: Monitor) -> None:
    live(monitor, 4)
    Monitor.objects.update(watch_metric="prevalence")
    assert aged_series(Monitor.objects.get()) is None
