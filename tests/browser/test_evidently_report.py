"""Evidently's own page inside the portal: its charts are drawn, and no name or value of the data runs.

`browser_page` fails the test for anything in the console, every breach of a content security policy and every
request to another host.
"""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from django.urls import reverse

from apps.drift.models import EvidentlyReport
from tests.browser.test_upload_to_report import sign_in
from tests.flows.client import Script, make_script

pytestmark = pytest.mark.browser
IMAGE = "<img src=x onerror=window.__ran=1>"
SCRIPT = "</script><script>window.__ran=2</script>"
TEMPLATE = "`${window.__ran=3}` & 'quoted' \"twice\" <!--<script>"
WAIT = 120_000


@pytest.fixture
def script(live_portal: str) -> Script:
    return make_script()


def hostile(path: Path, shift: int) -> Path:
    rows = range(1_200)
    table = {
        IMAGE: [(row * 37 % 101) + shift for row in rows],
        SCRIPT: [(IMAGE, SCRIPT, TEMPLATE, "plain")[(row * (shift + 1)) % 4] for row in rows],
        TEMPLATE: [
            f"{SCRIPT} the parcel number {row} came {'late' if shift else 'early'} {IMAGE}" for row in rows
        ],
    }
    pl.DataFrame(table).write_parquet(path)
    return path


def test_no_name_or_value_runs(browser, browser_page, script: Script, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    files = [hostile(tmp_path / f"{shift}.parquet", shift) for shift in (0, 1)]
    reference = script.post("files", files[0].read_bytes(), files[0].name, purpose="data").json()["id"]
    named = script.api.post(
        "/api/v1/drift-references/", {"project": script.project, "file_id": reference}, format="json"
    )
    assert named.status_code == 200, named.content
    asked = script.post("drift-reports", files[1].read_bytes(), files[1].name)
    assert asked.status_code == 202, asked.content
    assert script.wait(asked.json()["job"]["id"])["state"] == "succeeded"
    number = asked.json()["report"]["number"]

    page = browser_page
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: dialogs.append(dialog.message))
    sign_in(page, script.user.email)
    page.goto(reverse("drift:evidently", args=[script.project, number]))
    page.get_by_role("button", name="Let Evidently render it").click()
    page.locator("iframe").wait_for(timeout=WAIT)

    frame = page.frame_locator("iframe")
    frame.get_by_text("Data Drift Summary").wait_for()
    expanders = frame.locator("tbody tr td:first-child button")
    expanders.first.wait_for()
    assert expanders.count() == 3
    assert frame.get_by_text("＜img src=x onerror=window.__ran=1＞", exact=True).count() == 1
    for place in (2, 1, 0):  # from below: what unfolds has buttons of its own
        expanders.nth(place).click()
    frame.locator(".main-svg").first.wait_for()
    frame.get_by_role("tab", name="current: characteristic words").wait_for()

    inside = page.frames[-1]
    assert inside.evaluate("[window.origin, window.__ran]") == ["null", None]
    assert inside.evaluate("document.querySelectorAll('img, script').length") == 4  # Evidently's own scripts
    assert page.evaluate("window.__ran") is None
    assert dialogs == []

    made = EvidentlyReport.objects.get()
    assert (made.rows, made.columns) == (1_200, 3)
    answer = script.api.get(f"/api/v1/drift-reports/{made.report_id}/evidently/page/")
    content = answer.getvalue().decode()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "onerror=window" in content
    assert "<img src=x" not in content
    # A downloaded page is opened without the portal's headers, and is as harmless.
    saved = tmp_path / "saved.html"
    saved.write_text(content)
    outside = browser.new_context()
    alone, asked_for = outside.new_page(), []
    alone.on("request", lambda request: asked_for.append(request.url))
    alone.goto(saved.as_uri())
    alone.get_by_text("Data Drift Summary").wait_for()
    assert alone.evaluate("window.__ran") is None
    assert asked_for == [saved.as_uri()]
    outside.close()
