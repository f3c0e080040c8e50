"""Every page of files and runs, in both themes, on a screen and on a phone.

axe finds nothing, nothing scrolls sideways, and the console stays empty.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.services import RunFields, submit_run
from apps.jobs.models import Job, State
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages
from tests.factories import make_file, make_job, make_member, make_project, make_run

pytestmark = pytest.mark.browser
PREDICTIONS = Path(__file__).parents[1] / "data" / "predictions"


@pytest.fixture
def project(live_portal: str, live_worker, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """A project with evaluated, failed and waiting runs; the browser is signed in as an engineer."""
    project = make_project(name="Income screening")
    owner = project.created_by
    adult = PREDICTIONS / "adult"
    truth = submit_file(
        project=project,
        user=owner,
        upload=incoming_from_path(adult / "truth.parquet"),
        purpose=DataFile.Purpose.TRUTH,
    )
    fields = RunFields(name="logistic regression", model="regression", notes="As it went out.")
    submit_run(
        project=project,
        user=owner,
        upload=incoming_from_path(adult / "pred_lr.csv.gz"),
        truth=truth,
        fields=fields,
    )
    submit_run(
        project=project,
        user=owner,
        upload=incoming_from_path(PREDICTIONS / "world_cup_538" / "pred_fivethirtyeight.csv"),
    )
    submit_run(
        project=project,
        user=owner,
        upload=incoming_from_path(PREDICTIONS / "bike" / "combined_hgb.parquet"),
    )
    project.refresh_from_db()
    make_run(project, job=make_job(project, state=State.CANCELLED))
    make_file(project, name="spare.csv")
    client = Client()
    client.force_login(make_member(project, Role.ENGINEER))
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    for _ in range(600):
        if not Job.objects.filter(state__in=[State.QUEUED, State.RUNNING]).exists():
            return project
        browser_page.wait_for_timeout(100)
    raise AssertionError("the worker did not finish")


def addresses(project: Project) -> dict[str, str]:
    at = [project.slug]
    bike = project.files.get(name="combined_hgb.parquet")
    spare = project.files.get(name="spare.csv")
    return {
        "overview": reverse("dashboards:project", args=at),
        "runs": reverse("evaluations:list", args=at),
        "no run fits": reverse("evaluations:list", args=at) + "?q=nothing",
        "upload": reverse("evaluations:upload", args=at),
        "columns": reverse("evaluations:columns", args=[*at, bike.pk]),
        "binary": reverse("evaluations:detail", args=[*at, 1]) + "?threshold=0.3",
        "failed": reverse("evaluations:detail", args=[*at, 2]),
        "regression": reverse("evaluations:detail", args=[*at, 3]),
        "cancelled": reverse("evaluations:detail", args=[*at, 4]),
        "edit": reverse("evaluations:edit", args=[*at, 1]),
        "files": reverse("datasets:list", args=at),
        "file": reverse("datasets:detail", args=[*at, bike.pk]),
        "truth": reverse("datasets:upload-truth", args=at),
        "delete": reverse("datasets:delete", args=[*at, spare.pk]),
        "kept": reverse("datasets:delete", args=[*at, bike.pk]),
    }


def test_pages_for_everyone(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    check_pages(browser_page, addresses(project))


def test_cards_follow_their_controls(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    """The threshold and the slices change with the control, without the button and without a new page."""
    page = browser_page
    page.goto(reverse("evaluations:detail", args=[project.slug, 1]))
    page.evaluate("window.stayed = true")
    slider = page.get_by_label("Threshold", exact=True)
    slider.focus()
    slider.press("Home")
    page.get_by_role("heading", name="What happens at threshold 0.00").wait_for()
    assert page.locator("#threshold-card").count() == 1
    page.locator("#slice-metric").select_option("recall")
    page.locator("#slice-card").get_by_role("columnheader", name="Recall").wait_for()
    assert page.evaluate("window.stayed")
