"""Fixed scope: agreed once, done over time, changed only with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.lifecycle import gates, services
from apps.lifecycle.models import Deliverable, Phase, ScopeChange
from apps.projects.models import Project
from tests.factories import make_member, make_project
from tests.lifecycle.world import days, in_delivery, start, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def phase() -> Phase:
    return in_delivery(make_project())


@pytest.fixture
def agreed(phase: Phase) -> Phase:
    """Two deliverables of five items of work, promised for in thirty days."""
    for name, size in (("Scoring service", 3), ("Dashboard", 2)):
        services.add_deliverable(
            phase=phase, user=phase.created_by, name=name, size=size, added_on=phase.started_on
        )
    return services.agree_scope(phase=phase, user=phase.created_by, promised_on=today() + days(30))


def code(call: Any, **arguments: Any) -> str:
    with pytest.raises(InputRejected) as refused:
        call(**arguments)
    return refused.value.code


def test_before_the_agreement_nothing_needs_a_reason(phase: Phase) -> None:
    user = phase.created_by
    first = services.add_deliverable(phase=phase, user=user, name="Scoring service")
    second = services.add_deliverable(phase=phase, user=user, name="Dashboard")
    services.resize_deliverable(deliverable=first, user=user, size=4)
    services.remove_deliverable(deliverable=second, user=user)
    assert not ScopeChange.objects.exists()
    assert list(Deliverable.objects.values_list("number", "size", "in_baseline")) == [
        (1, 4, True), (2, 1, False),
    ]  # fmt: skip


def test_every_change_after_it_is_recorded(agreed: Phase) -> None:
    user = make_member(agreed.project, "manager")
    first, second = agreed.deliverables.all()
    services.add_deliverable(phase=agreed, user=user, name="Audit log", size=4, reason="Asked by Legal")
    services.resize_deliverable(deliverable=first, user=user, size=5, reason="Two channels")
    services.remove_deliverable(deliverable=second, user=user, reason="The portal has one")
    assert list(ScopeChange.objects.values_list("kind", "change", "reason", "changed_by")) == [
        ("added", 4, "Asked by Legal", user.pk),
        ("resized", 2, "Two channels", user.pk),
        ("removed", -2, "The portal has one", user.pk),
    ]
    assert not Deliverable.objects.get(number=3).in_baseline


def test_changes_after_it_need_a_reason(agreed: Phase) -> None:
    user, first = agreed.created_by, agreed.deliverables.all()[0]
    for call, arguments in (
        (services.add_deliverable, {"phase": agreed, "name": "Audit log"}),
        (services.resize_deliverable, {"deliverable": first, "size": 5}),
        (services.remove_deliverable, {"deliverable": first, "reason": "  "}),
    ):
        assert code(call, user=user, **arguments) == "text_missing"
    assert not ScopeChange.objects.exists()
    assert Deliverable.objects.count() == 2
    assert Deliverable.objects.get(number=1).size == 3


def test_a_recorded_change_cannot_be_rewritten(agreed: Phase) -> None:
    services.add_deliverable(phase=agreed, user=agreed.created_by, name="Audit log", reason="Legal")
    with pytest.raises(ProgrammingError, match="Cannot update"), transaction.atomic():
        ScopeChange.objects.update(reason="Nobody asked")


def test_agreeing_needs_something_to_agree_on(phase: Phase) -> None:
    user = phase.created_by
    assert code(services.agree_scope, phase=phase, user=user, promised_on=today() + days(9)) == "scope_empty"


def test_agreeing_happens_once(agreed: Phase) -> None:
    arguments = {"phase": agreed, "user": agreed.created_by, "promised_on": today() + days(60)}
    assert code(services.agree_scope, **arguments) == "agreed_already"
    assert Phase.objects.get().promised_on == today() + days(30)


@pytest.mark.parametrize(("ahead", "refusal"), [(-30, "promise_before_start"), (4_000, "day_too_far")])
def test_impossible_promises(phase: Phase, ahead: int, refusal: str) -> None:
    services.add_deliverable(phase=phase, user=phase.created_by, name="Dashboard")
    promised = today() + days(ahead)
    assert code(services.agree_scope, phase=phase, user=phase.created_by, promised_on=promised) == refusal


@pytest.mark.parametrize("size", [0, -3, 10_001])
def test_impossible_sizes(phase: Phase, size: int) -> None:
    arguments = {"phase": phase, "user": phase.created_by, "name": "Dashboard", "size": size}
    assert code(services.add_deliverable, **arguments) == "bad_size"


def test_engineers_finish_and_managers_decide_the_scope(agreed: Phase) -> None:
    engineer, viewer = make_member(agreed.project, "engineer"), make_member(agreed.project, "viewer")
    first = agreed.deliverables.all()[0]
    assert services.finish_deliverable(deliverable=first, user=engineer).done_on == today()
    with pytest.raises(PermissionDenied):
        services.reopen_deliverable(deliverable=first, user=viewer)
    for call, arguments in (
        (services.add_deliverable, {"phase": agreed, "name": "More", "reason": "Why not"}),
        (services.remove_deliverable, {"deliverable": first, "reason": "Why not"}),
        (services.resize_deliverable, {"deliverable": first, "size": 2, "reason": "Why not"}),
        (services.agree_scope, {"phase": agreed, "promised_on": today() + days(9)}),
    ):
        with pytest.raises(PermissionDenied):
            call(user=engineer, **arguments)


def test_done_once_and_opened_again(agreed: Phase) -> None:
    user, first = agreed.created_by, agreed.deliverables.all()[0]
    services.finish_deliverable(deliverable=first, user=user, done_on=today() - days(3))
    assert code(services.finish_deliverable, deliverable=first, user=user) == "done_already"
    refused = code(services.remove_deliverable, deliverable=first, user=user, reason="Not needed")
    assert refused == "done_already"
    services.reopen_deliverable(deliverable=first, user=user)
    assert Deliverable.objects.get(pk=first.pk).done_on is None
    assert code(services.reopen_deliverable, deliverable=first, user=user) == "open_already"


@pytest.mark.parametrize(("ahead", "refusal"), [(1, "day_in_future"), (-31, "day_too_early")])
def test_impossible_days_of_being_done(agreed: Phase, ahead: int, refusal: str) -> None:
    first = agreed.deliverables.all()[0]
    done_on = today() + days(ahead)
    arguments = {"deliverable": first, "user": agreed.created_by, "done_on": done_on}
    assert code(services.finish_deliverable, **arguments) == refusal


def test_what_was_taken_out_cannot_be_done(agreed: Phase) -> None:
    user, first = agreed.created_by, agreed.deliverables.all()[0]
    services.remove_deliverable(deliverable=first, user=user, reason="Not needed")
    assert code(services.finish_deliverable, deliverable=first, user=user) == "not_in_scope"


def test_the_same_size_is_no_change(agreed: Phase) -> None:
    user, first = agreed.created_by, agreed.deliverables.all()[0]
    arguments = {"deliverable": first, "user": user, "size": 3, "reason": "Really"}
    assert code(services.resize_deliverable, **arguments) == "same_size"


def test_a_discovery_has_no_scope() -> None:
    phase = start(make_project())
    assert code(services.add_deliverable, phase=phase, user=phase.created_by, name="A") == "not_a_delivery"


class TestGate:
    """What the gate to production says of the scope."""

    def scope(self, project: Project) -> tuple[str, str]:
        found = next(each for each in gates.assess(project, "production").criteria if each.key == "scope")
        return found.state, str(found.reason)

    def test_what_was_delivered_stays_delivered(self, agreed: Phase) -> None:
        for deliverable in Deliverable.objects.all():
            services.finish_deliverable(deliverable=deliverable, user=agreed.created_by)
        Phase.objects.update(closed_at=timezone.now())
        assert self.scope(agreed.project) == ("met", "5 of 5 items of work are done.")

    def test_the_open_delivery_counts_before_the_one_of_an_earlier_cycle(self, agreed: Phase) -> None:
        Phase.objects.update(closed_at=timezone.now())
        assert self.scope(agreed.project) == ("not_met", "0 of 5 items of work are done.")
        in_delivery(agreed.project)
        assert self.scope(agreed.project) == ("unknown", "The scope was not agreed on.")
