"""Looks at a hold-out, rows of it in the training data, and what a project allows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from rest_framework.test import APIClient
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.looks import corrected_metrics, headline_results, looks_at
from apps.evaluations.models import EvaluationPolicy, Model, Run
from apps.evaluations.pipeline import run_evaluation
from apps.evaluations.services import RunFields, set_policy, submit_run
from apps.history.models import Change
from apps.projects.models import Project, Role
from tests.evaluations.conftest import PREDICTIONS, NoProgress
from tests.factories import make_file, make_member, make_model_version, make_project, make_run, make_token

CELLS = PREDICTIONS / "breast_cancer"


@pytest.fixture
def truth(read: Callable[..., DataFile]) -> DataFile:
    return read(CELLS / "truth.csv", DataFile.Purpose.TRUTH)


def looked(project: Project, truth: DataFile, **fields: Any) -> Run:
    """A finished run without bytes."""
    return make_run(project, truth=truth, result={}, **fields)


def test_only_different_predictions_of_models_are_looks(project: Project) -> None:
    truth = make_file(project, purpose="truth")
    file = make_file(project)
    looked(project, truth, file=file, model_version=make_model_version(project))
    looked(project, truth, file=make_file(project, sha256=file.sha256))
    engineer = make_member(project, Role.ENGINEER)
    looked(project, make_file(project, sha256=truth.sha256), created_by=engineer)  # the same content
    looked(project, truth, model_version=make_model_version(project, kind=Model.Kind.BASELINE))
    make_run(project, truth=truth)  # not finished: nobody has seen a number
    elsewhere = make_project()
    looked(elsewhere, make_file(elsewhere, sha256=truth.sha256))
    own = looked(project, truth=None)  # type: ignore[arg-type]  # judged on its own file
    looks = looks_at(project, truth.sha256)
    assert (looks.count, looks.baselines, looks.worn_out, len(looks.newest)) == (2, 1, False, 4)
    assert {(by.name, by.baseline, by.looks) for by in looks.models} == {
        ("Model ml", False, 1),
        ("", False, 2),
        ("Model baseline", True, 1),
    }
    assert {by.name: by.looks for by in looks.people} == {"Owner": 2, "engineer": 1}
    assert looks_at(project, own.file.sha256).count == 1


def test_many_looks_cost_no_more_queries(project: Project) -> None:
    truth = make_file(project, purpose="truth")

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            looks = looks_at(project, truth.sha256)
            [(str(run.created_by), str(run.model_version)) for run in looks.newest]
        return len(seen)

    looked(project, truth)
    few = queries()
    for number in range(5):
        looked(project, truth, model_version=make_model_version(project, str(number)))
    assert queries() == few == 5


def test_the_correction_is_wilsons_interval_at_bonferronis_level(
    client: Client, owner: User, project: Project, truth: DataFile, evaluate: Callable[..., Run]
) -> None:
    run = evaluate(CELLS / "pred_lr.csv", truth, model="lr")
    project.refresh_from_db()
    for _number in range(21):
        looked(project, truth)
    looks = looks_at(project, truth.sha256)
    found = {row.metric.key: row.result for row in corrected_metrics(looks, headline_results(run))}
    accuracy = found["accuracy"]
    assert (looks.count, looks.worn_out) == (22, True)
    assert accuracy.value is not None
    right = round(accuracy.value * accuracy.n)
    expected = proportion_confint(right, accuracy.n, 0.05 / 22, method="wilson")
    assert (accuracy.low, accuracy.high) == pytest.approx(expected, abs=1e-9)
    assert norm.ppf(1 - 0.025 / 22) > 3  # so it is half as wide again as the usual one

    client.force_login(owner)
    page = client.get(reverse("evaluations:detail", args=[project.slug, run.number])).content.decode()
    assert "After 22 looks at this hold-out, read: Accuracy" in page
    file_page = client.get(reverse("datasets:detail", args=[project.slug, truth.pk])).content.decode()
    assert "22 different sets of predictions were judged on it." in file_page
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    answer = api.get(f"/api/v1/runs/{run.pk}/looks/").json()
    assert (answer["count"], answer["worn_out"], answer["models"][0]["looks"]) == (22, True, 21)
    of_accuracy = next(row for row in answer["corrected"] if row["metric"] == "accuracy")
    assert of_accuracy["low"] == pytest.approx(expected[0], abs=1e-9)


@pytest.fixture
def leaky(read: Callable[..., DataFile], tmp_path: Path) -> DataFile:
    """Training data of the cells in which 30 rows of the hold-out stand too."""
    pl.read_csv(CELLS / "truth.csv").head(30).write_csv(tmp_path / "train.csv")
    return read(tmp_path / "train.csv", DataFile.Purpose.DATA)


def test_a_leak_is_said_or_refused(
    client: Client,
    owner: User,
    project: Project,
    truth: DataFile,
    leaky: DataFile,
    evaluate: Callable[..., Run],
) -> None:
    def submitted() -> Run:
        upload = incoming_from_path(CELLS / "pred_tree.csv")
        said = {"truth": truth, "training": leaky, "fields": RunFields(task="binary")}
        return submit_run(project=project, user=owner, upload=upload, **said).run  # type: ignore[arg-type]

    run = submitted()
    run_evaluation(run.job, NoProgress())()
    run.refresh_from_db()
    assert run.overlap is not None
    assert (run.overlap["leak"], run.overlap["rows"], run.overlap["ids"]) == ("copied", 30, 30)
    client.force_login(owner)
    page = client.get(reverse("evaluations:detail", args=[project.slug, run.number])).content.decode()
    assert "are in its training data" in page
    assert "Rows of the hold-out were trained on" in page

    set_policy(project=project, user=owner, leak="refuse", most_looks=5)
    refused = submitted()
    with pytest.raises(InputRejected, match=r"^30 of the \d+ rows of the hold-out") as why:
        run_evaluation(refused.job, NoProgress())
    assert why.value.code == "holdout_in_training"
    assert "the first of them rows 1, 2, 3, 4, 5;" in str(why.value)


def test_the_policy(client: Client, owner: User, project: Project) -> None:
    client.force_login(owner)
    address = reverse("evaluations:policy", args=[project.slug])
    assert 'value="20"' in client.get(address).content.decode()
    assert client.post(address, {"leak": "refuse", "most_looks": "0"}).status_code == 200
    assert client.post(address, {"leak": "refuse", "most_looks": "7"}).status_code == 302
    policy = EvaluationPolicy.of(project)
    assert (policy.leak, policy.most_looks) == ("refuse", 7)
    assert Change.objects.filter(table="evaluations_evaluationpolicy").count() == 1
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    body = {"project": project.slug, "leak": "warn", "most_looks": 9}
    assert api.post("/api/v1/evaluation-policies/", body, format="json").status_code == 200
    listed = api.get("/api/v1/evaluation-policies/").json()["results"]
    assert listed == [{"id": policy.pk, **body}]
    for wrong in ({"most_looks": 10**30}, {"most_looks": -1}, {"leak": "ignore"}):
        assert api.post("/api/v1/evaluation-policies/", {**body, **wrong}, format="json").status_code == 400
