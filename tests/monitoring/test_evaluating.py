"""Metrics of live batches: the golden numbers, late labels, corrections, pooled windows, estimates."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.monitoring.pooled import Pooled
from apps.jobs.models import Job, State
from apps.monitoring import evaluating
from apps.monitoring.models import Batch, LiveMetric, Monitor
from apps.monitoring.scheduling import submit_evaluation
from tests.factories import make_project
from tests.monitoring.streams import (
    arrive,
    done,
    evaluate,
    label,
    monitor_of,
    roles,
    stream,
)

GOLDEN = Path(__file__).parents[1] / "data" / "golden"
CHAMPION = {"slice_column": "", "watched__part": "champion"}
pytestmark = pytest.mark.django_db


def golden(name: str, model: str, column: str, value: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GOLDEN / f"{name}_metrics.json").read_text())
    part: dict[str, Any] = found["models"][model]["slices"][column][value]
    return part


def month(text: str) -> tuple[datetime, datetime]:
    """The window of a month; the stream's years are moved behind the start of the monitor."""
    year, number = int(text[:4]) + 30, int(text[5:])
    end = (year + number // 12, number % 12 + 1)
    return datetime(year, number, 1, tzinfo=UTC), datetime(*end, 1, tzinfo=UTC)


def values(batch: Batch, part: str = "champion", **fields: Any) -> dict[str, float | None]:
    rows = batch.metrics.filter(**{"slice_column": "", "estimated": False, "watched__part": part, **fields})
    return {row.metric: row.value for row in rows}


@pytest.fixture
def elec2() -> pl.DataFrame:
    return stream("elec2", hgb="pred_hgb", rule="pred_rule_persistence")


@pytest.fixture
def market(elec2: pl.DataFrame) -> Monitor:
    """The reference is 1996; its batches are months."""
    return monitor_of(
        make_project(),
        elec2.filter(pl.col("month") < "1997"),
        roles(hgb_y_pred="prediction", hgb_proba_1="probability:1"),
        roles(rule_y_pred="prediction"),
        positive="1",
        roles=roles(id="id", timestamp="timestamp", y_true="target", daypart="slice", month="ignore"),
        live_windows=2,
    )


def send(monitor: Monitor, frame: pl.DataFrame, text: str, *, labels: bool = True) -> Batch:
    rows = frame.filter(pl.col("month") == text)
    return arrive(monitor, rows if labels else rows.drop("y_true"), *month(text))


def labels_of(frame: pl.DataFrame, text: str) -> pl.DataFrame:
    return frame.filter(pl.col("month") == text).select("id", "y_true")


def test_metrics_are_the_golden_ones(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, "1997-01")
    evaluate(market)
    batch.refresh_from_db()
    for part, model in (("champion", "hgb"), ("baseline", "rule_persistence")):
        found, expected = values(batch, part), golden("elec2", model, "month", "1997-01")
        same = ["accuracy", "balanced_accuracy", "precision", "recall", "f1", "mcc"]
        for metric in same + (["roc_auc"] if part == "champion" else []):
            assert found[metric] == pytest.approx(expected[metric], abs=1e-9), (part, metric)
    assert (batch.labelled, batch.evaluated_ticket) == (1488, batch.labels_ticket)
    segments = batch.metrics.filter(slice_column="daypart", metric="accuracy", watched__part="champion")
    assert sum(segment.n for segment in segments) == 1488
    assert len(segments) == elec2["daypart"].n_unique()


def test_labels_come_late_in_parts_and_are_corrected(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, "1997-02", labels=False)
    evaluate(market)
    assert not values(batch)
    known = labels_of(elec2, "1997-02")
    wrong = known.head(500).with_columns((1 - pl.col("y_true")).alias("y_true"))
    label(market, wrong)
    evaluate(market)
    batch.refresh_from_db()
    assert (batch.labelled, batch.changed_labels) == (500, 0)
    assert batch.metrics.get(metric="accuracy", estimated=False, **CHAMPION).n == 500
    label(market, known)
    evaluate(market)
    batch.refresh_from_db()
    assert (batch.labelled, batch.changed_labels) == (len(known), 500)
    expected = golden("elec2", "hgb", "month", "1997-02")
    assert values(batch)["accuracy"] == pytest.approx(expected["accuracy"], abs=1e-9)


def test_estimates_stay_beside_the_truth(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, "1997-01", labels=False)
    evaluate(market)
    batch.refresh_from_db()
    estimated = values(batch, estimated=True)
    assert batch.is_estimated
    assert estimated["accuracy"] is not None
    assert not batch.metrics.filter(watched__part="baseline").exists()  # it has no probabilities
    before = market.learned
    label(market, labels_of(elec2, "1997-01"))
    evaluate(market)
    assert values(batch, estimated=True) == estimated
    assert values(batch)["accuracy"] != estimated["accuracy"]
    assert market.learned == before


def test_newest_windows_are_judged_as_one(market: Monitor, elec2: pl.DataFrame) -> None:
    for text in ("1997-01", "1997-02", "1997-03"):
        send(market, elec2, text)
    pooled = Pooled.from_json(evaluate(market).pooled)
    both = [golden("elec2", "hgb", "month", text) for text in ("1997-02", "1997-03")]
    n = sum(part["n"] for part in both)
    assert (pooled.windows, pooled.rows, pooled.labelled) == (2, n, n)
    assert pooled.start == month("1997-02")[0].isoformat()
    assert pooled.end == month("1997-03")[1].isoformat()
    champion, baseline = pooled.models
    accuracy = next(metric for metric in champion.metrics if metric.key == "accuracy")
    right = sum(part["accuracy"] * part["n"] for part in both)
    assert accuracy.value == pytest.approx(right / n, abs=1e-9)
    assert {each.columns for each in champion.slices} == {("daypart",)}
    # The rule is far better than the model here, which the golden file says too.
    rule = sum(
        part["accuracy"] * part["n"]
        for part in (golden("elec2", "rule_persistence", "month", text) for text in ("1997-02", "1997-03"))
    )
    gain = next(each for each in pooled.beaten if each.metric == "accuracy")
    assert gain.gain == pytest.approx((right - rule) / n, abs=1e-9)
    assert gain.low is not None
    assert gain.high is not None
    assert gain.low < gain.gain < gain.high < 0
    assert Pooled.from_json(json.loads(json.dumps(pooled.to_json(), allow_nan=False))) == pooled
    assert baseline.rows == n


def test_correction_takes_a_window_out(market: Monitor, elec2: pl.DataFrame) -> None:
    send(market, elec2, "1997-01")
    first = send(market, elec2, "1997-02")
    evaluate(market)
    send(market, elec2, "1997-02", labels=False)
    assert Pooled.from_json(evaluate(market).pooled).windows == 1
    assert values(first)  # its results stay


def test_new_champion_starts_anew(market: Monitor, elec2: pl.DataFrame) -> None:
    send(market, elec2, "1997-01")
    evaluate(market)
    since = month("1997-02")[0]
    old = market.models.get(part="champion")
    market.models.filter(pk=old.pk).update(until=since)
    new = market.models.create(version=old.version, part="champion", roles=old.roles, since=since)
    batch = send(market, elec2, "1997-02")
    pooled = Pooled.from_json(evaluate(market).pooled)
    assert pooled.windows == 1
    assert pooled.models[0].watched_id == new.pk
    assert set(batch.metrics.values_list("watched__part", flat=True)) == {"champion", "baseline"}
    assert not batch.metrics.filter(watched=old).exists()


def test_error_of_a_regression_is_the_golden_one() -> None:
    frame = stream("bike", hgb="pred_hgb", rule="pred_rule")
    monitor = monitor_of(
        make_project(),
        frame.filter(pl.col("window") == "reference_2011"),
        roles(hgb_y_pred="prediction"),
        roles(rule_y_pred="prediction"),
        task="regression",
        watch_metric="mae",
        roles=roles(id="id", timestamp="timestamp", y_true="target", window="ignore", month="ignore"),
    )
    for text in ("2012-04", "2012-05"):
        batch = send(monitor, frame, text)
    pooled = Pooled.from_json(evaluate(monitor).pooled)
    for part, model in (("champion", "hgb"), ("baseline", "rule")):
        expected = golden("bike", model, "month", "2012-05")
        for metric in ("mae", "rmse", "r2"):
            assert values(batch, part)[metric] == pytest.approx(expected[metric], abs=1e-9)
    assert not batch.metrics.filter(estimated=True).exists()
    gain = next(each for each in pooled.beaten if each.metric == "mae")
    assert gain.low is not None
    assert gain.low > 0


def test_one_class_alone_is_stated() -> None:
    frame = stream("room_occupancy", rf="pred_rf")
    said = {f"rf_proba_{i}": f"probability:{i}" for i in range(4)}
    monitor = monitor_of(
        make_project(),
        frame.filter(pl.col("window") == "reference_dec22_23"),
        roles(rf_y_pred="prediction", **said),
        task="multiclass",
        roles=roles(id="id", timestamp="timestamp", y_true="target", window="ignore", day="ignore"),
    )
    holiday = frame.filter(pl.col("day") == "2017-12-25")
    batch = arrive(monitor, holiday, datetime(2020, 12, 25, tzinfo=UTC), datetime(2020, 12, 26, tzinfo=UTC))
    evaluate(monitor)
    assert values(batch)["accuracy"] == golden("room_occupancy", "rf", "day", "2017-12-25")["accuracy"] == 1
    undefined = batch.metrics.filter(estimated=False, metric="roc_auc_ovr_macro").get()
    assert undefined.value is None
    assert undefined.low is None
    assert undefined.undefined["text"]


def test_prediction_that_is_missing_is_left_out_and_said(market: Monitor, elec2: pl.DataFrame) -> None:
    silent = pl.when(pl.int_range(pl.len()) < 10).then(None).otherwise(pl.col("hgb_y_pred"))
    frame = elec2.filter(pl.col("month") == "1997-01").with_columns(silent.alias("hgb_y_pred"))
    batch = arrive(market, frame, *month("1997-01"))
    gone = arrive(market, elec2.filter(pl.col("month") == "1997-02").drop("hgb_y_pred"), *month("1997-02"))
    evaluate(market)
    batch.refresh_from_db()
    gone.refresh_from_db()
    assert (
        batch.metrics.get(metric="accuracy", slice_column="", watched__part="champion", estimated=False).n
        == 1478
    )
    assert "10" in str(batch.notes[0]["params"])
    assert values(gone)["accuracy"] is None
    assert values(gone, "baseline")["accuracy"] is not None
    why = gone.metrics.get(
        metric="accuracy", slice_column="", watched__part="champion", estimated=False
    ).undefined
    assert why["params"]["column"] == "hgb_y_pred"


def test_job_twice_or_replaced_changes_nothing(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, "1997-01")
    market.refresh_from_db()
    first = market.evaluation_job
    assert first is not None
    assert submit_evaluation(monitor=market, user=market.created_by) is None  # one waits already
    save = evaluating.run_evaluation(first, lambda message, share: None)  # type: ignore[arg-type]
    done(first, evaluating.run_evaluation)
    before = set(LiveMetric.objects.filter(batch=batch).values_list("pk", flat=True))
    save()
    assert set(LiveMetric.objects.filter(batch=batch).values_list("pk", flat=True)) == before
    second = submit_evaluation(monitor=market, user=market.created_by)
    assert second is not None
    done(first, evaluating.run_evaluation)  # which the second has replaced
    assert Job.objects.get(pk=second.pk).state == State.QUEUED


def test_many_batches_take_several_jobs(
    market: Monitor, elec2: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evaluating, "MOST_BATCHES", 1)
    for text in ("1997-01", "1997-02"):
        send(market, elec2, text)
    evaluate(market)
    assert not market.batches.filter(evaluated_ticket=0).exists()
    assert not market.batches.filter(is_estimated=False).exists()


def test_batch_without_its_file_keeps_its_results(market: Monitor, elec2: pl.DataFrame) -> None:
    batch = send(market, elec2, "1997-01")
    evaluate(market)
    before, pooled = values(batch), market.pooled
    Batch.objects.filter(pk=batch.pk).update(file=None, labels_ticket=9)
    evaluate(market)
    assert values(batch) == before
    assert market.pooled == pooled
