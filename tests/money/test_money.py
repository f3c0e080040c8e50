"""Money of runs: counted by itself, at approved prices, over the baseline; by page, API and requirement."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.analysis.models import Analysis
from apps.compute.messages import InputRejected
from apps.compute.money.result import MoneyResult
from apps.compute.results import EvaluationResult
from apps.compute.value import value_per_year
from apps.evaluations.models import MetricValue, Model, Run
from apps.evaluations.services import name_baseline
from apps.money.services import count_run
from apps.projects.models import Project, Role
from apps.requirements.judging import judge_project
from apps.requirements.measures import prices_of
from apps.requirements.models import ValueCase
from apps.requirements.services import approve_value_case
from tests.analysis.conftest import PREDICTIONS, work_off
from tests.factories import make_member
from tests.money.conftest import work_off_all
from tests.requirements.making import refused, verdict, wish

pytestmark = pytest.mark.django_db
ADULT = PREDICTIONS / "adult"
PRICES = {"hit": 12, "miss": 3, "false_alarm": 4, "review": 0.25, "running_cost": 1_200}
AMOUNTS = {"amount_column": "hours", "hit_of_amount": 0.5, "miss_of_amount": 0.1, "false_alarm": 4}


def _with_amounts(folder: Path, **hours: object) -> Path:
    """The truth of adult with an amount in each row, by default one that goes round from 20 to 60."""
    truth = pl.read_parquet(ADULT / "truth.parquet").with_row_index("row")
    amount = pl.col("row").cast(pl.Int64) % 41 + 20
    path = folder / "truth.parquet"
    truth.with_columns(hours.get("hours", amount).alias("hours")).drop("row").write_parquet(path)  # type: ignore[attr-defined]
    return path


def _page(client: Client, name: str, run: Run, *more: object) -> str:
    answer = client.get(reverse(name, args=[run.project.slug, run.number, *more]))
    assert answer.status_code == 200
    return answer.content.decode()


def test_a_run_is_counted_by_itself(
    adult: Run, set_prices: Callable[..., ValueCase], signed_in: Client
) -> None:
    """Equal to the money that its shares are worth, in whichever order prices and run come."""
    html = _page(signed_in, "evaluations:detail", adult)
    assert "Make a price list" in html
    case = set_prices(**PRICES, present_process=20_000, spent=50_000)
    (analysis,) = work_off_all(adult.project)
    found = MoneyResult.from_json(analysis.result)
    stored = value_per_year(EvaluationResult.from_json(adult.result or {}), prices_of(case))
    assert stored is not None
    assert stored.value is not None
    assert found.money.value == pytest.approx(stored.value)
    assert found.over_process is not None
    assert found.over_process.value == pytest.approx(stored.value - 20_000)
    assert found.money.low < found.money.value < found.money.high  # type: ignore[operator]
    row = MetricValue.objects.get(run=adult, metric="value_per_year", slice_column="")
    assert row.value == pytest.approx(stored.value)
    count_run(adult)
    assert Analysis.objects.filter(run=adult, kind="money").count() == 1, "the same question is asked once"

    html = _page(signed_in, "money:answer", adult, analysis.pk)
    for sentence in (
        "The decisions of a year are worth",
        "Over the present process it gains",
        "24,421 decisions a year",
        "€0.25 × share of alarms",
        "One half of the rows chose the threshold",
        "Months until what was spent is back",
        "Nobody but their author has agreed with them.",
        "Cost of looking at one alarm",
    ):
        assert sentence in html, sentence
    assert "How it comes about" in _page(signed_in, "evaluations:detail", adult)
    listed = signed_in.get(reverse("money:runs", args=[adult.project.slug])).content.decode()
    assert "the present process" in listed


def test_the_gain_over_the_baseline(
    evaluate: Callable[..., Run], project: Project, owner: User, set_prices: Callable[..., ValueCase]
) -> None:
    """Row by row: the difference of both runs' money, once, with the running cost of the model alone. The
    requirement in money takes over its interval, which is narrower than that of two unrelated runs.
    """
    truth = ADULT / "truth.parquet"
    run = evaluate(ADULT / "pred_lr.csv.gz", truth, model="regression")
    set_prices(**PRICES)
    (alone,) = work_off_all(project)
    rule = evaluate(ADULT / "pred_rule.csv.gz", truth, model="rule", baseline=True)
    name_baseline(
        project=project, user=owner, model=Model.objects.get(project=project, name="rule"), kind="rule"
    )
    money = wish(project, metric="value_per_year", comparison="at_least", limit=0)
    unrelated = verdict(money)
    answers = {analysis.run_id: MoneyResult.from_json(analysis.result) for analysis in work_off_all(project)}
    found, base = answers[run.pk], answers[rule.pk]
    assert alone.result["baseline"] is None
    assert found.baseline is not None
    assert found.baseline.gain.n == 24_421
    difference = (found.money.value or 0) - (base.money.value or 0)
    assert found.baseline.gain.value == pytest.approx(difference)
    assert base.money.value == pytest.approx(found.baseline.baseline.value), "a baseline has no running cost"
    judge_project(project.pk)
    judged, gain = verdict(money), found.baseline.gain
    assert (judged.value, judged.low, judged.high) == (gain.value, gain.low, gain.high)
    assert judged.high - judged.low < unrelated.high - unrelated.low  # type: ignore[operator]


def test_the_gain_where_the_file_holds_the_truth(
    evaluate: Callable[..., Run], project: Project, set_prices: Callable[..., ValueCase], tmp_path: Path
) -> None:
    """The rows of a baseline's file are found by their ids, as with a shared file of the truth."""
    truth = pl.read_parquet(ADULT / "truth.parquet").select("id", "y_true")
    runs = []
    for name, fields in (("rule", {"model": "rule", "baseline": True}), ("lr", {"model": "regression"})):
        path = tmp_path / f"{name}.parquet"
        truth.join(pl.read_csv(ADULT / f"pred_{name}.csv.gz"), on="id").write_parquet(path)
        runs.append(evaluate(path, **fields))
    set_prices(**PRICES)
    answers = {analysis.run_id: MoneyResult.from_json(analysis.result) for analysis in work_off_all(project)}
    base, found = (answers[run.pk] for run in runs)
    assert found.baseline is not None
    difference = (found.money.value or 0) - (base.money.value or 0)
    assert found.baseline.gain.value == pytest.approx(difference)
    assert found.baseline.gain.n == 24_421


