"""Runs on pages of the apps below this one."""

from __future__ import annotations

from typing import Any

from django import template

from apps.datasets.models import DataFile
from apps.evaluations.lists import list_metrics, listed_runs, run_rows
from apps.evaluations.looks import looks_at
from apps.projects.models import Project

register = template.Library()
SHOWN = 5


@register.inclusion_tag("evaluations/_file_looks.html")
def looks_at_file(project: Project, file: DataFile, may: Any) -> dict[str, Any]:
    """``{% looks_at_file project file may %}``: the card of looks where the file is a hold-out."""
    return {"project": project, "may": may, "looks": looks_at(project, file.sha256)}


@register.inclusion_tag("evaluations/_latest_runs.html")
def latest_runs(project: Project, may_upload: bool) -> dict[str, Any]:
    """``{% latest_runs project may.upload %}``: the newest runs with the numbers of their task."""
    runs = list(listed_runs(project).order_by("-number")[:SHOWN])
    metrics = list_metrics(next((run.task for run in runs if run.task), ""))
    return {
        "project": project,
        "may_upload": may_upload,
        "metrics": metrics,
        "rows": run_rows(runs, metrics) if runs else [],
    }
