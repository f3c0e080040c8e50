"""Model versions as a list shows them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from apps.evaluations.models import ModelVersion, Run
from apps.projects.models import Project
from apps.releases.models import Stage, StageChange
from apps.releases.stages import changes_of, versions_with_stage


@dataclass(frozen=True, slots=True)
class VersionRow:
    """``change`` is how it got to its stage; None: it is a candidate from its beginning."""

    version: ModelVersion
    stage: Stage
    change: StageChange | None
    run: Run | None  # the newest


def listed_versions(project: Project) -> QuerySet[ModelVersion]:
    return versions_with_stage().filter(model__project=project).select_related("model")


def version_rows(versions: Sequence[ModelVersion]) -> list[VersionRow]:
    """Two queries, however many versions."""
    changes = changes_of(versions)
    newest = Run.objects.filter(model_version__in=versions).order_by("model_version_id", "-number")
    runs = {
        run.model_version_id: run
        for run in newest.distinct("model_version_id").only("number", "name", "model_version_id")
    }
    return [
        VersionRow(
            version=version,
            stage=Stage(changes[version.pk].stage) if version.pk in changes else Stage.CANDIDATE,
            change=changes.get(version.pk),
            run=runs.get(version.pk),
        )
        for version in versions
    ]
