"""The portfolio in a browser: the gates that are ready arrive after the page."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.lifecycle.world import make_ready, start

pytestmark = pytest.mark.browser


def test_the_head_counts_the_gates_that_arrive_later(live_portal: str, browser_page) -> None:  # type: ignore[no-untyped-def]
    project = make_ready()
    start(project, ago=50, length=28)
    client = Client()
    client.force_login(project.created_by)
    assert "1 decision waits for you." in client.get("/").text  # the timebox
    cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_portal}
    browser_page.context.add_cookies([cookie])
    browser_page.goto("/")
    browser_page.locator("h1 + .lead", has_text="2 decisions wait for you.").wait_for()
    assert browser_page.locator("#waiting li").count() == 2
    assert browser_page.locator("#waiting-count").count() == 1
