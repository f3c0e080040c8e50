"""Every move of a model version, what the gate says to an approval, and how a champion follows another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.db.utils import ProgrammingError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.evaluations.models import ModelVersion
from apps.lifecycle import services as lifecycle
from apps.lifecycle.models import Decision
from apps.projects.models import Project, Role
from apps.releases.models import Stage, StageChange
from apps.releases.services import set_rule, set_stage
from apps.releases.signals import champion_changed
from apps.releases.stages import champion_of, offered_moves, stages_of, versions_with_stage
from tests.factories import make_member, make_model_version, make_project
from tests.lifecycle.world import in_delivery
from tests.releases.world import ago, make_champion, move, name_trainer, stand

pytestmark = pytest.mark.django_db

CANDIDATE, APPROVED, SHADOW, CHAMPION, RETIRED = Stage.values
#: From where to where, with the code of the refusal; "" where it is allowed.
TABLE = {
    (CANDIDATE, CANDIDATE): "decided_already",
    (CANDIDATE, APPROVED): "",
    (CANDIDATE, SHADOW): "",
    (CANDIDATE, CHAMPION): "impossible_move",
    (CANDIDATE, RETIRED): "",
    (APPROVED, CANDIDATE): "",
    (APPROVED, APPROVED): "decided_already",
    (APPROVED, SHADOW): "",
    (APPROVED, CHAMPION): "",
    (APPROVED, RETIRED): "",
    (SHADOW, CANDIDATE): "",
    (SHADOW, APPROVED): "",
    (SHADOW, SHADOW): "decided_already",
    (SHADOW, CHAMPION): "not_approved",
    (SHADOW, RETIRED): "",
    (CHAMPION, CANDIDATE): "impossible_move",
    (CHAMPION, APPROVED): "impossible_move",
    (CHAMPION, SHADOW): "impossible_move",
    (CHAMPION, CHAMPION): "decided_already",
    (CHAMPION, RETIRED): "",
    (RETIRED, CANDIDATE): "",
    (RETIRED, APPROVED): "impossible_move",
    (RETIRED, SHADOW): "impossible_move",
    (RETIRED, CHAMPION): "never_champion",
    (RETIRED, RETIRED): "decided_already",
}


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def version(project: Project) -> ModelVersion:
    return make_model_version(project, "1")


def refusal(version: ModelVersion, stage: str, **fields: Any) -> InputRejected:
    with pytest.raises(InputRejected) as refused:
        move(version, stage, **fields)
    return refused.value


def stage_of(version: ModelVersion) -> str:
    return versions_with_stage().get(pk=version.pk).stage


@pytest.mark.parametrize(("before", "after"), TABLE, ids=str)
def test_every_move(version: ModelVersion, before: str, after: str) -> None:
    if before != CANDIDATE:
        stand(version, before)
    code = TABLE[before, after]
    if code:
        assert refusal(version, after).code == code
        assert stage_of(version) == before
    else:
        move(version, after)
        assert stage_of(version) == after
    offered = offered_moves(version, before) if code else []
    assert after not in offered  # what would be refused is not offered


def test_the_refusals_say_what_to_do(version: ModelVersion) -> None:
    said = str(refusal(version, CHAMPION))
    assert said == "“Model ml 1” is a candidate. It has to be approved before it goes live."
    make_champion(version)
    assert "Make another version the champion, or retire this one." in str(refusal(version, SHADOW))


def test_a_version_without_any_change_is_a_candidate(project: Project, version: ModelVersion) -> None:
    assert stage_of(version) == CANDIDATE
    assert stages_of(project) == {}


@pytest.mark.parametrize("stage", [CANDIDATE, SHADOW])
def test_engineers_set_what_nobody_acts_on(project: Project, version: ModelVersion, stage: str) -> None:
    stand(version, APPROVED)
    assert move(version, stage, make_member(project, Role.ENGINEER)).stage == stage


@pytest.mark.parametrize("stage", [APPROVED, CHAMPION, RETIRED])
def test_managers_set_the_rest(project: Project, version: ModelVersion, stage: str) -> None:
    stand(version, SHADOW if stage == APPROVED else APPROVED)
    with pytest.raises(PermissionDenied):
        move(version, stage, make_member(project, Role.ENGINEER))
    assert move(version, stage, make_member(project, Role.MANAGER)).stage == stage


def test_viewers_set_nothing(project: Project, version: ModelVersion) -> None:
    with pytest.raises(PermissionDenied):
        move(version, SHADOW, make_member(project, Role.VIEWER))


@pytest.mark.parametrize(
    ("reason", "code"), [("", "text_missing"), ("  ", "text_missing"), ("a\x00b", "text_with_nul")]
)
def test_a_move_needs_a_reason(version: ModelVersion, reason: str, code: str) -> None:
    assert refusal(version, SHADOW, reason=reason).code == code


def test_an_unknown_stage_and_a_foreign_version_are_refused(project: Project, version: ModelVersion) -> None:
    assert refusal(version, "live").code == "unknown_stage"
    with pytest.raises(InputRejected) as refused:
        set_stage(
            project=project,
            user=project.created_by,
            version=make_model_version(make_project()),
            stage=SHADOW,
            reason="Mistaken",
        )
    assert refused.value.code == "version_of_other_project"


def test_a_new_champion_retires_the_former_one(project: Project, version: ModelVersion) -> None:
    make_champion(version)
    second = make_model_version(project, "2")
    change = make_champion(second)
    assert (stage_of(version), stage_of(second)) == (RETIRED, CHAMPION)
    gone = stages_of(project)[version.pk]
    assert gone.reason == "“Model ml 2” became the champion."
    assert gone.at == change.at
    assert champion_of(second.model) == second


def test_models_have_champions_of_their_own(project: Project, version: ModelVersion) -> None:
    make_champion(version)
    rule = make_model_version(project, "1", kind="baseline")
    make_champion(rule)
    assert champion_of(version.model) == version
    assert champion_of(rule.model) == rule


def test_a_former_champion_comes_back(project: Project, version: ModelVersion) -> None:
    second = make_model_version(project, "2")
    make_champion(version)
    make_champion(second)
    move(version, CHAMPION, reason="Version 2 loses orders")
    assert (stage_of(version), stage_of(second)) == (CHAMPION, RETIRED)
    reasons = list(version.stage_changes.values_list("stage", "reason"))
    assert reasons[0] == (CHAMPION, "Version 2 loses orders")


def test_a_shadow_that_was_approved_becomes_the_champion(version: ModelVersion) -> None:
    move(version, APPROVED)
    move(version, SHADOW)
    assert move(version, CHAMPION).stage == CHAMPION


def test_an_approval_that_was_taken_back_does_not_count(version: ModelVersion) -> None:
    for stage in (APPROVED, CANDIDATE, SHADOW):
        move(version, stage)
    assert refusal(version, CHAMPION).code == "not_approved"


def test_who_was_the_champion_when(project: Project, version: ModelVersion) -> None:
    second = make_model_version(project, "2")
    for each, days in ((version, 30), (second, 10)):
        move(each, APPROVED, at=ago(days + 1))
        move(each, CHAMPION, at=ago(days))
    assert champion_of(version.model, ago(40)) is None
    assert champion_of(version.model, ago(20)) == version
    assert champion_of(version.model, ago(5)) == second
    move(second, RETIRED)
    assert champion_of(version.model) is None


def test_the_past_is_not_rewritten(version: ModelVersion) -> None:
    move(version, APPROVED, at=ago(3))
    assert refusal(version, CHAMPION, at=ago(4)).code == "before_last_move"
    assert refusal(version, CHAMPION, at=timezone.now() + timedelta(hours=1)).code == "day_in_future"


def test_a_change_is_never_changed(version: ModelVersion) -> None:
    change = move(version, SHADOW)
    with pytest.raises(ProgrammingError, match="Cannot update or delete"):
        StageChange.objects.filter(pk=change.pk).update(reason="Otherwise")


def test_listeners_hear_of_another_champion(project: Project, version: ModelVersion) -> None:
    heard: list[tuple[Any, Any, str]] = []

    def listen(change: StageChange, champion: Any, former: Any, **_rest: Any) -> None:
        assert connection.in_atomic_block
        heard.append((champion, former, change.stage))

    second = make_model_version(project, "2")
    champion_changed.connect(listen)
    try:
        make_champion(version)
        make_champion(second)
        move(second, RETIRED)
    finally:
        champion_changed.disconnect(listen)
    assert heard == [(version, None, CHAMPION), (second, version, CHAMPION), (None, second, RETIRED)]


def test_without_a_rule_no_gate_is_asked(version: ModelVersion) -> None:
    assert move(version, APPROVED).advice is None


def demand_gate(project: Project) -> None:
    set_rule(project=project, user=project.created_by, needs_gate=True, trainer=None)


def test_approval_demands_the_gate_to_production(project: Project, version: ModelVersion) -> None:
    demand_gate(project)
    refused = refusal(version, APPROVED)
    assert refused.code == "gate_not_passed"
    assert "record a decision to go on there" in str(refused)
    assert stage_of(version) == CANDIDATE
    assert move(version, SHADOW).stage == SHADOW  # nobody acts on it


def test_a_recorded_decision_to_go_on_passes(project: Project, version: ModelVersion) -> None:
    demand_gate(project)
    decision = lifecycle.decide(
        phase=in_delivery(project),
        user=project.created_by,
        subject=Decision.Subject.PRODUCTION_GATE,
        outcome=Decision.Outcome.GO,
        reason="The season starts",
    )
    assert refusal(version, APPROVED).code == "gate_not_passed"  # it waits for a second person
    lifecycle.confirm_decision(decision=decision, user=make_member(project, Role.MANAGER))
    advice = move(version, APPROVED).advice
    assert advice is not None
    assert (advice["gate"], advice["advice"], advice["decision"]) == ("production", "not_yet", 1)


def test_a_rule_takes_no_webhook_of_another_project(project: Project) -> None:
    foreign = name_trainer(make_project())
    with pytest.raises(InputRejected) as refused:
        set_rule(project=project, user=project.created_by, needs_gate=False, trainer=foreign)
    assert refused.value.code == "webhook_of_other_project"


def test_stages_take_one_query_however_many_versions(project: Project) -> None:
    for label in range(12):
        version = make_model_version(project, str(label))
        stand(version, SHADOW, ago(2))
        stand(version, CANDIDATE, ago(1))
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = stages_of(project)
        assert {change.by.pk for change in found.values()} == {project.created_by_id}
    assert {change.stage for change in found.values()} == {CANDIDATE}
    assert (len(found), len(queries)) == (12, 1)
