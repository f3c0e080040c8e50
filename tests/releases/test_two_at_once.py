"""Two people at the same moment, each with a connection of their own: a model has one champion."""

from __future__ import annotations

import pytest

from apps.projects.models import Project
from apps.releases.models import RetrainingRequest, Stage
from apps.releases.services import answer_retraining
from apps.releases.stages import champion_of, versions_with_stage
from tests.factories import make_member, make_model_version, make_project
from tests.lifecycle.test_two_at_once import at_once, while_first_is_not_finished
from tests.releases.world import make_champion, move, stand

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def project() -> Project:
    return make_project()


def champions(project: Project) -> list[str]:
    found = versions_with_stage().filter(model__project=project, stage=Stage.CHAMPION)
    return list(found.values_list("label", flat=True))


def test_two_managers_make_one_champion(project: Project) -> None:
    first, second = (make_model_version(project, label) for label in "12")
    manager = make_member(project, "manager")
    for version in (first, second):
        stand(version, Stage.APPROVED)
    answers = at_once(lambda: move(first, Stage.CHAMPION), lambda: move(second, Stage.CHAMPION, manager))
    assert answers == ["done", "done"]
    assert len(champions(project)) == 1
    assert [str(champion_of(first.model).label)] == champions(project)  # type: ignore[union-attr]


def test_the_slower_one_retires_the_champion_of_the_faster(project: Project) -> None:
    old, first, second = (make_model_version(project, label) for label in "012")
    make_champion(old)
    for version in (first, second):
        stand(version, Stage.APPROVED)
    answer = while_first_is_not_finished(
        lambda: move(first, Stage.CHAMPION), lambda: move(second, Stage.CHAMPION)
    )
    assert answer == "done"
    assert champions(project) == ["2"]
    assert first.stage_changes.first().reason == "“Model ml 2” became the champion."  # type: ignore[union-attr]


def test_one_version_is_made_the_champion_once(project: Project) -> None:
    version = make_model_version(project)
    stand(version, Stage.APPROVED)
    manager = make_member(project, "manager")
    answer = while_first_is_not_finished(
        lambda: move(version, Stage.CHAMPION), lambda: move(version, Stage.CHAMPION, manager)
    )
    assert answer == "decided_already"
    assert version.stage_changes.filter(stage=Stage.CHAMPION).count() == 1


def test_a_trainer_answers_once(project: Project) -> None:
    version = make_model_version(project)
    asked = RetrainingRequest.objects.create(
        project=project, number=1, model=version.model, reason="It is old", asked_by=project.created_by
    )

    def answer(label: str) -> None:
        answer_retraining(request=asked, user=project.created_by, state="done", version_label=label)

    assert while_first_is_not_finished(lambda: answer("2"), lambda: answer("3")) == "decided_already"
    asked.refresh_from_db()
    assert asked.version is not None
    assert asked.version.label == "2"
