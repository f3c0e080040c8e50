"""A change in the world in which everybody asks, and the rows of the ledger's routes."""

from __future__ import annotations

from typing import Any

from apps.ledger.models import Change
from apps.projects.models import Project
from tests.access.rows import ENGINEER, SIGNED_IN, VIEWER, rows


def make_ledger(project: Project) -> dict[str, Any]:
    change = Change.objects.create(
        project=project,
        title="Labels corrected",
        kind=Change.Kind.DATA,
        metric="accuracy",
        before=0.762,
        after=0.931,
        source="A report",
        created_by=project.created_by,
    )
    return {"change": change.pk, "ledger_change_pk": change.pk}


ROWS = [
    *rows(VIEWER, "ledger:ledger", "get", "project"),
    *rows(ENGINEER, "ledger:record", "get post put", "project"),
    *rows(ENGINEER, "ledger:edit", "get post put", "project", "change"),
    *rows(SIGNED_IN, "api:ledger-change-list", "get"),
    *rows(VIEWER, "api:ledger-change-detail", "get", "ledger_change_pk"),
    *rows(ENGINEER, "api:ledger-change-detail", "patch", "ledger_change_pk", kept=False),
]
