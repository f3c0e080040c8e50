"""An analysis of each kind in the world in which everybody asks, and the rows of their routes."""

from __future__ import annotations

from typing import Any

from apps.analysis.models import Analysis, Standing
from apps.evaluations.models import Run
from apps.projects.models import Project
from tests.access.rows import ENGINEER, SIGNED_IN, VIEWER, rows
from tests.factories import make_job


def make_analysis(project: Project, run: Run) -> dict[str, Any]:
    """One row of each model; the parts of their addresses."""
    analysis = Analysis.objects.create(
        project=project,
        run=run,
        kind="slices",
        params_key="0" * 64,
        job=make_job(project),
        created_by=project.created_by,
    )
    standing = Standing.objects.create(
        project=project, kind="slices", params_key="0" * 64, created_by=project.created_by
    )
    return {"analysis_pk": analysis.pk, "standing": standing.pk, "standing_analysis_pk": standing.pk}


ROWS = [
    *rows(VIEWER, "analysis:overview", "get", "project", "number"),
    *rows(ENGINEER, "analysis:stop-asking", "post", "project", "standing"),
    *rows(SIGNED_IN, "api:analysis-list", "get"),
    *rows(VIEWER, "api:analysis-detail", "get", "analysis_pk"),
    *rows(SIGNED_IN, "api:standing-analysis-list", "get"),
    *rows(VIEWER, "api:standing-analysis-detail", "get", "standing_analysis_pk"),
    *rows(ENGINEER, "api:standing-analysis-detail", "delete", "standing_analysis_pk"),
]
