"""What the life cycle of models means for monitors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.accounts.models import User
from apps.evaluations.models import Model
from apps.jobs.models import Job
from apps.monitoring import checking
from apps.monitoring.models import Batch, Monitor, WatchedModel
from apps.monitoring.scheduling import EVALUATE_TASK
from apps.monitoring.services.monitors import archive_monitor, hand_over
from apps.projects.models import Project
from apps.releases.models import Stage
from tests.factories import make_model_version, make_monitor
from tests.monitoring.conftest import START, of_day
from tests.releases.world import make_champion, move

pytestmark = pytest.mark.django_db


def champions(monitor: Monitor) -> list[tuple[str, bool]]:
    """Who was watched as the champion, and whether until now."""
    held = monitor.models.filter(part=WatchedModel.Part.CHAMPION).select_related("version")
    return [(each.version.label, each.until is None) for each in held]


def test_monitors_follow_the_champion_of_their_model(project: Project) -> None:
    first, other = make_monitor(project), make_monitor(project)
    another = WatchedModel.objects.get(monitor=other)
    another.version = make_model_version(project, "1", kind=Model.Kind.BASELINE)
    another.save()
    make_champion(make_model_version(project, "1"))  # which is watched already
    assert champions(first) == [("1", True)]
    change = make_champion(make_model_version(project, "2"))
    assert champions(first) == [("1", False), ("2", True)]
    old, new = first.models.order_by("pk")
    assert (old.until, new.since, new.roles) == (change.at, change.at, old.roles)
    assert champions(other) == [("1", True)]
    move(make_model_version(project, "2"), Stage.RETIRED)
    assert champions(first) == [("1", False), ("2", True)]


def test_what_is_over_stays_as_it_was(project: Project) -> None:
    ended, archived = make_monitor(project), make_monitor(project)
    Monitor.objects.filter(pk=ended.pk).update(ends_at=START)
    archive_monitor(monitor=archived, user=project.created_by)
    make_champion(make_model_version(project, "2"))
    assert [champions(monitor) for monitor in (ended, archived)] == [[("1", True)]] * 2


def test_a_paused_monitor_follows_too(project: Project) -> None:
    paused = make_monitor(project)
    Monitor.objects.filter(pk=paused.pk).update(paused_at=START)
    make_champion(make_model_version(project, "2"))
    assert champions(paused) == [("1", False), ("2", True)]


def test_told_twice_it_hands_over_once(
    monitor: Monitor,
    owner: User,
    project: Project,
    send: Callable[..., Batch],
    finish: Callable[[Any, Any], None],
) -> None:
    """Also a moment before the monitor watched anything is told: the place is taken from its start on."""
    finish(batch := send(0, of_day(0)), checking.run_check)
    Job.objects.filter(task=EVALUATE_TASK).update(state="succeeded")
    successor, jobs = make_model_version(project, "2"), Job.objects.filter(task=EVALUATE_TASK)
    for _again in range(2):
        hand_over(monitor=monitor, version=successor, user=owner, at=START)
    ticket = batch.labels_ticket
    batch.refresh_from_db()
    assert (champions(monitor), batch.labels_ticket) == ([("1", False), ("2", True)], ticket + 1)
    assert jobs.filter(state="queued").count() == 1
