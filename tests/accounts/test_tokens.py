"""API tokens: what is stored, what works, and for how long."""

from datetime import timedelta

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts import services
from apps.accounts.models import ApiToken
from tests.factories import make_token, make_user

pytestmark = pytest.mark.django_db


def client_with(key: str) -> APIClient:
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {key}")
    return client


def test_only_a_hash_of_the_key_is_stored() -> None:
    token, key = services.create_token(user=make_user(), name="a", scope="read", days=1)
    stored = ApiToken.objects.values().get(pk=token.pk)
    assert key.startswith("mlsd_")
    assert len(key) == 5 + 43
    assert not any(key in str(value) for value in stored.values())


def test_a_key_signs_in_and_its_use_is_recorded() -> None:
    key = make_token(make_user())
    assert client_with(key).get("/api/v1/projects/").status_code == 200
    assert ApiToken.objects.get().last_used_at is not None


def test_use_is_recorded_at_most_once_a_minute(django_assert_num_queries) -> None:
    key = make_token(make_user())
    with django_assert_num_queries(2):
        services.find_token(key=key)
    with django_assert_num_queries(1):
        services.find_token(key=key)
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(seconds=61))
    services.find_token(key=key)
    assert timezone.now() - ApiToken.objects.get().last_used_at < timedelta(seconds=30)


@pytest.mark.parametrize("why", ["unknown", "expired", "revoked", "inactive"])
def test_a_dead_key_is_refused_with_a_sentence(why: str) -> None:
    user = make_user()
    key = make_token(user)
    if why == "unknown":
        key += "x"
    elif why == "expired":
        ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    elif why == "revoked":
        services.revoke_token(token=ApiToken.objects.get())
    else:
        user.is_active = False
        user.save()
    answer = client_with(key).get("/api/v1/projects/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"] == "application/problem+json"
    assert "unknown, expired or revoked" in answer.json()["detail"]


def test_a_read_token_cannot_write() -> None:
    client = client_with(make_token(make_user(), "read"))
    assert client.get("/api/v1/projects/").status_code == 200
    answer = client.post("/api/v1/projects/", {"name": "No"})
    assert answer.status_code == 403
    assert "only read" in answer.json()["detail"]


def test_the_key_is_in_the_answer_once() -> None:
    client = client_with(make_token(make_user()))
    made = client.post("/api/v1/tokens/", {"name": "next", "scope": "read", "days": 7})
    assert made.status_code == 201
    assert client_with(made.json()["key"]).get("/api/v1/tokens/").status_code == 200
    assert "key" not in client.get(f"/api/v1/tokens/{made.json()['id']}/").json()


def test_nobody_sees_or_revokes_the_tokens_of_others() -> None:
    make_token(make_user())
    other = ApiToken.objects.get()
    client = client_with(make_token(make_user()))
    assert [t["id"] for t in client.get("/api/v1/tokens/").json()["results"]] != [other.pk]
    assert client.delete(f"/api/v1/tokens/{other.pk}/").status_code == 404
    other.refresh_from_db()
    assert other.revoked_at is None


def test_the_page_shows_a_new_key_and_never_again(client) -> None:
    user = make_user()
    client.force_login(user)
    page = client.post("/settings/tokens/", {"name": "pipeline", "scope": "write", "days": "90"})
    key = page.context["key"]
    assert key in page.text
    assert page["Cache-Control"] == "no-store"
    assert key not in client.get("/settings/tokens/").text
    assert client_with(key).get("/api/v1/projects/").status_code == 200


def test_a_token_with_days_out_of_range_is_refused() -> None:
    client = client_with(make_token(make_user()))
    answer = client.post("/api/v1/tokens/", {"name": "for ever", "days": 3650})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "days"
