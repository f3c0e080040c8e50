"""The comparison as its address asks for it: ties, runs as rows, seeds together, flips, links by number."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.compute.comparison import compare
from apps.compute.comparison_result import ComparisonResult
from apps.compute.results import Task
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.evaluations.comparison_report import baseline_sentence, columns
from apps.evaluations.comparisons import found_rows_name
from apps.evaluations.models import Comparison, Run
from apps.evaluations.services import compare_runs
from apps.jobs.models import Job
from apps.projects.models import Project
from tests.compute.test_comparison import quiet, side
from tests.evaluations.conftest import PREDICTIONS
from tests.evaluations.test_pages_compare import text_of
from tests.factories import make_run

pytestmark = pytest.mark.django_db
SENTIMENT = PREDICTIONS / "sentiment"
Finish = Callable[[Comparison], Comparison]


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def compared(
    project: Project, owner: User, evaluate: Callable[..., Run], sentiment: DataFile, finish: Finish
) -> Comparison:
    """The rule, naive Bayes and the regression, and the regression again as two other seeds."""
    models = ("rule", "nb", "lr", "nb", "lr")
    runs = []
    for place, name in enumerate(models):
        run = evaluate(SENTIMENT / f"pred_{name}.csv", sentiment, model=name, baseline=name == "rule")
        parameters = {"seed": 1 + place // 3, "<b>depth</b>": 3 if name == "nb" else "=1+1"}
        Run.objects.filter(pk=run.pk).update(parameters={} if name == "rule" else parameters)
        runs.append(Run.objects.get(pk=run.pk))
    return finish(compare_runs(project=project, user=owner, runs=runs))


def address(comparison: Comparison, name: str = "comparison") -> str:
    return reverse(f"evaluations:{name}", args=[comparison.project.slug, comparison.pk])


def test_a_comparison_says_what_cannot_be_told_apart(signed_in: Client, compared: Comparison) -> None:
    said = text_of(signed_in.get(address(compared)))
    assert "Nothing is won by Run 2, Run 3, Run 4 and Run 5: no better accuracy than the baseline" in said
    assert "First by accuracy is a tie of Run 1, Run 2 and Run 4" in said
    assert "Places 1 to 3: tie of A, B, D Places 2 to 5: tie of B, D, C, E" in said
    assert "All 10 pairs are tested by McNemar's exact test" in said
    assert (
        "First by" in text_of(signed_in.get(address(compared), {"metric": "recall"})) or "told apart" in said
    )
    page = signed_in.get(address(compared), {"only": "differences"}).content.decode()
    assert "&lt;b&gt;depth&lt;/b&gt;" in page
    assert "<b>depth" not in page
    assert "Truth file" not in page


@pytest.mark.parametrize(
    ("name", "models"), [("elec2", ("rule_persistence", "lr", "hgb")), ("sentiment", ("rule", "nb", "lr"))]
)
def test_it_is_said_in_words_that_the_baseline_wins(
    name: str, models: tuple[str, ...], tmp_path: Path
) -> None:
    sides = [side(tmp_path, name, model, "1") for model in models]
    result = compare(sides, Task.BINARY, quiet, baseline=0)
    shown = columns([Run(number=number) for number in (1, 2, 3)], result)
    said = "The baseline without machine learning is better than Run 2 and Run 3: its accuracy, beyond doubt"
    assert baseline_sentence(result, shown) == said
    assert baseline_sentence(compare(sides[1:], Task.BINARY, quiet), shown[1:]) == ""


def test_runs_are_rows_and_sorted(signed_in: Client, compared: Comparison) -> None:
    with CaptureQueriesContext(connection) as captured:
        said = text_of(signed_in.get(address(compared), {"transpose": "1", "sort": "accuracy"}))
    assert len(captured) <= 16
    rows = said[said.index("Better is") :]
    places = [rows.index(f"{letter} Run {n}") for letter, n in zip("CEBDA", (3, 5, 2, 4, 1), strict=True)]
    assert places == sorted(places)


def test_the_api_gives_the_groups(signed_in: Client, compared: Comparison) -> None:
    answer = signed_in.get(f"/api/v1/comparisons/{compared.pk}/").json()
    accuracy = next(each for each in answer["ties"] if each["metric"] == "accuracy")
    rule, nb, lr, nb_again, lr_again = compared.run_ids
    assert accuracy["groups"] == [[rule, nb, nb_again], [nb, nb_again, lr, lr_again]]
    assert accuracy["places"] == [[1, 3], [1, 5], [2, 5], [1, 5], [2, 5]]


def test_the_api_gives_the_rows_that_flip(signed_in: Client, compared: Comparison) -> None:
    rule, nb, lr, *_ = compared.run_ids
    at = f"/api/v1/comparisons/{compared.pk}/flips/"
    pair = {"first": lr, "second": rule}
    answer = signed_in.get(at, {**pair, "limit": 7}).json()
    counts = ComparisonResult.from_json(compared.result or {}).flip(0, 2)
    assert counts is not None
    assert (answer["total"], len(answer["rows"])) == (counts.first + counts.second, 7)
    assert answer["differing"] == [counts.second, counts.first]
    right = [[said == row["truth"] for said in row["said"]] for row in answer["rows"]]
    assert all(one != two for one, two in right)
    better = signed_in.get(
        at, {"first": lr, "second": rule, "better": lr, "offset": 3, "limit": 1_000}
    ).json()
    assert (better["total"], len(better["rows"])) == (counts.second, counts.second - 3)
    assert all(row["said"][0] == row["truth"] for row in better["rows"])
    for wrong, field in (
        ({"first": lr}, "second"),
        ({"first": lr, "second": lr}, "second"),
        ({"first": 0, "second": lr}, "first"),
        ({**pair, "better": nb}, "better"),
        ({**pair, "limit": 1_001}, "limit"),
    ):
        refused = signed_in.get(at, wrong)
        assert (refused.status_code, refused.json()["errors"][0]["field"]) == (400, field)
    storage.found_rows_path(found_rows_name(compared)).unlink()
    gone = signed_in.get(at, pair)
    assert (gone.status_code, "not kept any more" in gone.json()["detail"]) == (422, True)
    Comparison.objects.update(result=None)
    assert "no result yet" in signed_in.get(at, pair).json()["detail"]


def test_seeds_are_one_line(signed_in: Client, compared: Comparison) -> None:
    said = text_of(signed_in.get(address(compared), {"aggregate": "1"}))
    assert "nb 2 runs B Run 2, seed 1: 72.2% D Run 4, seed 2: 72.2% 2" in said
    assert "lr against nb" in said
    assert "paired t-test over shared seeds" in said


def test_rows_that_flip_are_shown_and_downloaded(
    signed_in: Client, project: Project, compared: Comparison, owner: User, finish: Finish
) -> None:
    answer = signed_in.get(address(compared, "flips"), {"a": "A", "b": "C"})
    said = text_of(answer)
    assert "Run 1 alone is right in" in said
    assert len(answer.context["rows"]) == 50
    total = answer.context["total"]
    counts = answer.context["counts"]
    assert total == counts.first + counts.second
    last = signed_in.get(address(compared, "flips"), {"a": "A", "b": "C", "page": total // 50 + 1})
    assert len(last.context["rows"]) == total % 50
    only = signed_in.get(address(compared, "flips"), {"a": "A", "b": "C", "which": "b"})
    assert only.context["total"] == counts.second
    file = signed_in.get(address(compared, "flips-csv"), {"a": "A", "b": "C"})
    rows = list(csv.DictReader(file.content.decode().splitlines()))
    assert len(rows) == total
    assert all((row["run_1"] == row["truth"]) != (row["run_3"] == row["truth"]) for row in rows)
    assert "No row flips" in text_of(signed_in.get(address(compared, "flips"), {"a": "B", "b": "D"}))
    for wrong in ({"a": "A", "b": "A"}, {"a": "Z"}, {"b": "AB"}):
        assert signed_in.get(address(compared, "flips"), wrong).status_code == 404
    storage.found_rows_path(found_rows_name(compared)).unlink()
    gone = signed_in.get(address(compared, "flips"))
    assert "are not kept any more" in text_of(gone)
    assert signed_in.get(address(compared, "flips-csv")).status_code == 404
    numbers = ",".join(str(run.number) for run in compared.runs.order_by("number"))
    again = signed_in.post(reverse("evaluations:compare", args=[project.slug]), {"order": numbers})
    assert again.url == address(compared)
    finish(Comparison.objects.get(pk=compared.pk))
    assert len(signed_in.get(address(compared, "flips")).context["rows"]) == 50


def test_a_link_by_numbers_opens_or_offers(signed_in: Client, project: Project, owner: User) -> None:
    roles = {"id": {"role": "id", "label": ""}}
    runs = [make_run(project, task="binary", result={}, roles=roles) for _ in range(3)]
    compare = reverse("evaluations:compare", args=[project.slug])
    offered = signed_in.get(compare, {"runs": "3,1"})
    assert offered.status_code == 200
    assert "These runs are not compared yet" in text_of(offered)
    assert not Comparison.objects.exists()
    made = signed_in.post(compare, {"order": "3,1"})
    comparison = Comparison.objects.get()
    assert comparison.run_ids == [runs[2].pk, runs[0].pk]
    assert signed_in.get(compare, {"runs": "3,1"}).url == made.url == address(comparison)
    assert signed_in.get(compare, {"runs": "1,3"}).status_code == 200
    added = signed_in.get(compare, {"add": "2,3"}).content.decode()
    assert re.findall(r'id="run-(\d+)"[^>]* checked', added) == [str(runs[2].pk), str(runs[1].pk)]
    foreign = make_run(project, task="multiclass", result={}, roles=roles)
    for numbers, sentence in (
        ("1", "1 runs were chosen"),
        ("1,1", "A run was chosen twice"),
        ("1,99", "no finished run “99”"),
        ("1,x%00", "no finished run “x"),
        (f"1,{foreign.number}", "different tasks"),
        (",".join(["1"] * 21), "21 runs were chosen. Choose 2 to 20"),
    ):
        refused = signed_in.get(compare, {"runs": numbers})
        assert refused.status_code == 422, numbers
        assert sentence in text_of(refused)
        assert signed_in.post(compare, {"order": numbers}).status_code == 422
    assert Comparison.objects.count() == 1


def test_a_comparison_of_before_opens_and_is_made_again(
    signed_in: Client, project: Project, compared: Comparison, owner: User
) -> None:
    old = dict(compared.result or {})
    for name in ("flips", "kept_flips"):
        del old[name]
    for metric in old["metrics"]:
        del metric["pairs"]
    Comparison.objects.filter(pk=compared.pk).update(result={**old, "schema_version": 1})
    said = text_of(signed_in.get(address(compared)))
    assert "Compare again for groups of ties." in said
    assert "Accuracy: Run 1 75.1%" in said
    job = compared.job_id
    runs = [Run.objects.get(pk=pk) for pk in compared.run_ids]
    for _ in range(2):
        again = compare_runs(project=project, user=owner, runs=runs)
    assert again.pk == compared.pk
    assert again.job_id != job
    waiting = Job.objects.filter(task="apps.evaluations.tasks.compare", state="queued")
    assert waiting.count() == 1 + Comparison.objects.filter(project=project, with_baseline=True).count()
    assert signed_in.get(address(compared)).status_code == 200
