"""The worst rows: which, in which order, and what is shown of them."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.analysis import services
from apps.analysis.models import Analysis, SavedSlice
from apps.compute.messages import InputRejected
from apps.compute.roles import ColumnRole, Role
from apps.datasets import storage
from apps.evaluations.models import Run
from tests.analysis.conftest import PREDICTIONS, work_off
from tests.analysis.test_slices import EVIL, adult_rows, page


def exported(client: Client, analysis: Analysis, query: str = "") -> list[dict[str, str]]:
    at = [analysis.run.project.slug, analysis.run.number, analysis.pk]
    response = client.get(reverse("analysis:errors-csv", args=at) + query)
    assert response.status_code == 200
    return list(csv.DictReader(io.StringIO(response.content.decode())))


def test_the_worst_rows_of_a_slice(adult: Run, ask: Callable[..., Analysis], signed_in: Client) -> None:
    """Confident mistakes about women, as a plain filter of the file finds them."""
    analysis = ask(adult, "errors", column="sex", value="Female")
    women = (
        adult_rows()
        .filter(pl.col("sex") == "Female")
        .with_columns(sure=pl.max_horizontal("proba_>50K", "proba_<=50K"))
    )
    wrong = women.filter(pl.col("y_true") != pl.col("y_pred"))
    confident = wrong.filter(pl.col("sure") >= 0.9).sort("sure", descending=True)
    assert (analysis.result["n"], analysis.result["wrong"]) == (len(women), len(wrong))
    rows = exported(signed_in, analysis, "?show=confident")
    assert [int(row["id"]) for row in rows[:5]] == confident["id"].to_list()[:5]
    assert len(rows) == len(confident)
    assert len(exported(signed_in, analysis, "?show=mistakes")) == len(wrong)
    at = [adult.project.slug, adult.number, analysis.pk]
    shown = page(signed_in, "errors", *at, query="?show=mistakes&page=2")
    assert f"51 to 100 of {len(wrong)}" in shown
    assert "sex = Female" in shown
    assert "No row fits the filters" in page(signed_in, "errors", *at, query="?column=sex&value=Male")
    assert (
        "needs a number"
        in signed_in.get(
            reverse("analysis:errors", args=at) + "?column=education-num&value=x"
        ).content.decode()
    )


def test_errors_of_numbers(diabetes: Run, ask: Callable[..., Analysis], signed_in: Client) -> None:
    analysis = ask(diabetes, "errors")
    folder = PREDICTIONS / "diabetes"
    rows = pl.read_csv(folder / "truth.csv").join(pl.read_csv(folder / "pred_ridge.csv"), on="id")
    worst = rows.sort((pl.col("y_pred") - pl.col("y_true")).abs(), descending=True)
    assert [int(row["id"]) for row in exported(signed_in, analysis)][:10] == worst["id"].to_list()[:10]
    shown = page(signed_in, "errors", diabetes.project.slug, diabetes.number, analysis.pk)
    assert "Off by" in shown
    assert "Confident mistakes" not in shown


def test_rows_that_are_gone_are_found_again(
    diabetes: Run, ask: Callable[..., Analysis], signed_in: Client
) -> None:
    analysis = ask(diabetes, "errors")
    path = storage.found_rows_path(str(analysis.pk))
    path.unlink()
    at = [diabetes.project.slug, diabetes.number, analysis.pk]
    assert "The rows are no longer in the storage." in page(signed_in, "errors", *at)
    assert signed_in.get(reverse("analysis:errors-csv", args=at)).status_code == 302
    assert signed_in.post(reverse("analysis:ask-again", args=at)).status_code == 302
    work_off(Analysis.objects.get(pk=analysis.pk))
    assert path.exists()
    assert "Rows, the worst first" in page(signed_in, "errors", *at)


def test_texts_are_shown_as_texts(
    evaluate: Callable[..., Run], ask: Callable[..., Analysis], signed_in: Client, tmp_path: Path
) -> None:
    """Markup in names and values stays text, long texts are cut, and a spreadsheet runs no formula."""
    path = tmp_path / "texts.parquet"
    pl.DataFrame(
        {
            "id": list(range(40)),
            "y_true": [0, 1] * 20,
            "y_pred": [0, 1, 1, 0] * 10,
            EVIL: [EVIL, "=1+1"] * 20,
            "comment": ["x" * 2_000] * 40,
            "gone": [None, 1.25] * 20,
        }
    ).write_parquet(path)
    feature = ColumnRole(Role.FEATURE)
    run = evaluate(path, roles={EVIL: ColumnRole(Role.SLICE), "comment": feature, "gone": feature})
    analysis = ask(run, "errors", conditions=[{"column": EVIL, "op": "is", "values": [EVIL, "=1+1"]}])
    shown = page(signed_in, "errors", run.project.slug, run.number, analysis.pk)
    assert "<img" not in shown
    assert "&lt;img" in shown
    assert "x" * 500 + "…" in shown
    assert "x" * 501 not in shown
    assert "'=1+1" in {row[EVIL] for row in exported(signed_in, analysis)}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"column": "sex"}, "unknown_slice"),
        ({"column": "sex", "value": "Robot"}, "unknown_slice"),
        ({"saved_slice": 99}, "unknown_slice"),
        ({"conditions": [{"column": "planet", "op": "missing"}]}, "missing_column"),
        ({"conditions": "sex"}, "odd_conditions"),
        ({"column": "sex", "value": "Male", "saved_slice": 1}, "two_slices"),
    ],
)
def test_rows_that_cannot_be_asked_for(adult: Run, owner: User, params: dict[str, object], code: str) -> None:
    with pytest.raises(InputRejected) as caught:
        services.ask(run=adult, user=owner, kind="errors", params=params)
    assert caught.value.code == code


def test_a_slice_of_one_row(adult: Run, owner: User, ask: Callable[..., Analysis], signed_in: Client) -> None:
    """One row can be looked at; where no row fits, the page says so."""
    first = str(adult_rows()["id"][0])
    saved = SavedSlice.objects.create(
        project=adult.project,
        name="one",
        conditions=[{"column": "id", "op": "is", "values": [first]}],
        created_by=owner,
    )
    analysis = ask(adult, "errors", saved_slice=saved.pk)
    assert analysis.rows == 1
    none = ask(adult, "errors", conditions=[{"column": "id", "op": "is", "values": ["-1"]}])
    at = [adult.project.slug, adult.number, none.pk]
    assert "No row fits the slice" in page(signed_in, "errors", *at)
