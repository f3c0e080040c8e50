"""Named protocols: from a requirement to its verdict, what pages say, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.analysis.kinds.protocol import measures
from apps.analysis.models import Analysis
from apps.compute.messages import InputRejected
from apps.evaluations.models import MetricValue, Run
from apps.evaluations.services import compare_runs
from apps.projects.models import Project
from tests.analysis.conftest import PREDICTIONS, work_off
from tests.requirements.making import verdict, wish

FOLDER = PREDICTIONS / "adult"


def worst_by_race() -> tuple[str, float]:
    """By hand: the race whose rows are predicted right least often."""
    truth = pl.read_parquet(FOLDER / "truth.parquet")
    rows = truth.join(pl.read_csv(FOLDER / "pred_lr.csv.gz"), on="id")
    right = rows.group_by("race").agg((pl.col("y_true") == pl.col("y_pred")).mean().alias("share"))
    worst = right.sort("share").row(0)
    return str(worst[0]), float(worst[1])


def test_a_requirement_on_the_worst_group_judges_a_run_that_comes_later(
    evaluate: Callable[..., Run], project: Project, django_capture_on_commit_callbacks: Any
) -> None:
    wishes = [
        wish(project, metric="worst_group_accuracy", limit=limit, slice_column="race") for limit in (0.7, 0.8)
    ]
    with django_capture_on_commit_callbacks(execute=True):
        run = evaluate(FOLDER / "pred_lr.csv.gz", FOLDER / "truth.parquet")
    with django_capture_on_commit_callbacks(execute=True):
        work_off(Analysis.objects.get(run=run, kind="protocol"))
    found = [verdict(requirement) for requirement in wishes]
    for now in found:
        assert now.run == run
        assert now.value == pytest.approx(worst_by_race()[1], abs=1e-12)
    low, high = found[1].low, found[1].high
    assert 0.7 < low < 0.8 < high  # type: ignore[operator]
    assert [now.state for now in found] == ["confirmed", "unverified"]
    assert MetricValue.objects.get(run=run, metric="accuracy", slice_column="").n == run.rows


def test_what_a_requirement_alone_can_ask() -> None:
    assert measures("worst_group_accuracy", "race", "") == {"protocol": "group_accuracy", "group": "race"}
    assert measures("f1_macro_present", "", "") == {"protocol": "present_class_macro_f1"}
    assert measures("retention_auc", "", "") == {"protocol": "error_retention"}
    for asked in (
        ("worst_group_accuracy", "race", "without Other"),
        ("worst_group_accuracy", "", ""),
        ("accuracy", "", ""),
        ("min_ade", "", ""),
        ("precision_at_recall", "", ""),
        ("demographic_parity_difference", "race", ""),
    ):
        assert measures(*asked) is None


def test_pages(signed_in: Client, adult: Run, ask: Callable[..., Analysis]) -> None:
    where = [adult.project.slug, adult.number]
    address = reverse("analysis:ask-protocol", args=where)
    assert "Accuracy by group" in signed_in.get(address).content.decode()
    page = signed_in.get(address, {"protocol": "group_accuracy"}).content.decode()
    assert '<option value="race">' in page
    assert signed_in.post(f"{address}?protocol=no_such").status_code == 422
    answer = signed_in.post(f"{address}?protocol=group_accuracy", {"group": "race", "truth": "y_true",
                            "prediction": "y_pred", "percentile": "10"})  # fmt: skip
    analysis = Analysis.objects.get(run=adult)
    assert analysis.params == {"protocol": "group_accuracy", "group": "race", "percentile": 10.0}
    assert answer.headers["Location"] == reverse("analysis:protocol", args=[*where, analysis.pk])
    work_off(analysis)
    page = signed_in.get(answer.headers["Location"]).content.decode()
    assert f"The worst group is “{worst_by_race()[0]}”" in page
    assert "WILDS 1.2.2" in page
    assert "Slice column “race”, no value." in page
    assert reverse("metrics:detail", args=["worst_group_accuracy"]) in page


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "unknown_protocol"),
        ({"protocol": "no_such"}, "unknown_protocol"),
        ({"protocol": "group_accuracy"}, "missing_part"),
        ({"protocol": "group_accuracy", "group": "rase"}, "missing_column"),
        ({"protocol": "group_accuracy", "group": ["race", "sex"]}, "one_column"),
        ({"protocol": "group_accuracy", "group": "race", "percentile": "many"}, "wrong_part"),
        ({"protocol": "group_accuracy", "group": "race", "grop": "sex"}, "unknown_part"),
        ({"protocol": ["group_accuracy"]}, "text_wanted"),
    ],
)
def test_refused_by_the_api(signed_in: Client, adult: Run, params: dict[str, Any], code: str) -> None:
    body = json.dumps({"run": adult.pk, "kind": "protocol", "params": params})
    answer = signed_in.post("/api/v1/analyses/", body, content_type="application/json")
    assert answer.status_code == 422
    assert code in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "params", "code"),
    [
        ({"y": [0, 1], "a0": [0.9, 0.2], "a1": [0.1, 0.8], "b0": [0.8, 0.3]},
         {"protocol": "ensemble_classification", "truth": "y", "members": ["a0", "a1", "b0"]},
         "missing_member"),
        ({"y": ["a", "b"], "p": ["a", "b"], "g": ["one", "one"]},
         {"protocol": "group_accuracy", "truth": "y", "prediction": "p", "group": "g"}, "one_group"),
        ({"y": ["[1,", "[]"], "p": ["[]", "[]"], "g": ["s", "t"]},
         {"protocol": "detection", "truth": "y", "prediction": "p", "group": "g"}, "no_boxes"),
        ({"id": ["k", "k", "l"], "y": [0, 1, 1], "p": [0, 1, 1], "g": ["s", "t", "t"]},
         {"protocol": "group_accuracy", "truth": "y", "prediction": "p", "group": "g"}, "overlapping_groups"),
    ],
)  # fmt: skip
def test_refused_by_the_worker(
    evaluate: Callable[..., Run],
    ask: Callable[..., Analysis],
    tmp_path: Path,
    data: dict[str, Any],
    params: dict[str, Any],
    code: str,
) -> None:
    pl.DataFrame(data).write_parquet(tmp_path / "rows.parquet")
    run = evaluate(tmp_path / "rows.parquet", task="protocol")
    assert run.rows == len(data["y"])
    with pytest.raises(InputRejected) as refused:
        ask(run, "protocol", **params)
    assert refused.value.code == code


def test_wide_files_without_a_common_row(
    evaluate: Callable[..., Run], ask: Callable[..., Analysis], tmp_path: Path
) -> None:
    for name, ids in (("truth", ["a", "b"]), ("prediction", ["c", "d"])):
        pl.DataFrame({"cell_id": ids, "g1": [1.0, 2.0], "g2": [2.0, 1.5]}).write_parquet(tmp_path / name)
    run = evaluate(tmp_path / "prediction", tmp_path / "truth", task="protocol")
    with pytest.raises(InputRejected) as refused:
        ask(run, "protocol", protocol="rowwise_correlation")
    assert refused.value.code == "nothing_common"


def test_runs_that_protocols_judge_have_a_report_and_no_comparison(
    signed_in: Client, owner: User, evaluate: Callable[..., Run], tmp_path: Path
) -> None:
    runs = []
    for number in (1, 2):
        boxes = {"id": [1, 2], "y": ["[]", "[]"], "p": ["[]", f"{number}"]}
        pl.DataFrame(boxes).write_parquet(tmp_path / "f")
        runs.append(evaluate(tmp_path / "f", task="protocol"))
    where = [runs[0].project.slug, runs[0].number]
    page = signed_in.get(reverse("evaluations:detail", args=where)).content.decode()
    assert "This run is judged by protocols" in page
    assert reverse("analysis:ask-protocol", args=where) in page
    deeper = signed_in.get(reverse("analysis:overview", args=where)).content.decode()
    assert "Named protocols" in deeper
    assert "Weak slices" not in deeper
    assert signed_in.get(reverse("evaluations:list", args=where[:1])).status_code == 200
    with pytest.raises(InputRejected) as refused:
        compare_runs(project=runs[0].project, user=owner, runs=runs)
    assert refused.value.code in ("not_compared", "no_id")
