"""A running job in a real browser: it moves, ends and stops asking, without a page load."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.jobs.models import Job, State
from apps.projects.models import Role
from tests.factories import make_job, make_member, make_project

pytestmark = pytest.mark.browser


def test_progress_moves_and_the_page_stops_asking(browser_page, live_portal: str) -> None:
    project = make_project()
    job = make_job(project, state=State.RUNNING, attempts=1, started_at=timezone.now())
    client = Client()
    client.force_login(make_member(project, Role.ENGINEER))
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    asked: list[str] = []
    browser_page.on("request", lambda request: asked.append(request.url))

    browser_page.goto(reverse("jobs:detail", args=[project.slug, job.pk]))
    browser_page.get_by_role("button", name="Cancel the job").focus()
    row = Job.objects.filter(pk=job.pk)
    row.update(progress=0.4, progress_message={"text": "Intervals", "params": {}})
    browser_page.get_by_text("Intervals, 40").wait_for()
    assert browser_page.evaluate("document.activeElement.id") == "job-cancel"

    row.update(state=State.SUCCEEDED, finished_at=timezone.now())
    browser_page.get_by_text("Done.").wait_for()
    fragment = reverse("jobs:fragment", args=[project.slug, job.pk])
    count = sum(fragment in url for url in asked)
    browser_page.wait_for_timeout(2_500)
    assert sum(fragment in url for url in asked) == count
