"""Asking a named protocol and reading its answer, in a real browser with a real worker."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.datasets.uploads import incoming_from_path
from apps.evaluations.services import RunFields, submit_run
from apps.projects.models import Role
from tests.browser.everyone import check_pages, wait_for_worker
from tests.factories import make_member, make_project
from tests.flows.test_golden_protocols import FOLDER

pytestmark = pytest.mark.browser


def test_worst_region(live_portal: str, live_worker, browser_page) -> None:  # type: ignore[no-untyped-def]
    project = make_project(name="Land use")
    runs = [
        submit_run(
            project=project,
            user=project.created_by,
            upload=incoming_from_path(FOLDER / "wilds" / name / "input.csv"),
            fields=RunFields(task=task),
        ).run
        for name, task in (("fmow_worst_region", ""), ("globalwheat_detection_TOY", "protocol"))
    ]
    client = Client()
    client.force_login(make_member(project, Role.ENGINEER))
    page = browser_page
    page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    wait_for_worker(page)
    where = [project.slug, runs[0].number]
    page.goto(reverse("analysis:ask-protocol", args=where))
    page.get_by_role("link", name="Accuracy by group").click()
    page.get_by_label("Groups", exact=True).select_option("region")
    page.get_by_label("Groups left out of the worst").fill("Other")
    page.get_by_role("button", name="Ask", exact=True).click()
    wait_for_worker(page)
    page.reload()
    page.get_by_text("The worst group is").wait_for()
    page.get_by_text("Slice column “region”, value “without Other”").first.wait_for()
    answer = page.url
    check_pages(
        page,
        {
            "protocols": reverse("analysis:ask-protocol", args=where),
            "form": reverse("analysis:ask-protocol", args=where) + "?protocol=group_accuracy",
            "answer": answer.removeprefix(live_portal),
            "report": reverse("evaluations:detail", args=[project.slug, runs[1].number]),
        },
    )
