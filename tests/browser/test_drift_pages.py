"""Drift from two real files to the details of a column; and every page of it for everyone."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from apps.drift.models import DriftReport, Reference
from apps.jobs.models import State
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages
from tests.drift import made
from tests.factories import make_job, make_member, make_project

pytestmark = pytest.mark.browser
BIKE = Path(__file__).parents[1] / "data" / "datasets" / "bike_sharing_hour.csv.gz"


@pytest.fixture
def project(live_portal: str, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """The browser is signed in as an engineer."""
    project = make_project(name="Bike demand")
    client = Client()
    client.force_login(make_member(project, Role.ENGINEER))
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    return project


@pytest.fixture
def years(tmp_path: Path) -> list[Path]:
    """The hours of 2011 and those of 2012."""
    hours = pl.read_csv(BIKE, try_parse_dates=True).drop("id", "yr")
    paths = []
    for year in (2011, 2012):
        paths.append(tmp_path / f"bike_{year}.parquet")
        hours.filter(pl.col("timestamp").dt.year() == year).write_parquet(paths[-1])
    return paths


def test_from_two_files_to_a_column(browser_page, project: Project, years: list[Path]) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    page.goto(reverse("drift:list", args=[project.slug]))
    page.get_by_role("link", name="Upload a file").click()
    for path in years:  # the project has no reference: after each upload one is asked what to compare with
        page.goto(reverse("drift:upload", args=[project.slug]))
        page.get_by_label("Choose a file").set_input_files(path)
        page.get_by_role("button", name="Upload the file").click()
        page.get_by_role("heading", name="New drift report").wait_for()
    page.locator("#id_reference-source").select_option(label="bike_2011.parquet")
    page.get_by_label("Name", exact=False).first.fill("2012 against 2011")
    page.get_by_role("button", name="Compare").last.click()
    page.get_by_role("heading", name="The evidence on").wait_for(timeout=90_000)
    assert "columns drifted" in page.locator(".notice strong").inner_text()
    report = DriftReport.objects.get(project=project)
    drifted = set(report.columns.filter(verdict="drift").values_list("name", flat=True))
    assert {"cnt", "registered"} <= drifted
    assert not {"hr", "weekday", "workingday"} & drifted
    page.evaluate("window.stayed = true")
    page.locator("#columns").get_by_role("link", name="atemp", exact=True).click()
    page.get_by_role("heading", name="The evidence on atemp").wait_for()
    page.wait_for_url("**/?column=*")
    assert page.evaluate("window.stayed"), "only the details were loaded"
    page.locator("#column .js-plotly-plot").wait_for()
    page.get_by_text("Both sides in numbers").click()
    assert page.locator("#column").get_by_role("rowheader", name="50 %").is_visible()
    page.get_by_role("link", name="Make this the reference").click()
    page.get_by_label("Why").fill("The model was trained anew.")
    page.get_by_role("button", name="Make it the reference").click()
    page.get_by_text("“bike_2012.parquet” is the reference now.").wait_for()
    assert Reference.objects.get(project=project).reason == "The model was trained anew."


def addresses(project: Project) -> dict[str, str]:
    at = [project.slug]
    full = made.make_report(project, made.full_result(), name="Payments of November")
    made.make_report(project, made.full_result())
    failed = made.make_report(project, job=make_job(project, state=State.FAILED))
    detail = reverse("drift:detail", args=[*at, full.number])
    return {
        "list": reverse("drift:list", args=at),
        "no report fits": reverse("drift:list", args=at) + "?q=nothing",
        "report": detail,
        "texts": f"{detail}?column=9",
        "cannot be compared": f"{detail}?column=10&verdict=incomparable",
        "failed": reverse("drift:detail", args=[*at, failed.number]),
        "new": reverse("drift:new", args=at),
        "again": reverse("drift:new", args=at) + f"?again={full.number}",
        "upload": reverse("drift:upload", args=at),
        "methods": reverse("drift:methods", args=at),
        "reference": reverse("drift:make-reference", args=[*at, full.number]),
        "evidently": reverse("drift:evidently", args=[*at, full.number]),
    }


def test_drift_pages_for_everyone(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    check_pages(page, addresses(project))
