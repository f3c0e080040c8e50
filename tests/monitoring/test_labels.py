"""Labels that arrive later, in any order, in part, more than once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from apps.accounts.models import User
from apps.compute.messages import InputRejected
from apps.monitoring.keys import each_key
from apps.monitoring.matching import match_batch, run_match
from apps.monitoring.models import Batch, LabelMatch, LabelUpload, Monitor
from apps.monitoring.services.labels import submit_labels
from tests.monitoring.conftest import START, NoProgress, incoming, of_day

pytestmark = pytest.mark.django_db
Send = Callable[..., Batch]
#: Of coreutils' b2sum.
KNOWN = ("e75017cace788f82", "40f89e395b66422f")


@pytest.fixture
def label(
    monitor: Monitor, owner: User, finish: Callable[[LabelUpload, Any], None]
) -> Callable[..., LabelUpload]:
    """Send labels and do the worker's part."""

    def submit(frame: pl.DataFrame, **said: Any) -> LabelUpload:
        upload = submit_labels(monitor=monitor, user=owner, upload=incoming(frame), **said)
        finish(upload, run_match)
        return upload

    return submit


def labels_of(day: int, days: int = 1) -> pl.DataFrame:
    return of_day(day, days).select("id", "y_true")


def tickets() -> list[int]:
    return list(Batch.objects.order_by("start").values_list("labels_ticket", flat=True))


def test_labels_find_their_batches(send: Send, label: Callable[..., LabelUpload]) -> None:
    batches = [send(day) for day in range(4)]
    upload = label(labels_of(1, 2))
    found = dict(LabelMatch.objects.values_list("batch", "rows"))
    assert found == {batches[1].pk: 48, batches[2].pk: 48}
    assert (upload.rows, upload.matched, upload.unknown_examples) == (96, 96, [])
    assert (upload.id_column, upload.label_column) == ("id", "y_true")
    assert tickets() == [0, 1, 1, 0]


def test_a_match_that_is_done_twice_counts_once(
    send: Send, label: Callable[..., LabelUpload], finish: Callable[..., None]
) -> None:
    send(0)
    upload = label(labels_of(0))
    finish(upload, run_match)
    assert tickets() == [1]
    label(labels_of(0).head(3))
    assert tickets() == [2]


def test_labels_that_come_before_their_batch(send: Send, label: Callable[..., LabelUpload]) -> None:
    upload = label(labels_of(0, 2))
    assert (upload.matched, upload.unknown_examples) == (0, labels_of(0)["id"].cast(str).to_list()[:5])
    batch = send(0)
    match_batch(batch)()
    match_batch(batch)()
    upload.refresh_from_db()
    assert (upload.matched, upload.unknown_examples) == (48, [])
    assert tickets() == [1]


def test_a_batch_that_is_checked_while_labels_are_being_matched(
    send: Send, monitor: Monitor, owner: User
) -> None:
    """Both find the pair; it is kept once."""
    batch = send(0)
    upload = submit_labels(monitor=monitor, user=owner, upload=incoming(labels_of(0)))
    save_upload = run_match(upload.job, NoProgress())  # type: ignore[arg-type]
    save_batch = match_batch(batch)
    save_batch()
    save_upload()
    assert LabelMatch.objects.count() == 1
    assert tickets() == [1]
    upload.refresh_from_db()
    assert upload.matched == 48


def test_a_correction_gets_the_labels_of_the_batch_before_it(
    send: Send, label: Callable[..., LabelUpload]
) -> None:
    send(0)
    upload = label(labels_of(0))
    corrected = send(0, of_day(0).drop("y_true").head(40), replace=True)
    match_batch(corrected)()
    corrected.refresh_from_db()
    upload.refresh_from_db()
    assert corrected.labels_ticket == 1
    assert upload.matched == 40
    match_batch(send(0, of_day(5).drop("y_true"), replace=True))()  # with other ids altogether
    upload.refresh_from_db()
    assert upload.matched == 0


def test_unknown_and_missing_and_contradicting(send: Send, label: Callable[..., LabelUpload]) -> None:
    send(0)
    known = labels_of(0).head(3).cast({"id": pl.Float64, "y_true": pl.Int64})
    ids, labels = [*known["id"], known["id"][0], 1e6, 5e6], [0, 1, None, 1, 1, 0]
    upload = label(pl.DataFrame({"id": ids, "y_true": labels}))
    assert (upload.rows, upload.matched) == (4, 2)
    assert upload.unknown_examples == ["1000000", "5000000"]
    [note] = upload.notes
    assert note["params"] == {"count": 1, "examples": str(int(ids[0]))}


def test_columns_are_found_or_named(send: Send, label: Callable[..., LabelUpload]) -> None:
    send(0)
    named = label(labels_of(0).rename({"id": "key", "y_true": "went_up"}), id_column="key")
    assert (named.label_column, named.matched) == ("went_up", 48)
    with pytest.raises(InputRejected, match="no column"):
        label(labels_of(0), label_column="outcome")


def test_json_rows_and_none(monitor: Monitor, owner: User, send: Send, finish: Callable[..., None]) -> None:
    send(0)
    rows = [{"id": str(row), "y_true": True} for row in of_day(0)["id"][:2]]
    upload = submit_labels(monitor=monitor, user=owner, rows=rows)
    finish(upload, run_match)
    assert upload.matched == 2
    with pytest.raises(InputRejected):
        submit_labels(monitor=monitor, user=owner, rows=[])


def test_one_idempotency_key_makes_one_upload(monitor: Monitor, owner: User) -> None:
    said = {"monitor": monitor, "user": owner, "idempotency_key": "k"}
    first = submit_labels(upload=incoming(labels_of(0)), **said)
    assert submit_labels(upload=incoming(labels_of(0)), **said) == first


def test_keys_are_the_same_for_ever() -> None:
    """First 8 bytes of `printf 7 | b2sum -l 64`, little endian."""
    assert each_key(["7", "a"]).tolist() == [
        int.from_bytes(bytes.fromhex(digest), "little") for digest in KNOWN
    ]


def test_a_paused_monitor_takes_labels(monitor: Monitor, owner: User) -> None:
    Monitor.objects.filter(pk=monitor.pk).update(paused_at=START + timedelta(days=1))
    assert submit_labels(monitor=monitor, user=owner, upload=incoming(labels_of(0))).number == 1
