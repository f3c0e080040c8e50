"""Addresses of the API that name the project, or a phase of it, in the body or the query."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction

from apps.projects.models import Role
from tests.access.test_access import WHO, World, make_world, rolled_back

pytestmark = pytest.mark.django_db
DAYS = {"started_on": "2026-01-01", "ends_on": "2026-02-01"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def status_of(who: str, least: Role, method: str) -> int | None:
    """401, 403 or 404; None for whoever is let in."""
    if who == "anonymous":
        return 401
    if who == "outsider":
        return 404
    if who == "read token" and method == "post":
        return 403
    role = {"viewer's write token": "viewer", "admin": "owner", "write token": "owner", "read token": "owner"}
    order = list(Role)
    return None if order.index(Role(role.get(who, who))) >= order.index(least) else 403


@pytest.mark.parametrize(
    ("least", "address", "body"),
    [
        (Role.MANAGER, "phases/", DAYS),
        (Role.ENGINEER, "hypotheses/", {"phase": "phase_pk", "text": "Prices matter"}),
        (Role.MANAGER, "deliverables/", {"phase": "delivery_pk", "name": "A page"}),
        (Role.ENGINEER, "fit-answers/", {"question": "complex", "state": "assumed"}),
        (Role.MANAGER, "criteria/", {"gate": "delivery", "text": "There is a team"}),
        (Role.MANAGER, "decisions/", {"phase": "phase_pk", "subject": "delivery", "outcome": "go"}),
        (Role.MANAGER, "decisions/retire/", {"reason": "No budget"}),
        (Role.MANAGER, "stakeholders/", {"name": "Shops"}),
        (Role.MANAGER, "evaluation-policies/", {"leak": "warn", "most_looks": 9}),
        (
            Role.MANAGER,
            "requirements/",
            {"statement": "It is fast", "kind": "latency", "priority": "must", "verification": "A drill"},
        ),
        (Role.MANAGER, "value-cases/", {"currency": "EUR", "volume_per_year": 1_000}),
        (Role.ENGINEER, "drift-reports/", {"file_id": "file"}),
        (Role.ENGINEER, "drift-references/", {"file_id": "file"}),
        (Role.ENGINEER, "expectations/", {"dataset": "dataset", "kind": "unique", "columns": ["x"]}),
        (Role.ENGINEER, "expectations/suggestions/", {"dataset": "dataset", "keys": ["x"]}),
        (Role.ENGINEER, "checks/", {"version": "version"}),
        (
            Role.ENGINEER,
            "saved-slices/",
            {"name": "Men", "conditions": [{"column": "sex", "op": "is", "values": ["Male"]}]},
        ),
        (Role.ENGINEER, "retraining-requests/", {"model": "model", "reason": "It is old"}),
        (Role.VIEWER, "retraining-requests/times/?project=%(project)s", None),
        (Role.VIEWER, "expectations/suggestions/?dataset=%(dataset)s", None),
        (Role.VIEWER, "gates/?project=%(project)s&gate=delivery", None),
        (Role.VIEWER, "fit-answers/advice/?project=%(project)s", None),
        (Role.VIEWER, "requirements/matrix/?project=%(project)s", None),
    ],
    ids=lambda part: part if isinstance(part, str) else "",
)
def test_who_gets_through(world: World, least: Role, address: str, body: dict[str, Any] | None) -> None:
    method = "get" if body is None else "post"
    place = f"/api/v1/{address % world.kwargs}"
    sent = {"project": world.kwargs["project"], **(body or {})}
    for name in {"phase", "file_id", "dataset", "version", "model"} & set(sent):
        sent[name] = world.kwargs[sent[name]]
    answers = {}
    for who in WHO:
        with rolled_back():
            client = world.clients[who]
            answer = client.get(place) if body is None else client.post(place, sent, format="json")
        assert answer.status_code < 500, answer.content
        answers[who] = answer.status_code if answer.status_code in (401, 403, 404) else None
    assert answers == {who: status_of(who, least, method) for who in WHO}
