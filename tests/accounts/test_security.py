"""Passwords, second factors and the limits on guessing, through the real pages."""

import base64
import hmac
import re
import struct
import time

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from apps.accounts import services
from apps.accounts.models import User
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db
NEW_PASSWORD = "a wholly different phrase"


@pytest.fixture(autouse=True)
def _no_earlier_attempts() -> None:
    cache.clear()


def sign_in(client: Client, user: User, password: str = PASSWORD) -> str:
    """The address that signing in leads to; empty when it is refused."""
    answer = client.post("/accounts/login/", {"login": user.email, "password": password})
    return answer.get("Location", "")


def is_signed_in(client: Client) -> bool:
    return client.get("/").status_code == 200


def code_now(secret: str) -> str:
    """RFC 6238 with its usual choices: SHA-1, 30 seconds, six digits."""
    counter = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(secret), counter, "sha1")
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


def set_up_app(client: Client, user: User) -> str:
    """Register an authenticator app and return its secret."""
    sign_in(client, user)
    page = client.get("/accounts/2fa/totp/activate/")
    assert page["Location"].startswith("/accounts/reauthenticate/"), "the password was not asked for again"
    client.post(page["Location"], {"password": PASSWORD})
    page = client.get("/accounts/2fa/totp/activate/")
    secret = page.context["form"].secret
    assert secret in page.text
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_now(secret)}).status_code == 302
    return secret


def forget_used_codes() -> None:
    """A code works once; tests do not wait half a minute for the next one."""
    cache.clear()


def test_the_code_of_an_app_is_asked_for_after_the_password() -> None:
    user = make_user()
    secret = set_up_app(Client(), user)
    forget_used_codes()
    client = Client()
    assert sign_in(client, user) == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_now(secret)})
    assert is_signed_in(client)


def test_a_recovery_code_signs_in_once() -> None:
    user = make_user()
    owner = Client()
    set_up_app(owner, user)
    codes = re.findall(r"\b[0-9a-f]{8}\b", owner.get("/accounts/2fa/recovery-codes/download/").text)
    assert len(codes) == 10
    results = []
    for _ in range(2):
        client = Client()
        sign_in(client, user)
        client.post("/accounts/2fa/authenticate/", {"code": codes[0]})
        results.append(is_signed_in(client))
    assert results == [True, False]


def test_a_site_admin_takes_a_lost_second_factor_away(client: Client) -> None:
    user = make_user()
    set_up_app(Client(), user)
    client.force_login(make_user(is_superuser=True))
    assert "Remove second factor" in client.get("/settings/people/").text
    client.post(f"/settings/people/{user.pk}/", {"second-factor": "0"})
    assert not Authenticator.objects.exists()
    assert "Remove second factor" not in client.get("/settings/people/").text
    other = Client()
    sign_in(other, user)
    assert is_signed_in(other)


def test_a_forgotten_password_is_replaced_by_mail() -> None:
    user = make_user()
    Client().post("/accounts/password/reset/", {"email": user.email})
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", str(mail.outbox[0].body))
    assert link
    client = Client()
    page = client.get(link[1], follow=True)
    client.post(page.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert not sign_in(Client(), user)
    assert sign_in(Client(), user, NEW_PASSWORD)
    assert Client().get(link[1], follow=True).context["token_fail"], "the link works twice"


def test_asking_for_a_reset_does_not_tell_who_is_here() -> None:
    user = make_user()
    known = Client().post("/accounts/password/reset/", {"email": user.email})
    unknown = Client().post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "Sign" not in mail.outbox[1].subject


def test_a_new_password_ends_the_other_sessions() -> None:
    user = make_user()
    here, elsewhere = Client(), Client()
    sign_in(here, user)
    sign_in(elsewhere, user)
    data = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post("/accounts/password/change/", data).status_code == 302
    assert is_signed_in(here)
    assert not is_signed_in(elsewhere)


def test_switching_an_account_off_ends_its_sessions() -> None:
    user = make_user()
    client = Client()
    sign_in(client, user)
    services.set_active(person=user, user=make_user(is_superuser=True), active=False)
    assert not is_signed_in(client)


def test_nobody_takes_another_address() -> None:
    """Owners add people by their address, so it is given by a site admin and not chosen."""
    user = make_user()
    client = Client()
    sign_in(client, user)
    client.post("/accounts/email/", {"action_add": "", "email": "chief@example.org"})
    client.post("/accounts/email/", {"action_primary": "", "email": "chief@example.org"})
    user.refresh_from_db()
    assert user.email != "chief@example.org"
    assert not mail.outbox


def test_guesses_are_counted_by_the_address_that_the_proxy_saw(settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    guess = {"login": "nobody@example.org", "password": "wrong wrong wrong"}
    for number in range(11):  # the limit: 10 failed sign-ins a minute and address
        made_up = f"10.9.9.{number}, 192.0.2.1"
        guess["login"] = f"nobody{number}@example.org"
        last = Client().post("/accounts/login/", guess, headers={"x-forwarded-for": made_up})
    assert "Too many failed" in last.text
    user = make_user()
    other = Client()
    other.post(
        "/accounts/login/",
        {"login": user.email, "password": PASSWORD},
        headers={"x-forwarded-for": "192.0.2.2"},
    )
    assert is_signed_in(other)
