"""Two people at the same moment: the later one gets a sentence, and nothing is lost or done twice."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.compute.messages import InputRejected
from apps.lifecycle.models import Decision, Phase
from apps.projects.models import Project
from apps.requirements.models import RequirementVersion, Stakeholder
from apps.requirements.services import StakeholderFields, delete_stakeholder, edit_stakeholder

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*requests: Callable[[], Any]) -> list[tuple[int, Any]]:
    """Each request from a thread and connection of its own; status and body in the same order."""
    gate = Barrier(len(requests))

    def send(request: Callable[[], Any]) -> tuple[int, Any]:
        try:
            gate.wait()
            answer = request()
            return answer.status_code, answer.json() if answer.content else None
        finally:
            connection.close()

    with ThreadPoolExecutor(len(requests)) as threads:
        return list(threads.map(send, requests))


def code(answer: tuple[int, Any]) -> str:
    return str(answer[1]["errors"][0]["code"])


def discovery_of(project: Project) -> Phase:
    today = timezone.localdate()
    return Phase.objects.create(
        project=project,
        kind=Phase.Kind.DISCOVERY,
        started_on=today,
        ends_on=today + timedelta(days=20),
        created_by=project.created_by,
    )


def write(client: APIClient, project: Project) -> Any:
    body = {"statement": "S", "kind": "legal", "priority": "must", "verification": "V"}
    return client.post("/api/v1/requirements/", {"project": project.slug, **body})


def test_two_managers_decide_one_gate(api: APIClient, second: APIClient, project: Project) -> None:
    phase = discovery_of(project)
    body = {"phase": phase.pk, "subject": "delivery", "outcome": "stop", "reason": "No data"}
    answers = at_once(
        lambda: api.post("/api/v1/decisions/", body),
        lambda: second.post("/api/v1/decisions/", body | {"outcome": "go", "reason": "The season starts"}),
    )
    assert sorted(status for status, _body in answers) == [201, 409], answers
    assert code(max(answers, key=lambda answer: answer[0])) == "decided_already"
    assert Decision.objects.count() == 1


def test_a_decision_is_confirmed_and_declined(api: APIClient, second: APIClient, project: Project) -> None:
    body = {"phase": discovery_of(project).pk, "subject": "delivery", "outcome": "go", "reason": "Now"}
    made = api.post("/api/v1/decisions/", body).json()["id"]
    answers = at_once(
        lambda: second.post(f"/api/v1/decisions/{made}/confirm/", {}),
        lambda: api.post(f"/api/v1/decisions/{made}/decline/", {}),
    )
    assert sorted(status for status, _body in answers) == [200, 409], answers
    moved = Phase.objects.filter(kind=Phase.Kind.DELIVERY).exists()
    assert moved == (Decision.objects.get().state == Decision.State.IN_FORCE)


def test_two_change_one_requirement(api: APIClient, second: APIClient, project: Project) -> None:
    address = f"/api/v1/requirements/{write(api, project).json()['id']}/"
    change = {"reason": "Law", "based_on": 1}
    answers = at_once(
        lambda: api.patch(address, {"statement": "One", **change}),
        lambda: second.patch(address, {"statement": "Other", **change}),
    )
    assert sorted(status for status, _body in answers) == [200, 409], answers
    assert code(max(answers, key=lambda answer: answer[0])) == "changed_meanwhile"
    assert list(RequirementVersion.objects.values_list("number", flat=True)) == [2, 1]


def test_two_write_requirements(api: APIClient, second: APIClient, project: Project) -> None:
    answers = at_once(lambda: write(api, project), lambda: write(second, project))
    assert [status for status, _body in answers] == [201, 201], answers
    listed = api.get(f"/api/v1/requirements/?project={project.slug}").json()["results"]
    assert [row["code"] for row in listed] == ["R-01", "R-02"]


def test_two_delete_one_stakeholder(api: APIClient, second: APIClient, project: Project) -> None:
    made = Stakeholder.objects.create(project=project, name="Shops")
    address = f"/api/v1/stakeholders/{made.pk}/"
    answers = at_once(lambda: api.delete(address), lambda: second.delete(address))
    statuses = {status for status, _body in answers}
    assert statuses in ({204, 404}, {204, 422}), answers  # gone when looked up, or when locked
    assert not Stakeholder.objects.exists()


def test_an_edit_does_not_bring_back_a_deleted_stakeholder(project: Project) -> None:
    made = Stakeholder.objects.create(project=project, name="Shops")
    opened = Stakeholder.objects.get(pk=made.pk)
    delete_stakeholder(stakeholder=made, user=project.created_by)
    with pytest.raises(InputRejected) as refused:
        edit_stakeholder(
            stakeholder=opened, user=project.created_by, fields=StakeholderFields(name="Shops and stores")
        )
    assert refused.value.code == "deleted_already"
    assert not Stakeholder.objects.exists()


def test_a_stakeholder_is_edited_and_deleted_at_once(
    api: APIClient, second: APIClient, project: Project
) -> None:
    made = Stakeholder.objects.create(project=project, name="Shops")
    address = f"/api/v1/stakeholders/{made.pk}/"
    edited, deleted = at_once(
        lambda: api.patch(address, {"goal": "Fewer returns"}), lambda: second.delete(address)
    )
    assert deleted[0] == 204
    assert edited[0] in {200, 404, 422}, edited  # before, when looked up, or when locked
    assert not Stakeholder.objects.exists()
