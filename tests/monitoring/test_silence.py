"""A batch that does not come is an alarm by itself, and one alarm only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.jobs.models import State
from apps.monitoring.judging import watching
from apps.monitoring.models import Batch, Monitor
from tests.factories import make_file, make_job, make_monitor, make_project
from tests.monitoring.judged import at, checked, happened, open_alerts, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def monitor() -> Monitor:
    return make_monitor(make_project())


def test_silence_is_due_after_the_grace(monitor: Monitor) -> None:
    checked(monitor, 0)
    stand(monitor, at(1))
    assert monitor.due_at == at(2, 1)
    stand(monitor, at(2, 0.9))
    assert open_alerts(monitor) == {}
    stand(monitor, at(2, 1))
    alert = open_alerts(monitor)["silence"]
    assert (alert.severity, alert.first_at, alert.times) == ("bad", at(1, 0), 1)
    stand(monitor, at(4))
    alert.refresh_from_db()
    assert (alert.first_at, alert.last_at, alert.times) == (at(1, 0), at(3, 0), 3)
    checked(monitor, 3)
    stand(monitor, at(4))
    assert open_alerts(monitor) == {}
    assert happened(alert) == ["opened", "resolved"]


def test_one_alert_after_two_days_without_scheduler() -> None:
    hour = timezone.now().replace(minute=0, second=0, microsecond=0)
    monitor = make_monitor(make_project(), unit="hours", starts_at=hour - timedelta(days=4))
    for number in range(48):
        start = monitor.starts_at + timedelta(hours=number)
        checked(monitor, start=start, end=start + timedelta(hours=1))
    stand(monitor, hour - timedelta(days=2))
    assert open_alerts(monitor) == {}
    watching.watch()
    watching.watch()
    alert = monitor.alerts.get()
    assert alert.kind == "silence"
    assert alert.times in (46, 47, 48)
    assert monitor.pk not in watching.due_monitors()


def test_one_broken_monitor_does_not_stop_the_others(monitor: Monitor) -> None:
    broken = make_monitor(monitor.project, zone="Nowhere/Land")
    assert broken.judged_at is None
    watching.watch()
    for each in (monitor, broken):
        each.refresh_from_db()
    assert (monitor.judged_at is None, broken.judged_at is None) == (False, True)


def test_a_lost_message_is_found(monitor: Monitor) -> None:
    monitor.ends_at = at(1, 0)
    monitor.save()
    stand(monitor)
    assert watching.due_monitors() == []
    batch = checked(monitor, 0)
    assert watching.due_monitors() == [monitor.pk]
    watching.watch()
    assert watching.due_monitors() == []
    Monitor.objects.update(pooled_at=timezone.now())
    assert watching.due_monitors() == [monitor.pk]
    assert watching.unevaluated() == []
    Batch.objects.filter(pk=batch.pk).update(labels_ticket=1)
    assert watching.unevaluated() == [], "without its file it cannot be measured"
    Batch.objects.filter(pk=batch.pk).update(file=make_file(monitor.project), rows=10)
    assert watching.unevaluated() == [monitor]
    watching.watch()
    assert watching.unevaluated() == []
    monitor.refresh_from_db()
    assert monitor.evaluation_job is not None


def test_no_silence_after_the_end(monitor: Monitor) -> None:
    monitor.ends_at = at(2, 0)
    monitor.save()
    for day in range(2):
        checked(monitor, day)
    standing = stand(monitor)
    assert (standing.at_all.state, standing.expected, monitor.due_at) == ("ok", 2, None)


def test_nothing_is_expected_in_a_pause(monitor: Monitor) -> None:
    checked(monitor, 0)
    monitor.pauses = [[at(1, 0).isoformat(), at(4, 0).isoformat()]]
    monitor.save()
    standing = stand(monitor, at(4))
    assert (standing.at_all.state, standing.expected) == ("ok", 1)


def test_the_day_on_which_the_clocks_change() -> None:
    """In Berlin 29 March 2026 has 23 hours: from 23:00 to 22:00 UTC."""
    monitor = make_monitor(
        make_project(), zone="Europe/Berlin", starts_at=datetime(2026, 3, 27, 23, tzinfo=UTC)
    )
    checked(monitor, start=datetime(2026, 3, 27, 23, tzinfo=UTC), end=datetime(2026, 3, 28, 23, tzinfo=UTC))
    checked(monitor, start=datetime(2026, 3, 28, 23, tzinfo=UTC), end=datetime(2026, 3, 29, 22, tzinfo=UTC))
    standing = stand(monitor, datetime(2026, 3, 29, 23, tzinfo=UTC))
    assert (standing.expected, standing.arrived) == (2, 2)
    stand(monitor, datetime(2026, 3, 30, 22, 59, tzinfo=UTC))
    assert open_alerts(monitor) == {}
    stand(monitor, datetime(2026, 3, 30, 23, tzinfo=UTC))
    assert open_alerts(monitor)["silence"].first_at == datetime(2026, 3, 29, 22, tzinfo=UTC)


def test_a_monitor_that_was_archived_is_judged_once_more(monitor: Monitor) -> None:
    stand(monitor)
    Monitor.objects.update(judged_at=timezone.now(), due_at=None)
    assert watching.due_monitors() == []
    Monitor.objects.update(archived_at=timezone.now())
    assert watching.due_monitors() == [monitor.pk]
    watching.watch()
    assert watching.due_monitors() == []


def test_metrics_that_could_not_be_computed_are_told(monitor: Monitor) -> None:
    checked(monitor, 0)
    job = make_job(monitor.project, state=State.FAILED, finished_at=timezone.now())
    Monitor.objects.filter(pk=monitor.pk).update(evaluation_job=job)
    stand(monitor)
    monitor.refresh_from_db()
    assert monitor.alerts.filter(cause="failure:metrics", resolved_at=None).exists()
    Monitor.objects.filter(pk=monitor.pk).update(evaluation_job=None)
    stand(monitor)
    assert not monitor.alerts.filter(cause="failure:metrics", resolved_at=None).exists()
