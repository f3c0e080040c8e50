"""The page of a run: what it says, and where its numbers come from."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.jobs.models import Job, State
from apps.projects.models import Project
from tests.evaluations.conftest import PREDICTIONS
from tests.factories import make_job, make_run

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
FIGURE = re.compile(r'<script id="figure-[\w-]+" type="application/json">(.*?)</script>', re.S)
MOST_FIGURE_BYTES = 150_000
ADULT = json.loads((GOLDEN / "adult_metrics.json").read_text())["models"]["lr"]


def page_of(client: Client, run: Run, query: str = "") -> str:
    address = reverse("evaluations:detail", args=[run.project.slug, run.number])
    response = client.get(address + query)
    assert response.status_code == 200
    return response.content.decode()


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def adult(read: Callable[..., DataFile], evaluate: Callable[..., Run]) -> Run:
    folder = PREDICTIONS / "adult"
    return evaluate(folder / "pred_lr.csv.gz", read(folder / "truth.parquet", DataFile.Purpose.TRUTH))


def test_binary_report(signed_in: Client, adult: Run) -> None:
    golden = ADULT["overall"]
    page = page_of(signed_in, adult)
    accuracy = f"{100 * golden['accuracy']:.1f}%"
    assert f"Right in {accuracy} of 24,421 rows" in page
    assert "Weakest slice:" in page
    assert 'data-name="roc"' in page
    assert "Every id met its partner" in page
    assert adult.file.sha256[:8] in page
    drawn = [len(found.encode()) for found in FIGURE.findall(page)]
    assert len(drawn) >= 6
    assert sum(drawn) < MOST_FIGURE_BYTES


def test_threshold_of_the_readers_choice(signed_in: Client, adult: Run) -> None:
    """Every row counts as positive at 0; what is found plus what is missed is the same at every threshold."""
    assert "What happens at threshold 0.30" in page_of(signed_in, adult, "?threshold=0.3")
    everything = page_of(signed_in, adult, "?threshold=0")
    assert "Recall 100.0%" in everything
    assert "What happens at threshold 1.00" in page_of(signed_in, adult, "?threshold=7")
    assert "What happens at threshold 0.50" in page_of(signed_in, adult, "?threshold=abc")


def test_slices_worst_first(signed_in: Client, adult: Run) -> None:
    page = page_of(signed_in, adult, "?metric=recall&slice=sex")
    rows = re.findall(r'<th scope="row">(\w+)<span class="sub">sex</span>', page)
    recall = {name: found["recall"] for name, found in ADULT["slices"]["sex"].items()}
    assert rows == sorted(recall, key=lambda name: recall[name])


def test_multiclass_report(
    signed_in: Client, read: Callable[..., DataFile], evaluate: Callable[..., Run]
) -> None:
    folder = PREDICTIONS / "world_cup_538"
    run = evaluate(folder / "pred_fivethirtyeight.csv", read(folder / "truth.csv", DataFile.Purpose.TRUTH))
    page = page_of(signed_in, run)
    assert "Right in 64% of 279 rows" in page or "Right in 63.8% of 279 rows" in page
    assert "Weakest classes first" in page
    assert re.search(r'<th scope="row">tie</th>.{0,160}>41<', page, re.S)


def test_regression_report(signed_in: Client, evaluate: Callable[..., Run]) -> None:
    run = evaluate(PREDICTIONS / "bike" / "combined_hgb.parquet")
    page = page_of(signed_in, run)
    assert "over 17,379 rows" in page
    assert "The predictions are too low by" in page
    assert "What happens at threshold" not in page
    assert 'data-name="residual_by_time"' in page


def test_undefined_metrics_say_why(signed_in: Client, evaluate: Callable[..., Run], tmp_path: Path) -> None:
    file = tmp_path / "one.csv"
    rows = "".join(f"{i},yes,{'yes' if i % 3 else 'no'},{0.2 + 0.006 * i:.3f}\n" for i in range(100))
    file.write_text(f"id,y_true,y_pred,proba_yes\n{rows}")
    page = page_of(signed_in, evaluate(file))
    assert "Right in 66" in page
    assert "Not defined here" in page


def test_text_of_users_is_escaped(signed_in: Client, evaluate: Callable[..., Run], tmp_path: Path) -> None:
    evil = "<img src=x onerror=alert(1)>"
    file = tmp_path / "evil.csv"
    rows = "".join(f'{i},{i % 2},{i % 3 % 2},"{evil}{i % 2}"\n' for i in range(60))
    file.write_text(f'id,y_true,y_pred,"{evil}"\n{rows}')
    run = evaluate(file, name=evil, notes=evil, model=evil)
    page = page_of(signed_in, run)
    assert "<img" not in page
    assert "&lt;img" in page


def test_downloads(signed_in: Client, adult: Run) -> None:
    place = [adult.project.slug, adult.number]
    result = signed_in.get(reverse("evaluations:result-json", args=place))
    assert result["Content-Disposition"] == f'attachment; filename="run-{adult.number}.json"'
    assert result.json()["result"] == adult.result
    table = signed_in.get(reverse("evaluations:metrics-csv", args=place)).content.decode()
    rows = list(csv.DictReader(io.StringIO(table)))
    overall = {row["metric"]: row["value"] for row in rows if not row["slice_column"]}
    assert float(overall["accuracy"]) == adult.values.get(metric="accuracy", slice_column="").value
    assert len(rows) == adult.values.count()


def test_formulas_do_not_run_in_a_spreadsheet(signed_in: Client, project: Project) -> None:
    run = make_run(project, result={}, job=make_job(project, state=State.SUCCEEDED))
    run.values.create(metric="accuracy", slice_column="c", slice_value="=1+1", value=1.0, n=1)
    table = signed_in.get(
        reverse("evaluations:metrics-csv", args=[project.slug, run.number])
    ).content.decode()
    assert ",'=1+1," in table


def test_no_download_without_result(signed_in: Client, project: Project) -> None:
    run = make_run(project)
    for name in ("result-json", "metrics-csv"):
        assert (
            signed_in.get(reverse(f"evaluations:{name}", args=[project.slug, run.number])).status_code == 404
        )


def test_waiting_run_shows_its_job(signed_in: Client, project: Project) -> None:
    run = make_run(project)
    page = page_of(signed_in, run)
    assert reverse("jobs:fragment", args=[project.slug, run.job_id]) + "?reload=1" in page
    assert "You may leave this page" in page


def test_failed_run_says_what_to_do(signed_in: Client, project: Project) -> None:
    run = make_run(project)
    error = {
        "code": "no_target",
        "message": {"text": "No column of %(file)s is the target.", "params": {"file": "a.csv"}},
        "column": None,
        "row": None,
    }
    Job.objects.filter(pk=run.job_id).update(
        state=State.FAILED, error=error, error_reference="AB12CD34", finished_at=timezone.now()
    )
    page = page_of(signed_in, run)
    assert "No column of a.csv is the target." in page
    assert reverse("evaluations:columns", args=[project.slug, run.file_id]) + f"?run={run.number}" in page
    assert "Error AB12CD34" in page


def test_editing_keeps_what_was_measured(signed_in: Client, adult: Run) -> None:
    address = reverse("evaluations:edit", args=[adult.project.slug, adult.number])
    answer = signed_in.post(address, {"name": "Better name", "notes": "Why it matters"})
    assert answer.status_code == 302
    after = Run.objects.get(pk=adult.pk)
    assert (after.name, after.notes) == ("Better name", "Why it matters")
    assert after.result == adult.result
    assert signed_in.post(address, {"name": "", "notes": ""}).status_code == 200
