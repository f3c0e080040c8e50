"""An analysis of each kind in the world in which everybody asks, and the rows of their routes."""

from __future__ import annotations

from typing import Any

from apps.analysis.models import Analysis, SavedSlice, Standing
from apps.analysis.registry import KINDS
from apps.compute.weak_slices_result import SliceCondition, SliceSearch, WeakSlice
from apps.evaluations.models import Run
from apps.projects.models import Project
from tests.access.rows import ENGINEER, SIGNED_IN, VIEWER, Row, rows
from tests.factories import make_job

WEAK = WeakSlice((SliceCondition("sex", "Female"),), 9, 0.5, 0.4, 0.6, 0.1, 0.2, 0.1, 0.3, 0.1, 0.2, 0.0, 0.0)
SEARCH = SliceSearch(("sex",), 99, 0.2, 0.1, 0.3, True, 5, 1, 0, 0, 0, (WEAK,))


def make_analysis(project: Project, run: Run) -> dict[str, Any]:
    """One row of each model; the parts of their addresses. An analysis of each kind is under its key; that of
    weak slices has an answer.
    """
    analyses = {
        key: Analysis.objects.create(
            project=project,
            run=run,
            kind=key,
            params_key="0" * 64,
            job=make_job(project),
            created_by=project.created_by,
            result=SEARCH.to_json() if key == "slices" else None,
        ).pk
        for key in KINDS
    }
    standing = Standing.objects.create(
        project=project, kind="slices", params_key="0" * 64, created_by=project.created_by
    )
    condition = {"column": "sex", "op": "is", "values": ["Female"]}
    saved = SavedSlice.objects.create(
        project=project, name="Women", conditions=[condition], created_by=project.created_by
    )
    return {
        **analyses,
        "analysis_pk": analyses["slices"],
        "standing": standing.pk,
        "standing_analysis_pk": standing.pk,
        "saved_slice": saved.pk,
        "saved_slice_pk": saved.pk,
        "found": 0,
    }


def questions(*kinds: tuple[str, str, str]) -> list[Row]:
    """The form of each kind and its answer. A kind: its key, the routes of its form and of its answer."""
    return [
        row
        for key, ask, answer in kinds
        for row in (
            *rows(VIEWER, f"analysis:{ask}", "get", "project", "number"),
            *rows(ENGINEER, f"analysis:{ask}", "post put", "project", "number"),
            *rows(VIEWER, f"analysis:{answer}", "get", "project", "number", f"analysis={key}"),
        )
    ]


ROWS = [
    *rows(VIEWER, "analysis:overview", "get", "project", "number"),
    *questions(
        ("slices", "ask-slices", "slices"),
        ("errors", "ask-errors", "errors"),
        ("fairness", "ask-fairness", "fairness"),
        ("protocol", "ask-protocol", "protocol"),
        ("saved_slices", "ask-saved-slices", "measured-slices"),
    ),
    *rows(VIEWER, "analysis:errors-csv", "get", "project", "number", "analysis=errors"),
    *rows(ENGINEER, "analysis:ask-again", "post", "project", "number", "analysis=errors"),
    *rows(ENGINEER, "analysis:save-found", "get post put", "project", "number", "analysis=slices", "found"),
    *rows(VIEWER, "analysis:saved-slices", "get", "project"),
    *rows(ENGINEER, "analysis:saved-slices", "post", "project"),
    *rows(ENGINEER, "analysis:delete-slice", "get post", "project", "saved_slice"),
    *rows(ENGINEER, "analysis:stop-asking", "post", "project", "standing"),
    *rows(SIGNED_IN, "api:analysis-list", "get"),
    *rows(VIEWER, "api:analysis-detail", "get", "analysis_pk"),
    *rows(SIGNED_IN, "api:standing-analysis-list", "get"),
    *rows(VIEWER, "api:standing-analysis-detail", "get", "standing_analysis_pk"),
    *rows(ENGINEER, "api:standing-analysis-detail", "delete", "standing_analysis_pk"),
    *rows(SIGNED_IN, "api:saved-slice-list", "get"),
    *rows(VIEWER, "api:saved-slice-detail", "get", "saved_slice_pk"),
    *rows(ENGINEER, "api:saved-slice-detail", "delete", "saved_slice_pk"),
]
