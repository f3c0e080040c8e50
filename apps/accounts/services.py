"""What people do with accounts and tokens."""

from __future__ import annotations

import secrets
from datetime import timedelta

from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils import timezone

from apps.accounts.models import ApiToken, User
from apps.compute.messages import InputRejected, gettext_noop

KEY_PREFIX = "mlsd_"
MAX_TOKEN_DAYS = 365
#: A token that is used all the time writes its row once a minute, not at every request.
LAST_USED_EVERY = timedelta(minutes=1)


def create_token(*, user: User, name: str, scope: str, days: int) -> tuple[ApiToken, str]:
    """Make a token; returns the row and the key, which is nowhere stored and cannot be shown again."""
    if not 1 <= days <= MAX_TOKEN_DAYS:
        raise ValueError(f"days must lie between 1 and {MAX_TOKEN_DAYS}")
    key = KEY_PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        prefix=key[: len(KEY_PREFIX) + 4],
        digest=ApiToken.digest_of(key),
        expires_at=timezone.now() + timedelta(days=days),
    )
    return token, key


def revoke_token(*, token: ApiToken) -> None:
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


def find_token(*, key: str) -> ApiToken | None:
    """The valid token with this key, and note that it was used."""
    now = timezone.now()
    token = (
        ApiToken.objects.select_related("user")
        .filter(digest=ApiToken.digest_of(key), revoked_at=None, expires_at__gt=now, user__is_active=True)
        .first()
    )
    if token and (token.last_used_at is None or token.last_used_at < now - LAST_USED_EVERY):
        ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def create_person(*, email: str, name: str = "", admin: bool = False) -> tuple[User, str]:
    """Make an account with a generated password, which is returned and nowhere stored."""
    password = secrets.token_urlsafe(12)
    user = User.objects.create_user(email, password, name=name, is_superuser=admin)
    return user, password


@transaction.atomic
def create_first_admin(*, email: str) -> str | None:
    """The first site admin's generated password, or None when there are people already."""
    if User.objects.exists():
        return None
    _user, password = create_person(email=email, name="Site admin", admin=True)
    return password


def rename(*, user: User, name: str) -> None:
    User.objects.filter(pk=user.pk).update(name=name)


def set_active(*, person: User, user: User, active: bool) -> None:
    """Switch an account on or off. Off: it cannot sign in and its tokens do not work."""
    _not_oneself(person, user)
    User.objects.filter(pk=person.pk).update(is_active=active)


def set_admin(*, person: User, user: User, admin: bool) -> None:
    _not_oneself(person, user)
    User.objects.filter(pk=person.pk).update(is_superuser=admin)


def reset_password(*, person: User) -> str:
    """Give a generated password, which is returned and nowhere stored; the old one works no more."""
    password = secrets.token_urlsafe(12)
    person.set_password(password)
    person.save(update_fields=["password"])
    return password


def remove_second_factors(*, person: User) -> None:
    """For somebody who lost phone and recovery codes: the password alone signs in again."""
    Authenticator.objects.filter(user=person.pk).delete()


def _not_oneself(person: User, user: User) -> None:
    """Nobody locks themselves out, so there is always a site admin."""
    if person.pk == user.pk:
        raise InputRejected(
            "own_account", gettext_noop("This is your own account. Ask another site admin to change it.")
        )
