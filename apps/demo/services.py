"""Loads the demo through the services that people use."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from django.db import transaction

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.datasets.services import submit_file
from apps.datasets.uploads import incoming_from_path
from apps.demo.story import PROJECTS, DemoProject, DemoRun
from apps.evaluations.services import RunFields, submit_run
from apps.projects.models import Project
from apps.projects.services import create_project

PREDICTIONS = Path(__file__).parent / "predictions"


def load_demo(*, user: User) -> int:
    """Make the projects that are not there yet; ``user`` owns them. Returns how many were made."""
    made = 0
    for story in PROJECTS:
        if not Project.objects.filter(slug=story.slug).exists():
            _load_project(story, user)
            made += 1
    return made


@transaction.atomic
def _load_project(story: DemoProject, user: User) -> None:
    project = create_project(user=user, name=story.name, slug=story.slug, description=story.description)
    folder = PREDICTIONS / story.folder
    truth = submit_file(
        project=project,
        user=user,
        upload=incoming_from_path(folder / story.truth),
        purpose=DataFile.Purpose.TRUTH,
    )
    for run in story.runs:
        _load_run(project, user, folder, truth, story, run)


def _load_run(
    project: Project, user: User, folder: Path, truth: DataFile, story: DemoProject, run: DemoRun
) -> None:
    submit_run(
        project=project,
        user=user,
        upload=incoming_from_path(folder / run.file),
        truth=truth,
        fields=RunFields(
            name=f"{run.model}, {run.version}",
            model=run.model,
            model_version=run.version,
            baseline=run.baseline,
            notes=run.notes,
            cross_slices=story.cross_slices,
            evaluated_at=datetime.fromisoformat(run.day).replace(tzinfo=UTC),
        ),
    )
