"""What becomes of a batch: each documented result."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.datasets import pipeline as reading
from apps.datasets.models import DataFile
from apps.datasets.uploads import IncomingFile
from apps.monitoring.models import Batch, Monitor
from apps.monitoring.services.batches import submit_batch
from apps.monitoring.services.monitors import archive_monitor, pause_monitor, resume_monitor
from apps.projects.models import Role
from tests.factories import make_member
from tests.monitoring.conftest import START, NoProgress, incoming, of_day

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
Send = Callable[..., Batch]


def refused(send: Send, *args: Any, **fields: Any) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        send(*args, **fields)
    return caught.value


def test_a_batch_is_kept_and_its_check_queued(send: Send, monitor: Monitor) -> None:
    batch = send(0)
    assert (batch.number, batch.start, batch.end) == (1, START, START + DAY)
    assert batch.job.task == "apps.monitoring.tasks.check"
    assert batch.file is not None
    assert batch.file.purpose == DataFile.Purpose.BATCH
    assert batch.file not in DataFile.objects.uploaded()
    assert not batch.is_late


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"start": START + 40 * DAY, "arrived_at": START + 40 * DAY}, "window_in_future"),
        ({"start": START - DAY}, "window_too_early"),
        ({"start": None}, "no_window"),
        ({"start": START + timedelta(hours=3)}, "no_window_starts_there"),
        ({"end": START}, "window_ends_before_start"),
    ],
)
def test_windows_that_cannot_be(send: Send, said: dict[str, Any], code: str) -> None:
    assert refused(send, 0, **said).code == code
    assert not Batch.objects.exists()


def test_a_window_that_ends_within_the_clocks_difference(send: Send) -> None:
    assert send(0, arrived_at=START + DAY - timedelta(minutes=4)).number == 1


def test_after_the_end_of_the_system(send: Send, monitor: Monitor) -> None:
    Monitor.objects.filter(pk=monitor.pk).update(ends_at=START + DAY)
    send(0)
    assert refused(send, 1).code == "window_too_late"


def test_a_file_of_no_bytes_is_refused(monitor: Monitor, owner: User) -> None:
    empty = IncomingFile("empty.csv", 0, "0" * 64, None, None)
    with pytest.raises(InputRejected) as caught:
        submit_batch(monitor=monitor, user=owner, upload=empty, start=START)
    assert caught.value.code == "empty_file"


def test_no_rows_are_a_batch_of_none(monitor: Monitor, owner: User, send: Send) -> None:
    by_json = submit_batch(monitor=monitor, user=owner, rows=[], start=START).batch
    by_file = submit_batch(
        monitor=monitor, user=owner, upload=incoming(of_day(1).clear(), "none.csv"), start=START + DAY
    ).batch
    for batch in (by_json, by_file):
        assert batch.file is not None
        found = reading.read_file(batch.file, NoProgress())
        assert found.rows == 0
        assert {"id", "nswprice", "y_pred"} <= set(found.roles)


def test_json_rows(monitor: Monitor, owner: User) -> None:
    rows = of_day(0).with_columns(pl.col("timestamp").dt.to_string()).to_dicts()
    batch = submit_batch(monitor=monitor, user=owner, rows=rows, start=START).batch
    assert batch.file is not None
    found = reading.read_file(batch.file, NoProgress())
    assert found.rows == 48
    assert pl.read_parquet(found.table)["nswprice"].to_list() == of_day(0)["nswprice"].to_list()


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ([{"id": [1]}], "nested_column"),
        ([{"id": 1.0, "x": float("nan")}], "not_finite"),
        ([{}], "odd_row"),
        ([{"id": 1}] * 10_001, "too_many_rows"),
    ],
)
def test_json_rows_that_cannot_be(
    monitor: Monitor, owner: User, rows: list[dict[str, Any]], code: str
) -> None:
    with pytest.raises(InputRejected) as caught:
        submit_batch(monitor=monitor, user=owner, rows=rows, start=START)
    assert caught.value.code == code


def test_the_same_again_is_answered_with_the_first(monitor: Monitor, owner: User, send: Send) -> None:
    first = send(0)
    again = submit_batch(
        monitor=monitor, user=owner, upload=incoming(of_day(0).drop("y_true")), start=START, end=START + DAY
    )
    assert (again.batch, again.repeated) == (first, True)
    assert Batch.objects.count() == 1


def test_other_content_needs_to_say_that_it_corrects(send: Send) -> None:
    first = send(0)
    assert refused(send, 0, of_day(0).head(40)).code == "batch_exists"
    second = send(0, of_day(0).head(40), replace=True)
    first.refresh_from_db()
    assert first.replaced_at is not None
    assert first.file is not None
    assert list(Batch.objects.current()) == [second]


@pytest.mark.parametrize(("from_hour", "to_hour"), [(-5, 1), (23, 30), (3, 5), (-3, 30)])
def test_windows_that_overlap_name_the_other_batch(send: Send, from_hour: int, to_hour: int) -> None:
    send(2)
    send(3)
    start = START + 2 * DAY
    said = {"start": start + timedelta(hours=from_hour), "end": start + timedelta(hours=to_hour)}
    fault = refused(send, 9, **said)
    assert fault.code == "batch_overlaps"
    assert fault.message.params["number"] == 1


def test_windows_that_touch_do_not_overlap(send: Send) -> None:
    assert [send(day).number for day in (2, 1, 3)] == [1, 2, 3]


def test_late(send: Send) -> None:
    end = START + DAY
    assert not send(0, arrived_at=end + timedelta(minutes=60)).is_late
    assert send(1, arrived_at=end + DAY + timedelta(minutes=61)).is_late


def test_naive_times_are_those_of_the_zone(send: Send, monitor: Monitor) -> None:
    Monitor.objects.filter(pk=monitor.pk).update(zone="Australia/Sydney", starts_at=START - DAY)
    monitor.refresh_from_db()
    batch = send(0, start=datetime(1996, 8, 20), end=datetime(1996, 8, 21), arrived_at=START + 3 * DAY)
    assert batch.start == datetime(1996, 8, 19, 14, tzinfo=UTC)


def test_paused_and_archived(send: Send, monitor: Monitor, owner: User) -> None:
    pause_monitor(monitor=monitor, user=owner)
    assert refused(send, 0).code == "monitor_paused"
    resume_monitor(monitor=monitor, user=owner)
    send(0)
    archive_monitor(monitor=monitor, user=owner)
    assert refused(send, 1).code == "monitor_archived"


def test_one_idempotency_key_makes_one_batch(send: Send) -> None:
    first = send(0, idempotency_key="a")
    assert send(0, idempotency_key="a") == first
    assert refused(send, 1, idempotency_key="a").code == "idempotency_key_reused"


def test_viewers_send_nothing(monitor: Monitor) -> None:
    with pytest.raises(PermissionDenied):
        submit_batch(monitor=monitor, user=make_member(monitor.project, Role.VIEWER), rows=[], start=START)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("no_worker")
def test_two_at_once_make_one_batch(monitor: Monitor, owner: User) -> None:
    files = [incoming(of_day(0)) for _ in range(4)]
    answers = []

    def post(file: IncomingFile) -> None:
        answers.append(submit_batch(monitor=monitor, user=owner, upload=file, start=START))
        connection.close()

    threads = [threading.Thread(target=post, args=[file]) for file in files]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.repeated for answer in answers) == [False, True, True, True]
    assert len({answer.batch.pk for answer in answers}) == 1
