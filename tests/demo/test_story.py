"""The demo is told by the services alone: what it shows is what a real worker computed."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date

import pytest
from django.utils import timezone

from apps.datasets.models import DatasetVersion, VersionDifference
from apps.demo.models import Replay, Staging
from apps.demo.services import load_demo, reset_demo
from apps.demo.story import STORIES
from apps.drift.models import ColumnDrift, DriftReport
from apps.evaluations.models import Comparison, Run
from apps.history.models import Change
from apps.jobs.models import UNFINISHED, Job, State
from apps.lifecycle.models import Decision, Phase, ScopeChange
from apps.monitoring.models import Monitor
from apps.projects.models import Project
from apps.releases.models import StageChange
from apps.requirements.models import Conflict, Requirement, Verdict
from tests.factories import make_project, make_user
from tests.portal import Running


def wait_for_the_second_acts(seconds: float = 240.0) -> None:
    deadline = time.monotonic() + seconds
    while Staging.objects.filter(finished_at=None).exists():
        assert time.monotonic() < deadline, list(
            Job.objects.exclude(state=State.SUCCEEDED).values_list("title", "state", "error")
        )
        time.sleep(0.5)


def test_the_demo_is_told(live_worker: Running) -> None:
    load_demo(user=make_user("Site admin", is_superuser=True))
    wait_for_the_second_acts()
    check_what_the_portal_made_of_it()
    check_golden_numbers()
    check_data_and_drift()


@pytest.mark.slow
def test_the_streams_of_the_demo_are_replayed(live_worker: Running) -> None:
    load_demo(user=make_user("Site admin", is_superuser=True))
    wait_for_the_second_acts()
    waiting = Job.objects.filter(demo_replay__isnull=False)
    deadline = time.monotonic() + 900
    while waiting.count() < 4 or waiting.filter(state__in=UNFINISHED).exists():
        assert time.monotonic() < deadline, list(waiting.values_list("title", "state", "progress"))
        time.sleep(1)
    assert set(waiting.values_list("state", flat=True)) == {State.SUCCEEDED}
    bikes = Monitor.objects.get(project__slug="bike-demand")
    assert bikes.batches.count() == 52
    assert bikes.at_all == "ok"
    assert bikes.alerts.filter(kind="worse").exists()
    assert Monitor.objects.get(project__slug="room-occupancy").alerts.filter(kind="silence").exists()
    games = Monitor.objects.get(project__slug="nba-forecasts")
    assert games.standing["labels_expected"], "the labels of the last weeks are still to come"
    prices = Monitor.objects.get(project__slug="power-price")
    assert prices.well == "bad", "the models do not beat the last label"


@pytest.mark.django_db
def test_the_demo_is_restored() -> None:
    admin = make_user("Site admin", is_superuser=True)
    stranger = make_project()
    assert load_demo(user=admin) == len(STORIES)
    spoilt = Requirement.objects.get(project__slug="power-price", number=1)
    Requirement.objects.filter(pk=spoilt.pk).update(withdrawn_at=timezone.now())
    assert reset_demo(user=admin) == len(STORIES)
    restored = Requirement.objects.get(project__slug="power-price", number=1)
    assert restored.pk != spoilt.pk
    assert restored.withdrawn_at is None
    trail = Change.objects.filter(table="requirements_requirement", object_id=str(spoilt.pk))
    assert [change.operation for change in trail.order_by("pk")] == ["INSERT", "UPDATE", "UPDATE", "DELETE"]
    assert Project.objects.filter(pk=stranger.pk).exists(), "only the demo is removed"
    assert load_demo(user=admin) == 0


def check_what_the_portal_made_of_it() -> None:
    assert Run.objects.filter(result=None).count() == 0
    assert Comparison.objects.filter(result=None).count() == 0
    states = Counter(Requirement.objects.values_list("state", flat=True))
    assert set(states) == {"confirmed", "refuted", "unverified", "contradicting"}
    kinds = set(Phase.objects.filter(closed_at=None).values_list("kind", flat=True))
    assert kinds == {"discovery", "delivery", "production"}
    assert Decision.objects.filter(outcome="stop").exists()
    assert set(Conflict.objects.filter(gone_at=None).values_list("kind", flat=True)) == {"evidence", "load"}
    overdue = Phase.objects.get(project__slug="power-price", closed_at=None)
    assert overdue.ends_on is not None
    assert overdue.ends_on < date.today()
    assert ScopeChange.objects.filter(kind="added", project__slug="income-screening").count() == 2
    assert Decision.objects.filter(state="in_force", second_person__isnull=False).exists()
    assert Decision.objects.filter(state="proposed").count() == 0


def check_golden_numbers() -> None:
    """Elec2's models are behind the last label, sentiment's behind the word list: golden accuracies."""
    price = Verdict.objects.get(project__slug="power-price", requirement__number=1, until=None)
    assert (price.state, price.value) == ("refuted", pytest.approx(0.683987119, abs=1e-8))
    reviews = Verdict.objects.get(project__slug="review-sentiment", requirement__number=1, until=None)
    assert (reviews.state, reviews.value) == ("refuted", pytest.approx(0.7075, abs=1e-9))


def check_data_and_drift(seconds: float = 120.0) -> None:
    """The feed from Victoria is dated to its day; the corrected labels are told from the given ones."""
    deadline = time.monotonic() + seconds
    while not Replay.objects.exists():  # the replays begin when all else is done
        assert time.monotonic() < deadline, list(Job.objects.values_list("title", "state"))
        time.sleep(0.5)
    live = StageChange.objects.filter(stage="champion").values_list("version__model__name", flat=True)
    assert set(live) == {"gradient boosting", "Elo forecasts"}
    assert DriftReport.objects.filter(result=None).count() == 0
    victoria = ColumnDrift.objects.filter(report__project__slug="power-price", name__startswith="vic")
    assert {(column.verdict, str(column.since.date())) for column in victoria if column.since} == {
        ("drift", "1997-05-05")
    }
    weekdays = ColumnDrift.objects.filter(report__project__slug="power-price", name="weekday")
    assert [column.verdict for column in weekdays] == ["none"]
    assert set(DatasetVersion.objects.values_list("state", flat=True)) == {"in_force"}
    difference = VersionDifference.objects.get()
    assert difference.result is not None
    assert (difference.result["changed"], difference.result["removed"]) == (18, 36)