def test_prices_count_when_a_second_person_approves(
    project: Project, owner: User, adult: Run, set_prices: Callable[..., ValueCase]
) -> None:
    first = set_prices(**PRICES)
    work_off_all(project)
    money = wish(project, metric="value_per_year", comparison="at_least", limit=1_000)
    before = verdict(money).value
    manager = make_member(project, Role.MANAGER)
    engineer = make_member(project, Role.ENGINEER)
    assert refused(lambda: approve_value_case(case=first, user=owner)) == "own_prices"
    with pytest.raises(PermissionDenied):
        approve_value_case(case=first, user=engineer)
    approve_value_case(case=first, user=manager, note="By the books of 2025.")
    assert refused(lambda: approve_value_case(case=first, user=manager)) == "approved_before"

    dearer = set_prices(**PRICES | {"hit": 24})
    assert ValueCase.objects.in_force(project).get() == first
    assert verdict(money).value == before, "the approved prices count"
    assert refused(lambda: approve_value_case(case=first, user=manager)) == "older_prices"
    approve_value_case(case=dearer, user=manager)
    assert ValueCase.objects.in_force(project).get() == dearer
    now = verdict(money).value
    assert now is not None
    assert before is not None
    assert now > before


def test_who_is_alone_approves_alone(
    project: Project, owner: User, set_prices: Callable[..., ValueCase], signed_in: Client
) -> None:
    case = set_prices(**PRICES)
    page = reverse("requirements:value", args=[project.slug])
    assert "Approve the prices" in signed_in.get(page).content.decode()
    approve = reverse("requirements:approve-value", args=[project.slug, case.number])
    assert signed_in.post(approve, {"note": "Nobody else is here."}).status_code == 302
    assert "approved by the author alone" in signed_in.get(page).content.decode()
    assert signed_in.post(approve).status_code == 422


def test_approval_by_api(project: Project, set_prices: Callable[..., ValueCase], owner: User) -> None:
    case = set_prices(**PRICES)
    manager, api = make_member(project, Role.MANAGER), APIClient()
    address = reverse("api:value-case-approve", args=[case.pk])
    api.force_authenticate(owner)
    answer = api.post(address)
    assert (answer.status_code, "You wrote these prices" in answer.content.decode()) == (422, True)
    api.force_authenticate(manager)
    answer = api.post(address, {"note": "Right."}, format="json")
    assert answer.status_code == 200
    assert answer.json()["in_force"] is True
    assert answer.json()["approval"]["note"] == "Right."


