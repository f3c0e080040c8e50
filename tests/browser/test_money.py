"""Prices are written, a second person approves them, and the run's page says what it earns."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.urls import reverse

from apps.analysis.models import Analysis
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.evaluations.services import RunFields, submit_run
from apps.projects.models import Project, Role
from apps.requirements.models import ValueCase
from tests.browser.everyone import check_pages, wait_for_worker
from tests.browser.test_upload_to_report import sign_in
from tests.factories import make_member, make_project

pytestmark = pytest.mark.browser
ADULT = Path(__file__).parents[1] / "data" / "predictions" / "adult"


@pytest.fixture
def project(live_portal: str, live_worker, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """A model and a rule, both judged."""
    project = make_project(name="Income screening")
    owner = project.created_by
    truth = submit_file(
        project=project,
        user=owner,
        upload=incoming_from_path(ADULT / "truth.parquet"),
        purpose=DataFile.Purpose.TRUTH,
    )
    for name, fields in (
        ("rule", RunFields(model="rule", baseline=True)),
        ("lr", RunFields(model="regression")),
    ):
        path = ADULT / f"pred_{name}.csv.gz"
        submit_run(project=project, user=owner, upload=incoming_from_path(path), truth=truth, fields=fields)
    wait_for_worker(browser_page)
    return project


def test_prices_approval_and_money(browser_page, project: Project) -> None:  # type: ignore[no-untyped-def]
    page, prices = browser_page, reverse("requirements:value", args=[project.slug])
    sign_in(page, project.created_by.email)
    page.goto(prices)
    for name, value in {
        "volume_per_year": "100000", "hit": "12", "miss": "3", "false_alarm": "4", "review": "0.25",
        "running_cost": "1200", "present_process": "20000", "spent": "50000",
    }.items():  # fmt: skip
        page.fill(f"[name={name}]", value)
    page.get_by_role("button", name="Save the price list").click()
    page.get_by_text("not approved yet").first.wait_for()
    page.get_by_text("100,000 decisions a year").first.wait_for()

    manager = make_member(project, Role.MANAGER)
    page.context.clear_cookies()
    sign_in(page, manager.email)
    page.goto(prices)
    page.fill("[name=note]", "By the books of last year.")
    page.get_by_role("button", name="Approve the prices").click()
    page.get_by_text("The price list is approved").wait_for()
    assert ValueCase.objects.get(project=project).approval.approver == manager

    wait_for_worker(page)
    page.goto(reverse("evaluations:detail", args=[project.slug, 2]))
    page.get_by_role("link", name="How it comes about").click()
    page.get_by_role("heading", name="Money of Run 2").wait_for()
    assert page.get_by_text("Over the baseline it gains").is_visible()
    for figure in ("money_by_threshold", "price_sensitivity"):
        plot = page.locator(f".plot[data-name={figure}]")
        plot.scroll_into_view_if_needed()
        plot.locator(".main-svg").first.wait_for()
    page.get_by_role("link", name="Money of all runs").click()
    assert page.get_by_role("row").count() == 3
    answer = Analysis.objects.filter(run__number=2, kind="money", params__baseline=1).latest("pk")
    check_pages(
        page,
        {
            "prices": prices,
            "money of a run": reverse("money:answer", args=[project.slug, 2, answer.pk]),
            "count": reverse("money:ask", args=[project.slug, 2]),
            "money of all runs": reverse("money:runs", args=[project.slug]),
        },
    )
