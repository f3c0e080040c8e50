"""Pages of model versions and retraining: what they say, who may write, what a bad input brings."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.evaluations.models import ModelVersion
from apps.notifications.models import Delivery
from apps.projects.models import Project, Role
from apps.releases.models import ReleaseRule, RetrainingRequest, Stage
from apps.releases.services import answer_retraining, request_retraining
from apps.releases.stages import champion_of
from tests.factories import make_member, make_model_version, make_project, make_run
from tests.releases.world import ago, make_champion, move, name_trainer, stand

pytestmark = pytest.mark.django_db
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def project() -> Project:
    return make_project()


@pytest.fixture
def version(project: Project) -> ModelVersion:
    return make_model_version(project)


def client_of(project: Project, role: Role) -> Client:
    client = Client()
    client.force_login(make_member(project, role))
    return client


@pytest.fixture
def manager(project: Project) -> Client:
    return client_of(project, Role.MANAGER)


@pytest.fixture
def engineer(project: Project) -> Client:
    return client_of(project, Role.ENGINEER)


def read(client: Client, project: Project, rest: str = "") -> str:
    answer = client.get(f"/projects/{project.slug}/models/{rest}")
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def send(client: Client, project: Project, rest: str, **fields: Any) -> str:
    """What the page says after the form; follows to where it leads."""
    answer = client.post(f"/projects/{project.slug}/models/{rest}", fields, follow=True)
    assert answer.status_code == 200
    return " ".join(answer.text.split())


def test_without_versions_the_list_says_where_they_come_from(project: Project, engineer: Client) -> None:
    page = read(engineer, project)
    assert "No model version yet" in page
    assert f"/projects/{project.slug}/runs/upload/" in page


def test_the_list_begins_with_the_champion(project: Project, manager: Client) -> None:
    versions = [make_model_version(project, label) for label in ("old", "live", "next")]
    for each, (stage, days) in zip(
        versions, ((Stage.RETIRED, 50), (Stage.CHAMPION, 42), (Stage.SHADOW, 3)), strict=True
    ):
        stand(each, stage, ago(days))
    make_model_version(project, "fresh")
    run = make_run(project, model_version=versions[1])
    page = read(manager, project)
    assert "“Model ml live” has been the champion for 42 days." in page
    places = [page.index(f">Model ml {label}</a></th>") for label in ("live", "next", "fresh", "old")]
    assert places == sorted(places)
    assert f"Run {run.number}" in page
    assert "Age of its data: not known" in page


def test_without_a_champion_the_list_says_so(
    project: Project, version: ModelVersion, manager: Client
) -> None:
    assert "No version is the champion: nothing is recorded as live." in read(manager, project)


def test_a_manager_moves_a_version_to_its_life(
    project: Project, version: ModelVersion, manager: Client
) -> None:
    place = f"{version.pk}/"
    page = read(manager, project, place)
    assert 'value="approved"' in page
    assert 'value="champion"' not in page  # it has to be approved first
    page = send(manager, project, place, stage="approved", reason="Beats the rule")
    assert "It stands there now: Approved." in page
    page = send(manager, project, place, stage="champion", reason=f"Live from today {SCRIPT}")
    assert "Beats the rule" in page
    assert SCRIPT not in page
    assert "&lt;script&gt;" in page
    assert champion_of(version.model) == version


def test_a_refusal_keeps_what_was_typed(project: Project, version: ModelVersion, manager: Client) -> None:
    ReleaseRule.objects.create(project=project, needs_gate=True)
    place = f"{version.pk}/"
    assert f"/projects/{project.slug}/gate/production/" in read(manager, project, place)
    page = send(manager, project, place, stage="approved", reason="Typed with care")
    assert "Approval needs the gate to production" in page
    assert "Typed with care" in page
    assert "This field is required." in send(manager, project, place, stage="approved", reason="")
    assert not version.stage_changes.exists()


def test_an_engineer_is_offered_what_engineers_may(
    project: Project, version: ModelVersion, engineer: Client
) -> None:
    page = read(engineer, project, f"{version.pk}/")
    assert 'value="shadow"' in page
    assert 'value="approved"' not in page
    page = send(engineer, project, f"{version.pk}/", stage="approved", reason="Sneaky")
    assert "Select a valid choice." in page
    make_champion(version)
    page = read(engineer, project, f"{version.pk}/")
    assert "From here only a manager of the project moves it." in page


def test_a_viewer_reads_the_history(project: Project, version: ModelVersion) -> None:
    viewer = client_of(project, Role.VIEWER)
    move(version, Stage.SHADOW, reason="To see it beside the rule")
    page = read(viewer, project, f"{version.pk}/")
    assert "To see it beside the rule" in page
    assert "Move the version" not in page
    answer = viewer.post(f"/projects/{project.slug}/models/{version.pk}/", {"stage": "candidate"})
    assert answer.status_code == 403


def test_versions_of_other_projects_are_not_there(project: Project, manager: Client) -> None:
    foreign = make_model_version(make_project())
    answer = manager.get(f"/projects/{project.slug}/models/{foreign.pk}/")
    assert answer.status_code == 404


def test_the_rule_names_a_trainer_of_the_project(project: Project, manager: Client) -> None:
    trainer = name_trainer(project)
    ReleaseRule.objects.all().delete()
    foreign = name_trainer(make_project(), name="Elsewhere")
    page = read(manager, project, "rule/")
    assert "Trainer" in page
    assert "Elsewhere" not in page
    assert "Select a valid choice." in send(manager, project, "rule/", trainer=foreign.pk)
    assert "The rule was changed." in send(manager, project, "rule/", trainer=trainer.pk, needs_gate="on")
    rule = ReleaseRule.objects.get(project=project)
    assert (rule.needs_gate, rule.trainer) == (True, trainer)
    send(manager, project, "rule/", trainer="")
    rule.refresh_from_db()
    assert (rule.needs_gate, rule.trainer) == (False, None)


def test_retraining_from_the_request_to_the_answer(
    project: Project, version: ModelVersion, engineer: Client
) -> None:
    assert "This project names no trainer." in read(engineer, project, "retraining/")
    name_trainer(project)
    assert "No request yet" in read(engineer, project, "retraining/")
    page = read(engineer, project, f"retraining/new/?model={version.model_id}")
    assert f'value="{version.model_id}" selected' in page
    assert ">{}</textarea>" in page.replace("> {}", ">{}")
    fields = {"model": version.model_id, "reason": f"Errors {SCRIPT}", "details": "[1"}
    page = send(engineer, project, "retraining/new/", **fields)
    assert "Write JSON" in page
    assert "[1" in page
    page = send(engineer, project, "retraining/new/", **fields | {"details": "[1]"})
    assert "Write names and values" in page
    page = send(engineer, project, "retraining/new/", **fields | {"details": '{"until": "<May>"}'})
    assert "Request 1 goes to the trainer." in page
    page = read(engineer, project, "retraining/1/")
    assert SCRIPT not in page
    assert "&lt;May&gt;" in page
    assert "has not answered" in page
    assert "Waiting" in page  # the message to the trainer
    page = send(engineer, project, "retraining/1/answer/", state="done")
    assert "A training that is done has a new version." in page
    page = send(engineer, project, "retraining/1/answer/", state="done", version_label="2", cost="12")
    assert "Request 1: Done." in page
    assert "The trainer made “Model ml 2”." in page
    page = read(engineer, project, "retraining/")
    assert "too few to tell" in page
    made = ModelVersion.objects.get(label="2")
    assert "Trained for request 1." in read(engineer, project, f"{made.pk}/")


def test_a_message_that_failed_says_why(project: Project, version: ModelVersion, engineer: Client) -> None:
    name_trainer(project)
    request_retraining(project=project, user=project.created_by, model=version.model, reason="Old")
    problem = {"text": "The receiver answered with %(status)s.", "params": {"status": "500"}}
    Delivery.objects.update(state="failed", status=500, attempts=8, problem=problem)
    page = read(engineer, project, "retraining/1/")
    assert "Given up" in page
    assert "The receiver answered with 500." in page


def test_without_a_trainer_the_form_keeps_what_was_typed(
    project: Project, version: ModelVersion, engineer: Client
) -> None:
    page = send(engineer, project, "retraining/new/", model=version.model_id, reason="Typed with care")
    assert "This project names no trainer." in page
    assert "Typed with care" in page


def count_queries(client: Client, project: Project, rest: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        read(client, project, rest)
    return len(queries)


def test_lists_ask_as_often_for_many_rows_as_for_few(db: None) -> None:
    counted = []
    for number in (2, 40):
        project = make_project()
        name_trainer(project)
        for place in range(number):
            version = make_model_version(project, str(place))
            make_champion(version)
            make_run(project, model_version=version)
            asked = request_retraining(
                project=project, user=project.created_by, model=version.model, reason="It is old"
            )
            answer_retraining(
                request=asked, user=project.created_by, state="done", version_label=f"new {place}"
            )
        client = client_of(project, Role.MANAGER)
        counted.append([count_queries(client, project, rest) for rest in ("", "retraining/")])
    assert counted[0] == counted[1]
    assert counted[0][0] <= 20
    assert counted[0][1] <= 20
    assert RetrainingRequest.objects.count() == 42