def test_amounts_of_rows(
    evaluate: Callable[..., Run], project: Project, set_prices: Callable[..., ValueCase], tmp_path: Path
) -> None:
    """Money that depends on each row; a requirement uses it without taking the baseline off again."""
    truth = _with_amounts(tmp_path)
    run = evaluate(ADULT / "pred_lr.csv.gz", truth, model="regression")
    evaluate(ADULT / "pred_rule.csv.gz", truth, model="rule", baseline=True)
    set_prices(**AMOUNTS)
    money = wish(project, metric="value_per_year", comparison="at_least", limit=0)
    assert verdict(money).value is None
    answers = {analysis.run_id: MoneyResult.from_json(analysis.result) for analysis in work_off_all(project)}

    def by_hand(name: str) -> float:
        rows = pl.read_parquet(truth).join(pl.read_csv(ADULT / name), on="id")
        called = pl.col("y_pred") == ">50K"
        true = pl.col("y_true") == ">50K"
        each = (
            pl.when(true & called).then(0.5 * pl.col("hours"))
            .when(true).then(-0.1 * pl.col("hours"))
            .when(called).then(-4.0)
            .otherwise(0.0)
        )  # fmt: skip
        return float(rows.select(each.sum()).item()) * 24_421 / len(rows)

    found = answers[run.pk]
    assert found.money.value == pytest.approx(by_hand("pred_lr.csv.gz"))
    assert found.baseline is not None
    gain = by_hand("pred_lr.csv.gz") - by_hand("pred_rule.csv.gz")
    assert found.baseline.gain.value == pytest.approx(gain)
    judge_project(project.pk)
    assert verdict(money).value == pytest.approx(gain)


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        (pl.lit(None, dtype=pl.Float64), "hours"),
        (pl.when(pl.col("row") == 6).then(-5).otherwise(1), "is negative in row 7"),
    ],
)
def test_amounts_that_are_none(
    evaluate: Callable[..., Run], project: Project, set_prices: Callable[..., ValueCase],
    signed_in: Client, tmp_path: Path, hours: pl.Expr, sentence: str,
) -> None:  # fmt: skip
    run = evaluate(ADULT / "pred_lr.csv.gz", _with_amounts(tmp_path, hours=hours))
    set_prices(**AMOUNTS)
    analysis = Analysis.objects.get(run=run, kind="money")
    with pytest.raises(InputRejected) as caught:
        work_off(analysis)
    assert sentence in str(caught.value.message)


def test_prices_that_cannot_count(
    adult: Run, project: Project, set_prices: Callable[..., ValueCase], signed_in: Client, owner: User
) -> None:
    """A sentence each, by page and by API."""
    page, api = reverse("requirements:value", args=[project.slug]), APIClient()
    api.force_authenticate(owner)
    good = {"currency": "EUR", "volume_per_year": 1_000, "hit": 5}
    for wrong, sentence in (
        ({"hit": 0, "error_unit": 2}, "has no price that this kind of problem uses"),
        ({"volume_per_year": -1}, ""),
        ({"currency": "€€€"}, ""),
        ({"amount_column": "hours"}, "but no price counts in them"),
        ({"miss_of_amount": 0.5}, "name no column that holds them"),
        ({"review": -1}, ""),
    ):
        said = {**good, **wrong}
        answer = signed_in.post(page, said)
        assert ValueCase.objects.count() == 0, wrong
        assert sentence in answer.content.decode(), wrong
        answer = api.post(reverse("api:value-case-list"), {"project": project.slug, **said}, format="json")
        assert 400 <= answer.status_code < 500, wrong
        assert sentence in answer.content.decode(), wrong

    asked = {"run": adult.pk, "kind": "money"}
    answer = api.post(reverse("api:analysis-list"), asked, format="json")
    assert "has no price list yet" in answer.content.decode()
    set_prices(**AMOUNTS | {"amount_column": "payment"})
    assert "column payment, which the file of run" in _page(signed_in, "evaluations:detail", adult)
    answer = api.post(reverse("api:analysis-list"), asked, format="json")
    assert answer.status_code == 422
    assert "column payment" in answer.content.decode()


def test_a_baseline_without_common_rows(
    evaluate: Callable[..., Run], set_prices: Callable[..., ValueCase], project: Project, tmp_path: Path
) -> None:
    """It is left out, and the page says so."""
    truth = pl.read_parquet(ADULT / "truth.parquet")
    path = tmp_path / "truth.parquet"
    truth.write_parquet(path)
    halves = []
    for name, rows in (("lr", slice(0, 2_000)), ("rule", slice(2_000, 4_000))):
        half = pl.read_csv(ADULT / f"pred_{name}.csv.gz")[rows]
        half.write_csv(tmp_path / f"{name}.csv")
        halves.append(tmp_path / f"{name}.csv")
    run = evaluate(halves[0], path, model="regression")
    evaluate(halves[1], path, model="rule", baseline=True)
    set_prices(**PRICES)
    answers = {analysis.run_id: MoneyResult.from_json(analysis.result) for analysis in work_off_all(project)}
    assert answers[run.pk].baseline is None
    assert any("could not be held against this run" in note.text for note in answers[run.pk].notes)
