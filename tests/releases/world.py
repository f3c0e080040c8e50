"""A project with people of each role and versions of one model."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.accounts.models import User
from apps.evaluations.models import ModelVersion
from apps.notifications.models import Webhook
from apps.projects.models import Project
from apps.releases.models import ReleaseRule, Stage, StageChange
from apps.releases.services import set_stage


def ago(days: float) -> datetime:
    return timezone.now() - timedelta(days=days)


def stand(version: ModelVersion, stage: str, at: datetime | None = None) -> StageChange:
    """The version at a stage, as a row: how it got there is not what is tested."""
    project = version.model.project
    return StageChange.objects.create(
        project=project,
        version=version,
        stage=stage,
        reason="As told",
        at=at or timezone.now(),
        by=project.created_by,
    )


def move(version: ModelVersion, stage: str, user: User | None = None, **fields: Any) -> StageChange:
    project = version.model.project
    fields = {"reason": "It is better", **fields}
    return set_stage(project=project, user=user or project.created_by, version=version, stage=stage, **fields)


def make_champion(version: ModelVersion) -> StageChange:
    move(version, Stage.APPROVED)
    return move(version, Stage.CHAMPION)


def name_trainer(project: Project, **fields: Any) -> Webhook:
    fields = {"name": "Trainer", "url": "https://trainer.example.org/", "secret": "s" * 64, **fields}
    webhook = Webhook.objects.create(project=project, created_by=project.created_by, **fields)
    ReleaseRule.objects.update_or_create(project=project, defaults={"trainer": webhook})
    return webhook
