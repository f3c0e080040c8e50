"""No cache between the portal and a reader keeps what one reader may see."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed_in(client: Client) -> Client:
    client.force_login(make_user())
    return client


@pytest.mark.parametrize("name", ["dashboards:portfolio", "accounts:tokens", "api:run-list"])
def test_answers_are_private(signed_in: Client, name: str) -> None:
    assert signed_in.get(reverse(name))["Cache-Control"] == "private, no-cache"


def test_a_new_key_is_kept_nowhere(signed_in: Client) -> None:
    answer = signed_in.post(reverse("accounts:tokens"), {"name": "script", "scope": "read", "days": "30"})
    assert answer["Cache-Control"] == "no-store"
