"""What people may say about stakeholders, requirements, evidence and money, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from apps.compute.messages import InputRejected
from apps.datasets.models import Dataset
from apps.projects.models import Project, Role
from apps.requirements.models import Requirement, Stance
from apps.requirements.services import (
    RequirementFields,
    StakeholderFields,
    add_requirement,
    add_stakeholder,
    change_requirement,
    delete_stakeholder,
    edit_stakeholder,
    grant_waiver,
    record_evidence,
    revoke_waiver,
    scenario_sentence,
    set_stance,
    set_value_case,
    withdraw_requirement,
)
from tests.factories import make_file, make_member, make_project, make_run, make_user
from tests.requirements.making import DOCUMENT, PRICES, fields_of, refused, wish

pytestmark = pytest.mark.django_db

SCENARIO = {
    "source": "The interstate feed",
    "stimulus": "delivers nothing for five minutes",
    "environment": "on a trading day",
    "response": "the last-label rule takes over",
    "measure": "within 20 seconds.",
}


@pytest.fixture
def project() -> Project:
    return make_project()


# Stakeholders


def test_stakeholders(project: Project) -> None:
    owner = project.created_by
    one = add_stakeholder(project=project, user=owner, fields=StakeholderFields(name=" Trading desk "))
    assert one.name == "Trading desk"
    again = StakeholderFields(name="Trading desk")
    assert refused(lambda: add_stakeholder(project=project, user=owner, fields=again)) == "stakeholder_taken"
    for fields, code in (
        (StakeholderFields(name=" "), "empty_text"),
        (StakeholderFields(name="x" * 81), "text_too_long"),
        (StakeholderFields(name="x", goal="y" * 1_000_000), "text_too_long"),
        (StakeholderFields(name="a\0b"), "odd_characters"),
        (StakeholderFields(name="x", direction="sideways"), "unknown_choice"),
        (StakeholderFields(name="x", influence=9), "unknown_choice"),
    ):
        assert (
            refused(lambda fields=fields: edit_stakeholder(stakeholder=one, user=owner, fields=fields))
            == code
        )


def test_a_stakeholder_with_requirements_stays(project: Project) -> None:
    owner = project.created_by
    desk = add_stakeholder(project=project, user=owner, fields=StakeholderFields(name="Desk"))
    requirement = wish(project, asked_by=[desk, desk])
    assert Stance.objects.get().kind == "asked"
    with pytest.raises(InputRejected, match=r"Desk.*R-01"):
        delete_stakeholder(stakeholder=desk, user=owner)
    set_stance(requirement=requirement, stakeholder=desk, user=owner, kind="opposes")
    assert Stance.objects.get().kind == "opposes"
    bad = lambda: set_stance(requirement=requirement, stakeholder=desk, user=owner, kind="shrugs")  # noqa: E731
    assert refused(bad) == "unknown_choice"
    assert set_stance(requirement=requirement, stakeholder=desk, user=owner, kind="") is None
    delete_stakeholder(stakeholder=desk, user=owner)


def test_a_wish_of_a_stakeholder_who_is_deleted_meanwhile(project: Project) -> None:
    owner = project.created_by
    desk = add_stakeholder(project=project, user=owner, fields=StakeholderFields(name="Desk"))
    delete_stakeholder(stakeholder=type(desk).objects.get(pk=desk.pk), user=owner)
    assert refused(lambda: wish(project, asked_by=[desk])) == "deleted_already"


def test_a_stakeholder_of_another_project(project: Project) -> None:
    other = make_project()
    alien = add_stakeholder(project=other, user=other.created_by, fields=StakeholderFields(name="Alien"))
    assert refused(lambda: wish(project, asked_by=[alien])) == "of_other_project"
    requirement = wish(project)
    call = lambda: set_stance(  # noqa: E731
        requirement=requirement, stakeholder=alien, user=project.created_by, kind="asked"
    )
    assert refused(call) == "of_other_project"


# Requirements


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"statement": " "}, "empty_text"),
        ({"statement": "x" * 1_000_000}, "text_too_long"),
        ({"statement": "a\0b"}, "odd_characters"),
        ({"verification": ""}, "empty_text"),
        ({"kind": "magic"}, "unknown_choice"),
        ({"priority": "maybe"}, "unknown_choice"),
        ({"metric": "bananas"}, "unknown_metric"),
        ({"comparison": "about"}, "unknown_choice"),
        ({"limit": None}, "no_number"),
        ({"limit": float("nan")}, "no_number"),
        ({"limit": 85.0}, "limit_in_percent"),
        ({"metric": "mape", "limit": 15.0, "comparison": "at_most"}, "limit_in_percent"),
        ({"limit": -0.1}, "limit_out_of_range"),
        ({"limit": 1_000.0}, "limit_out_of_range"),
        ({"metric": "mcc", "limit": 1.5}, "limit_out_of_range"),
        ({"metric": ""}, "no_metric"),
        ({"confidence": 0.2}, "confidence_out_of_range"),
        ({"confidence": 1.0}, "confidence_out_of_range"),
        ({"max_age_days": 0}, "number_too_small"),
        ({"max_age_days": 100_000}, "number_too_large"),
        ({"slice_value": "DE"}, "no_slice_column"),
        ({"slice_column": "country"}, "no_slice_value"),
        ({"slice_column": "country", "slice_value": "DE", "every_slice": True}, "two_slices"),
        ({"metric": "f2", "slice_column": "country", "every_slice": True}, "not_by_slice"),
        ({"metric": "value_per_year", "slice_column": "country", "every_slice": True}, "not_by_slice"),
        ({"batch_size": 0}, "number_too_small"),
        ({"concurrency": 10**12}, "number_too_large"),
        ({"call_ms": -1.0}, "number_too_small"),
        (
            {"metric": "throughput", "limit": 300.0, "batch_size": 1, "concurrency": 1, "call_ms": 300.0},
            "load_impossible",
        ),
        ({"scenario": {"source": "x"}}, "scenario_incomplete"),
        ({"scenario": {**SCENARIO, "source": "x" * 301}}, "text_too_long"),
        ({"scenario": {**SCENARIO, "hero": "x"}}, "unknown_scenario_part"),
        ({"scenario": {**SCENARIO, "source": 5}}, "odd_scenario"),
        ({"asked_on": timezone.localdate() + timedelta(days=2)}, "day_in_future"),
        ({"asked_on": date.min}, "day_too_early"),
        ({"metric": "throughput", "limit": 1e300}, "number_too_large"),
    ],
)
def test_refused_requirements(project: Project, changes: dict[str, Any], code: str) -> None:
    plain = {"metric": "accuracy", "comparison": "at_least", "limit": 0.8}
    if changes.get("metric") == "":
        changes = {**plain, **changes}
        said = RequirementFields(statement="x", kind="quality", priority="must", verification="y", **changes)
        call = lambda: add_requirement(project=project, user=project.created_by, fields=said)  # noqa: E731
    else:
        call = lambda: wish(project, **changes)  # noqa: E731
    assert refused(call) == code
    assert not Requirement.objects.exists()


def test_data_of_another_project(project: Project) -> None:
    other = make_project()
    assert refused(lambda: wish(project, file=make_file(other))) == "of_other_project"
    dataset = Dataset.objects.create(project=other, name="Hold-out")
    assert refused(lambda: wish(project, dataset=dataset)) == "of_other_project"
    own = Dataset.objects.create(project=project, name="Hold-out")
    assert refused(lambda: wish(project, dataset=own, file=make_file(project))) == "two_data"


def test_a_metric_of_another_task(project: Project) -> None:
    make_run(project, task="regression")
    assert refused(lambda: wish(project, metric="accuracy")) == "metric_does_not_fit"
    assert wish(project, metric="mae", limit=3.0, comparison="at_most").number == 1


def test_the_sentence_writes_itself(project: Project) -> None:
    requirement = wish(project, metric="", scenario=SCENARIO)
    assert requirement.current is not None
    assert str(scenario_sentence(requirement.current.scenario)) == (
        "The interstate feed delivers nothing for five minutes on a trading day: "
        "the last-label rule takes over within 20 seconds."
    )
    assert scenario_sentence({}) is None


def test_changes_are_versions(project: Project) -> None:
    owner, requirement = project.created_by, wish(project)
    manager = make_member(project, Role.MANAGER)
    fields = fields_of(requirement, statement="It is right very often.")
    change_requirement(requirement=requirement, user=manager, fields=fields, reason="Clearer.", based_on=1)
    first, second = requirement.versions.order_by("number")
    assert (first.statement, second.statement) == ("It is right most of the time.", "It is right very often.")
    assert (second.author, second.reason) == (manager, "Clearer.")

    def change(**said: Any) -> str:
        given = {"fields": fields_of(requirement, limit=0.7), "reason": "Why not."} | said
        return refused(lambda: change_requirement(requirement=requirement, user=owner, **given))

    assert change(based_on=1) == "changed_meanwhile"
    assert change(reason=" ") == "empty_text"
    assert change(fields=fields_of(requirement)) == "nothing_changed"
    assert change(fields=fields_of(requirement, limit=7.0)) == "limit_in_percent"


def test_withdrawing_keeps_number_and_reason(project: Project) -> None:
    owner, requirement = project.created_by, wish(project)
    withdraw_requirement(requirement=requirement, user=owner, reason="The law changed.")
    requirement.refresh_from_db()
    assert requirement.withdrawn_at is not None
    assert requirement.versions.order_by("number").last().reason == "The law changed."
    again = lambda: withdraw_requirement(requirement=requirement, user=owner, reason="Again.")  # noqa: E731
    assert refused(again) == "withdrawn"
    assert wish(project).code == "R-02"


# Access


@pytest.mark.parametrize("role", [Role.VIEWER, Role.ENGINEER, None])
def test_managers_manage(project: Project, role: Role | None) -> None:
    person = make_member(project, role) if role else make_user()
    owner = project.created_by
    desk = add_stakeholder(project=project, user=owner, fields=StakeholderFields(name="Desk"))
    requirement = wish(project)
    end = timezone.localdate() + timedelta(days=10)
    waiver = grant_waiver(requirement=requirement, user=owner, owner=owner, reason="Soon.", expires_on=end)
    fields = fields_of(requirement, limit=0.7)
    calls: list[Callable[[], object]] = [
        lambda: add_stakeholder(project=project, user=person, fields=StakeholderFields(name="x")),
        lambda: edit_stakeholder(stakeholder=desk, user=person, fields=StakeholderFields(name="x")),
        lambda: delete_stakeholder(stakeholder=desk, user=person),
        lambda: set_stance(requirement=requirement, stakeholder=desk, user=person, kind="asked"),
        lambda: add_requirement(project=project, user=person, fields=fields),
        lambda: change_requirement(requirement=requirement, user=person, fields=fields, reason="x"),
        lambda: withdraw_requirement(requirement=requirement, user=person, reason="x"),
        lambda: grant_waiver(requirement=requirement, user=person, owner=owner, reason="x", expires_on=end),
        lambda: revoke_waiver(waiver=waiver, user=person),
        lambda: set_value_case(project=project, user=person, fields=PRICES),
    ]
    if role is not Role.ENGINEER:
        paper = wish(project, metric="")
        calls.append(lambda: record_evidence(requirement=paper, user=person, fields=DOCUMENT))
    for call in calls:
        with pytest.raises(PermissionDenied):
            call()
