"""Groups against each other: fairlearn's numbers, and verdicts on them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.models import User
from apps.analysis import services
from apps.analysis.models import Analysis, Standing
from apps.compute.fairness_result import Fairness
from apps.compute.messages import InputRejected
from apps.evaluations.models import Run
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import Verdict
from tests.analysis.conftest import work_off
from tests.analysis.test_slices import page
from tests.requirements.making import wish

GOLDEN = json.loads((Path(__file__).parents[1] / "data" / "golden" / "adult_fairlearn.json").read_text())
BY_SEX = GOLDEN["models"]["lr"]["sex"]


def test_groups_as_fairlearn_has_them(adult: Run, ask: Callable[..., Analysis], signed_in: Client) -> None:
    analysis = ask(adult, "fairness", column="sex")
    found = Fairness.from_json(analysis.result)
    for group in found.groups:
        for key in ("selection_rate", "tpr", "fpr", "accuracy"):
            assert group.rate(key).value == pytest.approx(BY_SEX["by_group"][key][group.name], abs=1e-9)
    shown = page(signed_in, "fairness", adult.project.slug, adult.number, analysis.pk)
    assert "Fairness by sex" in shown
    assert "Groups are selected at rates up to" in shown
    assert "Groups differ beyond chance" in shown
    assert "people who know the law" in shown


def test_a_requirement_on_a_difference(adult: Run, project: Project) -> None:
    """Wishing for it has the newest runs measured, and every run to come."""
    wish(
        project,
        metric="demographic_parity_difference",
        comparison="at_most",
        limit=0.05,
        slice_column="sex",
    )
    standing = Standing.objects.get(project=project)
    assert (standing.kind, standing.params) == ("fairness", {"column": "sex"})
    assert Verdict.objects.get(until=None).state == "unverified"
    work_off(Analysis.objects.get(run=adult, kind="fairness"))
    judge_project(project.pk)
    verdict = Verdict.objects.get(until=None)
    assert verdict.state == "refuted"
    wanted = BY_SEX["difference_between_groups"]["selection_rate"]
    assert verdict.value == pytest.approx(wanted, abs=1e-9)


def test_errors_by_group(diabetes: Run, ask: Callable[..., Analysis], signed_in: Client) -> None:
    analysis = ask(diabetes, "fairness", column="sex")
    shown = page(signed_in, "fairness", diabetes.project.slug, diabetes.number, analysis.pk)
    assert "mean absolute errors of the groups are up to" in shown
    assert "Mean error" in shown


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("planet", "missing_column"),
        ("y_pred", "column_is_judged"),
        ("", "no_column"),
        ("one", "one_group"),
        ("many", "too_many_groups"),
    ],
)
def test_groups_that_cannot_be(
    evaluate: Callable[..., Run], owner: User, signed_in: Client, tmp_path: Path, column: str, code: str
) -> None:
    path = tmp_path / "groups.csv"
    lines = [f"{i},{i % 2},{i % 3 % 2},same,value{i % 90}" for i in range(180)]
    path.write_text("id,y_true,y_pred,one,many\n" + "\n".join(lines) + "\n")
    run = evaluate(path)
    with pytest.raises(InputRejected) as caught:
        services.ask(run=run, user=owner, kind="fairness", params={"column": column})
    assert caught.value.code == code
    body = json.dumps({"run": run.pk, "kind": "fairness", "params": {"column": column}})
    assert signed_in.post("/api/v1/analyses/", body, content_type="application/json").status_code == 422
    address = reverse("analysis:ask-fairness", args=[run.project.slug, run.number])
    assert signed_in.post(address, {"column": column}).status_code == 422
