"""From a run to its weak slices, a saved slice, its worst rows and the groups; the pages for everyone."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.analysis.models import Analysis, SavedSlice
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.services import submit_run
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages, wait_for_worker
from tests.browser.test_pages_for_everyone import PREDICTIONS
from tests.factories import make_member, make_project

pytestmark = pytest.mark.browser


@pytest.fixture
def project(live_portal: str, live_worker, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """One run that a real worker judged; the browser is signed in as an engineer."""
    project = make_project(name="Income screening")
    adult = PREDICTIONS / "adult"
    truth = submit_file(
        project=project,
        user=project.created_by,
        upload=incoming_from_path(adult / "truth.parquet"),
        purpose=DataFile.Purpose.TRUTH,
    )
    predictions = incoming_from_path(adult / "pred_lr.csv.gz")
    submit_run(project=project, user=project.created_by, upload=predictions, truth=truth)
    client = Client()
    client.force_login(make_member(project, Role.ENGINEER))
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    wait_for_worker(browser_page)
    return project


def test_from_a_run_to_its_worst_rows(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    page, at = browser_page, [project.slug, 1]
    page.goto(reverse("evaluations:detail", args=at))
    page.get_by_role("link", name="Search for weak slices").click()
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="Weak slices, the surest first").wait_for(timeout=60_000)
    page.get_by_role("link", name="Save as slice").first.click()
    page.get_by_label("Name of the slice").fill("Weakest")
    page.get_by_role("button", name="Save the slice").click()
    page.get_by_role("heading", name="Slices of the project").wait_for()
    wait_for_worker(page)
    page.reload()
    page.get_by_role("link", name="See the worst rows of Weakest").click()
    page.get_by_role("button", name="Show the worst rows").click()
    page.get_by_role("heading", name="Rows, the worst first").wait_for(timeout=60_000)
    page.get_by_label("Rows", exact=True).select_option("confident")
    page.get_by_role("button", name="Filter").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Export as CSV").click()
    assert download.value.suggested_filename == "run-1-worst-rows.csv"
    page.goto(reverse("analysis:ask-fairness", args=at))
    page.get_by_label("Column that makes the groups").select_option("sex")
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="Fairness by sex").wait_for(timeout=60_000)
    check_pages(page, addresses(project))


def addresses(project: Project) -> dict[str, str]:
    at = [project.slug, 1]
    answers = {row.kind: row.pk for row in Analysis.objects.filter(project=project)}
    routes = {
        "slices": "slices",
        "errors": "errors",
        "fairness": "fairness",
        "saved_slices": "measured-slices",
    }
    saved = SavedSlice.objects.get(project=project)
    return {
        **{kind: reverse(f"analysis:{route}", args=[*at, answers[kind]]) for kind, route in routes.items()},
        "ask slices": reverse("analysis:ask-slices", args=at),
        "ask errors": reverse("analysis:ask-errors", args=at),
        "ask fairness": reverse("analysis:ask-fairness", args=at),
        "found": reverse("analysis:ask-errors", args=at) + f"?search={answers['slices']}&found=0",
        "save": reverse("analysis:save-found", args=[*at, answers["slices"], 0]),
        "saved slices": reverse("analysis:saved-slices", args=at[:1]),
        "delete": reverse("analysis:delete-slice", args=[*at[:1], saved.pk]),
        "run": reverse("evaluations:detail", args=at),
    }
