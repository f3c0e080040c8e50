"""Pages of comparisons: choosing, waiting, the report in its tones, and the baseline."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.accounts.models import User
from apps.common.formats import change_interval
from apps.compute.comparison_result import Difference
from apps.datasets.models import DataFile
from apps.evaluations.comparison_report import p_value, tone_of
from apps.evaluations.models import Baseline, Comparison, Run
from apps.evaluations.services import compare_runs, name_baseline
from apps.projects.models import Project, Role
from tests.evaluations.conftest import PREDICTIONS
from tests.factories import make_member, make_run

pytestmark = pytest.mark.django_db
SENTIMENT = PREDICTIONS / "sentiment"


@pytest.fixture
def signed_in(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def runs(evaluate: Callable[..., Run], sentiment: DataFile) -> list[Run]:
    models = {"rule": True, "nb": False, "lr": False}
    return [
        evaluate(SENTIMENT / f"pred_{name}.csv", sentiment, model=name, baseline=baseline, name=f"by {name}")
        for name, baseline in models.items()
    ]


def text_of(answer: Any) -> str:
    """The words of a page, with single spaces."""
    body = re.sub(r"<(script|style).*?</\1>", " ", answer.content.decode(), flags=re.S)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def test_runs_are_chosen_compared_and_waited_for(
    signed_in: Client, project: Project, runs: list[Run]
) -> None:
    address = reverse("evaluations:compare", args=[project.slug])
    page = signed_in.get(address).content.decode()
    assert all(f'value="{run.pk}" id="run-{run.pk}"' in page for run in runs)
    answer = signed_in.post(address, {"runs": [run.pk for run in runs], "against": runs[2].pk})
    comparison = Comparison.objects.get(run_ids__len=3)
    assert comparison.run_ids == [runs[2].pk, runs[0].pk, runs[1].pk]
    assert answer.url == reverse("evaluations:comparison", args=[project.slug, comparison.pk])
    waiting = signed_in.get(answer.url)
    assert "The runs are being compared" in text_of(waiting)
    assert 'hx-trigger="every 1s"' in waiting.content.decode()


def test_the_report_says_who_wins_and_what_the_baseline_has(
    signed_in: Client,
    project: Project,
    owner: User,
    runs: list[Run],
    finish: Callable[[Comparison], Comparison],
) -> None:
    comparison = finish(compare_runs(project=project, user=owner, runs=runs))
    answer = signed_in.get(reverse("evaluations:comparison", args=[project.slug, comparison.pk]))
    said = text_of(answer)
    assert f"{runs[0]} is the best of the 3: its accuracy beats all others beyond doubt" in said
    assert "Compared on the same 2,400 rows. Accuracy: Run 1 75.1%, Run 2 72.2%, Run 3 70.8%." in said
    assert "The baseline has all of the gain: no run is better than it" in said
    accuracy = said[said.index("Accuracy more is better") :]
    assert accuracy.startswith(
        "Accuracy more is better 75.1% best beyond doubt 73.3 to 76.8 "
        "72.2% 70.4 to 74.0 −2.9 pp −5.0 to −0.8 p = 0.024 70.8%"
    )
    page = answer.content.decode()
    assert page.count('class="delta down"') > 0
    assert 'data-name="compare_roc"' in page
    assert "The baseline without machine learning is better than Run 2 and Run 3: its accuracy" in said
    assert "Truth file" in said
    assert "Truth file" not in text_of(signed_in.get(answer.wsgi_request.path, {"only": "differences"}))


def test_a_tie_is_called_a_tie(
    signed_in: Client,
    project: Project,
    owner: User,
    runs: list[Run],
    finish: Callable[[Comparison], Comparison],
) -> None:
    comparison = finish(compare_runs(project=project, user=owner, runs=runs[1:]))
    said = text_of(signed_in.get(reverse("evaluations:comparison", args=[project.slug, comparison.pk])))
    assert "It is a tie: neither run has a better accuracy beyond doubt" in said
    assert "No run of a baseline is among these" in said


@pytest.mark.parametrize(
    ("value", "low", "high", "higher_is_better", "tone"),
    [
        (0.02, 0.01, 0.03, True, "up"),
        (0.02, 0.01, 0.03, False, "down"),
        (-0.02, -0.03, -0.01, True, "down"),
        (-0.02, -0.03, -0.01, False, "up"),
        (0.02, -0.01, 0.05, True, "same"),
        (0.02, 0.0, 0.04, True, "same"),
        (0.02, None, None, True, "same"),
    ],
)
def test_a_change_has_a_tone_only_beyond_zero(
    value: float, low: float | None, high: float | None, higher_is_better: bool, tone: str
) -> None:
    assert tone_of(Difference(value, low, high), higher_is_better=higher_is_better) == tone


def test_ends_of_a_change_have_signs() -> None:
    assert change_interval(0.033, 0.02, 0.046, "share") == "+2.0 to +4.6"
    assert change_interval(-0.011, -0.027, 0.004, "score") == "\u22120.027 to +0.004"
    assert change_interval(-29, -45, -12, "count") == "\u221245 to \u221212"
    assert (p_value(0.0004), p_value(0.0312)) == ("p < 0.001", "p = 0.031")


def test_a_choice_that_cannot_be_compared_is_explained(
    signed_in: Client, project: Project, runs: list[Run]
) -> None:
    address = reverse("evaluations:compare", args=[project.slug])
    answer = signed_in.post(address, {"runs": [runs[0].pk]})
    assert answer.status_code == 422
    assert "1 runs were chosen. Choose 2 to 20 to compare." in text_of(answer)
    assert re.search(rf'id="run-{runs[0].pk}"[^>]*checked', answer.content.decode())
    assert signed_in.post(address, {}).status_code == 400
    assert signed_in.post(address, {"runs": ["x", "999999"]}).status_code == 400


def test_the_list_needs_a_constant_number_of_queries(signed_in: Client, project: Project) -> None:
    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert signed_in.get(reverse("evaluations:compare", args=[project.slug])).status_code == 200
        return len(captured)

    make_run(project, task="binary", result={})
    first = queries()
    for _ in range(12):
        make_run(project, task="binary", result={})
    assert queries() == first


def test_a_viewer_reads_and_chooses_nothing(
    client: Client, project: Project, owner: User, runs: list[Run], finish: Callable[[Comparison], Comparison]
) -> None:
    client.force_login(make_member(project, Role.VIEWER))
    page = client.get(reverse("evaluations:compare", args=[project.slug])).content.decode()
    assert 'name="runs"' not in page
    comparison = finish(compare_runs(project=project, user=owner, runs=runs))
    assert (
        client.get(reverse("evaluations:comparison", args=[project.slug, comparison.pk])).status_code == 200
    )
    baseline = client.get(reverse("evaluations:baseline", args=[project.slug])).content.decode()
    assert "A manager of the project names it." in baseline


def test_the_baseline_is_named_on_its_page(signed_in: Client, project: Project, runs: list[Run]) -> None:
    address = reverse("evaluations:baseline", args=[project.slug])
    model = runs[0].model_version.model
    script = "<script>alert(1)</script>"
    answer = signed_in.post(address, {"model": model.pk, "kind": "regex", "description": script})
    assert answer.url == address
    assert (project.baseline.model, project.baseline.kind) == (model, Baseline.Kind.REGEX)
    page = signed_in.get(address).content.decode()
    assert script not in page
    assert "&lt;script&gt;" in page
    assert signed_in.post(address, {"model": "999999", "kind": "magic"}).status_code == 200
    assert Baseline.objects.count() == 1


def test_the_baseline_page_says_what_it_has_of_the_gain(
    signed_in: Client,
    project: Project,
    owner: User,
    runs: list[Run],
    finish: Callable[[Comparison], Comparison],
) -> None:
    name_baseline(project=project, user=owner, model=runs[0].model_version.model, kind="regex")
    for comparison in Comparison.objects.filter(with_baseline=True):
        finish(comparison)
    said = text_of(signed_in.get(reverse("evaluations:baseline", args=[project.slug])))
    assert "The baseline has all of the gain: no run is better than it" in said
    assert f"{runs[0]} beats {runs[2]}: its accuracy is better beyond doubt" in said
