"""The demo's design documents: texts in ``documents/<slug>.md``, written through the services.

Each first-level heading of a file begins a section (``# data``), a section that is not needed
(``# special_models (not needed)``) or an architecture decision (``# A: area, state, title``), whose parts
stand below second-level headings.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from django.utils import timezone

from apps.accounts.models import User
from apps.documents.services import (
    DecisionFields,
    add_architecture_decision,
    mark_not_needed,
    save_section,
    settle_architecture_decision,
)
from apps.projects.models import Project

TEXTS = Path(__file__).parent / "documents"
_NOT_NEEDED = " (not needed)"
_DECISION = re.compile(r"A: (?P<area>\w+), (?P<state>\w+), (?P<title>.+)")


def write_design(*, project: Project, people: Mapping[str, User], began: datetime) -> None:
    """Write the document of the project, where the demo has one: a section a day from ``began`` on.

    ``people`` are the demo's, by role: science writes, product accepts.
    """
    path = TEXTS / f"{project.slug}.md"
    if not path.exists():
        return
    writer, manager = people["science"], people["product"]
    for place, (head, text) in enumerate(_parts(path.read_text(encoding="utf-8"), 1)):
        at = min(began + timedelta(days=place), timezone.now())
        if match := _DECISION.fullmatch(head):
            _decide(project, writer, manager, match, text, at)
        elif head.endswith(_NOT_NEEDED):
            key = head.removesuffix(_NOT_NEEDED)
            mark_not_needed(project=project, user=writer, key=key, reason=text, at=at)
        else:
            save_section(project=project, user=writer, key=head, text=text, at=at)


def _decide(
    project: Project, writer: User, manager: User, head: re.Match[str], text: str, at: datetime
) -> None:
    parts = {name.lower(): part for name, part in _parts(text, 2)}
    fields = DecisionFields(area=head["area"], title=head["title"], **parts)
    decision = add_architecture_decision(project=project, user=writer, fields=fields, at=at)
    if head["state"] != "proposed":
        settle_architecture_decision(decision=decision, user=manager, state=head["state"], at=at)


def _parts(text: str, level: int) -> Iterator[tuple[str, str]]:
    """(heading, text below it) for the headings of one level."""
    pieces = re.split(rf"^{'#' * level} (.+)$", text, flags=re.MULTILINE)
    for head, body in zip(pieces[1::2], pieces[2::2], strict=True):
        yield head.strip(), body.strip()
