"""Data sets whose versions were really uploaded and read, in the transaction of the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from apps.datasets import pipeline
from apps.datasets.models import Dataset, DatasetVersion
from apps.datasets.services import add_dataset, add_version
from apps.datasets.uploads import incoming_from_path
from apps.jobs.models import Job, State
from apps.projects.models import Project
from tests.factories import make_project


@pytest.fixture
def project(db: None) -> Project:
    return make_project()


@pytest.fixture
def signed_in(client: Client, project: Project) -> Client:
    client.force_login(project.created_by)
    return client


@pytest.fixture
def dataset(project: Project) -> Dataset:
    return add_dataset(project=project, user=project.created_by, name="Sales", role=Dataset.Role.TRAINING)


AddVersion = Callable[[str], DatasetVersion]


@pytest.fixture
def version_of(dataset: Dataset, tmp_path: Path) -> AddVersion:
    """Upload a CSV text as the next version and read it with the worker's code."""

    def add(text: str) -> DatasetVersion:
        path = tmp_path / "sales.csv"
        path.write_text(text)
        user = dataset.project.created_by
        version = add_version(dataset=dataset, user=user, upload=incoming_from_path(path))
        job = version.file.job
        pipeline.read(job, lambda message, fraction: None)()
        Job.objects.filter(pk=job.pk).update(state=State.SUCCEEDED)
        version.file.refresh_from_db()
        return version

    return add
