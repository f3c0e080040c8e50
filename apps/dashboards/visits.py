"""Notes that somebody is here, and says when they were here before."""

from __future__ import annotations

from datetime import datetime, timedelta

from apps.accounts.models import User
from apps.dashboards.models import Visit

VISIT_ENDS_AFTER = timedelta(minutes=30)
NOTED_EVERY = timedelta(minutes=3)


def last_visit(user: User, now: datetime) -> datetime | None:
    """When the visit before this one ended, or None for somebody who is here for the first time."""
    visit = Visit.objects.filter(user=user).first()
    if visit is None:
        Visit.objects.get_or_create(user=user, defaults={"seen_at": now})
        return None
    silence = now - visit.seen_at
    if silence > VISIT_ENDS_AFTER:
        visit.before = visit.seen_at
    if silence > NOTED_EVERY:
        visit.seen_at = now
        visit.save(update_fields=["seen_at", "before"])
    return visit.before
