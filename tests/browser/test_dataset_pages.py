"""A person gives a data set two versions by upload and has them compared; the pages are for everyone."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from django.urls import reverse

from apps.datasets.models import Dataset
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages
from tests.browser.test_upload_to_report import WAIT, sign_in
from tests.factories import make_member, make_project

pytestmark = pytest.mark.browser
ADULT = Path(__file__).parents[1] / "data" / "datasets" / "adult_census.parquet"


@pytest.fixture
def project(live_portal: str) -> Project:
    return make_project(name="Income screening")


def _versions(folder: Path) -> tuple[Path, Path]:
    """The first 5,000 rows of a real file; then 41 of them corrected, 12 removed and 3 added."""
    adult = pl.read_parquet(ADULT).drop("id").head(5_003).with_row_index("id", offset=1)
    paths = (folder / "adult-may.parquet", folder / "adult-june.parquet")
    adult.head(5_000).write_parquet(paths[0])
    corrected = pl.when(pl.col("id") <= 41).then(pl.col("age") + 1).otherwise("age").alias("age")
    adult.with_columns(corrected).filter(~pl.col("id").is_between(101, 112)).write_parquet(paths[1])
    return paths


def test_from_upload_to_difference(browser_page, project: Project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page = browser_page
    sign_in(page, make_member(project, Role.ENGINEER).email)
    page.goto(reverse("datasets:datasets", args=[project.slug]))
    page.get_by_label("Name", exact=True).fill("People")
    page.get_by_label("Used as").select_option("training")
    page.get_by_role("button", name="Add the data set").click()
    page.get_by_text("It holds nothing yet.").wait_for()
    dataset = Dataset.objects.get()
    home = reverse("datasets:dataset", args=[project.slug, dataset.pk])
    for file in _versions(tmp_path):
        page.goto(home)
        page.set_input_files("input[type=file]", file)
        page.get_by_label("What changed").fill(f"As delivered: {file.stem}")
        page.get_by_role("button", name="Add the version").click()
        page.get_by_role("heading", name="Columns", exact=True).wait_for(timeout=WAIT)
    assert page.get_by_role("img", name="Histogram").count() > 3
    page.get_by_role("link", name="Compare with version 1").click()
    page.get_by_text("The columns are the same.").wait_for()
    page.get_by_label("Key columns").fill("id")
    page.get_by_role("button", name="Show the difference").click()
    page.get_by_role("button", name="Compare the rows").click()
    page.get_by_text("41 rows changed, 3 rows added, 12 rows removed.").wait_for(timeout=WAIT)
    page.locator("summary", has_text="age").click()
    page.get_by_role("columnheader", name="Before").wait_for()
    addresses = {
        "difference": page.url,
        "data set": home,
        "version": reverse("datasets:version", args=[project.slug, dataset.pk, 2]),
        "edit": reverse("datasets:edit-dataset", args=[project.slug, dataset.pk]),
        "data sets": reverse("datasets:datasets", args=[project.slug]),
    }
    check_pages(page, addresses, opened="main details")
