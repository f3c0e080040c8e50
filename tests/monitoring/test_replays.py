"""Real streams, batch after batch, as they would have come in: each window judged as of its own time."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest

from apps.compute.monitoring.rhythm import Window
from apps.demo.monitor_act import Change, open_monitor, replay, stream_of
from apps.demo.story import STORIES
from apps.demo.story.records import Watch
from apps.demo.streams import TARGET
from apps.evaluations.models import Model, ModelVersion
from apps.monitoring.models import Alert, Batch, LiveMetric, Monitor
from tests.factories import make_project, make_user

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("no_worker")]
#: Row 17,424 of elec2, the first on which the columns of Victoria vary.
VICTORIA_BEGINS = datetime(1997, 5, 5, tzinfo=UTC)
CALENDAR = {"hr", "weekday", "workingday", "holiday"}


@dataclass
class Stream:
    """A monitor of the demo on an empty project, and its stream."""

    monitor: Monitor
    watch: Watch
    frame: pl.DataFrame

    def play(self, change: Change | None = None) -> Iterator[datetime]:
        user = self.monitor.created_by
        for moment in replay(self.monitor, self.watch, self.frame, user, change=change):
            self.monitor.refresh_from_db()
            yield moment

    def values(self, metric: str, *, estimated: bool = False) -> list[LiveMetric]:
        found = LiveMetric.objects.filter(
            monitor=self.monitor, metric=metric, slice_column="", estimated=estimated
        )
        return list(found.filter(watched__part="champion").order_by("start"))

    def verdicts(self, column: str) -> dict[datetime, str]:
        """What was found of a column against the reference, by window."""
        found = {}
        for batch in Batch.objects.filter(monitor=self.monitor).order_by("start"):
            assert batch.check_result is not None
            for each in batch.check_result["reference"]["columns"]:
                if each["name"] == column:
                    found[batch.start] = each["verdict"]
        return found


def stream_for(slug: str, **changes: Any) -> Stream:
    story = next(story for story in STORIES if story.slug == slug)
    watch = replace(story.watches[0], **changes)
    user = make_user("ML engineer")
    project = make_project(user)
    for model in watch.models:
        kind = Model.Kind.BASELINE if model.part == "baseline" else Model.Kind.ML
        made = Model.objects.create(project=project, name=model.model, kind=kind)
        ModelVersion.objects.create(model=made, label=model.version)
    return Stream(open_monitor(project, story, watch, user), watch, stream_of(story, watch))


@pytest.mark.slow
def test_the_columns_of_victoria_drift_from_their_first_week() -> None:
    stream = stream_for("power-price", first="1997-03-30", last="1997-06-01")
    assert [*stream.play()]
    for column in ("vicprice", "vicdemand", "transfer"):
        drifted = [start for start, verdict in stream.verdicts(column).items() if verdict == "drift"]
        assert drifted, column
        assert abs((min(drifted) - VICTORIA_BEGINS).days) <= 7, column
    alert = Alert.objects.get(monitor=stream.monitor, kind=Alert.Kind.DRIFT)
    assert "vicprice" in str(alert.text) or "vicprice" in str(alert.title)


def test_a_dropped_column_is_a_failure_until_it_is_back() -> None:
    stream = stream_for("power-price", first="1997-03-30", last="1997-04-20")
    lost = datetime(1997, 4, 6, tzinfo=UTC)

    def drop(window: Window, rows: pl.DataFrame) -> pl.DataFrame:
        return rows.drop("nswdemand") if window.start == lost else rows

    lights = {moment.date(): stream.monitor.at_all for moment in stream.play(drop)}
    assert lights == {
        datetime(1997, 4, 6).date(): "ok",
        datetime(1997, 4, 13).date(): "bad",
        datetime(1997, 4, 20).date(): "ok",
    }
    alert = Alert.objects.get(monitor=stream.monitor, cause="schema:nswdemand")
    assert alert.first_at == lost
    assert alert.resolved_at is not None
    assert alert.resolved_by is None, "it is over by itself"


@pytest.mark.slow
def test_demand_outgrows_the_model_and_the_calendar_stays() -> None:
    stream = stream_for("bike-demand", every=28, label_delay_hours=0)
    assert [*stream.play()]
    for column in (TARGET, "temp"):
        assert "drift" in stream.verdicts(column).values(), column
    for column in CALENDAR:
        assert set(stream.verdicts(column).values()) <= {"none", "small"}, column
    summer = [metric.value or 0.0 for metric in stream.values("rmse") if 4 <= metric.start.month < 10]
    assert min(summer) > 2 * 32.65, "the golden RMSE of 2011"


@pytest.mark.slow
def test_week_after_week_the_error_grows_beyond_chance() -> None:
    stream = stream_for("bike-demand", last="2012-05-06")
    lights = [stream.monitor.as_before for _moment in stream.play()]
    assert "bad" in lights
    alert = Alert.objects.get(monitor=stream.monitor, kind=Alert.Kind.WORSE)
    assert datetime(2012, 2, 1, tzinfo=UTC) < alert.first_at < datetime(2012, 4, 15, tzinfo=UTC)


def test_an_empty_room_is_no_failure() -> None:
    stream = stream_for("room-occupancy")
    january = datetime(2018, 1, 10, tzinfo=UTC)
    before_labels = None
    for moment in stream.play():
        if moment >= january and before_labels is None:
            before_labels = stream.values("accuracy")
    assert before_labels is not None
    assert all(metric.start < january for metric in before_labels), "the labels of January are still to come"
    failures = Alert.objects.filter(monitor=stream.monitor, severity=Alert.Severity.BAD)
    assert {alert.kind for alert in failures.filter(first_at__lt=january)} == {Alert.Kind.SILENCE}, (
        "from the 24th at noon to the 25th nothing was recorded"
    )
    holidays = [m for m in stream.values("roc_auc_ovr_macro") if m.start < january]
    assert holidays
    assert all(metric.value is None and metric.undefined for metric in holidays), "one class: no ROC AUC"
    afternoon = next(m for m in stream.values("accuracy") if m.start == january + timedelta(hours=12))
    assert afternoon.value is not None
    assert afternoon.value < 0.95


@pytest.mark.slow
def test_estimates_hold_until_the_results_of_the_games_come() -> None:
    stream = stream_for("nba-forecasts", every=14)
    assert [*stream.play()]
    truth = {metric.start: metric.value for metric in stream.values("accuracy") if metric.value is not None}
    estimates = stream.values("accuracy", estimated=True)
    waiting = [estimate for estimate in estimates if estimate.start not in truth]
    assert len(waiting) >= 2, "the labels of the last weeks are still to come"
    assert len(estimates) == Batch.objects.filter(monitor=stream.monitor).count()
    all_games = stream.frame.with_columns(right=pl.col(TARGET) == pl.col("prediction_champion"))
    inside = 0
    for estimate in estimates:
        batch = estimate.batch
        start, end = (moment.replace(tzinfo=None) for moment in (batch.start, batch.end))
        games = all_games.filter(pl.col("timestamp").is_between(start, end, closed="left"))
        share = games["right"].mean()
        assert isinstance(share, float)
        assert estimate.low is not None
        assert estimate.high is not None
        if estimate.start in truth:
            assert math.isclose(truth[estimate.start] or 0.0, share, abs_tol=1e-12)
        inside += estimate.low <= share <= estimate.high
    assert inside >= 0.9 * len(estimates)
    assert stream.monitor.standing["labels_expected"] is not None
