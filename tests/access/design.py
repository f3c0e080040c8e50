"""The design document of the world in which everybody asks."""

from __future__ import annotations

from typing import Any

from apps.documents.services import DecisionFields, add_architecture_decision, save_section
from apps.projects.models import Project


def make_design(project: Project) -> dict[str, Any]:
    """A version and a proposed decision; the parts of their addresses."""
    owner = project.created_by
    save_section(project=project, user=owner, key="problem", text="Queues are long.", based_on=0)
    fields = DecisionFields(area="software", title="One service", decision="Scores come from one service.")
    decision = add_architecture_decision(project=project, user=owner, fields=fields)
    return {
        "section": "problem",
        "adr": decision.number,
        "architecture_pk": decision.pk,
    }
