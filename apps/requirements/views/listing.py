"""The list of requirements: verdicts by stakeholder, the open conflicts, and who wants what."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.views.generic import TemplateView

from apps.common.translate import translate
from apps.projects.views import ProjectMixin
from apps.requirements.forms import RequirementFilterForm
from apps.requirements.models import Conflict, Requirement, Stakeholder, Stance
from apps.requirements.reading import RequirementRow, rows_for
from apps.requirements.shown import Shown

PAGE_SIZE = 50
MOST_ON_ONE_PAGE = 100


@dataclass(frozen=True, slots=True)
class Group:
    """Requirements of the stakeholder who asked; None where nobody did."""

    stakeholder: Stakeholder | None
    rows: Sequence[Shown]


class RequirementList(ProjectMixin, TemplateView):
    """``?withdrawn=1`` shows those that nobody wants any more."""

    template_name = "requirements/list.html"

    @property
    def withdrawn(self) -> bool:
        return "withdrawn" in self.request.GET

    @cached_property
    def stakeholders(self) -> list[Stakeholder]:
        return list(Stakeholder.objects.filter(project=self.project))

    @cached_property
    def stances(self) -> Mapping[tuple[int, int], str]:
        rows = Stance.objects.filter(project=self.project)
        return {(row.stakeholder_id, row.requirement_id): row.kind for row in rows}

    @cached_property
    def form(self) -> RequirementFilterForm:
        return RequirementFilterForm(self.request.GET, stakeholders=self.stakeholders)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        rows = rows_for(self.project, withdrawn=self.withdrawn)
        found = [row for row in rows if self.fits(row)]
        size = len(found) if len(found) <= MOST_ON_ONE_PAGE else PAGE_SIZE
        page = Paginator(in_groups(found), max(size, 1)).get_page(self.request.GET.get("page"))
        waiting = {c.pk: c for row in rows for c in row.conflicts if c.decided_at is None}.values()
        states = Counter(row.requirement.state for row in rows)
        return {
            **context,
            "form": self.form,
            "filtered": bool(self.form.chosen()),
            "withdrawn": self.withdrawn,
            "total": len(rows),
            "found": len(found),
            "counts": states,
            "page_obj": page,
            "groups": groups_of(list(page.object_list)),
            "stakeholders": self.stakeholders,
            "waiting": [(conflict, translate(conflict.reason)) for conflict in waiting],
            "drawn": next((c for c in waiting if c.kind == Conflict.Kind.EVIDENCE), None),
            "matrix": self.matrix([row.requirement for row in page.object_list]),
        }

    def fits(self, row: RequirementRow) -> bool:
        chosen = self.form.chosen()
        return (
            chosen.get("state", row.requirement.state) == row.requirement.state
            and chosen.get("priority", row.version.priority) == row.version.priority
            and ("stakeholder" not in chosen or (chosen["stakeholder"], row.requirement.pk) in self.stances)
        )

    def matrix(self, requirements: list[Requirement]) -> dict[str, Any]:
        """Columns by number, a row for each stakeholder."""
        columns = sorted(requirements, key=lambda requirement: requirement.number)
        return {
            "columns": columns,
            "rows": [
                (stakeholder, [self.stances.get((stakeholder.pk, column.pk), "") for column in columns])
                for stakeholder in self.stakeholders
            ],
        }


def in_groups(rows: list[RequirementRow]) -> list[RequirementRow]:
    """By the stakeholder who asked, the most influential first; what nobody asked for stands last."""

    def place(row: RequirementRow) -> tuple[Any, ...]:
        if not row.asked_by:
            return (1, 0, "", row.requirement.number)
        first = row.asked_by[0]
        return (0, -first.influence, first.name, row.requirement.number)

    return sorted(rows, key=place)


def groups_of(rows: Sequence[RequirementRow]) -> list[Group]:
    """Neighbours with one stakeholder together."""
    groups: dict[int, tuple[Stakeholder | None, list[Shown]]] = {}
    for row in rows:
        stakeholder = row.asked_by[0] if row.asked_by else None
        key = stakeholder.pk if stakeholder else 0
        groups.setdefault(key, (stakeholder, []))[1].append(Shown(row))
    return [Group(stakeholder, shown) for stakeholder, shown in groups.values()]
