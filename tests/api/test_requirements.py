"""Stakeholders, requirements and their verdicts over REST."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.evaluations.models import Run
from apps.history.models import Change
from apps.projects.models import Project
from tests.golden import CASES, golden_of

pytestmark = pytest.mark.django_db


def post(client: APIClient, address: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = client.post(f"/api/v1/{address}/", body)
    assert answer.status_code == status, answer.content
    return answer.json()


def said(project: Project, **fields: Any) -> dict[str, Any]:
    """A requirement that people judge, or with the fields of a target one that runs do."""
    return {
        "project": project.slug,
        "statement": "Doctors can follow a decision",
        "kind": "explainability",
        "priority": "should",
        "verification": "Five doctors read twenty decisions",
        **fields,
    }


def target(project: Project, metric: str, comparison: str, limit: float, **fields: Any) -> dict[str, Any]:
    measured = {"metric": metric, "comparison": comparison, "limit": limit, "kind": "quality"}
    return said(project, **measured, **fields)


def test_stakeholders_are_added_changed_and_deleted(api: APIClient, project: Project) -> None:
    body = {"project": project.slug, "name": "Radiology", "goal": "Miss no tumour", "influence": 3}
    made = post(api, "stakeholders", body)
    assert (made["name"], made["influence"], made["direction"]) == ("Radiology", 3, "")
    address = f"/api/v1/stakeholders/{made['id']}/"
    changed = api.patch(address, {"direction": "down", "measure": "Missed tumours a month"}).json()
    assert (changed["goal"], changed["direction"]) == ("Miss no tumour", "down")
    taken = post(api, "stakeholders", body, 422)
    assert taken["errors"][0]["code"] == "stakeholder_taken"
    assert api.delete(address).status_code == 204
    assert api.get(address).status_code == 404
    assert Change.objects.filter(table="requirements_stakeholder", operation="DELETE").exists()


def test_a_stakeholder_with_requirements_stays(api: APIClient, project: Project) -> None:
    stakeholder = post(api, "stakeholders", {"project": project.slug, "name": "Radiology"})
    post(api, "requirements", said(project, asked_by=[stakeholder["id"]]))
    refused = api.delete(f"/api/v1/stakeholders/{stakeholder['id']}/")
    assert refused.status_code == 422
    assert "R-01" in refused.json()["detail"]
    assert api.get(f"/api/v1/stakeholders/{stakeholder['id']}/").status_code == 200


def test_a_run_gives_the_verdict_with_its_reasons(api: APIClient, project: Project, run: Run) -> None:
    made = post(api, "requirements", target(project, "recall", "at_least", 0.9, priority="must"))
    verdict = made["verdict"]
    expected = golden_of(CASES[1], "lr")["overall"]["recall"]
    assert (made["code"], made["state"], verdict["run_number"]) == ("R-01", "confirmed", run.number)
    assert verdict["value"] == pytest.approx(expected, abs=1e-9)
    assert 0.9 < verdict["low"] < verdict["value"] < verdict["high"]
    assert made["current"]["unit"] == "share"
    assert [reason["sentence"] for reason in verdict["reasons"]] == [
        "The whole interval lies on the wanted side of the limit."
    ]


def test_reasons_come_in_the_language_of_the_request(api: APIClient, project: Project, run: Run) -> None:
    post(api, "requirements", target(project, "recall", "at_least", 0.9))
    made = post(api, "requirements", target(project, "precision", "at_least", 0.9))
    address = f"/api/v1/requirements/{made['id']}/"

    def corrected(language: str) -> dict[str, Any]:
        reasons = api.get(address, headers={"accept-language": language}).json()["verdict"]["reasons"]
        return next(reason for reason in reasons if "Holm" in reason["template"])

    english, russian = corrected("en"), corrected("ru")
    assert "2 requirements rest on this run" in english["sentence"]
    assert "97.5%" in english["sentence"]
    assert "97,5\u00a0%" in russian["sentence"]
    assert (english["template"], english["params"]) == (russian["template"], russian["params"])


def test_a_change_is_a_version_and_the_old_verdict_stays(api: APIClient, project: Project, run: Run) -> None:
    made = post(api, "requirements", target(project, "recall", "at_least", 0.9))
    address = f"/api/v1/requirements/{made['id']}/"
    changed = api.patch(address, {"limit": 0.999, "reason": "The ministry asks for it", "based_on": 1}).json()
    assert (changed["current"]["number"], changed["state"]) == (2, "refuted")
    assert changed["current"]["statement"] == made["current"]["statement"]
    versions = api.get(f"{address}versions/").json()["results"]
    assert [(row["number"], row["limit"], row["reason"]) for row in versions] == [
        (2, 0.999, "The ministry asks for it"),
        (1, 0.9, ""),
    ]
    verdicts = api.get(f"{address}verdicts/").json()["results"]
    assert {(row["version"], row["state"], row["until"] is None) for row in verdicts} == {
        (2, "refuted", True),
        (1, "confirmed", False),
    }


def test_a_change_of_what_was_changed_meanwhile_is_refused(api: APIClient, project: Project) -> None:
    made = post(api, "requirements", said(project))
    address = f"/api/v1/requirements/{made['id']}/"
    assert api.patch(address, {"priority": "must", "reason": "Law", "based_on": 1}).status_code == 200
    late = api.patch(address, {"priority": "could", "reason": "Costs", "based_on": 1})
    assert late.status_code == 409
    assert late.json()["errors"][0]["code"] == "changed_meanwhile"
    assert api.get(address).json()["current"]["priority"] == "must"
    no_reason = api.patch(address, {"priority": "could", "based_on": 2})
    assert no_reason.status_code == 422
    assert "reason" in no_reason.json()["detail"]


def test_a_scenario_writes_its_sentence(api: APIClient, project: Project) -> None:
    scenario = {
        "source": "A doctor",
        "stimulus": "asks for a score",
        "environment": "during the visit",
        "response": "the score is shown",
        "measure": "within one second",
    }
    made = post(api, "requirements", said(project, scenario=scenario))
    assert made["current"]["scenario"] == scenario
    assert made["current"]["scenario_sentence"].startswith("A doctor asks for a score during the visit:")
    half = post(api, "requirements", said(project, scenario={"source": "A doctor"}), 422)
    assert half["errors"][0]["code"] == "scenario_incomplete"


def test_people_record_evidence(api: APIClient, project: Project) -> None:
    made = post(api, "requirements", said(project))
    evidence = {
        "kind": "judgement",
        "title": "Reading of twenty decisions",
        "positive": 98,
        "total": 100,
        "limit": 0.8,
        "comparison": "at_least",
    }
    recorded = post(api, f"requirements/{made['id']}/evidence", evidence)
    assert (recorded["version"], recorded["recorded_by"]) == (1, "Head of Data")
    address = f"/api/v1/requirements/{made['id']}/"
    now = api.get(address).json()
    assert (now["state"], now["verdict"]["evidence"]) == ("confirmed", recorded["id"])
    assert api.get(f"{address}evidence/").json()["count"] == 1


def test_a_waiver_is_granted_once_and_taken_back(api: APIClient, project: Project) -> None:
    made = post(api, "requirements", said(project, priority="must"))
    end = (timezone.localdate() + timedelta(days=90)).isoformat()
    body = {"reason": "The law comes in spring", "expires_on": end}
    waiver = post(api, f"requirements/{made['id']}/waivers", body)
    assert (waiver["owner"], waiver["expires_on"]) == ("Head of Data", end)
    post(api, f"requirements/{made['id']}/waivers", body, 422)
    stranger = post(api, f"requirements/{made['id']}/waivers", body | {"owner": "x@example.org"}, 400)
    assert stranger["errors"][0]["field"] == "owner"
    address = f"requirements/{made['id']}/waivers/{waiver['id']}/revoke"
    assert post(api, address, {}, 200)["revoked_at"] is not None
    assert api.get(f"/api/v1/requirements/{made['id']}/waivers/").json()["count"] == 1


def test_the_matrix_says_who_wants_what(api: APIClient, viewer: APIClient, project: Project) -> None:
    names = ("Radiology", "Data protection")
    first, second = (post(api, "stakeholders", {"project": project.slug, "name": name}) for name in names)
    made = post(api, "requirements", said(project, asked_by=[first["id"]]))
    address = f"/api/v1/requirements/{made['id']}/stance/"
    body = {"stakeholder": second["id"], "kind": "opposes"}
    assert viewer.put(address, body).status_code == 403
    stances = api.put(address, body).json()["stances"]
    assert [(row["name"], row["kind"]) for row in stances] == [
        ("Radiology", "asked"),
        ("Data protection", "opposes"),
    ]
    matrix = viewer.get(f"/api/v1/requirements/matrix/?project={project.slug}").json()
    assert {(cell["stakeholder"], cell["kind"]) for cell in matrix["cells"]} == {
        (first["id"], "asked"),
        (second["id"], "opposes"),
    }
    cleared = api.put(address, body | {"kind": ""}).json()
    assert [row["name"] for row in cleared["stances"]] == ["Radiology"]


def test_a_withdrawn_requirement_keeps_its_number(api: APIClient, project: Project) -> None:
    made = post(api, "requirements", said(project))
    gone = post(api, f"requirements/{made['id']}/withdraw", {"reason": "Nobody asks for it"}, 200)
    assert gone["withdrawn_at"] is not None
    assert post(api, "requirements", said(project))["code"] == "R-02"
    again = api.patch(f"/api/v1/requirements/{made['id']}/", {"priority": "must", "reason": "Law"})
    assert again.json()["errors"][0]["code"] == "withdrawn"


def test_a_contradiction_shows_its_options_and_takes_a_decision(
    api: APIClient, second: APIClient, project: Project, run: Run
) -> None:
    post(api, "requirements", target(project, "recall", "at_least", 0.998))
    post(api, "requirements", target(project, "precision", "at_least", 0.998))
    found = api.get(f"/api/v1/conflicts/?project={project.slug}&decided=false&gone=false").json()["results"]
    assert [(row["kind"], row["first_code"], row["second_code"]) for row in found] == [
        ("evidence", "R-01", "R-02")
    ]
    address = f"/api/v1/conflicts/{found[0]['id']}/"
    ways = api.get(address).json()["ways"]
    options = {option["key"]: option for option in ways["options"]}
    assert set(options) == {"relax_first", "relax_second", "keep_both"}
    assert options["relax_first"]["second"] >= 0.998
    assert {point["run"] for point in ways["front"]} == {run.pk}
    assert all(point["loses"] for point in ways["front"])
    assert len(ways["curves"][0]["first"]) == len(ways["curves"][0]["threshold"])
    body = {"chosen": "relax_first", "decision": "A second reader looks at every image"}
    decided = post(api, f"conflicts/{found[0]['id']}/decide", body, 200)
    assert decided["option"]["limit"] == options["relax_first"]["limit"]
    assert decided["ways"] is None
    late = post(second, f"conflicts/{found[0]['id']}/decide", body, 409)
    assert late["errors"][0]["code"] == "decided_already"
    relaxed = api.get(f"/api/v1/requirements/?project={project.slug}").json()["results"][0]["current"]
    assert (relaxed["number"], relaxed["limit"]) == (2, options["relax_first"]["limit"])


def test_prices_have_versions(api: APIClient, project: Project) -> None:
    body = {"project": project.slug, "currency": "EUR", "volume_per_year": 40_000, "hit": 900, "miss": 5_000}
    assert post(api, "value-cases", body)["number"] == 1
    assert post(api, "value-cases", body | {"miss": 6_000}, 422)["errors"][0]["code"] == "empty_text"
    second = post(api, "value-cases", body | {"miss": 6_000, "reason": "New tariff"})
    listed = api.get(f"/api/v1/value-cases/?project={project.slug}").json()["results"]
    assert [(row["number"], row["miss"]) for row in listed] == [(2, 6_000), (1, 5_000)]
    assert api.get(f"/api/v1/value-cases/{second['id']}/").json()["reason"] == "New tariff"


def test_lists_are_filtered(api: APIClient, project: Project, run: Run) -> None:
    stakeholder = post(api, "stakeholders", {"project": project.slug, "name": "Radiology"})
    confirmed = target(project, "recall", "at_least", 0.8, priority="must", asked_by=[stakeholder["id"]])
    post(api, "requirements", confirmed)
    post(api, "requirements", target(project, "recall", "at_least", 0.9999, priority="could"))
    post(api, "requirements", said(project))
    for query, codes in (
        ("", ["R-01", "R-02", "R-03"]),
        ("state=confirmed", ["R-01"]),
        ("state=refuted", ["R-02"]),
        ("priority=should", ["R-03"]),
        ("kind=quality", ["R-01", "R-02"]),
        ("metric=recall&priority=could", ["R-02"]),
        (f"stakeholder={stakeholder['id']}", ["R-01"]),
        ("withdrawn=true", []),
    ):
        listed = api.get(f"/api/v1/requirements/?project={project.slug}&{query}").json()["results"]
        assert [row["code"] for row in listed] == codes, query


@pytest.mark.parametrize(
    ("query", "part"),
    [
        ("state=fine", "confirmed, contradicting, refuted, unverified"),
        ("priority=1", "must, should, could"),
        ("kind=%00", "quality, latency"),
        ("stakeholder=0", "“0”"),
        ("project=nowhere", "nowhere"),
        ("withdrawn=often", "boolean"),
        ("prority=must", "project, state, priority, kind, metric, stakeholder, withdrawn"),
    ],
)
def test_a_filter_that_means_nothing_is_refused(api: APIClient, query: str, part: str) -> None:
    answer = api.get(f"/api/v1/requirements/?{query}")
    assert answer.status_code == 400
    assert part in answer.json()["detail"]


def test_the_list_asks_the_database_the_same_however_long_it_is(
    api: APIClient, project: Project, run: Run
) -> None:
    counts = []
    for number in range(3):
        stakeholder = post(api, "stakeholders", {"project": project.slug, "name": f"Team {number}"})
        body = target(project, "recall", "at_least", 0.5 + number / 10, asked_by=[stakeholder["id"]])
        post(api, "requirements", body)
        with CaptureQueriesContext(connection) as queries:
            assert api.get(f"/api/v1/requirements/?project={project.slug}").json()["count"] == number + 1
        counts.append(len(queries))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 15
