"""Which stored bytes some row still needs. Adding and removing the same content never happen at once."""

from __future__ import annotations

from django.db import connection, transaction

from apps.datasets import storage
from apps.datasets.models import DataFile


def lock_content(sha256: str) -> None:
    """Until the end of the transaction nobody else adds or removes this content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(sha256[:15], 16)])


def remove_unused_content(sha256: str) -> bool:
    """Delete the bytes unless a row names them. Returns whether they were deleted."""
    with transaction.atomic():
        lock_content(sha256)
        if DataFile.objects.filter(sha256=sha256).exists():
            return False
        storage.remove_content(sha256)
        return True


def remove_orphans(older_than_seconds: float) -> int:
    """Delete content whose upload was never committed; returns how many files went."""
    return sum(remove_unused_content(sha256) for sha256 in storage.stored_contents(older_than_seconds))
