"""The re-labelling round trip as people make it, the gain that it leaves, and pages for everyone."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse

from apps.analysis.models import Analysis, Relabelling
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.services import submit_run
from apps.ledger.services import Effort, Elsewhere, record_change
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages, wait_for_worker
from tests.browser.test_pages_for_everyone import PREDICTIONS
from tests.factories import make_member, make_project

pytestmark = pytest.mark.browser
CIFAR = PREDICTIONS / "cifar10_label_errors"


@pytest.fixture
def project(live_portal: str, live_worker, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """One run that a real worker judged by the given labels; the browser is signed in as a manager."""
    project = make_project(name="Image labels")
    truth = submit_file(
        project=project,
        user=project.created_by,
        upload=incoming_from_path(CIFAR / "labels_given.csv.gz"),
        purpose=DataFile.Purpose.TRUTH,
    )
    predictions = incoming_from_path(CIFAR / "pred_cleanlab_cnn.parquet")
    submit_run(project=project, user=project.created_by, upload=predictions, truth=truth)
    manager = make_member(project, Role.MANAGER)
    record_change(
        project=project,
        user=manager,
        effort=Effort(title="Better data for the same model", days=4),
        elsewhere=Elsewhere(kind="data", metric="accuracy", before=0.762, after=0.931, source="A table"),
    )
    client = Client()
    client.force_login(manager)
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    wait_for_worker(browser_page)
    return project


def test_a_list_goes_out_and_comes_back(browser_page, project: Project, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    page, at = browser_page, [project.slug, 1]
    page.goto(reverse("analysis:ask-faults", args=at))
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="About 283 of 10,000 labels may be wrong").wait_for(timeout=90_000)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the list").first.click()
    page.get_by_role("link", name="Send a filled-in list").first.click()
    page.locator("input[type=file]").set_input_files(filled(Path(download.value.path()), tmp_path))
    page.get_by_role("button", name="Send the list").click()
    page.get_by_role("heading", name="Before and after").wait_for(timeout=90_000)
    text = page.locator("main").inner_text()
    assert "92.9" in text
    assert "93.5" in text
    wait_for_worker(page)
    check_pages(page, addresses(project))


def filled(suspects: Path, folder: Path) -> str:
    """The downloaded list with the answers of the people who looked at the images."""
    rows = pl.read_csv(BytesIO(suspects.read_bytes()), infer_schema_length=None)
    people = pl.read_csv(CIFAR / "truth.csv.gz", infer_schema_length=None)
    answers = rows.join(people, on="id", how="left", maintain_order="left")
    checked, unclear = pl.col("checked_by_humans"), pl.col("drop_after_check")
    answers = answers.select(
        new_label=pl.when(checked & ~unclear).then("y_corrected"),
        drop=pl.when(checked & unclear).then(pl.lit("yes")),
    )
    rows.with_columns(answers).write_csv(folder / "checked.csv")
    return str(folder / "checked.csv")


def addresses(project: Project) -> dict[str, str]:
    at = [project.slug, 1]
    analysis = Analysis.objects.get(project=project, kind="faults")
    relabelling = Relabelling.objects.get(project=project)
    return {
        "faults": reverse("analysis:faults", args=[*at, analysis.pk]),
        "ask faults": reverse("analysis:ask-faults", args=at),
        "relabel": reverse("analysis:relabel", args=[*at, analysis.pk]),
        "relabelling": reverse("analysis:relabelling", args=[*at, relabelling.pk]),
        "look deeper": reverse("analysis:overview", args=at),
        "ledger": reverse("ledger:ledger", args=at[:1]),
        "record a change": reverse("ledger:record", args=at[:1]),
        "metrics": reverse("metrics:list"),
        "metric": reverse("metrics:detail", args=["roc_auc"]),
        "policy": reverse("evaluations:policy", args=at[:1]),
    }
