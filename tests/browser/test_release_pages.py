"""Pages of models and retraining for everyone; and a version that goes live and is taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.projects.models import Project, Role
from apps.releases.models import RetrainingRequest, Stage
from tests.browser.everyone import check_pages
from tests.factories import make_member, make_model_version, make_project, make_run
from tests.releases.world import ago, make_champion, move, name_trainer, stand

pytestmark = pytest.mark.browser
LONG = "Beats the champion on the data of May by " + "1.4 points " * 12
UNBROKEN = "release/2026-05-31T00:00:00+00:00-" + "0123456789abcdef" * 4


@pytest.fixture
def project(live_portal: str, live_worker, browser_page) -> Project:  # type: ignore[no-untyped-def]
    """A champion, what came before and comes after it, and requests; the browser is a manager's."""
    project = make_project(name="Demand of the shops")
    old, live, shadow, _new = (make_model_version(project, label) for label in ("1", "2", UNBROKEN, "4"))
    for version, stage, days in (
        (old, Stage.CHAMPION, 90),
        (old, Stage.RETIRED, 42),
        (live, Stage.CHAMPION, 42),
    ):
        stand(version, stage, ago(days))
    move(shadow, Stage.SHADOW, reason=LONG)
    make_run(project, model_version=live)
    make_champion(make_model_version(project, "rule", kind="baseline"))
    name_trainer(project)
    for number, state in enumerate(RetrainingRequest.State.values, 1):
        ended = timezone.now() if state in ("done", "failed") else None
        RetrainingRequest.objects.create(
            project=project,
            number=number,
            model=live.model,
            reason=LONG,
            details={"data_until": "2026-05-31", "link": UNBROKEN * 2},
            state=state,
            version=shadow if state == "done" else None,
            answer=LONG if ended else "",
            cost=12.5 if ended else None,
            asked_by=project.created_by,
            asked_at=timezone.now() - timedelta(hours=number),
            started_at=timezone.now() - timedelta(minutes=30) if state != "asked" else None,
            ended_at=ended,
        )
    client = Client()
    client.force_login(make_member(project, Role.MANAGER))
    cookie = client.cookies["sessionid"].value
    browser_page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_portal}])
    return project


def address(name: str, project: Project, *args: object) -> str:
    return reverse(f"releases:{name}", args=[project.slug, *args])


def test_pages_for_everyone(project: Project, browser_page) -> None:  # type: ignore[no-untyped-def]
    empty = make_project(project.created_by, name="Nothing yet")
    empty.memberships.create(user=project.memberships.get(role=Role.MANAGER).user, role=Role.MANAGER)
    versions = {
        str(version.label): version.pk for model in project.models.all() for version in model.versions.all()
    }
    pages = {
        "empty": address("list", empty),
        "empty retraining": address("retraining", empty),
        "list": address("list", project),
        "champion": address("version", project, versions["2"]),
        "retired": address("version", project, versions["1"]),
        "shadow": address("version", project, versions[UNBROKEN]),
        "candidate": address("version", project, versions["4"]),
        "rule": address("rule", project),
        "retraining": address("retraining", project),
        "new request": address("ask", project),
        "answer": address("answer", project, 1),
        **{f"request {number}": address("request", project, number) for number in range(1, 5)},
    }
    check_pages(browser_page, pages)


def test_a_version_goes_live_and_is_taken_back(project: Project, browser_page) -> None:  # type: ignore[no-untyped-def]
    page = browser_page

    def move_to(stage: str, reason: str) -> None:
        page.locator("label").filter(has_text=stage).click()
        page.get_by_label("Why?").fill(reason)
        page.get_by_role("button", name="Move the version").click()
        page.get_by_role("status").get_by_text(f"It stands there now: {stage}.").wait_for()

    page.goto(address("list", project))
    page.get_by_role("link", name="Model ml 4").click()
    move_to("Approved", "Beats version 2")
    move_to("Champion", "The season starts")
    page.goto(address("list", project))
    page.get_by_role("link", name="Model ml 2").first.click()
    page.get_by_text("“Model ml 4” became the champion.").wait_for()
    move_to("Champion", "Version 4 loses orders")
    page.get_by_text("Version 4 loses orders").wait_for()
