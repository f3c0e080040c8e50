"""What the portal wants from allauth."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Nobody signs up: a site admin makes accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
