"""The life of a project over REST, from its first discovery to its end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.compute.fit import QUESTIONS
from apps.lifecycle.models import Decision, Phase
from apps.projects.models import Project
from tests.factories import make_file

pytestmark = pytest.mark.django_db


def day(offset: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=offset)).isoformat()


def post(client: APIClient, address: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = client.post(f"/api/v1/{address}/", body)
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def discovery(api: APIClient, project: Project) -> dict[str, Any]:
    body = {"project": project.slug, "started_on": day(-7), "ends_on": day(21), "goal": "Is it worth it?"}
    return post(api, "phases", body)


@pytest.fixture
def delivery(api: APIClient, second: APIClient, discovery: dict[str, Any]) -> dict[str, Any]:
    body = {"phase": discovery["id"], "subject": "delivery", "outcome": "go", "reason": "The season starts"}
    decision = post(api, "decisions", body)
    post(second, f"decisions/{decision['id']}/confirm", {"note": "Agreed"}, 200)
    return api.get(f"/api/v1/phases/?project={discovery['project']}&kind=delivery").json()["results"][0]


def test_a_discovery_has_a_timebox(api: APIClient, discovery: dict[str, Any]) -> None:
    assert (discovery["kind"], discovery["cycle"], discovery["closed_at"]) == ("discovery", 1, None)
    changed = api.patch(f"/api/v1/phases/{discovery['id']}/", {"ends_on": day(14)})
    assert changed.json()["ends_on"] == day(14)
    assert changed.json()["started_on"] == discovery["started_on"]
    assert api.get(f"/api/v1/phases/{discovery['id']}/").json()["goal"] == "Is it worth it?"


def test_a_second_discovery_at_once_is_refused(api: APIClient, discovery: dict[str, Any]) -> None:
    body = {"project": discovery["project"], "started_on": day(), "ends_on": day(9)}
    refused = post(api, "phases", body, 422)
    assert refused["errors"][0]["code"] == "discovery_open"


def test_hypotheses_are_settled_and_opened_again(api: APIClient, discovery: dict[str, Any]) -> None:
    made = post(api, "hypotheses", {"phase": discovery["id"], "text": "Weather matters"})
    assert (made["code"], made["state"]) == ("H-1", "open")
    settled = post(api, f"hypotheses/{made['id']}/settle", {"state": "refuted", "finding": "No gain"}, 200)
    assert (settled["state"], settled["settled_on"], settled["settled_by"]) == (
        "refuted",
        day(),
        "Head of Data",
    )
    address = f"/api/v1/hypotheses/?project={discovery['project']}&state=refuted"
    assert [row["code"] for row in api.get(address).json()["results"]] == ["H-1"]
    assert post(api, f"hypotheses/{made['id']}/reopen", {}, 200)["state"] == "open"


def test_the_fit_assessment_ends_in_an_advice(api: APIClient, project: Project) -> None:
    address = f"/api/v1/fit-answers/advice/?project={project.slug}"
    before = api.get(address).json()
    assert before["advice"]["kind"] == "not_yet"
    assert len(before["questions"]) == len(QUESTIONS)
    assert {question["state"] for question in before["questions"]} == {None}
    body = {"project": project.slug, "question": "simple_rule", "state": "tested", "note": "One line of SQL"}
    answer = post(api, "fit-answers", body, 200)
    assert (answer["question"], answer["owner"]) == ("simple_rule", "Head of Data")
    after = api.get(address).json()["advice"]
    assert (after["kind"], after["reasons"]) == ("no_ml", ["Speaks against it: A simple rule solves it"])
    file = make_file(project)
    changed = post(api, "fit-answers", body | {"state": "refuted", "file": str(file.pk)}, 200)
    assert (changed["id"], changed["file"]) == (answer["id"], str(file.pk))


def test_a_gate_is_computed_and_unknown_never_passes(api: APIClient, project: Project) -> None:
    criterion = post(api, "criteria", {"project": project.slug, "gate": "delivery", "text": "Team is there"})
    address = f"/api/v1/gates/?project={project.slug}&gate=delivery"
    assessment = api.get(address).json()
    by_key = {row["key"]: row for row in assessment["criteria"]}
    assert by_key["fit"]["state"] == by_key[f"own-{criterion['id']}"]["state"] == "unknown"
    assert by_key["fit"]["page"].endswith("/fit/")
    assert (assessment["gate"], assessment["advice"]) == ("delivery", "not_yet")
    body = {"state": "met", "evidence": "Three people"}
    assert post(api, f"criteria/{criterion['id']}/judge", body, 200)["state"] == "met"
    by_key = {row["key"]: row for row in api.get(address).json()["criteria"]}
    assert by_key[f"own-{criterion['id']}"]["reason"] == "Three people"
    assert api.delete(f"/api/v1/criteria/{criterion['id']}/").status_code == 204
    assert f"own-{criterion['id']}" not in {row["key"] for row in api.get(address).json()["criteria"]}


def test_against_the_advice_a_second_person_is_needed(
    api: APIClient, second: APIClient, discovery: dict[str, Any]
) -> None:
    body = {"phase": discovery["id"], "subject": "delivery", "outcome": "go"}
    assert post(api, "decisions", body, 422)["errors"][0]["code"] == "reason_missing"
    decision = post(api, "decisions", body | {"reason": "The season starts", "promised_on": day(60)})
    assert (decision["state"], decision["advice"]) == ("proposed", "not_yet")
    assert decision["evidence"]["criteria"][0]["state"] == "unknown"
    own = post(api, f"decisions/{decision['id']}/confirm", {}, 422)
    assert own["errors"][0]["code"] == "same_person"
    confirmed = post(second, f"decisions/{decision['id']}/confirm", {"note": "Agreed"}, 200)
    assert (confirmed["state"], confirmed["second_person"]) == ("in_force", "manager")
    open_phases = api.get(f"/api/v1/phases/?project={discovery['project']}&closed=false").json()["results"]
    assert [(phase["kind"], phase["promised_on"]) for phase in open_phases] == [("delivery", day(60))]


def test_a_declined_decision_moves_nothing(
    api: APIClient, second: APIClient, discovery: dict[str, Any]
) -> None:
    body = {"phase": discovery["id"], "subject": "delivery", "outcome": "go", "reason": "Now"}
    decision = post(api, "decisions", body)
    post(second, f"decisions/{decision['id']}/decline", {"note": "Too early"}, 200)
    assert Phase.objects.get().closed_at is None
    late = post(second, f"decisions/{decision['id']}/confirm", {}, 409)
    assert late["errors"][0]["code"] == "decided_already"


def test_a_timebox_is_extended_once(api: APIClient, discovery: dict[str, Any]) -> None:
    body = {
        "phase": discovery["id"],
        "subject": "timebox",
        "outcome": "extend",
        "reason": "Data came late",
        "extend_to": day(35),
    }
    assert post(api, "decisions", body)["state"] == "in_force"
    assert api.get(f"/api/v1/phases/{discovery['id']}/").json()["ends_on"] == day(35)
    post(api, "hypotheses", {"phase": discovery["id"], "text": "Weather matters."})
    shown = api.get(f"/api/v1/phases/{discovery['id']}/progress/").json()["burn_down"]
    assert (shown["open"][-1], shown["total"], shown["settled"]) == (1, 1, 0)
    again = post(api, "decisions", body | {"extend_to": day(49)}, 422)
    assert again["errors"][0]["code"] == "extended_already"


def test_the_scope_of_a_delivery_and_its_changes(api: APIClient, delivery: dict[str, Any]) -> None:
    first = post(api, "deliverables", {"phase": delivery["id"], "name": "Scores every night", "size": 3})
    agreed = post(api, f"phases/{delivery['id']}/agree-scope", {"promised_on": day(40)}, 200)
    assert agreed["baseline_at"] is not None
    late = {"phase": delivery["id"], "name": "A page for shops"}
    post(api, "deliverables", late, 422)
    added = post(api, "deliverables", late | {"reason": "Shops asked"})
    assert (added["code"], added["in_baseline"]) == ("D-2", False)
    post(api, f"deliverables/{first['id']}/resize", {"size": 5, "reason": "Two more sources"}, 200)
    done = post(api, f"deliverables/{first['id']}/finish", {}, 200)
    assert done["done_on"] == day()
    assert post(api, f"deliverables/{first['id']}/reopen", {}, 200)["done_on"] is None
    post(api, f"deliverables/{added['id']}/remove", {"reason": "Next year"}, 200)
    changes = api.get(f"/api/v1/scope-changes/?phase={delivery['id']}").json()["results"]
    assert [(row["kind"], row["change"], row["reason"]) for row in changes] == [
        ("added", 1, "Shops asked"),
        ("resized", 2, "Two more sources"),
        ("removed", -1, "Next year"),
    ]
    left = api.get(f"/api/v1/deliverables/?phase={delivery['id']}&removed=false").json()["results"]
    assert [(row["code"], row["size"]) for row in left] == [("D-1", 5)]
    progress = api.get(f"/api/v1/phases/{delivery['id']}/progress/").json()
    assert progress["burn_down"] is None
    shown = progress["burn_up"]
    assert (shown["scope"][-1], shown["done"][-1], shown["remaining"]) == (5, 0, 5)
    assert (shown["promised_on"], shown["p50_on"]) == (day(40), None), "too little history for a forecast"


def test_a_project_is_retired_and_comes_back(api: APIClient, discovery: dict[str, Any]) -> None:
    slug = discovery["project"]
    assert post(api, "decisions/retire", {"project": slug, "reason": "No budget"})["evidence"] is None
    again = post(api, "decisions/retire", {"project": slug, "reason": "No budget"}, 409)
    assert again["errors"][0]["code"] == "decided_already"
    cycle = post(api, "phases", {"project": slug, "started_on": day(), "ends_on": day(20)})
    assert cycle["cycle"] == 2
    subjects = [row["subject"] for row in api.get(f"/api/v1/decisions/?project={slug}").json()["results"]]
    assert subjects == ["new_cycle", "retirement"]
    assert Decision.objects.count() == 2


@pytest.mark.parametrize(
    ("address", "names"),
    [
        ("phases/?kind=planning", "discovery, delivery, production, retired"),
        ("hypotheses/?state=maybe", "open, confirmed, refuted, dropped"),
        ("decisions/?outcome=wait", "go, change_course, stop, extend"),
        ("decisions/?subject=x&state=in_force", "delivery, production, timebox"),
        ("criteria/?gate=garden", "delivery, production"),
        ("deliverables/?status=done", "project, phase, done, removed, in_baseline"),
        ("phases/?project=nowhere", "nowhere"),
        ("hypotheses/?phase=999", "999"),
        ("scope-changes/?deliverable=x", "integer"),
        ("phases/?closed=perhaps", "boolean"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(api: APIClient, address: str, names: str) -> None:
    answer = api.get(f"/api/v1/{address}")
    assert answer.status_code == 400
    assert names in answer.json()["detail"]


def test_lists_ask_the_database_the_same_however_long_they_are(
    api: APIClient, discovery: dict[str, Any]
) -> None:
    counts = []
    for number in range(3):
        post(api, "hypotheses", {"phase": discovery["id"], "text": f"Question {number}"})
        with CaptureQueriesContext(connection) as queries:
            api.get(f"/api/v1/hypotheses/?project={discovery['project']}")
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2]
