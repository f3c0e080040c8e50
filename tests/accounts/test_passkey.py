"""A passkey is registered and signs in, with Chromium's own virtual authenticator."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator

from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.browser
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def test_a_passkey_signs_in_without_a_password(browser, live_portal: str) -> None:  # type: ignore[no-untyped-def]
    user = make_user("ML engineer")
    # Browsers give passkeys to names only, not to IP numbers.
    context = browser.new_context(base_url=live_portal.replace("127.0.0.1", "localhost"))
    context.set_default_timeout(15_000)
    page = context.new_page()
    faults: list[str] = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})

    page.goto("/accounts/login/?next=/accounts/2fa/webauthn/add/")
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url("**/accounts/reauthenticate/**")
    page.fill("input[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.check("input[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/accounts/2fa/recovery-codes/**")
    assert Authenticator.objects.get(user=user, type="webauthn").wrap().is_passwordless

    context.clear_cookies()
    page.goto("/")
    page.wait_for_url("**/accounts/login/**")
    page.click("#passkey_login")
    page.get_by_role("heading", name="Portfolio", level=1).wait_for()
    assert faults == []
    context.close()
