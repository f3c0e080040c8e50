"""A script in every text field: the API gives it back as it came, and pages show it as text."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.projects.models import Project

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert('x')</script>\"'><img src=x onerror=alert(1)>{{ 7*7 }}"


def post(client: APIClient, address: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = client.post(f"/api/v1/{address}/", body)
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def said(api: APIClient, project: Project) -> dict[str, Any]:
    """One of everything, with the script wherever people may write."""
    slug, today = project.slug, timezone.localdate()
    later = today + timedelta(days=30)
    person = dict.fromkeys(("name", "goal", "objective"), SCRIPT) | {"baseline": SCRIPT, "measure": SCRIPT}
    stakeholder = post(api, "stakeholders", {"project": slug, **person})
    wish = {"statement": SCRIPT, "kind": "legal", "priority": "must", "verification": SCRIPT}
    scenario = dict.fromkeys(("source", "stimulus", "environment", "response", "measure"), SCRIPT)
    requirement = post(
        api,
        "requirements",
        {"project": slug, **wish, "scenario": scenario, "asked_by": [stakeholder["id"]]},
    )
    place = f"requirements/{requirement['id']}"
    document = {"kind": "document", "title": SCRIPT, "note": SCRIPT, "supports": False}
    evidence = post(api, f"{place}/evidence", document)
    waiver = post(api, f"{place}/waivers", {"reason": SCRIPT, "expires_on": str(later)})
    phase = post(
        api,
        "phases",
        {"project": slug, "started_on": today.isoformat(), "ends_on": str(later), "goal": SCRIPT},
    )
    hypothesis = post(api, "hypotheses", {"phase": phase["id"], "text": SCRIPT})
    settled = post(api, f"hypotheses/{hypothesis['id']}/settle", {"state": "dropped", "finding": SCRIPT}, 200)
    answer = {"project": slug, "question": "patterns", "state": "tested", "note": SCRIPT}
    fit = post(api, "fit-answers", answer, 200)
    criterion = post(api, "criteria", {"project": slug, "gate": "delivery", "text": SCRIPT})
    judged = post(api, f"criteria/{criterion['id']}/judge", {"state": "met", "evidence": SCRIPT}, 200)
    go = {"phase": phase["id"], "subject": "delivery", "outcome": "go", "reason": SCRIPT}
    decision = post(api, "decisions", go)
    return {
        "stakeholder": [stakeholder[name] for name in person],
        "requirement": [requirement["current"]["statement"], *requirement["current"]["scenario"].values()],
        "evidence": [evidence["title"], evidence["note"], waiver["reason"]],
        "life": [phase["goal"], settled["text"], settled["finding"], fit["note"]],
        "gate": [judged["text"], judged["evidence"], decision["reason"]],
    }


def test_the_api_gives_it_back_as_it_came(said: dict[str, list[str]]) -> None:
    assert {text for texts in said.values() for text in texts} == {SCRIPT}


@pytest.mark.parametrize(
    ("name", "args"),
    [
        ("requirements:list", []),
        ("requirements:detail", [1]),
        ("requirements:edit", [1]),
        ("requirements:stakeholders", []),
        ("requirements:matrix", []),
        ("lifecycle:discovery", []),
        ("lifecycle:fit", []),
        ("lifecycle:gate", ["delivery"]),
        ("lifecycle:decisions", []),
    ],
)
def test_pages_show_it_as_text(
    owner: User, project: Project, said: dict[str, Any], name: str, args: list[Any]
) -> None:
    client = Client()
    client.force_login(owner)
    page = client.get(reverse(name, args=[project.slug, *args]))
    assert page.status_code == 200
    html = page.content.decode()
    assert "<script>alert" not in html
    assert "<img src=x" not in html
    assert escape("<script>alert('x')") in html
