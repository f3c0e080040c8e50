"""A person takes suggestions, adds an expectation, meets a blocked version and lets it pass."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from django.urls import reverse

from apps.datasets.models import Dataset
from apps.datasets.services import add_dataset, add_version
from apps.datasets.uploads import incoming_from_path
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages
from tests.browser.test_upload_to_report import WAIT, sign_in
from tests.factories import make_member, make_project

pytestmark = pytest.mark.browser
ADULT = Path(__file__).parents[1] / "data" / "predictions" / "adult" / "truth.parquet"


@pytest.fixture
def project(live_portal: str) -> Project:
    return make_project(name="Income screening")


def _add(dataset: Dataset, path: Path) -> None:
    add_version(dataset=dataset, user=dataset.project.created_by, upload=incoming_from_path(path))


def test_from_suggestion_to_acceptance(browser_page, project: Project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    dataset = add_dataset(project=project, user=project.created_by, name="People")
    at = [project.slug, dataset.pk]
    adult = pl.read_parquet(ADULT)
    june = tmp_path / "june.parquet"
    pl.concat([adult, adult.head(3).with_columns(sex=pl.lit("<b>x</b>"))]).write_parquet(june)
    _add(dataset, ADULT)
    sign_in(page, make_member(project, Role.MANAGER).email)
    page.goto(reverse("datasets:version", args=[*at, 1]))
    page.get_by_role("heading", name="Columns", exact=True).wait_for(timeout=WAIT)
    page.goto(reverse("datasets:expectations", args=at))
    page.get_by_role("link", name="See suggestions").click()
    for sentence in (
        "id is different in every row",
        "sex is one of",
        "age is never empty",
        "age lies between",
    ):
        page.get_by_label(sentence).check()
    page.get_by_text("Block the version").click()
    page.get_by_role("button", name="Expect what is chosen").click()
    page.get_by_text("4 expectations.").wait_for()
    page.get_by_role("link", name="Add an expectation").click()
    page.get_by_role("link", name="Relation of two columns").click()
    page.get_by_label("First column").select_option("age")
    page.get_by_label("Second column").select_option("education-num")
    page.get_by_label("Relation", exact=True).select_option("<")
    page.get_by_role("button", name="Add the expectation").click()
    page.get_by_text("5 expectations.").wait_for()
    _add(dataset, june)
    page.goto(reverse("datasets:version-checks", args=[*at, 2]))
    page.get_by_text("Version 2 does not meet 3 expectations; 2 block.").wait_for(timeout=WAIT)
    page.get_by_role("listitem").filter(has_text="sex is one of").locator("summary").click()
    page.get_by_role("cell", name="<b>x</b>").first.wait_for()
    row = dataset.expectations.first()
    assert row is not None
    addresses = {
        "list": reverse("datasets:expectations", args=at),
        "checks": page.url,
        "version": reverse("datasets:version", args=[*at, 2]),
        "suggestions": reverse("datasets:suggestions", args=at),
        "kinds": reverse("datasets:expectation-kinds", args=at),
        "add": reverse("datasets:add-expectation", args=[*at, "range"]),
        "edit": reverse("datasets:expectation", args=[*at, row.pk]),
        "delete": reverse("datasets:delete-expectation", args=[*at, row.pk]),
        "accept": reverse("datasets:accept-version", args=[*at, 2]),
    }
    check_pages(page, addresses, opened="details.examples")
    page.get_by_label("Why it may pass").fill("They came twice")
    page.get_by_role("button", name="Let it pass").click()
    page.get_by_text("let this version pass.").wait_for()
