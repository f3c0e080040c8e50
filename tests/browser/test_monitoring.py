"""A live system from its monitor to its alert and back; and every page of monitoring for everyone."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

import polars as pl
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.jobs.models import UNFINISHED, Job
from apps.monitoring.models import Monitor
from apps.projects.models import Project, Role
from tests.browser.everyone import check_pages
from tests.factories import (
    make_alert,
    make_member,
    make_model_version,
    make_monitor,
    make_project,
    make_token,
)
from tests.monitoring.conftest import START, incoming, of_day
from tests.monitoring.shown import make_watched
from tests.requirements.making import wish

pytestmark = pytest.mark.browser
DAYS = 3
#: The windows end today; the rows are moved there by whole days.
FIRST = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=DAYS)
YES, NO, UNKNOWN = "ok", "bad", "none"
MISSING = "nswprice: the column is missing"


@pytest.fixture
def engineer(live_portal: str, browser_page) -> User:  # type: ignore[no-untyped-def]
    """Of a project with a model and a requirement; signed in in the browser."""
    project = make_project(name="Power price")
    make_model_version(project)
    wish(project, limit=0.6)
    engineer = make_member(project, Role.ENGINEER)
    client = Client()
    client.force_login(engineer)
    browser_page.context.add_cookies(
        [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}]
    )
    return engineer


def rows_of(day: int, days: int = 1) -> pl.DataFrame:
    return of_day(day, days).with_columns(pl.col("timestamp") + (FIRST - START))


class LiveSystem:
    """It sends its rows with a token; what becomes of them is seen in the browser."""

    def __init__(self, page, portal: str, monitor: Monitor, user: User) -> None:  # type: ignore[no-untyped-def]
        self.page, self.portal, self.monitor = page, portal, monitor
        self.headers = {"Authorization": f"Bearer {make_token(user)}", "Content-Type": "application/json"}

    def send(self, what: str, rows: pl.DataFrame, **said: Any) -> None:
        address = self.portal + reverse(f"api:monitor-{what}", args=[self.monitor.pk])
        body = json.dumps({**said, "rows": rows.to_dicts()}, default=str).encode()
        with urlopen(Request(address, body, self.headers)) as answer:  # noqa: S310  the portal of this test
            assert answer.status == 202

    def send_day(self, day: int, *without: str, **said: Any) -> None:
        start = FIRST + timedelta(days=day)
        self.send("batches", rows_of(day).drop("y_true", *without), start=start.isoformat(), **said)

    def see(self, *lights: str) -> None:
        """The monitor's page shows these answers, once the worker is done."""
        for _attempt in range(120):
            self.page.goto(
                reverse("monitoring:detail", args=[self.monitor.project.slug, self.monitor.number])
            )
            shown = [str(answer.get_attribute("class")) for answer in self.page.locator("article.q").all()]
            if [classes.split()[-1] for classes in shown] == list(lights):
                return
            self.page.wait_for_timeout(500)
        raise AssertionError(self.page.locator("article.q").all_inner_texts())


def upload_reference(project: Project, user: User, page) -> None:  # type: ignore[no-untyped-def]
    """Two weeks before the first window, read by the worker."""
    upload = incoming(rows_of(-14, 14), "two_weeks.parquet")
    submit_file(project=project, user=user, upload=upload, purpose=DataFile.Purpose.DATA)
    while Job.objects.filter(state__in=UNFINISHED).exists():
        page.wait_for_timeout(100)


def add_monitor(page, project: Project) -> Monitor:  # type: ignore[no-untyped-def]
    """By the page: daily, since some days, with time to send what was collected; roles are guessed."""
    page.goto(reverse("monitoring:list", args=[project.slug]))
    page.get_by_role("link", name="Add the first monitor").click()
    page.get_by_label("Name", exact=True).fill("Prices")
    page.get_by_label("Reference").select_option(label="two_weeks.parquet")
    page.get_by_label("Model in use").select_option(index=1)
    page.get_by_label("The first window starts").fill(FIRST.strftime("%Y-%m-%dT00:00"))
    page.get_by_text("More settings").click()
    page.get_by_label("Late after, minutes").fill(str(30 * 24 * 60))
    page.get_by_role("button", name="Start watching").click()
    page.get_by_role("heading", name="Prices", level=1).wait_for()
    return Monitor.objects.get()


def test_from_a_monitor_to_an_alert_and_back(browser_page, live_portal: str, engineer: User) -> None:  # type: ignore[no-untyped-def]
    page, project = browser_page, Project.objects.get()
    upload_reference(project, engineer, page)
    monitor = add_monitor(page, project)
    assert {monitor.roles[name]["role"] for name in ("y_true", "daypart")} == {"target", "slice"}
    system = LiveSystem(page, live_portal, monitor, engineer)
    system.see(UNKNOWN, UNKNOWN, UNKNOWN)

    system.send_day(0)
    system.send_day(1)
    system.see(YES, UNKNOWN, UNKNOWN)
    assert page.get_by_text("From its probabilities").is_visible()
    system.send("labels", rows_of(0, DAYS).select("id", "y_true"))  # those of the third day come before it
    system.see(YES, YES, UNKNOWN)
    assert page.get_by_text("The live requirement R-01 holds.").is_visible()
    assert page.get_by_text("more comparable windows with labels are needed").is_visible()

    system.send_day(2, "nswprice")
    system.see(NO, YES, UNKNOWN)
    page.get_by_role("link", name=MISSING).click()
    page.get_by_label("Note").fill("The exchange changed its export.")
    page.get_by_role("button", name="I look after it").click()
    page.get_by_text("The exchange changed its export.").wait_for()
    alert_page = page.url
    assert page.locator(".facts").get_by_text(re.compile("Acknowledged")).is_visible()

    system.send_day(2, replace=True)
    system.see(YES, YES, UNKNOWN)
    assert page.get_by_role("link", name=MISSING).count() == 0
    page.goto(alert_page)
    assert page.locator(".facts").get_by_text("Resolved").is_visible()
    assert page.locator(".tl strong, .tl .strong").all_inner_texts()[-1] == "Resolved"


def addresses(project: Project) -> dict[str, str]:
    at = [project.slug]
    monitor = make_watched(project)
    new = make_monitor(project)
    alert = make_alert(monitor)
    make_alert(monitor, parent=alert)
    one = [*at, monitor.number]
    return {
        "list": reverse("monitoring:list", args=at),
        "new": reverse("monitoring:new", args=at),
        "monitor": reverse("monitoring:detail", args=one),
        "no batch yet": reverse("monitoring:detail", args=[*at, new.number]),
        "settings": reverse("monitoring:edit", args=one),
        "models": reverse("monitoring:models", args=one),
        "age": reverse("monitoring:aging", args=one),
        "batches": reverse("monitoring:batches", args=one),
        "batch": reverse("monitoring:batch", args=[*one, 3]),
        "upload": reverse("monitoring:upload-batch", args=one),
        "alerts": reverse("monitoring:project-alerts", args=at),
        "alert": reverse("monitoring:alert", args=[*at, alert.number]),
        "mail": reverse("notifications:preference"),
    }


def test_monitoring_pages_for_everyone(browser_page, engineer: User) -> None:  # type: ignore[no-untyped-def]
    check_pages(browser_page, addresses(Project.objects.get()), opened="details.more-fields")
