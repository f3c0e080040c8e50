"""Every field of every request, with everything that JSON can hold."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import transaction
from rest_framework.test import APIClient

from apps.common.problems import CONTENT_TYPE
from apps.history.models import Change
from apps.projects.models import Project
from tests.access.life import make_life
from tests.factories import make_file, make_run

pytestmark = pytest.mark.django_db
ODD = [
    *("null", "true", "-1", "1.5", "1e400", "1" + "0" * 400, '""', '"\\u0000"', '"\\ud800"'),
    *('"٣x"', "[]", "[[null]]", "{}", '{"a": {"b": []}}', '"9999-12-31"'),
]
DAY = "2026-01-05"
LIFE = [
    ("post", "phases/", {"project": "*", "started_on": DAY, "ends_on": "2026-02-05", "goal": "Know"}),
    ("patch", "phases/{phase_pk}/", {"started_on": DAY, "ends_on": "2026-02-05"}),
    ("post", "phases/{delivery_pk}/agree-scope/", {"promised_on": "2026-12-31"}),
    ("post", "hypotheses/", {"phase": "phase_pk", "text": "Prices?", "added_on": DAY}),
    (
        "post",
        "hypotheses/{hypothesis_pk}/settle/",
        {
            "state": "dropped",
            "finding": "No",
            "run": "run_pk",
            "link": "https://x.example",
            "settled_on": DAY,
        },
    ),
    (
        "post",
        "deliverables/",
        {"phase": "delivery_pk", "name": "A page", "size": 2, "reason": "", "added_on": DAY},
    ),
    ("post", "deliverables/{deliverable_pk}/resize/", {"size": 3, "reason": "Larger", "day": DAY}),
    ("post", "deliverables/{deliverable_pk}/remove/", {"reason": "Smaller", "day": DAY}),
    ("post", "deliverables/{deliverable_pk}/finish/", {"done_on": DAY}),
    (
        "post",
        "fit-answers/",
        {
            "project": "*",
            "question": "complex",
            "state": "tested",
            "note": "Seen",
            "link": "https://x.example",
            "run": "run_pk",
            "file": "file_pk",
            "owner": "owner@example.org",
        },
    ),
    ("post", "criteria/", {"project": "*", "gate": "delivery", "text": "A team"}),
    ("post", "criteria/{criterion_pk}/judge/", {"state": "met", "evidence": "Seen", "link": ""}),
    (
        "post",
        "decisions/",
        {
            "phase": "delivery_pk",
            "subject": "production",
            "outcome": "change_course",
            "reason": "Because",
            "promised_on": "2098-01-01",
            "extend_to": "2098-01-01",
        },
    ),
    ("post", "decisions/retire/", {"project": "*", "reason": "No budget"}),
    ("post", "decisions/{decision_pk}/decline/", {"note": "Too early"}),
]
_TARGET = {
    "statement": "It finds most",
    "kind": "quality",
    "priority": "must",
    "verification": "On the hold-out",
    "scenario": {},
    "metric": "recall",
    "comparison": "at_least",
    "limit": 0.9,
    "dataset": None,
    "file": "file_pk",
    "slice_column": "region",
    "slice_value": "north",
    "every_slice": False,
    "confidence": 0.9,
    "max_age_days": 30,
    "batch_size": 10,
    "concurrency": 2,
    "call_ms": 5.0,
}
_PERSON = {"goal": "G", "objective": "O", "baseline": "B", "measure": "M", "direction": "up", "influence": 3}
WISHES = [
    ("post", "stakeholders/", {"project": "*", "name": "Shops", **_PERSON}),
    ("patch", "stakeholders/{stakeholder_pk}/", {"name": "Shops", **_PERSON}),
    ("post", "requirements/", {"project": "*", **_TARGET, "asked_by": [], "asked_on": DAY}),
    ("patch", "requirements/{requirement_pk}/", {**_TARGET, "reason": "Law", "based_on": 1}),
    ("post", "requirements/{requirement_pk}/withdraw/", {"reason": "Nobody"}),
    ("put", "requirements/{requirement_pk}/stance/", {"stakeholder": "stakeholder_pk", "kind": "asked"}),
    (
        "post",
        "requirements/{requirement_pk}/evidence/",
        {
            "kind": "drill",
            "title": "Drill",
            "note": "N",
            "link": "",
            "supports": True,
            "positive": 1,
            "total": 2,
            "values": [1, 2],
            "unit": "s",
            "limit": 3,
            "comparison": "at_most",
            "observed_at": "2026-01-05T10:00:00Z",
        },
    ),
    (
        "post",
        "requirements/{requirement_pk}/waivers/",
        {"owner": "owner@example.org", "reason": "Later", "expires_on": "2098-01-01"},
    ),
    ("post", "conflicts/{conflict_pk}/decide/", {"chosen": "relax_first", "decision": "It is law"}),
    (
        "post",
        "value-cases/",
        {
            "project": "*",
            "currency": "EUR",
            "volume_per_year": 10,
            "hoped_per_year": 10,
            "hit": 1,
            "miss": 1,
            "false_alarm": 1,
            "error_unit": 1,
            "running_cost": 1,
            "spent": 1,
            "delay_per_week": 1,
            "reason": "New",
        },
    ),
]


@pytest.mark.parametrize(("method", "address", "body"), LIFE + WISHES, ids=lambda part: str(part)[:40])
def test_odd_values_are_refused_and_change_nothing(
    api: APIClient, project: Project, method: str, address: str, body: dict[str, Any]
) -> None:
    rows = {**make_life(project), "run_pk": make_run(project).pk, "file_pk": str(make_file(project).pk)}
    place = f"/api/v1/{address.format(**rows)}"
    good = {name: rows.get(value, value) if isinstance(value, str) else value for name, value in body.items()}
    if "project" in good:
        good["project"] = project.slug
    for field in good:
        for odd in ODD:
            rest = json.dumps({name: value for name, value in good.items() if name != field})
            sent = f'{rest[:-1]}{", " if len(good) > 1 else ""}"{field}": {odd}}}'
            with transaction.atomic():
                trail = Change.objects.count()
                answer = getattr(api, method)(place, sent, content_type="application/json")
                assert answer.status_code < 500, f"{field} = {odd}: {answer.content!r}"
                if answer.status_code >= 400:
                    assert answer["Content-Type"] == CONTENT_TYPE, f"{field} = {odd}"
                    assert answer.json()["detail"], f"{field} = {odd}"
                    assert Change.objects.count() == trail, f"{field} = {odd} changed something"
                transaction.set_rollback(True)
    whole = getattr(api, method)(place, "[1]", content_type="application/json")
    assert whole.status_code == 400
