"""Bytes that no row names are removed; bytes that one names never are."""

import os
import time

import pytest

from apps.datasets import services, storage, tasks
from apps.datasets.models import DataFile
from apps.datasets.uploads import incoming_from_path
from apps.jobs.models import State
from tests.factories import make_project

pytestmark = pytest.mark.django_db(transaction=True)
LONG_AGO = 2 * tasks.LEFTOVER_SECONDS


@pytest.fixture
def kept(tmp_path) -> DataFile:
    path = tmp_path / "a.csv"
    path.write_text(f"y_true,y_pred\n1,0\n{time.time_ns()},1\n")
    project = make_project()
    return services.submit_file(project=project, user=project.created_by, upload=incoming_from_path(path))


def age(path) -> None:
    moment = time.time() - LONG_AGO
    os.utime(path, (moment, moment))


def test_content_of_a_lost_upload_is_removed_and_the_rest_stays(kept: DataFile) -> None:
    orphan = storage.raw_path("ab" * 32)
    orphan.parent.mkdir(parents=True, exist_ok=True)
    orphan.write_text("never committed")
    age(orphan)
    age(storage.raw_path(kept.sha256))
    tasks.remove_leftovers()
    assert not orphan.exists()
    assert storage.raw_path(kept.sha256).exists()


def test_content_goes_with_the_last_file_that_names_it(kept: DataFile) -> None:
    twin = DataFile.objects.create(
        project=kept.project, name="twin.csv", sha256=kept.sha256, size=1, uploaded_by=kept.uploaded_by
    )
    services.delete_file(file=twin, user=kept.uploaded_by)
    assert storage.raw_path(kept.sha256).exists()
    services.delete_file(file=kept, user=kept.uploaded_by)
    assert not storage.raw_path(kept.sha256).exists()


def test_the_reading_of_a_deleted_file_is_cancelled(kept: DataFile) -> None:
    job = kept.job
    services.delete_file(file=kept, user=kept.uploaded_by)
    job.refresh_from_db()
    assert job.state == State.CANCELLED
