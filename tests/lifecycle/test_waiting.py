"""What waits for whom; with as many queries for many projects as for one."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.models import User
from apps.common.translate import translate
from apps.compute.messages import Message
from apps.lifecycle import services
from apps.lifecycle.models import Decision, Phase
from apps.lifecycle.waiting import Waiting, waiting_for
from apps.projects.models import Membership, Project
from apps.requirements.models import Conflict
from tests.factories import make_member, make_project, make_user
from tests.lifecycle.world import add_must, days, in_delivery, make_ready, start, today, waive

pytestmark = pytest.mark.django_db


def kinds(user: User) -> list[str]:
    return [waiting.kind for waiting in waiting_for(user)]


def clash(project: Project) -> Conflict:
    return Conflict.objects.create(
        project=project,
        kind="evidence",
        first=add_must(project, "contradicting"),
        second=add_must(project, "contradicting"),
        reason=Message("No run meets both: the gap is %(gap)s.", {"gap": "0.4 points"}).to_json(),
    )


def only(user: User) -> Waiting:
    [waiting] = waiting_for(user)
    return waiting


def test_nothing_waits_in_the_middle_of_a_timebox() -> None:
    assert kinds(start(make_project()).created_by) == []


@pytest.mark.parametrize(("ago", "waits"), [(42, False), (43, True)])
def test_a_timebox_is_overdue_from_the_day_after_its_end(ago: int, waits: bool) -> None:
    phase = start(make_project(), ago=ago)
    found = waiting_for(phase.created_by)
    assert [waiting.kind for waiting in found] == (["timebox"] if waits else [])
    assert all(waiting.urgent for waiting in found)


def test_an_overdue_timebox_says_since_when() -> None:
    phase = start(make_project(), ago=50)
    waiting = only(phase.created_by)
    assert timezone.localdate(waiting.since) == phase.ends_on
    assert waiting.url_args == (phase.project.slug, "delivery")


@pytest.mark.parametrize("outcome", ["stop", "change_course", "extend"])
def test_a_decision_ends_the_waiting(outcome: str) -> None:
    phase = start(make_project(), ago=50)
    services.decide(
        phase=phase, user=phase.created_by, subject="timebox", outcome=outcome, reason="Talked about.",
        extend_to=today() + days(14),
    )  # fmt: skip
    assert kinds(phase.created_by) == []


def test_a_second_person_is_anybody_but_the_first() -> None:
    phase = start(make_project(), ago=50)
    manager = make_member(phase.project, "manager")
    services.decide(phase=phase, user=manager, subject="delivery", outcome="go", reason="A risk we take.")
    assert kinds(manager) == []
    assert kinds(phase.created_by) == ["second_person"]
    services.decline_decision(decision=Decision.objects.get(), user=phase.created_by)
    assert kinds(manager) == ["timebox"]


def test_a_gate_waits_when_every_criterion_is_met() -> None:
    project = make_ready()
    start(project)
    assert kinds(project.created_by) == ["gate"]
    add_must(project, "unverified")
    assert kinds(project.created_by) == []


def test_the_gate_to_production_waits_for_the_scope() -> None:
    project = make_ready()
    user, phase = project.created_by, in_delivery(project)
    part = services.add_deliverable(phase=phase, user=user, name="Scoring service")
    services.agree_scope(phase=phase, user=user, promised_on=today() + days(9))
    assert kinds(user) == []
    services.finish_deliverable(deliverable=part, user=user)
    assert only(user).url_args == (project.slug, "production")


def test_a_conflict_waits_until_it_is_decided_or_gone() -> None:
    conflict = clash(make_project())
    user = conflict.project.created_by
    waiting = only(user)
    assert (waiting.kind, waiting.url_args) == ("conflict", (conflict.project.slug, conflict.pk))
    assert translate(waiting.title) == "R-01 and R-02 cannot both hold"
    assert translate(waiting.text) == "No run meets both: the gap is 0.4 points."
    Conflict.objects.update(gone_at=timezone.now())
    assert kinds(user) == []


class TestWaivers:
    def test_an_expired_one_waits(self) -> None:
        project = make_project()
        requirement = add_must(project, "refuted")
        waive(requirement, today())
        assert kinds(project.created_by) == []
        requirement.waivers.update(expires_on=today() - days(1))
        assert only(project.created_by).url_args == (project.slug, 1)

    def test_a_renewed_one_does_not(self) -> None:
        project = make_project()
        requirement = add_must(project, "refuted")
        waive(requirement, today() - days(5))
        waive(requirement, today() + days(5))
        assert kinds(project.created_by) == []

    def test_two_expired_ones_of_a_requirement_are_one_thing(self) -> None:
        project = make_project()
        requirement = add_must(project, "refuted")
        waive(requirement, today() - days(5))
        waive(requirement, today() - days(50))
        assert timezone.localdate(only(project.created_by).since) == today() - days(5)

    def test_a_confirmed_requirement_needs_none(self) -> None:
        project = make_project()
        waive(add_must(project), today() - days(5))
        assert kinds(project.created_by) == []


@pytest.mark.parametrize(("role", "sees"), [("viewer", False), ("engineer", False), ("manager", True)])
def test_only_who_may_decide_is_asked(role: str, sees: bool) -> None:
    phase = start(make_project(), ago=50)
    assert bool(kinds(make_member(phase.project, role))) == sees


def test_a_stranger_is_not_asked_and_a_site_admin_is() -> None:
    start(make_project(), ago=50)
    assert kinds(make_user()) == []
    assert kinds(make_user(is_superuser=True)) == ["timebox"]


def test_urgent_things_come_first_then_the_oldest() -> None:
    user = make_user()
    clash(make_project(user))
    for ago in (45, 60):
        start(make_project(user), ago=ago)
    found = waiting_for(user)
    assert [waiting.kind for waiting in found] == ["timebox", "timebox", "conflict"]
    assert found[0].since < found[1].since


def test_many_projects_take_as_many_queries_as_one() -> None:
    user, counts = make_user(), []
    for more in (1, 3):
        for _number in range(more):
            overdue, ready, delivery = (make_project(user) for _ in range(3))
            clash(overdue)
            waive(add_must(overdue, "refuted"), today() - days(1))
            start(overdue, ago=50)
            start(make_ready(ready))
            in_delivery(make_ready(delivery))
            proposed = make_project()
            Membership.objects.create(project=proposed, user=user, role="manager")
            services.decide(
                phase=start(proposed),
                user=proposed.created_by,
                subject="delivery",
                outcome="go",
                reason="Risk",
            )
        with CaptureQueriesContext(connection) as queries:
            found = waiting_for(user)
        counts.append(len(queries))
        assert {waiting.kind for waiting in found} == {
            "conflict", "gate", "second_person", "timebox", "waiver",
        }  # fmt: skip
    assert Phase.objects.count() == 16
    assert counts[0] == counts[1]
