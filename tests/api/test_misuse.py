"""Requests that make no sense for a project: each gets a sentence, and nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.evaluations.models import Run
from apps.lifecycle.models import Decision, FitAnswer, Hypothesis, Phase
from apps.projects.models import Project
from apps.requirements.models import Requirement
from tests.factories import make_file, make_project, make_run

pytestmark = pytest.mark.django_db


def day(offset: int = 0) -> str:
    return (timezone.localdate() + timedelta(days=offset)).isoformat()


def refused(client: APIClient, address: str, body: dict[str, Any], status: int = 422) -> dict[str, Any]:
    """The one error of the refusal."""
    answer = client.post(f"/api/v1/{address}/", body)
    assert answer.status_code == status, answer.content
    problem = answer.json()
    assert problem["detail"].endswith((".", "?")), problem["detail"]
    return dict(problem["errors"][0]) if "errors" in problem else problem


@pytest.fixture
def discovery(project: Project, owner: User) -> Phase:
    return Phase.objects.create(
        project=project,
        kind=Phase.Kind.DISCOVERY,
        started_on=timezone.localdate(),
        ends_on=timezone.localdate() + timedelta(days=20),
        created_by=owner,
    )


@pytest.fixture
def elsewhere(owner: User) -> Project:
    """Another project of the same owner."""
    return make_project(owner, "Another")


def wish(project: Project, **fields: Any) -> dict[str, Any]:
    return {
        "project": project.slug,
        "statement": "It finds most tumours",
        "kind": "quality",
        "priority": "must",
        "verification": "On the hold-out",
        **fields,
    }


def test_a_timebox_that_ends_before_it_starts(api: APIClient, project: Project) -> None:
    body = {"project": project.slug, "started_on": day(10), "ends_on": day(3)}
    error = refused(api, "phases", body)
    assert error["code"] == "timebox_ends_before_start"
    assert not Phase.objects.exists()


def test_days_beyond_the_calendar(api: APIClient, project: Project) -> None:
    for end in ("0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "soon", "-1"):
        body = {"project": project.slug, "started_on": day(), "ends_on": end}
        assert refused(api, "phases", body, 400)["field"] == "ends_on"
    far = {"project": project.slug, "started_on": day(), "ends_on": "2150-01-01"}
    assert refused(api, "phases", far)["code"] == "timebox_too_long"
    assert not Phase.objects.exists()


def test_a_run_or_a_file_of_another_project(
    api: APIClient, project: Project, elsewhere: Project, discovery: Phase
) -> None:
    run, file = make_run(elsewhere), make_file(elsewhere)
    question = Hypothesis.objects.create(
        project=project, phase=discovery, number=1, text="Weather?", added_on=discovery.started_on
    )
    settled = {"state": "confirmed", "finding": "Yes", "run": run.pk}
    assert refused(api, f"hypotheses/{question.pk}/settle", settled)["code"] == "run_of_other_project"
    answer = {"project": project.slug, "question": "patterns", "state": "tested", "file": str(file.pk)}
    assert refused(api, "fit-answers", answer)["code"] == "file_of_other_project"
    measured = {"metric": "recall", "comparison": "at_least", "limit": 0.9}
    assert refused(api, "requirements", wish(project, file=str(file.pk), **measured))["code"] == (
        "of_other_project"
    )
    question.refresh_from_db()
    assert (question.state, FitAnswer.objects.count(), Requirement.objects.count()) == ("open", 0, 0)


def test_what_the_asker_may_not_see_is_not_there(api: APIClient, project: Project) -> None:
    hidden = make_project()
    run, file = make_run(hidden), make_file(hidden)
    unknown = "00000000-0000-0000-0000-000000000000"
    for name, value in (("file", str(file.pk)), ("file", unknown), ("run", run.pk), ("run", 10**30)):
        body = {"project": project.slug, "question": "patterns", "state": "tested", name: value}
        error = refused(api, "fit-answers", body, 400)
        assert (error["field"], str(value) in error["detail"]) == (name, True)
    body = {"project": hidden.slug, "question": "patterns", "state": "assumed"}
    assert hidden.slug in refused(api, "fit-answers", body, 404)["detail"]


def test_stakeholders_of_another_project(api: APIClient, project: Project, elsewhere: Project) -> None:
    answer = api.post("/api/v1/stakeholders/", {"project": elsewhere.slug, "name": "Shops"})
    foreign = answer.json()["id"]
    assert refused(api, "requirements", wish(project, asked_by=[foreign]))["code"] == "of_other_project"
    assert not Requirement.objects.exists()


@pytest.mark.parametrize(
    ("limit", "code", "part"),
    [
        (85, "limit_in_percent", "0.85"),
        (-0.1, "limit_out_of_range", "between"),
        (850, "limit_out_of_range", ""),
    ],
)
def test_a_limit_in_the_wrong_unit(
    api: APIClient, project: Project, limit: float, code: str, part: str
) -> None:
    error = refused(api, "requirements", wish(project, metric="recall", comparison="at_least", limit=limit))
    assert error["code"] == code
    assert part in error["detail"]


def test_a_metric_that_does_not_fit_the_task(api: APIClient, project: Project, run: Run) -> None:
    assert run.task == "binary"
    body = wish(project, metric="mae", comparison="at_most", limit=3)
    error = refused(api, "requirements", body)
    assert error["code"] == "metric_does_not_fit"
    assert "binary" in error["detail"]
    unknown = refused(api, "requirements", body | {"metric": "greatness"})
    assert unknown["code"] == "unknown_metric"


def test_a_target_in_part(api: APIClient, project: Project) -> None:
    assert refused(api, "requirements", wish(project, metric="recall"))["code"] == "unknown_choice"
    assert refused(api, "requirements", wish(project, limit=0.9))["code"] == "no_metric"
    body = wish(project, metric="recall", comparison="at_least", limit=0.9, every_slice=True)
    assert refused(api, "requirements", body)["code"] == "no_slice_column"


def test_a_viewer_and_a_read_token_decide_nothing(
    viewer: APIClient, owner: User, ask: Callable[..., APIClient], discovery: Phase
) -> None:
    body = {"phase": discovery.pk, "subject": "timebox", "outcome": "stop", "reason": "Enough"}
    answer = viewer.post("/api/v1/decisions/", body)
    assert (answer.status_code, "Manager" in answer.json()["detail"]) == (403, True)
    answer = ask(owner, "read").post("/api/v1/decisions/", body)
    assert (answer.status_code, "only read" in answer.json()["detail"]) == (403, True)
    assert not Decision.objects.exists()


def test_a_statement_of_a_megabyte(api: APIClient, project: Project) -> None:
    error = refused(api, "requirements", wish(project, statement="a" * 1_000_000), 400)
    assert (error["field"], "1000" in error["detail"]) == ("statement", True)
    refused(api, "requirements", wish(project, statement="a" * 5_000_000), 413)
    made = api.post("/api/v1/requirements/", wish(project))
    address = f"/api/v1/requirements/{made.json()['id']}/"
    change = api.patch(address, {"statement": "a" * 1_000_000, "reason": "More"})
    assert change.status_code == 400
    assert api.get(address).json()["current"]["statement"] == "It finds most tumours"


@pytest.mark.parametrize(
    "number", ["NaN", "Infinity", "-Infinity", "1e400", "1" + "0" * 400, '"nan"', '"inf"']
)
def test_numbers_that_are_none(api: APIClient, project: Project, number: str) -> None:
    bodies = {
        "requirements": (
            '{"project": "%s", "statement": "S", "kind": "quality", "priority": "must", "verification": "V", '
            '"metric": "recall", "comparison": "at_least", "limit": %s}'
        ),
        "value-cases": '{"project": "%s", "currency": "EUR", "volume_per_year": %s}',
    }
    for address, body in bodies.items():
        sent = body % (project.slug, number)
        answer = api.post(f"/api/v1/{address}/", sent, content_type="application/json")
        assert answer.status_code == 400, answer.content
        assert answer.json()["detail"]
    assert not Requirement.objects.exists()


@pytest.mark.parametrize(
    "address",
    [
        *("phases", "hypotheses", "deliverables", "fit-answers", "criteria", "decisions"),
        *("stakeholders", "requirements", "conflicts", "value-cases"),
    ],
)
@pytest.mark.parametrize("key", ["0", "-1", "abc", "9" * 30, "%00", "1.5", "٣"])
def test_ids_that_are_not_there(api: APIClient, address: str, key: str) -> None:
    answer = api.get(f"/api/v1/{address}/{key}/")
    assert (answer.status_code, bool(answer.json()["detail"])) == (404, True)
