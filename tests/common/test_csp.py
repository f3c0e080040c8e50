"""The policy on every answer, and the documented exceptions."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from apps.common.csp import EXCEPTIONS, POLICY, policy_for

pytestmark = pytest.mark.django_db


def test_pages_carry_the_strict_policy(client: Client) -> None:
    policy = client.get(reverse("account_login"))["Content-Security-Policy"]
    assert policy == policy_for("")
    assert "unsafe" not in policy


def test_errors_carry_it_too(client: Client) -> None:
    assert client.get("/no/such/page/")["Content-Security-Policy"] == policy_for("")


def test_exceptions_name_routes_and_leave_scripts_alone() -> None:
    for route, changes in EXCEPTIONS.items():
        assert reverse(route, args=["a-project", 1] if route.startswith("drift:") else [])
        assert set(changes) <= {"style-src", "worker-src", "frame-src"}
        assert f"script-src {POLICY['script-src']}" in policy_for(route)
