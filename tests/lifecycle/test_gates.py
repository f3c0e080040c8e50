"""The gates are computed from evidence: each criterion by itself, and what they advise together."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from apps.common.translate import translate
from apps.compute.messages import Message, Quantity
from apps.datasets.models import DatasetVersion
from apps.evaluations.models import Baseline, Comparison, Model, Run
from apps.jobs.models import State as JobState
from apps.lifecycle import gates, services
from apps.lifecycle.beating import beats_baseline, pairs_of
from apps.lifecycle.models import Deliverable, FitAnswer, Phase
from apps.projects.models import Membership, Project
from apps.requirements.models import ProjectJudgement, Requirement, ValueCase
from tests.factories import make_file, make_job, make_member, make_project
from tests.lifecycle.world import (
    add_holdout,
    add_must,
    compare_with_baseline,
    days,
    in_delivery,
    make_model_run,
    make_ready,
    today,
    waive,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


def criterion(project: Project, key: str, gate: str = "delivery") -> tuple[str, str]:
    """State and reason, as a page says it."""
    [found] = [each for each in gates.assess(project, gate).criteria if each.key == key]
    return found.state, translate(found.reason)


def test_an_empty_project_passes_nothing(project: Project) -> None:
    assessment = gates.assess(project, "delivery")
    assert {each.key: each.state for each in assessment.criteria} == {
        "fit": "unknown",
        "baseline": "not_met",
        "beats_baseline": "unknown",
        "requirements": "unknown",
        "money": "not_met",
        "data": "not_met",
    }
    assert assessment.advice == "not_yet"
    assert len(assessment.reasons) == 6


def test_everything_met_advises_go() -> None:
    assessment = gates.assess(make_ready(), "delivery")
    assert {each.state for each in assessment.criteria} == {"met"}
    assert assessment.passed


@pytest.mark.parametrize("gate", ["delivery", "production"])
def test_each_criterion_leads_to_its_evidence(project: Project, gate: str) -> None:
    services.add_criterion(project=project, user=project.created_by, gate=gate, text="Law agrees")
    for each in gates.assess(project, gate).criteria:
        assert reverse(each.url_name, args=each.url_args).startswith(f"/projects/{project.slug}/")


def test_each_criterion_alone_keeps_the_gate_shut() -> None:
    """Take one thing away from a project that is ready, and it is ready no more."""

    def refute(project: Project) -> None:
        FitAnswer.objects.filter(project=project, question="patterns").update(state="refuted")

    breaks: dict[str, tuple[Callable[[Project], Any], str]] = {
        "fit": (refute, "stop"),
        "beats_baseline": (lambda p: Comparison.objects.filter(project=p).update(result=None), "not_yet"),
        "requirements": (lambda p: Requirement.objects.filter(project=p).update(state="refuted"), "not_yet"),
        "money": (
            lambda p: Requirement.objects.filter(project=p, number=2).update(withdrawn_at=timezone.now()),
            "not_yet",
        ),
        "data": (lambda p: DatasetVersion.objects.filter(project=p).delete(), "not_yet"),
    }
    for key, (take_away, advice) in breaks.items():
        project = make_ready()
        take_away(project)
        assessment = gates.assess(project, "delivery")
        assert [each.key for each in assessment.criteria if each.state != "met"] == [key]
        assert assessment.advice == advice


class TestFit:
    def test_refuted_assumption_speaks_against(self, project: Project) -> None:
        services.answer_fit(
            project=project, user=project.created_by, question="patterns", state="refuted", note="A fair die."
        )
        assert criterion(project, "fit") == ("not_met", "Refuted: There are patterns to learn")
        assert gates.assess(project, "delivery").advice == "stop"

    def test_one_answer_is_not_enough(self, project: Project) -> None:
        services.answer_fit(
            project=project, user=project.created_by, question="patterns", state="tested", note="Seen."
        )
        state, reason = criterion(project, "fit")
        assert state == "unknown"
        assert reason == "Not answered: The patterns are complex, and 13 more"


class TestBaseline:
    def test_a_run_that_has_not_finished_is_none(self, project: Project) -> None:
        make_model_run(project, "rule", Model.Kind.BASELINE, rows=None)
        assert criterion(project, "baseline")[0] == "not_met"

    def test_a_finished_one_is_named(self, project: Project) -> None:
        make_model_run(project, "forest")
        make_model_run(project, "rule", Model.Kind.BASELINE)
        assert criterion(project, "baseline") == ("met", "Run 2")


class TestBeatsBaseline:
    """Accuracy on the 114 held-out patients: rule, tree and logistic regression."""

    @pytest.mark.parametrize("first", [True, False])
    def test_better_beyond_chance(self, project: Project, first: bool) -> None:
        compare_with_baseline(project, "rule", "lr", first=first)
        state, reason = criterion(project, "beats_baseline")
        assert state == "met"
        assert reason.startswith("Run 2 has Accuracy 9")
        assert reason.endswith("beyond chance.")

    @pytest.mark.parametrize("first", [True, False])
    def test_the_baseline_is_better(self, project: Project, first: bool) -> None:
        compare_with_baseline(project, "lr", "rule", first=first)
        state, reason = criterion(project, "beats_baseline")
        assert state == "not_met"
        assert reason.startswith("The baseline, run 1, beats every model")
        pair = pairs_of([project.pk])[project.pk][0]
        said = beats_baseline([pair])[1].params["difference"]
        assert isinstance(said, Quantity)
        assert 0 < said.low < said.value < said.high
        assert reason.endswith(" pp.")  # a lead of 3 points is not one of 3%

    def test_a_difference_that_may_be_chance(self, project: Project) -> None:
        compare_with_baseline(project, "rule", "tree")
        state, reason = criterion(project, "beats_baseline")
        assert state == "not_met"
        assert "may be chance" in reason

    def test_only_the_newest_baseline_run_counts(self, project: Project) -> None:
        """An old comparison with easier data does not open the gate."""
        compare_with_baseline(project, "rule", "lr")
        compare_with_baseline(project, "lr", "rule")
        state, reason = criterion(project, "beats_baseline")
        assert state == "not_met"
        assert "run 3, beats every model: the best, run 4" in reason

    def test_the_named_baseline_counts_before_newer_ones(self, project: Project) -> None:
        compare_with_baseline(project, "lr", "rule")
        named = Run.objects.get(number=1).model_version
        compare_with_baseline(project, "rule", "lr")
        assert criterion(project, "beats_baseline")[0] == "met"
        assert named is not None
        Baseline.objects.create(project=project, model=named.model, kind="rule")
        state, reason = criterion(project, "beats_baseline")
        assert state == "not_met"
        assert "run 1, beats every model: the best, run 2" in reason


class TestRequirements:
    @pytest.mark.parametrize(
        ("states", "state", "codes"),
        [
            (["confirmed", "confirmed"], "met", "R-01, R-02"),
            (["confirmed", "unverified"], "unknown", "R-02"),
            (["unverified", "refuted"], "not_met", "R-02"),
            (["contradicting", "contradicting"], "not_met", "R-01, R-02"),
        ],
    )
    def test_by_verdicts(self, project: Project, states: list[str], state: str, codes: str) -> None:
        for each in states:
            add_must(project, each)
        found, reason = criterion(project, "requirements")
        assert found == state
        assert reason.endswith(codes)

    def test_only_musts_count(self, project: Project) -> None:
        add_must(project)
        add_must(project, "refuted", priority="should")
        assert criterion(project, "requirements")[0] == "met"

    def test_withdrawn_ones_do_not_count(self, project: Project) -> None:
        add_must(project)
        gone = add_must(project, "refuted")
        gone.withdrawn_at = timezone.now()
        gone.save()
        assert criterion(project, "requirements")[0] == "met"

    @pytest.mark.parametrize(("left", "state"), [(30, "met"), (0, "met"), (-1, "not_met")])
    def test_a_waiver_counts_until_its_last_day(self, project: Project, left: int, state: str) -> None:
        add_must(project)
        waive(add_must(project, "refuted"), today() + days(left))
        found, reason = criterion(project, "requirements")
        assert found == state
        assert reason.endswith("R-02")

    def test_a_revoked_waiver_does_not_count(self, project: Project) -> None:
        waive(add_must(project, "refuted"), today() + days(9), revoked_at=timezone.now())
        assert criterion(project, "requirements")[0] == "not_met"


class TestMoney:
    def set_prices(self, project: Project) -> None:
        ValueCase.objects.create(project=project, number=1, volume_per_year=9, author=project.created_by)

    def test_prices_alone_are_unknown(self, project: Project) -> None:
        self.set_prices(project)
        assert criterion(project, "money")[0] == "unknown"

    def test_with_a_requirement(self, project: Project) -> None:
        add_must(project, metric="value_per_year")
        assert criterion(project, "money")[0] == "not_met"
        self.set_prices(project)
        assert criterion(project, "money") == (
            "met",
            "Prices are set, and R-01 asks for money per year.",
        )

    def test_with_a_judged_run(self, project: Project) -> None:
        self.set_prices(project)
        ProjectJudgement.objects.create(project=project, currency="EUR", value=1_460_000.0)
        assert criterion(project, "money")[0] == "met"


class TestData:
    def test_it_was_read(self, project: Project) -> None:
        add_holdout(project, rows=114)
        assert criterion(project, "data") == ("met", "“Hold-out 1” was read: 114 rows.")

    def test_it_is_being_read(self, project: Project) -> None:
        add_holdout(project, rows=None, job=make_job(project, state=JobState.RUNNING))
        assert criterion(project, "data")[0] == "unknown"

    def test_it_could_not_be_read(self, project: Project) -> None:
        add_holdout(project, rows=None, job=make_job(project, state=JobState.FAILED))
        assert criterion(project, "data") == ("not_met", "“Hold-out 1” could not be read.")

    def test_the_newest_version_counts(self, project: Project) -> None:
        first = add_holdout(project, rows=114)
        DatasetVersion.objects.create(
            project=project,
            dataset=first.dataset,
            number=2,
            file=make_file(project, rows=None, job=make_job(project, state=JobState.FAILED)),
            created_by=project.created_by,
        )
        assert criterion(project, "data")[0] == "not_met"

    def test_training_data_are_no_holdout(self, project: Project) -> None:
        version = add_holdout(project)
        version.dataset.role = "training"
        version.dataset.save()
        assert criterion(project, "data") == ("not_met", "There is no hold-out data set.")

    def test_somebody_answers_for_it(self, project: Project) -> None:
        engineer = make_member(project, "engineer")
        add_holdout(project, created_by=engineer)
        assert criterion(project, "data")[0] == "met"
        Membership.objects.filter(user=engineer).delete()
        assert criterion(project, "data")[0] == "not_met"


class TestScope:
    def test_only_the_production_gate_asks(self, project: Project) -> None:
        assert "scope" not in {each.key for each in gates.assess(project, "delivery").criteria}

    def test_states(self, project: Project) -> None:
        assert criterion(project, "scope", "production")[0] == "unknown"
        phase = in_delivery(project)
        rows = [
            Deliverable.objects.create(
                project=project, phase=phase, number=n, name="Part", size=n, added_on=today()
            )
            for n in (1, 2)
        ]
        assert criterion(project, "scope", "production")[0] == "unknown"
        Phase.objects.update(baseline_at=timezone.now())
        assert criterion(project, "scope", "production") == ("not_met", "0 of 3 items of work are done.")
        rows[1].done_on = today()
        rows[1].save()
        rows[0].removed_on = today()
        rows[0].save()
        assert criterion(project, "scope", "production") == ("met", "2 of 2 items of work are done.")


class TestOwnCriteria:
    def test_unknown_never_passes(self) -> None:
        project = make_ready()
        own = services.add_criterion(
            project=project, user=project.created_by, gate="delivery", text="The works council agrees"
        )
        assert gates.assess(project, "delivery").advice == "not_yet"
        for state, advice in (("not_met", "not_yet"), ("met", "go"), ("unknown", "not_yet")):
            services.judge_criterion(
                criterion=own, user=project.created_by, state=state, evidence="Minutes of 3 May"
            )
            assert gates.assess(project, "delivery").advice == advice
        services.remove_criterion(criterion=own, user=project.created_by)
        assert gates.assess(project, "delivery").advice == "go"

    def test_it_counts_at_its_gate_only(self) -> None:
        project = make_ready()
        services.add_criterion(
            project=project, user=project.created_by, gate="production", text="Failover was drilled"
        )
        assert gates.assess(project, "delivery").passed

    def test_what_people_wrote_is_no_format(self, project: Project) -> None:
        own = services.add_criterion(
            project=project, user=project.created_by, gate="delivery", text="100% of %(it)s <script>"
        )
        services.judge_criterion(criterion=own, user=project.created_by, state="met", evidence="99 %d")
        [found] = [each for each in gates.assess(project, "delivery").criteria if each.key.startswith("own")]
        assert translate(found.label) == "100% of %(it)s <script>"
        assert translate(found.reason) == "99 %d"


def test_the_record_survives_json_word_by_word() -> None:
    project = make_ready()
    assessment = gates.assess(project, "delivery")
    stored = json.loads(json.dumps(assessment.to_json()))
    assert [translate(Message.from_json(each["reason"])) for each in stored["criteria"]] == [
        translate(each.reason) for each in assessment.criteria
    ]
    assert [each["state"] for each in stored["criteria"]] == [each.state for each in assessment.criteria]


def test_many_projects_take_as_many_queries_as_one() -> None:
    counts = []
    projects: list[Project] = []
    for more in (1, 3):
        projects += [make_ready() for _ in range(more)]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assessments = gates.assess_many(projects, "delivery")
        counts.append(len(queries))
        assert all(assessments[project.pk].passed for project in projects)
    assert counts[0] == counts[1]
    assert counts[0] <= 12
