"""Weak slices and saved ones: from a search to a verdict."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.analysis import services
from apps.analysis.models import Analysis, SavedSlice, Standing
from apps.analysis.saved_slices import delete_slice, save_slice
from apps.compute.messages import InputRejected
from apps.evaluations.models import MetricValue, Run
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import Verdict
from tests import forecasts
from tests.analysis.conftest import PREDICTIONS, work_off
from tests.requirements.making import wish

EVIL = '<img src=x onerror="alert(1)">'
DOCTORS = {"column": "education", "op": "is", "values": ["Doctorate", "Masters"]}


def page(client: Client, name: str, *args: Any, query: str = "") -> str:
    response = client.get(reverse(f"analysis:{name}", args=args) + query)
    assert response.status_code == 200, response.content
    return response.content.decode()


def adult_rows() -> pl.DataFrame:
    folder = PREDICTIONS / "adult"
    return pl.read_parquet(folder / "truth.parquet").join(pl.read_csv(folder / "pred_lr.csv.gz"), on="id")


def test_from_a_search_to_a_saved_slice(
    adult: Run, ask: Callable[..., Analysis], signed_in: Client, project: Project
) -> None:
    """The weakest slice is found, said with its numbers, saved, and measured."""
    analysis = ask(adult, "slices", columns=["sex", "relationship", "education"], least=50)
    found = analysis.result["found"][0]
    rows = adult_rows().filter(
        pl.all_horizontal(pl.col(c["column"]) == c["value"] for c in found["conditions"])
    )
    wrong = rows.filter(pl.col("y_true") != pl.col("y_pred"))
    assert (found["n"], found["mean"]) == (len(rows), pytest.approx(len(wrong) / len(rows)))
    at = [project.slug, adult.number]
    shown = page(signed_in, "slices", *at, analysis.pk)
    assert "Weakest where" in shown
    assert f"{analysis.result['looked']} slices were looked at." in shown
    assert "less than 1 in 1,000" in shown
    save = reverse("analysis:save-found", args=[*at, analysis.pk, 0])
    assert "Save the slice" in signed_in.get(save).content.decode()
    assert signed_in.post(save, {"name": "Weakest"}).status_code == 302
    again = signed_in.post(save, {"name": "Weakest"})
    assert again.status_code == 422
    assert "has a saved slice “Weakest” already" in again.content.decode()
    work_off(Analysis.objects.get(run=adult, kind="saved_slices"))
    value = MetricValue.objects.get(run=adult, metric="accuracy", slice_column=SavedSlice.COLUMN)
    assert (value.slice_value, value.n) == ("Weakest", len(rows))
    assert value.value == pytest.approx(1 - len(wrong) / len(rows))
    listed = page(signed_in, "saved-slices", project.slug)
    assert "Weakest" in listed
    assert "Run 1" in listed


def test_no_weak_slice(
    evaluate: Callable[..., Run], ask: Callable[..., Analysis], signed_in: Client, tmp_path: Path
) -> None:
    """Rows that are wrong regardless of their group."""
    path = tmp_path / "even.csv"
    lines = [f"{i},{i % 2},{(i + (i % 7 == 0)) % 2},g{i // 2 % 3}" for i in range(600)]
    path.write_text("id,y_true,y_pred,group\n" + "\n".join(lines) + "\n")
    run = evaluate(path)
    shown = page(signed_in, "slices", run.project.slug, run.number, ask(run, "slices", columns=["group"]).pk)
    assert "No slice is worse than the others beyond chance." in shown


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"columns": ["nothing"]}, "missing_column"),
        ({"columns": ["y_true"]}, "column_is_judged"),
        ({"columns": "sex"}, "list_wanted"),
        ({"least": 1}, "whole_number_wanted"),
        ({"colums": ["sex"]}, "unknown_parameter"),
    ],
)
def test_a_search_that_cannot_be(adult: Run, owner: User, params: dict[str, Any], code: str) -> None:
    with pytest.raises(InputRejected) as caught:
        services.ask(run=adult, user=owner, kind="slices", params=params)
    assert caught.value.code == code


def test_a_requirement_on_a_saved_slice(
    adult: Run, project: Project, owner: User, evaluate: Callable[..., Run]
) -> None:
    """Saved, wished for, measured: the verdict rests on the rows of the slice, for the run to come too."""
    save_slice(project=project, user=owner, name="Doctors", conditions=[DOCTORS])
    assert Standing.objects.get(project=project).kind == "saved_slices"
    wish(project, limit=0.5, slice_column=SavedSlice.COLUMN, slice_value="Doctors")
    assert Verdict.objects.get(until=None).state == "unverified"
    work_off(Analysis.objects.get(run=adult))
    judge_project(project.pk)
    verdict = Verdict.objects.get(until=None)
    rows = adult_rows().filter(pl.col("education").is_in(DOCTORS["values"]))
    right = rows.filter(pl.col("y_true") == pl.col("y_pred"))
    assert (verdict.state, verdict.n) == ("confirmed", len(rows))
    assert verdict.value == pytest.approx(len(right) / len(rows))
    delete_slice(saved=SavedSlice.objects.get(), user=owner)
    judge_project(project.pk)
    assert Verdict.objects.get(until=None).state == "unverified"


def test_slices_that_cannot_be_measured(
    adult: Run, project: Project, owner: User, ask: Callable[..., Analysis], signed_in: Client
) -> None:
    """No row, one row, a column that is gone: a sentence each, and the others are measured."""
    first = adult_rows()["id"][0]
    conditions = {
        "nobody": [{"column": "sex", "op": "is", "values": ["Robot"]}],
        "one": [{"column": "id", "op": "is", "values": [str(first)]}],
        "gone": [{"column": "planet", "op": "missing", "values": []}],
        "women": [{"column": "sex", "op": "is", "values": ["Female"]}],
    }
    for name, rules in conditions.items():
        SavedSlice.objects.create(project=project, name=name, conditions=rules, created_by=owner)
    analysis = ask(adult, "saved_slices")
    problems = {each["name"]: each["problem"] for each in analysis.result["slices"]}
    assert problems["women"] is None
    shown = page(signed_in, "measured-slices", project.slug, adult.number, analysis.pk)
    assert "No row fits the slice." in shown
    assert "Only one row fits the slice" in shown
    assert "asks for the column planet" in shown
    assert "3 of them cannot be measured on this run." in shown
    measured = MetricValue.objects.filter(run=adult, slice_column=SavedSlice.COLUMN)
    assert set(measured.values_list("slice_value", flat=True)) == {"women"}


BAD_SLICES = [
    ("odd_name", "", [DOCTORS]),
    ("no_condition", "a", []),
    ("missing_column", "a", [{"column": "planet", "op": "is", "values": ["x"]}]),
    ("number_wanted", "a", [{"column": "age", "op": "is", "values": ["old"]}]),
    ("number_wanted", "a", [{"column": "age", "op": "below", "values": ["old"]}]),
    ("unknown_op", "a", [{"column": "age", "op": "near", "values": ["1"]}]),
    ("wrong_values", "a", [{"column": "age", "op": "missing", "values": ["1"]}]),
    ("odd_conditions", "a", ["sex"]),
]


def test_slices_that_cannot_be_saved(adult: Run, project: Project, owner: User, signed_in: Client) -> None:
    """By the service, the page and the API: a sentence, never a 500."""
    for code, name, conditions in BAD_SLICES:
        with pytest.raises(InputRejected) as caught:
            save_slice(project=project, user=owner, name=name, conditions=conditions)
        assert caught.value.code == code
        body = json.dumps({"project": project.slug, "name": name, "conditions": conditions})
        answer = signed_in.post("/api/v1/saved-slices/", body, content_type="application/json")
        assert answer.status_code in (400, 422), (code, answer.content)
    form = {"conditions-x": "", "form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "name": "a"}
    said = {"form-0-column": "age", "form-0-op": "below", "form-0-values": "old"}
    answer = signed_in.post(reverse("analysis:saved-slices", args=[project.slug]), {**form, **said})
    assert answer.status_code == 422
    assert "needs a number, and “old” is none" in answer.content.decode()


def test_saved_slices_over_the_api(adult: Run, project: Project, signed_in: Client) -> None:
    body = json.dumps({"project": project.slug, "name": EVIL, "conditions": [DOCTORS]})
    made = signed_in.post("/api/v1/saved-slices/", body, content_type="application/json")
    assert made.status_code == 201, made.content
    address = f"/api/v1/saved-slices/{made.json()['id']}/"
    assert signed_in.get(address).json()["conditions"] == [DOCTORS]
    assert signed_in.get("/api/v1/saved-slices/").json()["count"] == 1
    assert "<img" not in page(signed_in, "saved-slices", project.slug)
    assert signed_in.delete(address).status_code == 204
    assert not SavedSlice.objects.exists()


def test_the_list_of_slices_needs_few_queries(
    adult: Run, project: Project, owner: User, signed_in: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(3):
        SavedSlice.objects.create(
            project=project, name=f"slice {number}", conditions=[DOCTORS], created_by=owner
        )
        values = {"metric": "accuracy", "slice_column": SavedSlice.COLUMN, "value": 0.5, "n": 10}
        MetricValue.objects.create(run=adult, slice_value=f"slice {number}", **values)
    with django_assert_max_num_queries(16):
        shown = page(signed_in, "saved-slices", project.slug)
    assert len(re.findall(r"Run 1</a>", shown)) == 3


def test_rows_that_go_together_are_told(
    evaluate: Callable[..., Run], ask: Callable[..., Analysis], tmp_path: Path, signed_in: Client
) -> None:
    forecasts.hours().write_parquet(tmp_path / "hours.parquet")
    run = evaluate(tmp_path / "hours.parquet", task="forecast", roles=forecasts.ROLES)
    analysis = ask(run, "slices", columns=["series"])
    shown = page(signed_in, "slices", run.project.slug, run.number, analysis.pk)
    assert "Rows of one series or query go together" in shown


def test_names_of_many_columns_are_written(
    evaluate: Callable[..., Run], tmp_path: Path, signed_in: Client
) -> None:
    noise = np.random.default_rng(3).normal(size=(40, 250))
    features = {f"sensor_{i}": noise[:, i] for i in range(250)}
    outcome = {"y_true": noise[:, 0], "y_pred": noise[:, 1], "shift": ["day", "night"] * 20}
    pl.DataFrame({**outcome, **features}).write_parquet(tmp_path / "plant.parquet")
    run = evaluate(tmp_path / "plant.parquet", task="regression")
    where = [run.project.slug, run.number]
    for name in ("ask-slices", "ask-fairness"):
        assert "sensor_249" not in page(signed_in, name, *where)
    asked = signed_in.post(reverse("analysis:ask-slices", args=where), {"columns": "shift\r\n sensor_7 "})
    assert asked.status_code == 302
    assert Analysis.objects.get().params["columns"] == ["shift", "sensor_7"]
    wrong = signed_in.post(reverse("analysis:ask-fairness", args=where), {"column": "sensor_250"})
    assert (wrong.status_code, "There is no column “sensor_250”" in wrong.content.decode()) == (422, True)
