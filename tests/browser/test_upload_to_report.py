"""A person signs in, uploads a real file, corrects a column, watches the work and reads the report.

`browser_page` fails the test for anything in the console, every breach of the content security policy and
every request to another host.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.urls import reverse

from apps.evaluations.models import Run
from apps.jobs.models import State
from apps.projects.models import Project, Role
from tests.factories import PASSWORD, make_member, make_project

pytestmark = pytest.mark.browser
BIKE = Path(__file__).parents[1] / "data" / "predictions" / "bike" / "combined_hgb.parquet"
WAIT = 60_000


def sign_in(page, email: str) -> None:  # type: ignore[no-untyped-def]
    page.goto(reverse("account_login"))
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.get_by_role("heading", name="Portfolio", level=1).wait_for()


@pytest.fixture
def project(live_portal: str) -> Project:
    return make_project(name="Bike rental demand")


def test_upload_to_report(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    sign_in(page, make_member(project, Role.ENGINEER).email)
    page.get_by_role("link", name="Bike rental demand").first.click()
    page.get_by_role("link", name="Upload the first run").click()

    page.set_input_files("input[type=file]", BIKE)
    page.get_by_role("button", name="Upload the file").click()
    page.get_by_role("heading", name="Match the columns").wait_for(timeout=WAIT)

    hour = page.get_by_label("Use hr as")
    assert hour.input_value() == "slice"
    hour.select_option("feature")
    target = page.get_by_label("Use y_true as")
    target.select_option("ignore")
    page.get_by_role("button", name="Check the data").click()
    page.get_by_text("No column is the target.").wait_for()
    assert page.get_by_role("button", name="Evaluate", exact=True).is_disabled()

    page.get_by_label("Use y_true as").select_option("target")
    page.get_by_role("button", name="Check the data").click()
    page.get_by_text("Everything fits together.").wait_for()
    assert page.get_by_label("Use hr as").input_value() == "feature"
    page.get_by_label("Name", exact=False).first.fill("Second try")
    page.get_by_role("button", name="Evaluate", exact=True).click()

    page.get_by_role("heading", name="Metrics with 95% intervals").wait_for(timeout=WAIT)
    run = Run.objects.select_related("job").get()
    assert (run.job.state, run.roles["hr"]["role"]) == (State.SUCCEEDED, "feature")
    error = run.values.get(metric="mae", slice_column="")
    lead = page.locator(".lead").inner_text()
    assert lead.startswith(f"Off by {error.value:.1f} on average over 17,379 rows")
    assert not run.values.filter(slice_column="hr").exists()
    page.locator(".plot.done .main-svg").first.wait_for()
    assert page.locator(".plot.done").count() == page.locator(".plot[data-figure]").count() >= 4


def test_refused_file_keeps_the_page(browser_page, project: Project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    sign_in(page, make_member(project, Role.ENGINEER).email)
    broken = tmp_path / "broken.csv"
    broken.write_text("id,y_true,y_pred\n1,0,1\n2,1\n")
    page.goto(reverse("evaluations:upload", args=[project.slug]))
    page.set_input_files("input[type=file]", broken)
    page.get_by_role("button", name="Upload the file").click()
    page.get_by_role("heading", name="broken.csv could not be read").wait_for(timeout=WAIT)
    page.get_by_role("link", name="Try another file").click()
    page.wait_for_url(re.compile(r"/runs/upload/$"))


def test_cancelled_upload_keeps_nothing(browser_page, project: Project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """The file is large enough that there is time to press the button."""
    page = browser_page
    sign_in(page, make_member(project, Role.ENGINEER).email)
    big = tmp_path / "big.csv"
    with big.open("wb") as file:
        file.truncate(600_000_000)
    page.goto(reverse("evaluations:upload", args=[project.slug]))
    page.set_input_files("input[type=file]", big)
    page.get_by_role("button", name="Upload the file").click()
    page.get_by_role("button", name="Cancel upload").click()
    page.get_by_text("The upload was cancelled. Nothing was kept.").wait_for()
    assert page.get_by_role("button", name="Upload the file").is_enabled()
    assert not project.files.exists()
