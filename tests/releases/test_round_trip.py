"""A trainer outside: the request comes to it by HTTP, and its answers go back by HTTP with a token."""

from __future__ import annotations

import json
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest

from apps.accounts.models import User
from apps.notifications.sending.delivering import deliver
from apps.projects.models import Project, Role
from apps.releases.stages import versions_with_stage
from tests.factories import make_member, make_model_version, make_project, make_token, make_user
from tests.notifications.conftest import loopback, receiver  # noqa: F401
from tests.notifications.receiver import Receiver, status
from tests.releases.world import make_champion, name_trainer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_worker", "loopback")]


class Script:
    """Somebody's program with a token; nothing of Django is in between."""

    def __init__(self, user: User) -> None:
        self.headers = {"Authorization": f"Bearer {make_token(user)}", "Content-Type": "application/json"}

    def ask(self, address: str, **body: Any) -> tuple[int, Any]:
        """A POST with a body, else a GET."""
        data = json.dumps(body).encode() if body else None
        try:
            request = Request(address, data, self.headers)  # noqa: S310  the portal of the test
            with urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, json.load(answer)
        except HTTPError as refused:
            return refused.code, json.load(refused)


@pytest.fixture
def project() -> Project:
    return make_project(make_user("Nadia Petrova"), "Demand")


def test_from_the_request_to_the_new_champion(
    project: Project,
    web_process: tuple[Any, str],
    receiver: Receiver,  # noqa: F811
) -> None:
    _server, portal = web_process
    webhook = name_trainer(project, url=receiver.url(), secret="key of the signature")
    champion = make_model_version(project)
    make_champion(champion)
    manager, trainer = Script(project.created_by), Script(make_member(project, Role.ENGINEER))

    code, asked = manager.ask(
        f"{portal}/api/v1/retraining-requests/",
        project=project.slug,
        model=champion.model_id,
        reason="The error grows",
        details={"data_until": "2026-03-31"},
    )
    assert (code, asked["state"], asked["delivery_state"]) == (201, "asked", "waiting")

    receiver.reply = status(202)
    deliver()
    [got] = receiver.received
    assert got.is_signed_with(webhook.secret)
    told = got.json
    assert (told["event"], told["title"]) == ("retraining.asked", "Train “Model ml” anew")
    assert told["text"] == "Request 1 by Nadia Petrova: The error grows"
    assert told["data"]["details"] == {"data_until": "2026-03-31"}

    answer = told["data"]["answer"]
    assert answer == f"{portal}/api/v1/retraining-requests/{asked['id']}/answer/"
    assert trainer.ask(answer, state="running")[1]["state"] == "running"
    done = {"state": "done", "version_label": "2026-04", "cost": 12.5, "note": "On the data of March"}
    assert trainer.ask(answer, **done)[0] == 200
    assert trainer.ask(answer, **done)[0] == 200  # the network repeats
    assert trainer.ask(answer, state="failed")[0] == 409

    code, found = manager.ask(f"{portal}/api/v1/retraining-requests/{asked['id']}/")
    assert (code, found["state"], found["delivery_state"]) == (200, "done", "sent")
    assert found["started_at"] < found["ended_at"]
    stage = f"{portal}/api/v1/model-versions/{found['version']}/stage/"
    for name in ("approved", "champion"):
        assert manager.ask(stage, stage=name, reason="Beats the old one on March")[0] == 201
    stages = versions_with_stage().filter(model=champion.model).values_list("label", "stage")
    assert list(stages) == [("2026-04", "champion"), ("1", "retired")]


def test_a_trainer_that_is_down_is_seen(
    project: Project,
    web_process: tuple[Any, str],
    receiver: Receiver,  # noqa: F811
) -> None:
    _server, portal = web_process
    name_trainer(project, url=receiver.url())
    version = make_model_version(project)
    receiver.reply = status(500)
    script = Script(project.created_by)
    _code, asked = script.ask(
        f"{portal}/api/v1/retraining-requests/",
        project=project.slug,
        model=version.model_id,
        reason="The error grows",
    )
    deliver()
    assert len(receiver.received) == 1
    _code, found = script.ask(f"{portal}/api/v1/retraining-requests/{asked['id']}/")
    assert (found["state"], found["delivery_state"]) == ("asked", "waiting")  # it is tried again
