"""Site admins make accounts; nobody else does."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from apps.accounts import services
from apps.accounts.models import User
from apps.compute.messages import InputRejected
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin(client: Client) -> User:
    user = make_user(is_superuser=True)
    client.force_login(user)
    return user


def sign_in(email: str, password: str) -> bool:
    """Through the real page."""
    answer = Client().post("/accounts/login/", {"login": email, "password": password})
    return answer.status_code == 302


def test_an_admin_makes_an_account_that_can_sign_in(client: Client, admin: User) -> None:
    page = client.post("/settings/people/", {"email": "Analyst@Example.org", "name": "Analyst"})
    password = page.context["password"]
    assert password in page.text
    assert page["Cache-Control"] == "no-store"
    assert sign_in("analyst@example.org", password)
    assert password not in client.get("/settings/people/").text


def test_an_address_is_taken_once_whatever_its_case(client: Client, admin: User) -> None:
    make_user(email="one@example.org")
    page = client.post("/settings/people/", {"email": "ONE@example.org"})
    assert "signs in with this address already" in page.text
    assert User.objects.filter(email__iexact="one@example.org").count() == 1


def test_a_new_password_replaces_the_old_one(client: Client, admin: User) -> None:
    person = make_user()
    page = client.post(f"/settings/people/{person.pk}/", {"password": "1"})
    assert sign_in(person.email, page.context["password"])
    assert not sign_in(person.email, PASSWORD)


def test_a_switched_off_account_cannot_sign_in(client: Client, admin: User) -> None:
    person = make_user()
    assert sign_in(person.email, PASSWORD)
    client.post(f"/settings/people/{person.pk}/", {"active": "0"})
    person.refresh_from_db()
    assert not person.is_active
    other = Client()
    other.post("/accounts/login/", {"login": person.email, "password": PASSWORD})
    assert other.get("/").status_code == 302


def test_nobody_locks_themselves_out(admin: User) -> None:
    with pytest.raises(InputRejected, match="own account"):
        services.set_active(person=admin, user=admin, active=False)
    with pytest.raises(InputRejected, match="own account"):
        services.set_admin(person=admin, user=admin, admin=False)


def test_nobody_signs_up(client: Client) -> None:
    client.post("/accounts/signup/", {"email": "x@example.org", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()


def test_guessing_passwords_is_slowed_down() -> None:
    person = make_user()
    for _ in range(10):
        assert not sign_in(person.email, "wrong wrong wrong")
    assert not sign_in(person.email, PASSWORD), "the limit of failed sign-ins did not hold"


@pytest.mark.parametrize(
    ("address", "email"),
    [
        ("https://ml.example.org", "admin@ml.example.org"),
        ("http://127.0.0.1:8000", "admin@portal.local"),
        ("http://[::1]:8000", "admin@portal.local"),
        ("http://localhost:8000", "admin@localhost"),
    ],
)
def test_the_first_admin_has_an_address_at_the_host(address: str, email: str, settings) -> None:
    settings.BASE_URL = address
    out = io.StringIO()
    call_command("create_first_admin", "--json", stdout=out)
    made = json.loads(out.getvalue())
    assert made["email"] == email
    assert sign_in(**made)


def test_the_first_admin_needs_an_address_to_sign_in_with() -> None:
    with pytest.raises(CommandError, match="no e-mail address"):
        call_command("create_first_admin", "--email", "root")


def test_the_first_admin_is_made_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("create_first_admin", "--email", "admin@example.org")
    password = capsys.readouterr().out.rsplit(" ", 1)[1].strip()
    assert sign_in("admin@example.org", password)
    call_command("create_first_admin", "--email", "second@example.org")
    assert capsys.readouterr().out == ""
    assert User.objects.count() == 1
