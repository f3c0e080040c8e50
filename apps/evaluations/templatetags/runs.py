"""Runs on the pages of other apps."""

from __future__ import annotations

from typing import Any

from django import template

from apps.evaluations.models import Run
from apps.projects.models import Project

register = template.Library()
LATEST = 5


@register.inclusion_tag("evaluations/_latest_runs.html")
def latest_runs(project: Project, may_upload: bool) -> dict[str, Any]:
    """``{% latest_runs project may.upload %}``: the newest runs of a project the reader may see."""
    runs = Run.objects.filter(project=project).select_related("job", "model_version__model", "created_by")
    return {
        "project": project,
        "may_upload": may_upload,
        "runs": runs.defer("result", "roles", "join_report").order_by("-number")[:LATEST],
    }
