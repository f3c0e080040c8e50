"""Requests to the trainer, the order of answers, and what the times of trainings say."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from scipy.stats import binomtest

from apps.compute.messages import InputRejected
from apps.evaluations.models import Model, ModelVersion
from apps.notifications.models import Delivery
from apps.projects.models import Project, Role
from apps.releases.models import RetrainingRequest
from apps.releases.services import answer_retraining, request_retraining
from apps.releases.stages import versions_with_stage
from apps.releases.times import retraining_times
from tests.factories import make_member, make_model_version, make_project
from tests.releases.world import ago, name_trainer

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project(name="Demand")


@pytest.fixture
def model(project: Project) -> Model:
    return make_model_version(project).model


@pytest.fixture
def asked(project: Project, model: Model) -> RetrainingRequest:
    name_trainer(project)
    return ask(project, model)


def ask(project: Project, model: Model, **fields: Any) -> RetrainingRequest:
    fields = {"user": project.created_by, "reason": "The error grows", **fields}
    return request_retraining(project=project, model=model, **fields)


def answer(asked: RetrainingRequest, state: str, **fields: Any) -> RetrainingRequest:
    return answer_retraining(request=asked, user=asked.asked_by, state=state, **fields)


def refusal(act: Any, *args: Any, **fields: Any) -> str:
    with pytest.raises(InputRejected) as refused:
        act(*args, **fields)
    return refused.value.code


def test_a_request_is_queued_for_the_trainer(project: Project, model: Model) -> None:
    trainer = name_trainer(project, severity="bad")  # its filter does not matter here
    asked = ask(project, model, details={"data_until": "2026-03-31"})
    assert (asked.number, asked.state) == (1, "asked")
    delivery = Delivery.objects.get()
    assert (asked.delivery, delivery.webhook) == (delivery, trainer)
    assert delivery.event["kind"] == "retraining.asked"
    assert delivery.event["data"] == {
        "id": asked.pk,
        "number": 1,
        "project": project.slug,
        "model": "Model ml",
        "reason": "The error grows",
        "details": {"data_until": "2026-03-31"},
        "answer": f"{settings.BASE_URL}/api/v1/retraining-requests/{asked.pk}/answer/",
    }


def test_without_a_trainer_the_refusal_says_where_to_name_one(project: Project, model: Model) -> None:
    with pytest.raises(InputRejected, match="under “Models”, “Rule”") as refused:
        ask(project, model)
    assert refused.value.code == "no_trainer"
    name_trainer(project, is_active=False)
    assert refusal(ask, project, model) == "trainer_inactive"
    assert not RetrainingRequest.objects.exists()


def test_a_model_is_trained_for_one_request_at_a_time(asked: RetrainingRequest) -> None:
    project, model = asked.project, asked.model
    assert refusal(ask, project, model) == "asked_already"
    assert ask(project, make_model_version(project, kind="baseline").model).number == 2
    answer(asked, "failed", note="No memory left")
    assert ask(project, model).number == 3


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"reason": " "}, "text_missing"),
        ({"reason": "a" * 1_001}, "text_too_long"),
        ({"details": {"rows": "x" * 20_000}}, "details_too_long"),
        ({"details": {"share": float("nan")}}, "bad_details"),
        ({"details": {"name": "a\x00b"}}, "bad_details"),
        ({"details": {"name": "\ud800"}}, "bad_details"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_cannot_be_asked(project: Project, model: Model, fields: dict[str, Any], code: str) -> None:
    name_trainer(project)
    assert refusal(ask, project, model, **fields) == code


def test_a_backslash_is_no_nul(project: Project, model: Model) -> None:
    name_trainer(project)
    ask(project, model, details={"pattern": r"\u0000"})
    assert RetrainingRequest.objects.get().details == {"pattern": r"\u0000"}


def test_models_of_other_projects_are_not_trained(project: Project) -> None:
    name_trainer(project)
    assert refusal(ask, project, make_model_version(make_project()).model) == "model_of_other_project"


def test_engineers_ask_and_viewers_do_not(project: Project, model: Model) -> None:
    name_trainer(project)
    with pytest.raises(PermissionDenied):
        ask(project, model, user=make_member(project, Role.VIEWER))
    asked = ask(project, model, user=make_member(project, Role.ENGINEER))
    with pytest.raises(PermissionDenied):
        answer_retraining(request=asked, user=make_member(project, Role.VIEWER), state="running")


def test_a_done_training_brings_a_candidate(asked: RetrainingRequest) -> None:
    running = answer(asked, "running")
    assert running.started_at is not None
    done = answer(asked, "done", version_label="2026-04", note="On the data of March", cost=12.5)
    assert (done.state, done.answer, done.cost) == ("done", "On the data of March", 12.5)
    assert done.started_at == running.started_at
    assert done.ended_at is not None
    made = versions_with_stage().get(model=asked.model, label="2026-04")
    assert (done.version_id, made.stage, made.since) == (made.pk, "candidate", None)


def test_a_version_that_a_run_named_before_is_taken(asked: RetrainingRequest) -> None:
    known = ModelVersion.objects.get(model=asked.model)
    assert answer(asked, "done", version_label=known.label).version == known
    assert ModelVersion.objects.count() == 1


@pytest.mark.parametrize(
    ("state", "fields"),
    [("done", {"version_label": "2", "note": "Fine", "cost": 3.0}), ("failed", {"note": "No memory left"})],
)
def test_the_same_answer_twice_is_one(asked: RetrainingRequest, state: str, fields: dict[str, Any]) -> None:
    first = answer(asked, state, **fields)
    second = answer(asked, state, **fields)
    assert (second.ended_at, second.version) == (first.ended_at, first.version)


@pytest.mark.parametrize(
    ("state", "fields"),
    [
        ("running", {}),
        ("failed", {}),
        ("done", {"version_label": "3"}),
        ("done", {"version_label": "2", "cost": 4.0}),
    ],
    ids=["running", "failed", "other version", "other cost"],
)
def test_after_the_end_another_answer_is_refused(
    asked: RetrainingRequest, state: str, fields: dict[str, Any]
) -> None:
    answer(asked, "done", version_label="2", cost=3.0)
    assert refusal(answer, asked, state, **fields) == "decided_already"
    asked.refresh_from_db()
    assert (asked.state, asked.cost) == ("done", 3.0)


@pytest.mark.parametrize(
    ("state", "fields", "code"),
    [
        ("asked", {}, "unknown_state"),
        ("done", {}, "no_version"),
        ("running", {"version_label": "2"}, "version_without_end"),
        ("failed", {"cost": -1.0}, "bad_cost"),
        ("failed", {"cost": float("inf")}, "bad_cost"),
        ("running", {"started_at": timezone.now() + timedelta(hours=1)}, "time_in_future"),
        ("running", {"started_at": timezone.now() - timedelta(days=1)}, "started_before_asked"),
        ("failed", {"ended_at": timezone.now() - timedelta(days=1)}, "ended_before_start"),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_what_cannot_be_answered(
    asked: RetrainingRequest, state: str, fields: dict[str, Any], code: str
) -> None:
    assert refusal(answer, asked, state, **fields) == code
    asked.refresh_from_db()
    assert asked.state == "asked"


def ended(project: Project, hours: list[float], failed: int = 0, costs: tuple[float, ...] = ()) -> None:
    """Trainings that took so long each; the first half told when they began, the rest did not."""
    model = make_model_version(project).model
    for place in range(len(hours) + failed):
        lasting = timedelta(hours=hours[place] if place < len(hours) else 1)
        begun = ago(200 - place)
        told = place < len(hours) / 2
        RetrainingRequest.objects.create(
            project=project,
            number=place + 1,
            model=model,
            reason="It is old",
            state="done" if place < len(hours) else "failed",
            asked_by=project.created_by,
            asked_at=begun - timedelta(hours=5) if told else begun,
            started_at=begun if told else None,
            ended_at=begun + lasting,
            cost=costs[place] if place < len(costs) else None,
        )


def test_times_are_those_of_numpy_and_scipy(project: Project) -> None:
    hours = np.random.default_rng(7).lognormal(1, 0.8, 23).tolist()
    ended(project, hours, failed=4, costs=(10.0, 20.0, 45.0))
    times = retraining_times(project)
    assert (times.ended, times.done, times.costs) == (27, 23, 3)
    assert times.median == pytest.approx(np.median(hours) * 3_600)
    assert times.p90 == pytest.approx(np.percentile(hours, 90) * 3_600)
    interval = binomtest(23, 27).proportion_ci(method="wilson")
    assert times.share == pytest.approx(23 / 27)
    assert (times.share_low, times.share_high) == pytest.approx((interval.low, interval.high), rel=1e-3)
    assert times.cost == pytest.approx(25.0)
    assert times.per_week == pytest.approx(7 * 24 / np.percentile(hours, 90))
    assert str(times.message).startswith("Half of 23 trainings were done within")


def test_of_two_trainings_little_is_said(project: Project) -> None:
    ended(project, [2.0, 4.0])
    times = retraining_times(project)
    assert (times.median, times.p90, times.per_week) == (3 * 3_600, None, None)
    assert "too few" in str(times.message)


def test_of_none_nothing_is_said(project: Project) -> None:
    ended(project, [], failed=1)
    times = retraining_times(project)
    assert (times.ended, times.done, times.share) == (1, 0, 0.0)
    assert (times.median, times.p90, times.per_week, times.cost) == (None, None, None, None)
    assert "not known" in str(times.message)


def test_times_take_one_query(project: Project) -> None:
    ended(project, [1.0] * 15)
    with CaptureQueriesContext(connection) as queries:
        retraining_times(project)
    assert len(queries) == 1
