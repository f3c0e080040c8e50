"""Fixed time: timeboxes and the questions in them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied

from apps.compute.messages import InputRejected
from apps.history.models import Change
from apps.lifecycle import services
from apps.lifecycle.models import Decision, Hypothesis, Phase
from apps.projects.models import Project
from tests.factories import make_member, make_project, make_run
from tests.lifecycle.world import days, in_delivery, start, today

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def phase(project: Project) -> Phase:
    return start(project)


@pytest.fixture
def hypothesis(phase: Phase) -> Hypothesis:
    return services.add_hypothesis(
        phase=phase, user=phase.created_by, text="Weather explains demand", added_on=phase.started_on
    )


def code(call: Any, **arguments: Any) -> str:
    with pytest.raises(InputRejected) as refused:
        call(**arguments)
    return refused.value.code


class TestTimebox:
    @pytest.mark.parametrize(
        ("length", "refusal"),
        [(-1, "timebox_ends_before_start"), (0, "timebox_ends_before_start"), (367, "timebox_too_long")],
    )
    def test_impossible_ones(self, project: Project, length: int, refusal: str) -> None:
        found = code(
            services.start_discovery,
            project=project,
            user=project.created_by,
            started_on=today(),
            ends_on=today() + days(length),
        )
        assert found == refusal
        assert not project.phases.exists()

    def test_a_slip_of_the_pen(self, project: Project) -> None:
        begun = today().replace(year=1926, day=1)
        assert (
            code(
                services.start_discovery,
                project=project,
                user=project.created_by,
                started_on=begun,
                ends_on=begun + days(42),
            )
            == "day_too_far"
        )

    def test_it_is_corrected_before_work_starts(self, project: Project) -> None:
        phase = start(project, ago=0)
        services.add_hypothesis(phase=phase, user=project.created_by, text="Demand has a season")
        phase = services.change_timebox(
            phase=phase, user=project.created_by, started_on=today(), ends_on=today() + days(14)
        )
        assert Phase.objects.get().ends_on == today() + days(14)

    def test_it_is_fixed_once_work_has_started(self, hypothesis: Hypothesis) -> None:
        phase = hypothesis.phase
        assert (
            code(
                services.change_timebox,
                phase=phase,
                user=phase.created_by,
                started_on=phase.started_on,
                ends_on=today() + days(90),
            )
            == "work_started"
        )

    @pytest.mark.parametrize("role", ["viewer", "engineer"])
    def test_only_managers_start_one(self, project: Project, role: str) -> None:
        with pytest.raises(PermissionDenied):
            start(project, make_member(project, role))


class TestCycles:
    def test_one_discovery_at_a_time(self, project: Project, phase: Phase) -> None:
        with pytest.raises(InputRejected) as refused:
            start(project)
        assert refused.value.code == "discovery_open"

    def test_a_new_cycle_runs_beside_delivery(self, project: Project) -> None:
        delivery = in_delivery(project)
        discovery = start(project)
        assert (discovery.cycle, delivery.cycle) == (2, 1)
        assert {str(p.kind) for p in project.phases.filter(closed_at=None)} == {"discovery", "delivery"}

    def test_the_return_is_a_decision(self, project: Project) -> None:
        assert not Decision.objects.exists()
        in_delivery(project)
        phase = start(project)
        decision = Decision.objects.get()
        assert (decision.subject, decision.phase, decision.state) == ("new_cycle", phase, "in_force")

    def test_history_is_kept(self, project: Project, hypothesis: Hypothesis) -> None:
        services.decide(
            phase=hypothesis.phase,
            user=project.created_by,
            subject="timebox",
            outcome="change_course",
            reason="The data tell another story.",
        )
        second = project.phases.get(closed_at=None)
        assert (second.kind, second.cycle) == ("discovery", 2)
        assert hypothesis.phase.cycle == 1
        another = services.add_hypothesis(phase=second, user=project.created_by, text="Price explains demand")
        assert another.code == "H-2"


class TestHypotheses:
    def test_numbers_are_the_projects_own(self, phase: Phase, hypothesis: Hypothesis) -> None:
        other = start(make_project())
        assert services.add_hypothesis(phase=other, user=other.created_by, text="One").number == 1
        assert services.add_hypothesis(phase=phase, user=phase.created_by, text="Two").number == 2

    @pytest.mark.parametrize(
        ("text", "refusal"),
        [("", "text_missing"), (" \n ", "text_missing"), ("x" * 1_000_000, "text_too_long"),
         ("a\x00b", "text_with_nul")],
    )  # fmt: skip
    def test_bad_texts(self, phase: Phase, text: str, refusal: str) -> None:
        assert code(services.add_hypothesis, phase=phase, user=phase.created_by, text=text) == refusal

    def test_engineers_add_and_viewers_do_not(self, project: Project, phase: Phase) -> None:
        engineer, viewer = make_member(project, "engineer"), make_member(project, "viewer")
        services.add_hypothesis(phase=phase, user=engineer, text="Weather explains demand")
        with pytest.raises(PermissionDenied):
            services.add_hypothesis(phase=phase, user=viewer, text="Weather explains demand")
        assert phase.hypotheses.count() == 1

    def test_not_in_a_delivery(self, project: Project) -> None:
        phase = in_delivery(project)
        assert (
            code(services.add_hypothesis, phase=phase, user=project.created_by, text="A") == "not_a_discovery"
        )

    def test_settled_with_a_run(self, hypothesis: Hypothesis) -> None:
        user, run = hypothesis.project.created_by, make_run(hypothesis.project)
        services.settle_hypothesis(
            hypothesis=hypothesis, user=user, state="confirmed", finding=" R² rises by 0.2 ", run=run
        )
        found = Hypothesis.objects.get()
        assert (found.state, found.finding, found.run, found.settled_on, found.settled_by) == (
            "confirmed", "R² rises by 0.2", run, today(), user,
        )  # fmt: skip

    def test_settled_twice(self, hypothesis: Hypothesis) -> None:
        arguments = {"hypothesis": hypothesis, "user": hypothesis.project.created_by, "finding": "Seen."}
        services.settle_hypothesis(**arguments, state="confirmed")
        # The second person holds the row as it was before.
        stale = Hypothesis(**{f.attname: getattr(hypothesis, f.attname) for f in Hypothesis._meta.fields})
        stale.state, stale.settled_on = "open", None
        arguments["hypothesis"] = stale
        assert code(services.settle_hypothesis, **arguments, state="refuted") == "settled_already"
        assert Hypothesis.objects.get().state == "confirmed"

    def test_opened_again_and_the_trail_keeps_what_was_said(self, hypothesis: Hypothesis) -> None:
        user = hypothesis.project.created_by
        services.settle_hypothesis(
            hypothesis=hypothesis, user=user, state="refuted", finding="No effect in the first sample."
        )
        services.reopen_hypothesis(hypothesis=hypothesis, user=user)
        found = Hypothesis.objects.get()
        assert (found.state, found.settled_on, found.finding) == ("open", None, "")
        trail = Change.objects.filter(table="lifecycle_hypothesis", operation="UPDATE")
        assert "No effect in the first sample." in {change.old["finding"] for change in trail}
        assert code(services.reopen_hypothesis, hypothesis=hypothesis, user=user) == "open_already"

    @pytest.mark.parametrize(
        ("fields", "refusal"),
        [
            ({"state": "open"}, "unknown_state"),
            ({"state": "maybe"}, "unknown_state"),
            ({"finding": ""}, "text_missing"),
            ({"link": "javascript:alert(1)"}, "bad_link"),
            ({"link": "https://example.org/" + "a" * 500}, "link_too_long"),
            ({"settled_on": today() + timedelta(days=1)}, "day_in_future"),
            ({"settled_on": today() - timedelta(days=21)}, "day_too_early"),
        ],
    )
    def test_bad_settlements(self, hypothesis: Hypothesis, fields: dict[str, Any], refusal: str) -> None:
        arguments = {"state": "confirmed", "finding": "Seen.", **fields}
        user = hypothesis.project.created_by
        assert code(services.settle_hypothesis, hypothesis=hypothesis, user=user, **arguments) == refusal
        assert Hypothesis.objects.get().state == "open"

    def test_a_run_of_another_project_is_no_evidence(self, hypothesis: Hypothesis) -> None:
        assert (
            code(
                services.settle_hypothesis,
                hypothesis=hypothesis,
                user=hypothesis.project.created_by,
                state="confirmed",
                finding="Seen.",
                run=make_run(make_project()),
            )
            == "run_of_other_project"
        )

    def test_nothing_changes_after_the_end(self, hypothesis: Hypothesis) -> None:
        user = hypothesis.project.created_by
        services.decide(
            phase=hypothesis.phase, user=user, subject="timebox", outcome="stop", reason="No data."
        )
        for call, arguments in (
            (services.add_hypothesis, {"phase": hypothesis.phase, "text": "Late"}),
            (services.settle_hypothesis, {"hypothesis": hypothesis, "state": "dropped", "finding": "Late"}),
        ):
            assert code(call, user=user, **arguments) == "phase_closed"
