"""Two people at the same moment, each with a connection of their own: one acts, the other gets a sentence."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.lifecycle import services
from apps.lifecycle.models import Decision, Hypothesis, Phase
from apps.projects.models import Project
from tests.factories import make_member, make_project
from tests.lifecycle.world import days, make_ready, start

pytestmark = pytest.mark.django_db(transaction=True)

Act = Callable[[], Any]


def said(act: Act) -> str:
    """ "done", or the code of the refusal; closes the connection of its thread."""
    try:
        act()
    except InputRejected as refused:
        return refused.code
    else:
        return "done"
    finally:
        connection.close()


def at_once(*acts: Act) -> list[str]:
    """All of them released together."""
    barrier = Barrier(len(acts))

    def run(act: Act) -> str:
        connection.ensure_connection()
        barrier.wait(10)
        return said(act)

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(run, acts))


def while_first_is_not_finished(first: Act, second: Act) -> str:
    """What the second gets that begins before the first has committed; it has to wait for the lock."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            first()
            answer = threads.submit(said, second)
            until = time.monotonic() + 10
            while not _somebody_waits():
                assert time.monotonic() < until, "the second did not wait for the first"
                assert not answer.done(), "the second did not wait for the first"
                time.sleep(0.01)
        return answer.result(10)


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")  # live, even in a transaction
        return bool(cursor.fetchone()[0])


@pytest.fixture
def project() -> Project:
    return make_ready()


@pytest.fixture
def people(project: Project) -> list[User]:
    return [project.created_by, make_member(project, "manager"), make_member(project, "owner")]


def decide(phase: Phase, user: User, outcome: str) -> Act:
    return lambda: services.decide(
        phase=Phase.objects.get(pk=phase.pk),
        user=user,
        subject="delivery",
        outcome=outcome,
        reason="We have talked about it.",
    )


def test_of_two_managers_at_one_gate_one_decides(project: Project, people: list[User]) -> None:
    phase = start(project)
    answers = at_once(*(decide(phase, user, "go") for user in people))
    assert sorted(answers) == ["decided_already", "decided_already", "done"]
    assert Decision.objects.count() == 1
    assert list(project.phases.filter(closed_at=None).values_list("kind", flat=True)) == ["delivery"]


def test_the_slower_one_waits_and_reads_who_was_faster(project: Project, people: list[User]) -> None:
    phase = start(project)
    answer = while_first_is_not_finished(decide(phase, people[0], "go"), decide(phase, people[1], "go"))
    assert answer == "decided_already"
    assert Decision.objects.get().decided_by == people[0]


def test_a_go_and_a_stop_do_not_both_happen(project: Project, people: list[User]) -> None:
    phase = start(project)
    answer = while_first_is_not_finished(decide(phase, people[0], "stop"), decide(phase, people[1], "go"))
    assert answer == "decided_already"
    assert list(Decision.objects.values_list("outcome", "state")) == [("stop", "proposed")]


def test_confirmed_and_declined_at_once(people: list[User]) -> None:
    project = make_project(people[0])
    decision = services.decide(
        phase=start(project), user=people[0], subject="delivery", outcome="go", reason="A risk."
    )
    second, third = make_member(project, "manager"), make_member(project, "owner")
    answer = while_first_is_not_finished(
        lambda: services.confirm_decision(decision=decision, user=second),
        lambda: services.decline_decision(decision=decision, user=third),
    )
    assert answer == "decided_already"
    assert Decision.objects.get().state == "in_force"


def test_one_extension_of_two(project: Project, people: list[User]) -> None:
    phase = start(project)
    assert phase.ends_on is not None
    until = phase.ends_on + days(7)

    def extend(user: User) -> Act:
        return lambda: services.decide(
            phase=Phase.objects.get(pk=phase.pk),
            user=user,
            subject="timebox",
            outcome="extend",
            reason="The data came late.",
            extend_to=until,
        )

    assert while_first_is_not_finished(extend(people[0]), extend(people[1])) == "extended_already"
    assert Phase.objects.get().ends_on == until


def test_one_discovery_of_two(people: list[User]) -> None:
    project = make_project(people[0])
    second = make_member(project, "manager")
    answers = at_once(lambda: start(project), lambda: start(project, second))
    assert sorted(answers) == ["discovery_open", "done"]
    assert project.phases.count() == 1


def test_one_hypothesis_is_settled_once(project: Project, people: list[User]) -> None:
    hypothesis = services.add_hypothesis(phase=start(project), user=people[0], text="Demand has a season")

    def settle(user: User, state: str) -> Act:
        row = Hypothesis.objects.get(pk=hypothesis.pk)
        return lambda: services.settle_hypothesis(hypothesis=row, user=user, state=state, finding="Seen.")

    answer = while_first_is_not_finished(settle(people[0], "confirmed"), settle(people[1], "refuted"))
    assert answer == "settled_already"
    assert Hypothesis.objects.get().state == "confirmed"


def test_numbers_are_given_once(project: Project, people: list[User]) -> None:
    phase = start(project)
    answers = at_once(
        *(
            lambda user=user: services.add_hypothesis(phase=phase, user=user, text="Demand has a season")
            for user in people * 2
        )
    )
    assert answers == ["done"] * 6
    assert sorted(Hypothesis.objects.values_list("number", flat=True)) == [1, 2, 3, 4, 5, 6]
