"""The pages of comparisons, the baseline and data sets, for everyone: as `test_pages_for_everyone`."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.datasets.models import DataFile
from apps.datasets.services import add_dataset, add_version, submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.models import Comparison, Model
from apps.evaluations.services import RunFields, compare_runs, name_baseline, submit_run
from apps.jobs.models import Job, State
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages
from tests.browser.test_pages_for_everyone import PREDICTIONS
from tests.factories import make_job, make_member, make_project

pytestmark = pytest.mark.browser
MODELS = {
    "adult": {"rule": "capital gain or degree", "lr": "logistic regression", "hgb": "boosted trees"},
    "bike": {"rule": "last week", "ridge": "ridge", "hgb": "trees"},
}


def _wait(browser_page) -> None:  # type: ignore[no-untyped-def]
    for _ in range(900):
        if not Job.objects.filter(state__in=[State.QUEUED, State.RUNNING]).exists():
            return
        browser_page.wait_for_timeout(100)
    raise AssertionError("the worker did not finish")


@pytest.fixture
def project(live_portal: str, live_worker, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """Runs of two tasks, compared by a real worker; the browser is signed in as a manager."""
    project = make_project(name="Income screening")
    owner = project.created_by
    dataset = add_dataset(project=project, user=owner, name="Hold-out")
    for name, models in MODELS.items():
        folder = PREDICTIONS / name
        truth = submit_file(
            project=project,
            user=owner,
            upload=incoming_from_path(next(folder.glob("truth.*"))),
            purpose=DataFile.Purpose.TRUTH,
        )
        add_version(dataset=dataset, user=owner, file=truth, note="Wrong labels removed")
        for key, model in models.items():
            submit_run(
                project=project,
                user=owner,
                upload=incoming_from_path(next(folder.glob(f"pred_{key}.*"))),
                truth=truth,
                fields=RunFields(model=f"{model} ({name})", baseline=key == "rule", model_version="1"),
            )
    client = Client()
    client.force_login(make_member(project, Role.MANAGER))
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    _wait(browser_page)
    return project


def addresses(project: Project) -> dict[str, str]:
    at = [project.slug]
    dataset = project.datasets.get()

    def comparison(*numbers: int) -> str:
        runs = [project.runs.get(number=number) for number in numbers]
        found = Comparison.objects.get(run_ids=[run.pk for run in runs])
        return reverse("evaluations:comparison", args=[*at, found.pk])

    return {
        "choose": reverse("evaluations:compare", args=at),
        "three": comparison(1, 2, 3),
        "differences only": comparison(1, 3) + "?only=differences&transpose=1",
        "seeds together": comparison(1, 3) + "?aggregate=1",
        "flips": comparison(1, 3) + "flips/?a=A&b=B",
        "regression": comparison(4, 6),
        "waiting": comparison(6, 5),
        "baseline": reverse("evaluations:baseline", args=at),
        "data sets": reverse("datasets:datasets", args=at),
        "data set": reverse("datasets:dataset", args=[*at, dataset.pk]),
    }


def test_compare_pages_for_everyone(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    page, owner = browser_page, project.created_by
    runs = {run.number: run for run in project.runs.select_related("truth", "file", "model_version__model")}
    rule = Model.objects.get(project=project, name__contains="adult", kind=Model.Kind.BASELINE)
    name_baseline(project=project, user=owner, model=rule, kind="rule", description="Two columns, one limit.")
    compare_runs(project=project, user=owner, runs=[runs[1], runs[2], runs[3]])
    _wait(page)
    waiting = Comparison.objects.create(  # no message was sent for its job, so no worker takes it
        project=project,
        run_ids=[runs[6].pk, runs[5].pk],
        job=make_job(project, state=State.RUNNING, progress=0.4),
        created_by=owner,
    )
    waiting.runs.set([runs[5], runs[6]])
    check_pages(page, addresses(project))


def test_runs_are_chosen_and_compared(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    """From the list of runs to the report, with the page that waits between."""
    page = browser_page
    page.goto(reverse("evaluations:compare", args=[project.slug]) + "?task=binary")
    for number in (2, 3):
        page.get_by_label(f"Choose Run {number}").check()
    page.get_by_label("Compare against Run 3").check()
    page.get_by_role("button", name="Compare the chosen runs").first.click()
    page.get_by_role("heading", name="Run 3 beats Run 2: its accuracy is better beyond doubt").wait_for(
        timeout=60_000
    )
    page.locator(".js-plotly-plot").nth(2).wait_for()  # they are drawn after the heading is there
    assert page.locator(".js-plotly-plot").count() == 3
    page.get_by_role("rowheader", name="Truth file").wait_for()


def test_many_runs_are_looked_at(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    """Groups of ties, runs as rows, differences only, and the rows that flip between two runs."""
    page = browser_page
    page.goto(reverse("evaluations:compare", args=[project.slug]) + "?runs=1,2,3")
    page.get_by_role("button", name="Compare these runs").click()
    page.get_by_role("heading", name="Run 3 is first by accuracy").wait_for(timeout=60_000)
    page.get_by_text("Place 1: C").wait_for()
    page.get_by_role("link", name="Runs as rows").click()
    page.get_by_role("columnheader", name="ROC AUC").get_by_role("link").click()
    page.get_by_role("link", name="Differences only").first.click()
    assert page.get_by_role("rowheader", name="Truth file").count() == 0
    page.get_by_role("link", name="A and C").click()
    page.get_by_role("heading", name="Run 1 alone is right in").wait_for()
    assert page.get_by_role("region", name="Rows that flip").locator("tbody tr").count() == 50
    page.get_by_label("Next page").click()
    page.get_by_text("51 to 100 of").wait_for()
