"""Alerts: one for each cause, seen again, explained by one another, ended by themselves and by people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.monitoring.models import Alert, Batch, Monitor
from apps.monitoring.services import alerts as services
from apps.notifications.models import Delivery
from apps.projects.models import Role
from tests.factories import make_member, make_monitor, make_project
from tests.monitoring.judged import at, checked, finding, happened, open_alerts, pool, stand, watch_baseline
from tests.requirements.making import metric, wish

pytestmark = pytest.mark.django_db
SCHEMA = finding("schema", "price")


@pytest.fixture
def monitor() -> Monitor:
    return make_monitor(make_project())


def told(monitor: Monitor) -> list[str]:
    """Kinds of the events that were queued for the owner, in order."""
    rows = Delivery.objects.filter(project=monitor.project, person__isnull=False).order_by("pk")
    return [row.event["kind"] for row in rows]


def test_one_alert_for_one_cause(monitor: Monitor) -> None:
    for day in range(3):
        checked(monitor, day, SCHEMA)
        stand(monitor, at(day + 1))
        stand(monitor, at(day + 1))
    alert = monitor.alerts.get()
    assert (alert.kind, alert.severity, alert.times) == ("schema", "bad", 3)
    assert (alert.first_at, alert.last_at) == (at(0, 0), at(2, 0))
    assert happened(alert) == ["opened"]
    assert told(monitor) == ["alert.opened"]


def test_it_ends_by_itself(monitor: Monitor) -> None:
    checked(monitor, 0, SCHEMA)
    stand(monitor, at(1))
    checked(monitor, 1)
    stand(monitor, at(2))
    alert = monitor.alerts.get()
    assert (alert.resolved_at, alert.resolved_by) == (at(2), None)
    assert happened(alert) == ["opened", "resolved"]


def test_a_correction_takes_it_away(monitor: Monitor) -> None:
    batch = checked(monitor, 0, SCHEMA)
    stand(monitor, at(1))
    Batch.objects.filter(pk=batch.pk).update(replaced_at=timezone.now())
    checked(monitor, 0)
    stand(monitor, at(1))
    assert open_alerts(monitor) == {}


def test_a_late_batch_of_an_older_window_opens_nothing(monitor: Monitor) -> None:
    checked(monitor, 1)
    checked(monitor, 0, SCHEMA)
    stand(monitor, at(2))
    assert open_alerts(monitor) == {}


def test_a_warning_that_becomes_a_failure_is_told_again(monitor: Monitor) -> None:
    checked(monitor, 0, finding("schema", "price", "warn"))
    stand(monitor, at(1))
    services.acknowledge(alert=monitor.alerts.get(), user=monitor.created_by)
    checked(monitor, 1, SCHEMA)
    stand(monitor, at(2))
    alert = monitor.alerts.get()
    assert alert.severity == "bad"
    assert alert.acknowledged_by == monitor.created_by
    assert set(happened(alert)) == {"opened", "acknowledged", "worse"}
    assert told(monitor) == ["alert.opened", "alert.worse"]


def test_what_another_alert_explains_is_not_told_apart(monitor: Monitor) -> None:
    wish(monitor.project)
    checked(monitor, 0, SCHEMA, finding("missing", "price", "warn"), finding("missing", "other", "warn"))
    pool(monitor, metric("accuracy", 0.5, 0.48, 0.52))
    stand(monitor, at(1))
    found = open_alerts(monitor)
    parents = {cause: alert.parent and alert.parent.cause for cause, alert in found.items()}
    requirement = next(cause for cause in found if cause.startswith("requirement:"))
    assert parents == {
        "schema:price": None,
        "missing:price": "schema:price",
        "missing:other": None,
        requirement: "schema:price",
    }
    assert told(monitor) == ["alert.opened", "alert.opened"]
    checked(monitor, 1)  # the columns are back, and the requirement is still refuted
    stand(monitor, at(2))
    assert open_alerts(monitor)[requirement].parent is None


def test_refuted_requirements_and_a_baseline_that_wins(monitor: Monitor) -> None:
    watch_baseline(monitor)
    must = wish(monitor.project)
    could = wish(monitor.project, limit=0.6, priority="could")
    slow = wish(monitor.project, metric="latency_p90", comparison="at_most", limit=100)
    checked(monitor)
    pool(
        monitor,
        metric("accuracy", 0.5, 0.48, 0.52),
        metric("latency_p90", 150, 140, 160),
        gain=(-0.1, -0.15, -0.05),
    )
    stand(monitor, at(1))
    assert {cause: (a.kind, a.severity) for cause, a in open_alerts(monitor).items()} == {
        f"requirement:{must.pk}": ("requirement", "bad"),
        f"requirement:{could.pk}": ("requirement", "warn"),
        f"requirement:{slow.pk}": ("latency", "bad"),
        "baseline": ("baseline", "bad"),
    }


@pytest.mark.parametrize(
    ("drift", "since"),
    [
        ([{}, {}, {"a": 2.0}], None),  # one window may be chance
        ([{}, {"a": 2.0}, {"a": 2.0}], 1),
        ([{"a": 2.0}, {}, {"a": 2.0}], 0),
        ([{"a": 2.0}, {"a": 2.0}, {}], None),  # it is over
        ([{}, {"b": 2.0}, {"a": 2.0}], None),  # another column
        ([{}, {}, {"a": 12.0}], 2),  # far beyond its limit
        ([{}, {}, {"a": 10.0}], None),  # as far as p-values go
    ],
)
def test_since_when_a_column_drifts(
    monitor: Monitor, drift: list[dict[str, float]], since: int | None
) -> None:
    for day, columns in enumerate(drift):
        checked(monitor, day, drift=columns)
    stand(monitor, at(len(drift)))
    found = open_alerts(monitor).get("drift")
    assert (found and found.first_at) == (None if since is None else at(since, 0))


def test_labels_that_do_not_come(monitor: Monitor) -> None:
    monitor.label_delay_hours = 24
    monitor.save()
    for day in range(3):
        checked(monitor, day, labelled=100 if day == 0 else 0)
    stand(monitor, at(3))
    alert = open_alerts(monitor)["labels"]
    assert (alert.severity, alert.first_at, alert.times) == ("warn", at(1, 0), 1)
    Batch.objects.update(labelled=100)
    stand(monitor, at(3))
    assert open_alerts(monitor) == {}


def test_a_snooze_keeps_quiet_until_it_ends(monitor: Monitor) -> None:
    checked(monitor, 0, finding("schema", "price", "warn"))
    stand(monitor, at(1))
    alert = monitor.alerts.get()
    until = timezone.now() + timedelta(hours=1)
    services.snooze(alert=alert, user=monitor.created_by, until=until)
    Batch.objects.update(end=until + timedelta(days=1))  # no silence meanwhile
    checked_bad = checked(monitor, 1, SCHEMA, end=until + timedelta(days=1))
    stand(monitor, timezone.now())
    assert told(monitor) == ["alert.opened"]
    assert checked_bad.pk == Alert.objects.get(pk=alert.pk).batch_id
    stand(monitor, until)
    assert told(monitor) == ["alert.opened", "alert.opened"]
    assert "woken" in happened(alert)


def test_what_a_person_resolved_opens_anew_with_a_new_window(monitor: Monitor) -> None:
    checked(monitor, 0, SCHEMA)
    stand(monitor, at(1))
    alert = services.resolve(alert=monitor.alerts.get(), user=monitor.created_by, note="Known.")
    assert alert.resolved_by == monitor.created_by
    stand(monitor, at(1))
    assert open_alerts(monitor) == {}
    checked(monitor, 1, SCHEMA)
    stand(monitor, at(2))
    assert open_alerts(monitor)["schema:price"].number == alert.number + 1


def test_numbers_go_through_the_project(monitor: Monitor) -> None:
    for each in (monitor, make_monitor(monitor.project)):
        checked(each, 0, SCHEMA)
        stand(each, at(1))
    assert sorted(Alert.objects.values_list("number", flat=True)) == [1, 2]


def test_who_may_do_what(monitor: Monitor) -> None:
    checked(monitor, 0, SCHEMA)
    stand(monitor, at(1))
    alert = monitor.alerts.get()
    viewer, engineer = (make_member(monitor.project, role) for role in (Role.VIEWER, Role.ENGINEER))
    with pytest.raises(PermissionDenied):
        services.acknowledge(alert=alert, user=viewer)
    with pytest.raises(InputRejected, match="Give a later time"):
        services.snooze(alert=alert, user=engineer, until=timezone.now())
    services.resolve(alert=alert, user=engineer)
    for act in (services.acknowledge, services.resolve):
        with pytest.raises(InputRejected, match="is over since"):
            act(alert=alert, user=engineer)
    services.add_note(alert=alert, user=engineer, note="It was the export.")
    with pytest.raises(InputRejected, match="The note is empty"):
        services.add_note(alert=alert, user=engineer, note=" ")
    assert set(happened(alert)) == {"opened", "resolved", "note"}
