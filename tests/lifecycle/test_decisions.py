"""People decide: with the advice at once, against it with a reason and a second person."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import ProgrammingError, transaction
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.lifecycle import gates, services
from apps.lifecycle.models import Decision, FitAnswer, Phase
from apps.projects.models import Project
from tests.factories import make_file, make_member, make_project, make_run
from tests.lifecycle.world import days, in_delivery, make_ready, start, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


def code(call: Any, **arguments: Any) -> str:
    with pytest.raises(InputRejected) as refused:
        call(**arguments)
    return refused.value.code


def decide(phase: Phase, outcome: str, subject: str = "", **fields: Any) -> Decision:
    subject = subject or {"discovery": "delivery", "delivery": "production"}[phase.kind]
    fields = {"user": phase.project.created_by, "reason": "We have talked about it.", **fields}
    return services.decide(phase=phase, subject=subject, outcome=outcome, **fields)


def open_phases(project: Project) -> list[tuple[str, int]]:
    return list(project.phases.filter(closed_at=None).values_list("kind", "cycle"))


class TestWithTheAdvice:
    def test_go_opens_the_delivery_at_once(self) -> None:
        project = make_ready()
        promised = today() + days(90)
        decision = decide(start(project), "go", reason="", promised_on=promised)
        assert (decision.state, decision.advice) == ("in_force", "go")
        delivery = project.phases.get(closed_at=None)
        assert (delivery.kind, delivery.cycle) == ("delivery", 1)
        assert (delivery.started_on, delivery.promised_on) == (today(), promised)

    def test_go_at_the_end_of_the_timebox_is_the_gate(self) -> None:
        project = make_ready()
        decision = decide(start(project, ago=50), "go", "timebox")
        assert decision.subject == "delivery"
        assert open_phases(project) == [("delivery", 1)]

    def test_stop_while_the_gate_is_shut(self, project: Project) -> None:
        assert decide(start(project), "stop").state == "in_force"
        assert open_phases(project) == []

    def test_no_go_needs_a_reason(self, project: Project) -> None:
        phase = start(project)
        for outcome in ("stop", "change_course"):
            assert code(decide, phase=phase, outcome=outcome, reason=" ") == "reason_missing"
        assert not Decision.objects.exists()

    def test_the_evidence_stays_as_it_stood(self) -> None:
        project = make_ready()
        before = gates.assess(project, "delivery").to_json()
        decision = decide(start(project), "go")
        FitAnswer.objects.update(state="refuted")
        found = Decision.objects.get(pk=decision.pk)
        assert found.evidence == before
        assert {each["state"] for each in found.evidence["criteria"]} == {"met"}


class TestAgainstTheAdvice:
    def test_a_go_waits_for_a_second_person(self, project: Project) -> None:
        phase, second = start(project), make_member(project, "manager")
        decision = decide(phase, "go", promised_on=today() + days(30))
        assert (decision.state, decision.advice) == ("proposed", "not_yet")
        assert open_phases(project) == [("discovery", 1)]
        confirmed = services.confirm_decision(decision=decision, user=second, note="I saw the data.")
        assert (confirmed.state, confirmed.second_person) == ("in_force", second)
        assert project.phases.get(closed_at=None).promised_on == today() + days(30)

    def test_a_stop_against_a_go_waits_too(self) -> None:
        project = make_ready()
        assert decide(start(project), "stop").state == "proposed"
        assert open_phases(project) == [("discovery", 1)]

    def test_it_needs_a_reason(self, project: Project) -> None:
        assert code(decide, phase=start(project), outcome="go", reason="\n") == "reason_missing"
        assert not Decision.objects.exists()

    def test_nobody_is_their_own_second_person(self, project: Project) -> None:
        decision = decide(start(project), "go")
        arguments = {"decision": decision, "user": project.created_by}
        assert code(services.confirm_decision, **arguments) == "same_person"
        assert open_phases(project) == [("discovery", 1)]

    @pytest.mark.parametrize("role", ["viewer", "engineer"])
    def test_the_second_person_is_a_manager(self, project: Project, role: str) -> None:
        decision, person = decide(start(project), "go"), make_member(project, role)
        for settle in (services.confirm_decision, services.decline_decision):
            with pytest.raises(PermissionDenied):
                settle(decision=decision, user=person)

    def test_a_manager_of_another_project_is_nobody(self, project: Project) -> None:
        decision = decide(start(project), "go")
        with pytest.raises(PermissionDenied):
            services.confirm_decision(decision=decision, user=make_project().created_by)

    def test_declined_nothing_happens_and_it_is_kept(self, project: Project) -> None:
        phase, second = start(project), make_member(project, "manager")
        decision = decide(phase, "go")
        services.decline_decision(decision=decision, user=second, note="Not without Legal.")
        assert open_phases(project) == [("discovery", 1)]
        assert Decision.objects.get().second_note == "Not without Legal."
        assert code(services.confirm_decision, decision=decision, user=second) == "decided_already"
        assert decide(phase, "stop").number == 2

    def test_who_proposed_it_may_take_it_back(self, project: Project) -> None:
        decision = decide(start(project), "go")
        services.decline_decision(decision=decision, user=project.created_by)
        assert Decision.objects.get().state == "declined"

    def test_while_it_waits_nothing_else_is_decided(self, project: Project) -> None:
        phase = start(project)
        decide(phase, "go")
        other = make_member(project, "manager")
        assert code(decide, phase=phase, outcome="stop", user=other) == "decided_already"
        assert code(services.retire, project=project, user=other, reason="Old") == "decided_already"


class TestTimebox:
    def extend(self, phase: Phase, by: int, **fields: Any) -> Decision:
        assert phase.ends_on is not None
        return decide(phase, "extend", "timebox", extend_to=phase.ends_on + days(by), **fields)

    def test_one_extension_with_a_reason(self, project: Project) -> None:
        phase = start(project, ago=50)
        assert code(self.extend, phase=phase, by=14, reason="") == "reason_missing"
        self.extend(phase, 14)
        extended = Phase.objects.get()
        assert extended.ends_on == phase.started_on + days(42 + 14)
        assert code(self.extend, phase=extended, by=14) == "extended_already"

    @pytest.mark.parametrize("by", [0, -1])
    def test_an_extension_ends_later(self, project: Project, by: int) -> None:
        assert code(self.extend, phase=start(project), by=by) == "bad_extension"

    def test_an_extension_names_its_end(self, project: Project) -> None:
        assert code(decide, phase=start(project), outcome="extend", subject="timebox") == "bad_extension"

    def test_an_extension_stays_below_a_year(self, project: Project) -> None:
        assert code(self.extend, phase=start(project), by=325) == "timebox_too_long"

    def test_another_course_opens_the_next_cycle(self, project: Project) -> None:
        decision = decide(start(project, ago=50, length=30), "change_course", "timebox")
        assert decision.state == "in_force"
        [new] = project.phases.filter(closed_at=None)
        assert (new.kind, new.cycle, new.started_on) == ("discovery", 2, today())
        assert new.ends_on == today() + days(30)

    def test_the_next_cycle_may_have_its_own_length(self, project: Project) -> None:
        decide(start(project), "change_course", "timebox", extend_to=today() + days(10))
        assert project.phases.get(closed_at=None).ends_on == today() + days(10)


class TestProduction:
    def test_go_closes_delivery_and_opens_production(self, project: Project) -> None:
        decision = decide(in_delivery(project), "go")
        services.confirm_decision(decision=decision, user=make_member(project, "manager"))
        assert open_phases(project) == [("production", 1)]

    def test_a_go_to_production_promises_no_delivery(self, project: Project) -> None:
        decision = decide(in_delivery(project), "go", promised_on=today() + days(30))
        services.confirm_decision(decision=decision, user=make_member(project, "manager"))
        assert decision.promised_on is None
        assert project.phases.get(kind="production").promised_on is None

    def test_another_course_returns_to_discovery(self, project: Project) -> None:
        decide(in_delivery(project), "change_course")
        assert open_phases(project) == [("discovery", 2)]

    def test_another_course_with_a_discovery_beside_it(self, project: Project) -> None:
        delivery = in_delivery(project)
        start(project)
        decide(delivery, "change_course")
        assert open_phases(project) == [("discovery", 2)]

    def test_a_second_delivery_waits_for_the_first(self, project: Project) -> None:
        in_delivery(project)
        assert code(decide, phase=start(project), outcome="go") == "delivery_open"

    def test_the_next_cycle_replaces_what_runs(self, project: Project) -> None:
        second = make_member(project, "manager")
        services.confirm_decision(decision=decide(in_delivery(project), "go"), user=second)
        services.confirm_decision(decision=decide(start(project), "go"), user=second)
        assert open_phases(project) == [("production", 1), ("delivery", 2)]
        delivery = project.phases.get(kind="delivery", closed_at=None)
        services.confirm_decision(decision=decide(delivery, "go"), user=second)
        assert open_phases(project) == [("production", 2)]

    def test_retired_and_brought_back(self, project: Project) -> None:
        in_delivery(project)
        decision = services.retire(project=project, user=project.created_by, reason="Replaced.")
        assert decision.subject == "retirement"
        assert open_phases(project) == [("retired", 1)]
        again = {"project": project, "user": project.created_by, "reason": "Replaced."}
        assert code(services.retire, **again) == "decided_already"
        start(project)
        assert open_phases(project) == [("discovery", 2)]


class TestMisuse:
    @pytest.mark.parametrize("role", ["viewer", "engineer"])
    def test_only_managers_decide(self, project: Project, role: str) -> None:
        phase, person = start(project), make_member(project, role)
        with pytest.raises(PermissionDenied):
            decide(phase, "stop", user=person)
        with pytest.raises(PermissionDenied):
            services.retire(project=project, user=person, reason="Old")
        with pytest.raises(PermissionDenied):
            services.add_criterion(project=project, user=person, gate="delivery", text="Easy")
        assert not Decision.objects.exists()

    @pytest.mark.parametrize(
        ("subject", "outcome"),
        [
            ("production", "go"),
            ("delivery", "extend"),
            ("retirement", "stop"),
            ("delivery", "maybe"),
            ("x", "go"),
        ],
    )
    def test_what_cannot_be_decided_about_a_discovery(
        self, project: Project, subject: str, outcome: str
    ) -> None:
        arguments = {"phase": start(project), "subject": subject, "outcome": outcome}
        assert code(decide, **arguments) == "impossible_outcome"

    def test_the_future_is_not_decided_yet(self, project: Project) -> None:
        at = timezone.now() + days(1)
        assert code(decide, phase=start(project), outcome="stop", at=at) == "day_in_future"

    @pytest.mark.parametrize(("ahead", "refusal"), [(0, "promise_before_start"), (5_000, "day_too_far")])
    def test_impossible_promises(self, project: Project, ahead: int, refusal: str) -> None:
        promised = today() + days(ahead)
        assert code(decide, phase=start(project), outcome="go", promised_on=promised) == refusal

    def test_a_megabyte_of_reasons(self, project: Project) -> None:
        assert code(decide, phase=start(project), outcome="stop", reason="x" * 1_000_000) == "text_too_long"

    def test_a_decision_is_never_deleted(self, project: Project) -> None:
        decide(start(project), "stop")
        with pytest.raises(ProgrammingError, match="Cannot delete"), transaction.atomic():
            Decision.objects.all().delete()


class TestFitAnswers:
    def answer(self, project: Project, **fields: Any) -> FitAnswer:
        fields = {"question": "data", "state": "tested", "note": "Two years of it.", **fields}
        return services.answer_fit(project=project, user=project.created_by, **fields)

    def test_one_answer_for_each_question(self, project: Project) -> None:
        self.answer(project, state="assumed", note="")
        engineer, run, file = make_member(project, "engineer"), make_run(project), make_file(project)
        self.answer(project, owner=engineer, run=run, file=file, note="", link="https://example.org/data")
        found = FitAnswer.objects.get()
        assert (found.state, found.owner, found.run, found.file) == ("tested", engineer, run, file)

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"question": "horoscope"}, "unknown_question"),
            ({"state": "maybe"}, "unknown_state"),
            ({"note": ""}, "no_evidence"),
            ({"state": "refuted", "note": " "}, "no_evidence"),
            ({"link": "ftp://example.org"}, "bad_link"),
            ({"note": "x" * 2_001}, "text_too_long"),
        ],
    )
    def test_bad_answers(self, project: Project, fields: dict[str, Any], refusal: str) -> None:
        assert code(self.answer, project=project, **fields) == refusal
        assert not FitAnswer.objects.exists()

    def test_evidence_of_another_project(self, project: Project) -> None:
        other = make_project()
        assert code(self.answer, project=project, run=make_run(other)) == "run_of_other_project"
        assert code(self.answer, project=project, file=make_file(other)) == "file_of_other_project"

    def test_the_owner_is_in_the_project(self, project: Project) -> None:
        stranger = make_project().created_by
        assert code(self.answer, project=project, owner=stranger) == "owner_not_member"

    def test_a_viewer_does_not_answer(self, project: Project) -> None:
        with pytest.raises(PermissionDenied):
            services.answer_fit(
                project=project, user=make_member(project, "viewer"), question="data", state="assumed"
            )


class TestCriteria:
    def test_met_needs_evidence(self, project: Project) -> None:
        user = project.created_by
        own = services.add_criterion(project=project, user=user, gate="delivery", text="Law agrees")
        for state, refusal in (("met", "text_missing"), ("fine", "unknown_state")):
            assert code(services.judge_criterion, criterion=own, user=user, state=state) == refusal
        services.remove_criterion(criterion=own, user=user)
        judged = {"criterion": own, "user": user, "state": "met", "evidence": "Letter"}
        assert code(services.judge_criterion, **judged) == "removed_already"

    def test_an_unknown_gate(self, project: Project) -> None:
        arguments = {"project": project, "user": project.created_by, "gate": "heaven", "text": "Faith"}
        assert code(services.add_criterion, **arguments) == "unknown_gate"
