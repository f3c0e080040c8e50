"""What changed since a moment, of the projects that a reader may see."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext_noop

from apps.accounts.models import User
from apps.common.sheets import plain_cell
from apps.compute.messages import InputRejected
from apps.dashboards.words import tell
from apps.history.models import Change
from apps.projects.models import Project

LAST_VISIT, MONDAY, DATE = "visit", "monday", "date"
BATCH = 500
CSV_COLUMNS = (
    "at", "project", "actor", "operation", "thing", "name", "field", "old", "new",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """From which moment on: ``kind`` is how the reader said it."""

    kind: str
    moment: datetime
    visit: datetime | None = None  # when the visit before this one ended

    @classmethod
    def of(cls, given: Mapping[str, str], now: datetime, visit: datetime | None) -> Since:
        """``now`` is local. Somebody who is here for the first time begins with Monday.

        Raises InputRejected for a date that is none.
        """
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        monday = cls(kind=MONDAY, moment=midnight - timedelta(days=now.weekday()), visit=visit)
        kind = given.get("since", "") or (DATE if given.get("date") else LAST_VISIT)
        if kind == DATE:
            return cls(kind=DATE, moment=_start_of(given.get("date", "")), visit=visit)
        if kind == MONDAY or visit is None:
            return monday
        return cls(kind=LAST_VISIT, moment=visit, visit=visit)


def _start_of(text: str) -> datetime:
    try:
        day = parse_date(text.strip())
    except ValueError:
        day = None
    if day is None or not 1970 <= day.year <= 9998:
        raise InputRejected(
            "not_a_date",
            gettext_noop("“%(text)s” is no date. Write it as 2026-11-23."),
            text=text[:40],
        )
    return timezone.make_aware(datetime(day.year, day.month, day.day))


def changes_of(user: User, since: datetime, project: Project | None = None) -> QuerySet[Change]:
    """The newest first. Site admins see the trail of deleted projects too."""
    changes = Change.objects.filter(at__gte=since)
    if project is not None:
        return changes.filter(project_id=project.pk)
    if user.is_superuser:
        return changes
    return changes.filter(project_id__in=Project.objects.visible_to(user).values("pk"))


class _Line:
    """A file that hands back each line, for a writer of CSV that streams."""

    def write(self, line: str) -> str:
        return line


def csv_lines(changes: QuerySet[Change]) -> Iterator[str]:
    """A row for each changed field."""
    writer = csv.writer(_Line())
    yield writer.writerow(CSV_COLUMNS)
    for batch in batches(changes):
        for told in tell(batch):
            head = [
                told.change.at.isoformat(),
                told.project.slug if told.project else "",
                told.actor,
                told.operation,
                told.thing,
                told.name,
            ]
            for field in told.fields:
                yield writer.writerow([plain_cell(c) for c in [*head, field.label, field.old, field.new]])


def records(changes: QuerySet[Change]) -> Iterator[dict[str, Any]]:
    """The rows of the trail as they are, with the names of people and projects."""
    for batch in batches(changes):
        for told in tell(batch):
            yield {
                "at": told.change.at.isoformat(),
                "project": told.project.slug if told.project else None,
                "actor": told.actor,
                "operation": told.change.operation,
                "table": told.change.table,
                "object_id": told.change.object_id,
                "name": told.name,
                "old": told.change.old,
                "new": told.change.new,
            }


def batches(changes: QuerySet[Change]) -> Iterator[list[Change]]:
    rows = changes.iterator(chunk_size=BATCH)
    while batch := [change for _i, change in zip(range(BATCH), rows, strict=False)]:
        yield batch
