"""What may be said of where a run comes from, and what is refused."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.evaluations.provenance import checked_parameters, lines_of_parameters, parameters_of_lines
from apps.projects.models import Project
from tests.evaluations.conftest import PREDICTIONS
from tests.factories import make_file, make_project, make_run, make_token

CONTENT = b"id,y_true,y_score\n1,0,0.2\n2,1,0.9\n"
ADDRESS = "/api/v1/runs/"


@pytest.fixture
def send(owner: User, project: Project) -> Callable[..., Any]:
    client = APIClient(raise_request_exception=False)
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")

    def post(**fields: Any) -> Any:
        file = SimpleUploadedFile("x.csv", CONTENT)
        return client.post(ADDRESS, {"project": project.slug, "file": file, **fields}, format="multipart")

    return post


def test_a_script_says_where_a_run_comes_from(send: Callable[..., Any], project: Project) -> None:
    parent, training = make_run(project), make_file(project, purpose="data")
    said = {"depth": 6, "rate": 0.1, "bag": True, "loss": "log"}
    answer = send(parent=parent.pk, parameters=json.dumps(said), training=str(training.pk))
    assert answer.status_code == 202, answer.content
    run = Run.objects.get(pk=answer.json()["run"]["id"])
    assert (run.parent, run.parameters, run.training, run.training_hash) == (parent, said, training, "")
    shown = answer.json()["run"]
    assert (shown["parent"], shown["parameters"]) == (parent.pk, said)
    by_number = send(parent_number=parent.number, training_hash="AB" * 32)
    run = Run.objects.get(pk=by_number.json()["run"]["id"])
    assert (run.parent, run.training_hash) == (parent, "ab" * 32)
    by_content = send(training_hash=training.sha256.upper())
    run = Run.objects.get(pk=by_content.json()["run"]["id"])
    assert (run.training, run.training_hash) == (training, "")


def refusal(answer: Any) -> str:
    """The code of a request that was understood and cannot be used."""
    assert answer.status_code == 422, answer.content
    return str(answer.json()["errors"][0]["code"])


REFUSED: list[tuple[dict[str, str], str]] = [
    ({"parameters": "[1, 2]"}, "parameters_not_object"),
    ({"parameters": "depth=6"}, "parameters_not_object"),
    ({"parameters": "[" * 100_000}, "parameters_not_object"),
    ({"parameters": json.dumps({str(i): i for i in range(201)})}, "too_many_parameters"),
    ({"parameters": '{"grid": {"depth": 6}}'}, "parameter_nested"),
    ({"parameters": '{"grid": [6, 7]}'}, "parameter_nested"),
    ({"parameters": '{"depth": null}'}, "parameter_value"),
    ({"parameters": '{"depth": NaN}'}, "parameter_value"),
    ({"parameters": f'{{"depth": 1{"0" * 400}}}'}, "parameter_value"),
    ({"parameters": json.dumps({"note": "x" * 1_001})}, "parameter_value"),
    ({"parameters": '{"note": "a\\u0000b"}'}, "parameter_value"),
    ({"parameters": '{"\\ud800": 1}'}, "parameter_name"),
    ({"parameters": json.dumps({"x" * 101: 1})}, "parameter_name"),
    ({"training_hash": "abc"}, "training_hash"),
]


def test_what_is_refused(send: Callable[..., Any]) -> None:
    for fields, code in REFUSED:
        assert refusal(send(**fields)) == code, fields
    assert not Run.objects.exists()


def test_what_other_projects_have_is_refused(send: Callable[..., Any], owner: User, project: Project) -> None:
    other = make_project(owner)
    run, file = make_run(other), make_file(other)
    assert refusal(send(parent=run.pk)) == "parent_of_other_project"
    assert refusal(send(training=str(file.pk))) == "file_of_other_project"
    differs = send(training=str(make_file(project).pk), training_hash="0" * 64)
    assert refusal(differs) == "training_differs"
    assert send(parent_number=run.number).status_code == 404
    assert send(parent=make_run(make_project()).pk).status_code == 404
    assert send(parent=run.pk, parent_number=1).status_code == 400


def test_parameters_survive_the_lines_of_a_form() -> None:
    said = {"depth": 6, "rate": 0.1, "bag": True, "loss": "log", "path": "a=b", "seed": -3, "empty": ""}
    assert parameters_of_lines(lines_of_parameters(checked_parameters(said))) == said
    assert parameters_of_lines("\n a = 1e400 \n\n b=007") == {"a": "1e400", "b": 7}
    for lines, code in (("depth 6", "parameter_line"), ("a = 1\na = 2", "parameter_twice")):
        with pytest.raises(InputRejected) as refused:
            parameters_of_lines(lines)
        assert refused.value.code == code


def test_the_form_and_the_page(
    client: Client, owner: User, project: Project, read: Callable[..., DataFile], evaluate: Callable[..., Run]
) -> None:
    client.force_login(owner)
    parent = make_run(project, name="Before")
    file = read(PREDICTIONS / "diabetes" / "pred_ridge.csv")
    truth = read(PREDICTIONS / "diabetes" / "truth.csv", DataFile.Purpose.TRUTH)
    address = reverse("evaluations:columns", args=[project.slug, file.pk])
    page = client.get(address).content.decode()
    assert f'<option value="{parent.pk}">' in page
    assert f'<option value="{truth.pk}">' in page
    said = {"do": "evaluate", "truth": str(truth.pk), "parent": str(parent.pk)}
    fault = client.post(address, {**said, "parameters": "alpha: 1"})
    assert "Line 1 of the parameters is not “name = value”" in fault.content.decode()
    sent = client.post(address, {**said, "parameters": "alpha = 0.5\n<b> = true", "training_hash": "a" * 64})
    run = Run.objects.latest("pk")
    assert (sent.status_code, run.parent, run.parameters) == (302, parent, {"alpha": 0.5, "<b>": True})
    again = client.get(f"{address}?run={run.number}").content.decode()
    assert "&lt;b&gt; = true\nalpha = 0.5" in again
    assert f'<option value="{parent.pk}" selected>' in again
    done = evaluate(PREDICTIONS / "diabetes" / "pred_hgb.csv", truth, parameters={"<b>": True})
    Run.objects.filter(pk=done.pk).update(parent=parent, training=file)
    report = client.get(reverse("evaluations:detail", args=[project.slug, done.number])).content.decode()
    assert "&lt;b&gt;" in report
    assert "Before" in report
    assert file.sha256[:8] in report


def test_a_training_file_stays(client: Client, owner: User, project: Project) -> None:
    client.force_login(owner)
    file = make_file(project, purpose="data", sha256=hashlib.sha256(b"x").hexdigest())
    make_run(project, training=file)
    client.post(reverse("datasets:delete", args=[project.slug, file.pk]))
    assert DataFile.objects.filter(pk=file.pk).exists()
