"""Model versions and retraining in the world in which everybody asks, and their rows of the access table."""

from __future__ import annotations

from typing import Any

from apps.projects.models import Project
from apps.releases.models import RetrainingRequest, StageChange
from tests.access.rows import ENGINEER, MANAGER, SIGNED_IN, VIEWER, rows
from tests.factories import make_model_version

SHADOW = {"stage": "shadow", "reason": "To see it live"}

ROWS = [
    *rows(VIEWER, "releases:list", "get", "project"),
    *rows(VIEWER, "releases:version", "get", "project", "model_version_pk"),
    *rows(ENGINEER, "releases:version", "post put", "project", "model_version_pk"),
    *rows(MANAGER, "releases:rule", "get post put", "project"),
    *rows(VIEWER, "releases:retraining", "get", "project"),
    *rows(ENGINEER, "releases:ask", "get post put", "project"),
    *rows(VIEWER, "releases:request", "get", "project", "number"),
    *rows(ENGINEER, "releases:answer", "get post put", "project", "number"),
    *rows(SIGNED_IN, "api:model-version-list", "get"),
    *rows(VIEWER, "api:model-version-detail", "get", "model_version_pk"),
    *rows(ENGINEER, "api:model-version-stage", "post", "model_version_pk", **SHADOW),
    *rows(SIGNED_IN, "api:stage-change-list", "get"),
    *rows(VIEWER, "api:stage-change-detail", "get", "stage_change_pk"),
    *rows(SIGNED_IN, "api:retraining-request-list", "get"),
    *rows(VIEWER, "api:retraining-request-detail", "get", "retraining_pk"),
    *rows(ENGINEER, "api:retraining-request-answer", "post", "retraining_pk", state="running"),
]


def make_releases(project: Project) -> dict[str, Any]:
    """One row of each kind; the parts of their addresses. The request has the number 1."""
    version = make_model_version(project)
    change = StageChange.objects.create(
        project=project, version=version, stage="candidate", reason="Trained anew", by=project.created_by
    )
    asked = RetrainingRequest.objects.create(
        project=project, number=1, model=version.model, reason="It is old", asked_by=project.created_by
    )
    return {
        "model": version.model_id,
        "model_version_pk": version.pk,
        "stage_change_pk": change.pk,
        "retraining_pk": asked.pk,
    }
