"""Batches of a real stream as they arrive: what a check keeps, and what it takes a batch against."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
import pytest

from apps.compute.messages import InputRejected
from apps.compute.monitoring.check import BatchCheck
from apps.datasets.models import DataFile
from apps.monitoring import checking
from apps.monitoring.models import Batch, Monitor
from tests.factories import make_project
from tests.monitoring.streams import START, arrive, monitor_of, quiet, roles, stream

pytestmark = pytest.mark.django_db
#: Two weeks of half hours, of which the second begins with the row 17,424 where Victoria's market opens.
OPENING, DAY = 17_424, 48


@pytest.fixture
def elec2() -> pl.DataFrame:
    return stream("elec2", hgb="pred_hgb")


@pytest.fixture
def market(elec2: pl.DataFrame) -> Monitor:
    reference = elec2.filter(pl.col("id") < OPENING - 14 * DAY)
    return monitor_of(
        make_project(),
        reference,
        roles(hgb_y_pred="prediction", hgb_proba_1="probability:1"),
        positive="1",
        roles=roles(id="id", y_true="target", timestamp="ignore", month="ignore", window="ignore"),
    )


def day(number: int) -> tuple[datetime, datetime]:
    return START + timedelta(days=number), START + timedelta(days=number + 1)


def send(monitor: Monitor, elec2: pl.DataFrame, number: int, **changed: Any) -> Batch:
    first = OPENING + (number - 7) * DAY
    frame = elec2.filter(pl.col("id").is_between(first, first + DAY - 1))
    return arrive(monitor, frame.with_columns(**changed), *day(number))


def found(batch: Batch) -> BatchCheck:
    return BatchCheck.from_json(batch.check_result)


def drifted(batch: Batch) -> set[str]:
    check = found(batch).reference
    assert check is not None
    return {column.name for column in check.columns if column.verdict == "drift"}


def test_drift_begins_with_the_window_in_which_it_began(market: Monitor, elec2: pl.DataFrame) -> None:
    before, after = send(market, elec2, 6), send(market, elec2, 7)
    assert not drifted(before) & {"vicprice", "vicdemand", "transfer"}
    assert drifted(after) >= {"vicprice", "vicdemand"}
    assert after.drifted == len(drifted(after))
    assert after.strongest == max(c.strength or 0 for c in found(after).reference.columns)  # type: ignore[union-attr]
    assert (after.broken, after.rows) == (0, DAY)


def test_batch_is_compared_with_the_same_weekday(market: Monitor, elec2: pl.DataFrame) -> None:
    for number in (0, 6):
        send(market, elec2, number)
    assert found(send(market, elec2, 7)).previous_number == 1
    assert found(send(market, elec2, 8)).previous_number is None  # no Thursday before it
    assert found(send(market, elec2, 13)).previous_number == 2


def test_labels_of_the_batch_are_to_be_evaluated(market: Monitor, elec2: pl.DataFrame) -> None:
    with_labels = send(market, elec2, 0)
    without = send(market, elec2, 1, y_true=pl.lit(None, pl.Int8))
    assert (with_labels.labels_ticket, without.labels_ticket) == (1, 0)
    market.refresh_from_db()
    assert market.evaluation_job is not None
    assert not [finding for finding in found(without).findings if finding.column == "y_true"]


def test_lost_column_breaks_the_batch(market: Monitor, elec2: pl.DataFrame) -> None:
    frame = elec2.filter(pl.col("id").is_between(OPENING, OPENING + DAY - 1)).drop("vicprice")
    batch = arrive(market, frame, *day(7))
    assert batch.broken == 1
    assert found(batch).findings[0].cause == "schema:vicprice"


def test_file_that_cannot_be_read_is_told(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, 0)
    Batch.objects.filter(pk=batch.pk).update(file=None)
    with pytest.raises(InputRejected, match="no longer"):
        checking.run_check(batch.job, quiet)  # type: ignore[arg-type]


def test_file_is_read_once(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, 0)
    kept = DataFile.objects.get(pk=batch.file_id)
    assert kept.is_read
    assert kept.rows == DAY


def test_columns_that_the_reference_turns_out_to_lack(market: Monitor, elec2: pl.DataFrame) -> None:
    """It may have been unread when the monitor was made."""
    Monitor.objects.filter(pk=market.pk).update(roles=roles(id="id", y_true="target", region="slice"))
    market.refresh_from_db()
    with pytest.raises(InputRejected, match=r"has no column “region”\. Correct"):
        send(market, elec2, 0)
