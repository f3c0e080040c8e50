"""What may be said about a monitor, and what its changes bring about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.compute.monitoring.rhythm import Window
from apps.compute.roles import ColumnRole, Role
from apps.drift.services import Source
from apps.evaluations.models import ModelVersion
from apps.jobs.models import Job
from apps.monitoring.models import Batch, Monitor, WatchedModel
from apps.monitoring.scheduling import EVALUATE_TASK
from apps.monitoring.services.about import MonitorAbout, WatchedAbout
from apps.monitoring.services.monitors import (
    add_monitor,
    archive_monitor,
    change_monitor,
    pause_monitor,
    resume_monitor,
    stop_watching,
    watch_model,
)
from apps.monitoring.windows import is_paused_in
from apps.projects.models import Project
from apps.projects.models import Role as ProjectRole
from tests.factories import make_file, make_member, make_model_version, make_project, make_user
from tests.monitoring.conftest import PREDICTED, ROLES, START

pytestmark = pytest.mark.django_db
Part = WatchedModel.Part
ID, TRUTH = ColumnRole(Role.ID), ColumnRole(Role.TARGET)
LATER = START + timedelta(days=10)


@pytest.fixture
def version(project: Project) -> ModelVersion:
    """A version that is not watched yet."""
    return make_model_version(project, "2")


def parts(monitor: Monitor) -> list[tuple[str, str]]:
    """Version and part of all that are watched now."""
    return [(held.version.label, held.part) for held in monitor.models.filter(until=None)]


def test_defaults_come_from_task_and_reference(monitor: Monitor) -> None:
    assert (monitor.number, monitor.watch_metric) == (1, "accuracy")
    assert set(monitor.roles) >= set(ROLES)
    assert not set(monitor.roles) & set(PREDICTED)
    [champion] = monitor.models.all()
    assert set(champion.roles) == set(PREDICTED)
    assert (champion.part, champion.since, champion.until) == (Part.CHAMPION, START, None)


@pytest.mark.parametrize(
    ("said", "code", "sentence"),
    [
        ({"name": " "}, "empty_text", "name"),
        ({"name": "x" * 121}, "text_too_long", "120"),
        ({"task": "clustering"}, "unknown_choice", "clustering"),
        ({"unit": "weeks"}, "unknown_choice", "weeks"),
        ({"zone": "Mars/Olympus"}, "unknown_zone", "Mars/Olympus"),
        ({"weekdays": []}, "no_weekdays", "No day of the week"),
        ({"every": 0}, "rhythm_out_of_range", "1"),
        ({"holidays": [date(1997, 1, 1)] * 367}, "too_many_holidays", "367 holidays .* 366 at most"),
        ({"ends_at": START}, "ends_before_start", "ends before the first one starts"),
        ({"watch_metric": "rmse"}, "metric_does_not_fit", "“rmse” .* one of: .*accuracy"),
        ({"false_alarms": 0.9}, "number_too_large", "0.5"),
        ({"smallest_drop": 0.0}, "number_too_small", "0.0001"),
        ({"retention_days": 0}, "number_too_small", "1"),
        ({"live_windows": None}, "no_number", "windows"),
        ({"roles": {"z": ID}}, "missing_column", "no column “z”"),
        ({"roles": {"y_true": TRUTH}}, "no_id_column", "row id"),
        ({"roles": {"id": ID}}, "no_target_column", "role of the truth"),
        ({"roles": {"y_pred": ColumnRole(Role.PREDICTION)}}, "role_of_other_place", "“y_pred”"),
        ({"roles": {"id": ID, "y_pred": ID}}, "doubled_role", "The second is “y_pred”"),
    ],
)
def test_what_cannot_be(
    project: Project, owner: User, about: MonitorAbout, said: dict[str, Any], code: str, sentence: str
) -> None:
    champion = WatchedAbout(version=make_model_version(project))
    with pytest.raises(InputRejected, match=sentence) as caught:
        add_monitor(project=project, user=owner, about=replace(about, **said), models=[champion])
    assert caught.value.code == code
    assert not Monitor.objects.exists()


def test_a_change_is_held_to_the_same(monitor: Monitor, owner: User) -> None:
    about = MonitorAbout.of(monitor)
    other = add_monitor(
        project=monitor.project,
        user=owner,
        about=replace(about, name="Demand"),
        models=[WatchedAbout(version=make_model_version(monitor.project))],
    )
    assert other.number == 2
    with pytest.raises(InputRejected, match="a monitor “Prices” already"):
        change_monitor(monitor=other, user=owner, about=replace(about, name=" Prices "))
    with pytest.raises(InputRejected, match="no column “z”"):
        change_monitor(monitor=other, user=owner, about=replace(about, name="Demand", roles={"z": ID}))
    other.refresh_from_db()
    assert other.name == "Demand"


def test_what_is_chosen_is_of_the_project(
    project: Project, owner: User, about: MonitorAbout, version: ModelVersion
) -> None:
    foreign = make_project()
    champion = WatchedAbout(version=version)
    baseline = WatchedAbout(version=version, part=Part.BASELINE)
    unread = make_file(foreign)
    said: dict[str, Any] = {"project": project, "user": owner}
    for models, changed, code in (
        ([WatchedAbout(version=make_model_version(foreign))], {}, "of_other_project"),
        ([], {}, "one_champion"),
        ([champion, champion], {}, "one_champion"),
        ([champion, baseline, baseline], {}, "one_baseline"),
        ([champion, WatchedAbout(version=version, part="spectator")], {}, "unknown_choice"),
        ([champion], {"owners": [owner, make_user()]}, "owner_no_member"),
        ([champion], {"reference": Source(unread)}, "file_of_other_project"),
    ):
        with pytest.raises(InputRejected) as caught:
            add_monitor(about=replace(about, **changed), models=models, **said)
        assert caught.value.code == code
    assert not Monitor.objects.exists()


def test_a_change_of_the_reference_is_learned_anew(monitor: Monitor, owner: User) -> None:
    Monitor.objects.update(learned={"1": None})
    about = MonitorAbout.of(monitor)
    renamed = change_monitor(monitor=monitor, user=owner, about=replace(about, name="Power"))
    assert (renamed.name, renamed.learned) == ("Power", {"1": None})
    assert change_monitor(monitor=monitor, user=owner, about=replace(about, positive="1")).learned == {}


def test_nothing_was_expected_in_a_pause(monitor: Monitor, owner: User) -> None:
    pause_monitor(monitor=monitor, user=owner)
    paused = resume_monitor(monitor=monitor, user=owner)
    [[start, end]] = paused.pauses
    assert is_paused_in(paused, Window(datetime.fromisoformat(start), datetime.fromisoformat(end)))
    assert not is_paused_in(paused, Window(START, START + timedelta(days=1)))


def test_a_new_champion_follows_the_one_before(monitor: Monitor, owner: User, version: ModelVersion) -> None:
    first = monitor.models.get()
    said: dict[str, Any] = {"monitor": monitor, "user": owner, "part": Part.CHAMPION}
    second = watch_model(version=version, since=LATER, **said)
    first.refresh_from_db()
    assert (first.until, second.since, second.until) == (LATER, LATER, None)
    assert parts(monitor) == [("2", Part.CHAMPION)]
    with pytest.raises(InputRejected, match=r"since 1996-08-29T00:00.*comes after it"):
        watch_model(version=make_model_version(monitor.project, "3"), since=LATER, **said)
    with pytest.raises(InputRejected, match="always has a champion"):
        stop_watching(watched=second, user=owner)


def test_challengers_stand_beside_each_other_and_one_baseline(
    monitor: Monitor, owner: User, version: ModelVersion
) -> None:
    said: dict[str, Any] = {"monitor": monitor, "user": owner}
    third = make_model_version(monitor.project, "3")
    challengers = [watch_model(part=Part.CHALLENGER, version=each, **said) for each in (version, third)]
    watch_model(part=Part.BASELINE, version=version, since=LATER, **said)
    watch_model(part=Part.BASELINE, version=third, **said)
    stopped = stop_watching(watched=challengers[0], user=owner)
    assert stopped.until is not None
    assert stop_watching(watched=stopped, user=owner).until == stopped.until
    assert parts(monitor) == [("1", Part.CHAMPION), ("3", Part.CHALLENGER), ("3", Part.BASELINE)]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"part": "spectator"}, "spectator"),
        ({"roles": {"y_pred": ColumnRole(Role.TARGET)}}, "“y_pred” has the role"),
        ({"roles": {"proba_2": ColumnRole(Role.PROBABILITY, "2")}}, "no column “proba_2”"),
        ({"roles": {"nswprice": ColumnRole(Role.INTERVAL_LOW)}}, "No column holds what the model predicts"),
        ({"since": datetime(2198, 1, 1)}, "from now on or earlier"),
    ],
)
def test_what_cannot_be_watched(
    monitor: Monitor, owner: User, version: ModelVersion, said: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InputRejected, match=sentence):
        watch_model(monitor=monitor, user=owner, version=version, **{"part": Part.CHALLENGER, **said})
    assert parts(monitor) == [("1", Part.CHAMPION)]


def test_nothing_is_watched_twice_or_of_another_project(
    monitor: Monitor, owner: User, version: ModelVersion
) -> None:
    said: dict[str, Any] = {"monitor": monitor, "user": owner, "part": Part.CHALLENGER}
    watch_model(version=version, **said)
    with pytest.raises(InputRejected, match="watched in this part already"):
        watch_model(version=version, **said)
    with pytest.raises(InputRejected) as caught:
        watch_model(version=make_model_version(make_project()), **said)
    assert caught.value.code == "of_other_project"


def test_labelled_batches_are_evaluated_for_a_new_model(
    monitor: Monitor, owner: User, version: ModelVersion, send: Callable[..., Batch]
) -> None:
    before, labelled, _unlabelled = (send(day) for day in (0, 11, 12))
    Batch.objects.filter(pk__in=[before.pk, labelled.pk]).update(labels_ticket=3, evaluated_ticket=3)
    watch_model(monitor=monitor, user=owner, version=version, part=Part.CHALLENGER, since=LATER)
    assert list(Batch.objects.order_by("start").values_list("labels_ticket", flat=True)) == [3, 4, 0]
    assert Job.objects.filter(task=EVALUATE_TASK).count() == 1


def test_nothing_in_an_archived_monitor_changes(
    monitor: Monitor, owner: User, about: MonitorAbout, version: ModelVersion
) -> None:
    archive_monitor(monitor=monitor, user=owner)
    archived = archive_monitor(monitor=monitor, user=owner)
    assert archived.archived_at is not None
    said: dict[str, Any] = {"monitor": monitor, "user": owner}
    for change in (
        lambda: change_monitor(about=about, **said),
        lambda: pause_monitor(**said),
        lambda: resume_monitor(**said),
        lambda: watch_model(version=version, part=Part.CHALLENGER, **said),
        lambda: stop_watching(watched=monitor.models.get(), user=owner),
    ):
        with pytest.raises(InputRejected, match="“Prices” is archived"):
            change()


def test_who_may_what(monitor: Monitor, project: Project, about: MonitorAbout, version: ModelVersion) -> None:
    viewer, engineer = (make_member(project, role) for role in (ProjectRole.VIEWER, ProjectRole.ENGINEER))
    watched: dict[str, Any] = {"monitor": monitor, "version": version, "part": Part.CHALLENGER}
    changes: list[Callable[[User], object]] = [
        lambda user: change_monitor(monitor=monitor, user=user, about=about),
        lambda user: pause_monitor(monitor=monitor, user=user),
        lambda user: resume_monitor(monitor=monitor, user=user),
        lambda user: watch_model(user=user, **watched),
        lambda user: stop_watching(watched=monitor.models.get(part=Part.CHALLENGER), user=user),
    ]
    for change in changes[:4]:
        for user in (viewer, make_user()):
            with pytest.raises(PermissionDenied):
                change(user)
    for change in changes:
        change(engineer)
    with pytest.raises(PermissionDenied):
        stop_watching(watched=monitor.models.get(part=Part.CHALLENGER), user=viewer)
    with pytest.raises(PermissionDenied):
        archive_monitor(monitor=monitor, user=engineer)
    archive_monitor(monitor=monitor, user=make_member(project, ProjectRole.MANAGER))
