"""How old champions and their data are."""

from __future__ import annotations

from datetime import datetime

import pytest

from apps.datasets.models import Dataset, DatasetVersion
from apps.projects.models import Project
from apps.releases.ages import champion_ages
from apps.releases.models import Stage
from tests.factories import make_file, make_model_version, make_project
from tests.releases.world import ago, stand

pytestmark = pytest.mark.django_db


@pytest.fixture
def project() -> Project:
    return make_project()


def add_data(project: Project, at: datetime, **fields: str) -> None:
    role = fields.pop("role", Dataset.Role.TRAINING)
    dataset, _created = Dataset.objects.get_or_create(project=project, name=role, role=role)
    version = DatasetVersion.objects.create(
        project=project,
        dataset=dataset,
        number=dataset.versions.count() + 1,
        file=make_file(project),
        created_by=project.created_by,
        **fields,
    )
    DatasetVersion.objects.filter(pk=version.pk).update(created_at=at)


def test_the_age_counts_from_when_it_became_the_champion(project: Project) -> None:
    old, new = (make_model_version(project, label) for label in "12")
    stand(old, Stage.CHAMPION, ago(90))
    stand(old, Stage.RETIRED, ago(42))
    stand(new, Stage.CHAMPION, ago(42))
    (age,) = champion_ages(project)
    assert (age.version, age.live.days, age.data) == (new, 42, None)


def test_its_data_are_the_newest_in_force_before_it(project: Project) -> None:
    stand(make_model_version(project), Stage.CHAMPION, ago(10))
    add_data(project, ago(80))
    add_data(project, ago(60))
    add_data(project, ago(50), state=DatasetVersion.State.BLOCKED)
    add_data(project, ago(40), role=Dataset.Role.HOLDOUT)
    add_data(project, ago(3))  # for the next version
    (age,) = champion_ages(project)
    assert age.data is not None
    assert age.data.days == 60


def test_the_oldest_comes_first(project: Project) -> None:
    stand(make_model_version(project), Stage.CHAMPION, ago(1))
    stand(make_model_version(project, kind="baseline"), Stage.CHAMPION, ago(300))
    assert [age.live.days for age in champion_ages(project)] == [300, 1]
