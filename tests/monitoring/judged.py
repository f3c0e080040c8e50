"""Monitors with checked batches, metrics and pooled windows as rows, and how they are judged."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from apps.common.translate import translate
from apps.compute.messages import Message
from apps.compute.monitoring.check import BatchCheck, ColumnCheck, Compared, Finding
from apps.compute.monitoring.pooled import Beaten, Pooled, PooledModel
from apps.compute.results import MetricResult, SliceResult
from apps.jobs.models import State
from apps.monitoring.judging.judge import judge
from apps.monitoring.judging.standing import Light, Standing
from apps.monitoring.models import Alert, Batch, LiveMetric, Monitor, WatchedModel
from tests.factories import FIRST_DAY, make_batch, make_job, make_model_version


def at(day: float, hours: float = 2) -> datetime:
    """Some hours into a day of the monitor: by default after the grace of the batch of the day before."""
    return FIRST_DAY + timedelta(days=day, hours=hours)


def finding(code: str, column: str = "", state: str = "bad") -> Finding:
    return Finding(
        code=code,
        state=state,
        cause=f"{code}:{column}",
        title=Message("Something is wrong with %(column)s.", {"column": column}),
        text=Message("Repair it."),
        column=column,
    )


def compared(drifted: Mapping[str, float], columns: int = 5) -> Compared:
    """Five columns, or more when more of them drift."""
    calm = [f"calm{number}" for number in range(columns - len(drifted))]
    return Compared(
        rows=1_000,
        compared=columns,
        drifted=len(drifted),
        flagged=len(drifted),
        is_drift=bool(drifted),
        strongest=max(drifted.values(), default=None),
        columns=tuple(
            [ColumnCheck(name, "feature", "drift", strength=strength) for name, strength in drifted.items()]
            + [ColumnCheck(name, "feature", "none", strength=0.1) for name in calm]
        ),
    )


def checked(
    monitor: Monitor,
    day: int = 0,
    *findings: Finding,
    rows: int = 100,
    labelled: int | None = None,
    drift: Mapping[str, float] | None = None,
    previous: Mapping[str, float] | None = None,
    **fields: Any,
) -> Batch:
    """The checked batch of one day; all of its rows have labels unless ``labelled`` says otherwise."""
    check = BatchCheck(
        rows=rows,
        findings=findings,
        reference=compared(drift or {}),
        previous=compared(previous or {}),
        previous_number=None,
        latency=None,
    )
    fields = {
        "rows": rows,
        "labelled": rows if labelled is None else labelled,
        "check_result": check.to_json(),
        "job": make_job(monitor.project, state=State.SUCCEEDED, finished_at=timezone.now()),
        **fields,
    }
    return make_batch(monitor, day, **fields)


def measure(
    batch: Batch, value: float | None, *, half: float = 0.02, estimated: bool = False, **fields: Any
) -> LiveMetric:
    """The watched metric of the champion in a batch."""
    watched = WatchedModel.objects.get(monitor=batch.monitor, part=WatchedModel.Part.CHAMPION, until=None)
    bounds = {} if value is None else {"low": value - half, "high": value + half}
    fields = {"metric": batch.monitor.watch_metric, "n": batch.rows or 0, **bounds, **fields}
    return LiveMetric.objects.create(
        batch=batch,
        monitor=batch.monitor,
        watched=watched,
        start=batch.start,
        value=value,
        estimated=estimated,
        **fields,
    )


def watch_baseline(monitor: Monitor) -> WatchedModel:
    return WatchedModel.objects.create(
        monitor=monitor,
        version=make_model_version(monitor.project, kind="baseline"),
        part=WatchedModel.Part.BASELINE,
        since=monitor.starts_at,
    )


def pool(
    monitor: Monitor,
    *metrics: MetricResult,
    slices: tuple[SliceResult, ...] = (),
    gain: tuple[float, float, float] | None = None,
) -> None:
    """The champion's metrics on the pooled windows; ``gain`` over the baseline, with its bounds."""
    champion = WatchedModel.objects.get(monitor=monitor, part=WatchedModel.Part.CHAMPION, until=None)
    beaten = () if gain is None else (Beaten(monitor.watch_metric, *gain, n=1_000),)
    pooled = Pooled(
        start=FIRST_DAY.isoformat(),
        end=at(10).isoformat(),
        windows=10,
        rows=1_000,
        labelled=1_000,
        models=(PooledModel(champion.pk, metrics, slices),),
        beaten=beaten,
    )
    Monitor.objects.filter(pk=monitor.pk).update(pooled=pooled.to_json(), pooled_at=timezone.now())


def stand(monitor: Monitor, now: datetime | None = None) -> Standing:
    """Judge the monitor and read how it stands."""
    judge(monitor.pk, now)
    monitor.refresh_from_db()
    return Standing.from_json(monitor.standing)


def said(light: Light) -> tuple[str, str]:
    return light.state, translate(light.text)


def open_alerts(monitor: Monitor) -> dict[str, Alert]:
    return {alert.cause: alert for alert in Alert.objects.open().filter(monitor=monitor)}


def happened(alert: Alert) -> list[str]:
    return [event.kind for event in alert.events.all()]
