"""Data sets and their versions."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from apps.compute.messages import InputRejected
from apps.datasets.models import DataFile, Dataset, DatasetVersion, Expectation
from apps.datasets.services import add_dataset, add_version, delete_file, version_in_force
from apps.datasets.signals import dataset_replaced
from apps.jobs.models import Job, State
from apps.jobs.signals import job_finished
from apps.projects.models import Project, Role
from tests.factories import make_file, make_job, make_member, make_project

pytestmark = pytest.mark.django_db


def _truth(project: Project, **fields: Any) -> DataFile:
    return make_file(project, purpose=DataFile.Purpose.TRUTH, **fields)


def test_versions_are_numbered_and_each_is_announced() -> None:
    project = make_project()
    dataset = add_dataset(project=project, user=project.created_by, name="  Hold-out  September ")
    assert (dataset.name, dataset.role) == ("Hold-out September", Dataset.Role.HOLDOUT)
    told: list[tuple[Dataset, int]] = []

    def listen(dataset: Dataset, **_kwargs: Any) -> None:
        told.append((dataset, dataset.versions.count()))

    dataset_replaced.connect(listen)
    try:
        for name in ("first.csv", "second.csv"):
            file = _truth(project, name=name)
            add_version(dataset=dataset, user=project.created_by, file=file, note=" cleaned ")
    finally:
        dataset_replaced.disconnect(listen)
    assert told == [(dataset, 1), (dataset, 2)]  # the new version is there when it is announced
    newest = dataset.versions.first()
    assert newest is not None
    assert (newest.number, newest.file.name, newest.note) == (2, "second.csv", "cleaned")


def _refused(code: str, **said: Any) -> None:
    with pytest.raises(InputRejected) as caught:
        add_version(**said)
    assert caught.value.code == code


def test_a_version_is_a_new_truth_file_of_the_project() -> None:
    project = make_project()
    user = project.created_by
    dataset = add_dataset(project=project, user=user, name="Hold-out")
    file = _truth(project)
    add_version(dataset=dataset, user=user, file=file)
    _refused("same_content", dataset=dataset, user=user, file=_truth(project, sha256=file.sha256))
    _refused("not_a_truth_file", dataset=dataset, user=user, file=make_file(project))
    _refused("file_of_other_project", dataset=dataset, user=user, file=_truth(make_project()))
    _refused("note_too_long", dataset=dataset, user=user, file=_truth(project), note="x" * 2_001)
    assert dataset.versions.count() == 1


@pytest.mark.parametrize(
    ("name", "role", "code"),
    [
        (" ", "holdout", "empty_name"),
        ("x" * 121, "holdout", "name_too_long"),
        ("New", "test", "unknown_role"),
        ("Taken", "holdout", "name_taken"),
    ],
)
def test_a_data_set_needs_a_name_of_its_own(name: str, role: str, code: str) -> None:
    project = make_project()
    add_dataset(project=project, user=project.created_by, name="Taken")
    with pytest.raises(InputRejected) as caught:
        add_dataset(project=project, user=project.created_by, name=name, role=role)
    assert caught.value.code == code


def test_a_viewer_changes_nothing() -> None:
    project = make_project()
    viewer = make_member(project, Role.VIEWER)
    with pytest.raises(PermissionDenied):
        add_dataset(project=project, user=viewer, name="Mine")
    dataset = add_dataset(project=project, user=project.created_by, name="Hold-out")
    with pytest.raises(PermissionDenied):
        add_version(dataset=dataset, user=viewer, file=_truth(project))


def test_a_version_keeps_its_file() -> None:
    project = make_project()
    file = _truth(project)
    dataset = add_dataset(project=project, user=project.created_by, name="Hold-out")
    add_version(dataset=dataset, user=project.created_by, file=file)
    with pytest.raises(InputRejected) as caught:
        delete_file(file=file, user=project.created_by)
    assert caught.value.code == "file_in_use"


def test_an_unreadable_file_holds_nothing() -> None:
    """What the data set held before holds again, and whatever was judged on it is judged again."""
    project = make_project()
    dataset = add_dataset(project=project, user=project.created_by, name="Hold-out")
    first = add_version(dataset=dataset, user=project.created_by, file=_truth(project))
    job = make_job(project, task="apps.datasets.tasks.read", state=State.FAILED)
    second = add_version(dataset=dataset, user=project.created_by, file=_truth(project, job=job))
    told: list[Dataset] = []

    def listen(dataset: Dataset, **_kwargs: Any) -> None:
        told.append(dataset)

    dataset_replaced.connect(listen)
    try:
        job_finished.send(sender=Job, job=job)
        job_finished.send(sender=Job, job=job)
    finally:
        dataset_replaced.disconnect(listen)
    second.refresh_from_db()
    assert second.state == DatasetVersion.State.BLOCKED
    assert version_in_force(dataset) == first
    assert told == [dataset]


def test_what_is_expected_is_checked_first() -> None:
    project = make_project()
    user = project.created_by
    dataset = add_dataset(project=project, user=user, name="Hold-out")
    first = add_version(dataset=dataset, user=user, file=_truth(project))
    Expectation.objects.create(project=project, dataset=dataset, kind="rows", created_by=user)
    second = add_version(dataset=dataset, user=user, file=_truth(project))
    assert second.state == DatasetVersion.State.CHECKING
    assert second.checks.get().job.state == State.QUEUED
    assert version_in_force(dataset) == first
    assert second.parent == first


@pytest.mark.django_db(transaction=True)
def test_two_versions_at_once_get_two_numbers() -> None:
    project = make_project()
    dataset = add_dataset(project=project, user=project.created_by, name="Hold-out")
    files = [_truth(project) for _ in range(4)]
    start = Barrier(4)

    def add(file: DataFile) -> int:
        try:
            start.wait()
            return add_version(dataset=dataset, user=project.created_by, file=file).number
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(add, files)) == [1, 2, 3, 4]
