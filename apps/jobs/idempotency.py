"""One request that is sent twice makes one thing: the job that the first of them started."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.jobs.models import IdempotencyKey, Job


def fingerprint(*said: Any) -> str:
    """SHA-256 of what a request says; equal requests have equal fingerprints."""
    return hashlib.sha256(json.dumps(said, default=str, sort_keys=True).encode()).hexdigest()


def first_job(*, user: User, key: str, fingerprint: str) -> Job | None:
    """The job of the first request with this key of this person, None when this is the first.

    Must run in the transaction that makes the job: of two requests at once the second waits here.
    InputRejected: the first request said something else.
    """
    User.objects.select_for_update(no_key=True).get(pk=user.pk)
    used = IdempotencyKey.objects.select_related("job").filter(user=user, key=key).first()
    if used is None:
        return None
    if used.fingerprint != fingerprint:
        raise InputRejected(
            "idempotency_key_reused",
            gettext_noop(
                "The idempotency key “%(key)s” was used for another request, “%(title)s”. "
                "Send each new request with a new key."
            ),
            key=key,
            title=used.job.title,
        )
    return used.job


def remember(*, user: User, key: str, fingerprint: str, job: Job) -> None:
    """What `first_job` answers from now on."""
    IdempotencyKey.objects.create(user=user, key=key, fingerprint=fingerprint, job=job)
