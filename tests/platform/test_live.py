"""The processes that the other tests stand on."""

from __future__ import annotations

import pytest


@pytest.mark.browser
def test_sign_in_page_in_a_browser(browser_page) -> None:  # type: ignore[no-untyped-def]
    browser_page.goto("/accounts/login/")
    assert browser_page.locator("input[type=password]").is_visible()
