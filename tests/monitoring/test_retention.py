"""Raw batches go after their time, what was measured stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.datasets.services import delete_file
from apps.jobs.models import Job, State
from apps.monitoring.matching import run_match
from apps.monitoring.models import Batch, LabelMatch, Monitor
from apps.monitoring.retention import remove_old
from apps.monitoring.services.labels import submit_labels
from tests.monitoring.conftest import incoming, of_day

pytestmark = pytest.mark.django_db


def test_old_files_go_and_rows_stay(
    send: Callable[..., Batch],
    monitor: Monitor,
    owner: User,
    finish: Callable[..., None],
    django_capture_on_commit_callbacks: Any,
) -> None:
    now = timezone.now()
    old = send(0, arrived_at=now - timedelta(days=31))
    new = send(1, arrived_at=now - timedelta(days=29))
    ago = now - timedelta(days=31)
    labels = [
        submit_labels(
            monitor=monitor, user=owner, upload=incoming(of_day(day).select("id", "y_true")), arrived_at=ago
        )
        for day in (0, 1)
    ]
    for upload in labels:
        finish(upload, run_match)
    Job.objects.update(state=State.SUCCEEDED)

    remove_old()
    old.refresh_from_db()
    assert old.file is not None, "kept for ever unless the monitor says for how long"

    Monitor.objects.filter(pk=monitor.pk).update(retention_days=30)
    with django_capture_on_commit_callbacks(execute=True):
        remove_old()
    for row in (old, new, *labels):
        row.refresh_from_db()
    assert old.file is None
    assert new.file is not None
    assert labels[0].file is None
    assert labels[1].file is not None, "a batch that is kept has its labels"
    assert not storage.raw_path(old.sha256).exists()
    assert not storage.keys_path(old.sha256, "id").exists()
    assert storage.raw_path(new.sha256).exists()
    assert LabelMatch.objects.count() == 2


def test_a_file_of_a_batch_is_not_deleted_by_hand(send: Callable[..., Batch], owner: User) -> None:
    file = send(0).file
    assert file is not None
    with pytest.raises(InputRejected) as caught:
        delete_file(file=file, user=owner)
    assert caught.value.code == "file_in_use"
    assert DataFile.objects.filter(pk=file.pk).exists()
