"""Monitors with results but without data behind them: for pages, lists and query counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.compute.messages import Message
from apps.compute.monitoring.check import BatchCheck, ColumnCheck, Compared, Finding
from apps.compute.monitoring.pooled import Beaten, Pooled, PooledModel
from apps.compute.results import MetricResult, SliceResult
from apps.jobs.models import State
from apps.monitoring.judging.standing import Light, LiveVerdict, Standing
from apps.monitoring.models import Batch, LiveMetric, Monitor, WatchedModel
from apps.projects.models import Project
from tests.factories import make_job, make_model_version, make_monitor

EVIL = "<img src=x onerror=alert(1)>"


def check(number: int = 1) -> BatchCheck:
    columns = (
        ColumnCheck("score", "prediction", "none", "js", 0.03, 0.1, 0.3),
        ColumnCheck("vicprice", "feature", "drift", "wasserstein", 0.31, 0.1, 3.1, 0.02, 7),
        ColumnCheck("calm", "feature", "none", "wasserstein", 0.01, 0.1, 0.1),
    )
    side = Compared(1_000, 3, 1, 1, is_drift=False, strongest=3.1, columns=columns)
    found = Finding(
        "missing",
        "bad",
        "missing:vicprice",
        Message("%(column)s is empty in every row.", {"column": EVIL}),
        Message("Send it again."),
        "vicprice",
        12,
    )
    return BatchCheck(200, (found,), side, side, number - 1 or None, {"p50": 20.0, "p95": 61.0, "p99": 80.0})


def standing(**changes: Any) -> Standing:
    said: dict[str, Any] = {
        "at_all": Light("ok", Message("Yes. All 20 batches arrived in time."), "batches"),
        "well": Light("warn", Message("Partly. 1 of 2 requirements holds."), "requirements"),
        "as_before": Light("bad", Message("No. Accuracy fell by 4 points."), "batch:3"),
        "verdicts": (
            LiveVerdict(
                requirement_id=1,
                code="R-01",
                metric="accuracy",
                at_least=True,
                limit=0.85,
                slice_value="",
                outcome="refuted",
                value=0.8,
                low=0.78,
                high=0.82,
                n=2_000,
                level=0.95,
                reason=Message("The whole interval is below the limit."),
            ),
        ),
        "expected": 20,
        "arrived": 19,
        "labels_until": "2026-01-15T00:00:00+00:00",
        "labels_expected": ("2026-01-15T00:00:00+00:00", "2026-01-29T00:00:00+00:00"),
        "coverage": 0.5,
        "estimate_error": 0.012,
        "estimate_windows": 10,
    }
    return Standing(**{**said, **changes})


def pooled(monitor: Monitor) -> Pooled:
    models = list(monitor.models.order_by("pk"))

    def metrics(value: float) -> tuple[MetricResult, ...]:
        return (
            MetricResult("accuracy", value, value - 0.02, value + 0.02, 2_000, "wilson"),
            MetricResult("roc_auc", None, n=2_000, undefined=Message("Only one class.")),
        )

    slices = (SliceResult(("period",), ("night",), 500, metrics(0.7)),)
    return Pooled(
        "2026-01-05T00:00:00+00:00",
        "2026-01-15T00:00:00+00:00",
        10,
        2_000,
        1_900,
        tuple(PooledModel(model.pk, metrics(0.8 - 0.1 * i), slices) for i, model in enumerate(models)),
        (Beaten("accuracy", 0.1, 0.08, 0.12, 2_000),),
    )


def make_watched(project: Project, batches: int = 20, **fields: Any) -> Monitor:
    """A judged monitor with a baseline: half of its windows have labels, all have estimates."""
    monitor = make_monitor(project, **fields)
    WatchedModel.objects.create(
        monitor=monitor,
        version=make_model_version(project, kind="rules"),
        part=WatchedModel.Part.BASELINE,
        since=monitor.starts_at,
    )
    fill(monitor, batches)
    judge(monitor)
    return monitor


def judge(monitor: Monitor, **changes: Any) -> None:
    said = standing(**changes)
    monitor.standing = said.to_json()
    monitor.at_all, monitor.well, monitor.as_before = (
        said.at_all.state,
        said.well.state,
        said.as_before.state,
    )
    monitor.pooled = pooled(monitor).to_json()
    monitor.judged_at = monitor.starts_at
    monitor.save()


def fill(monitor: Monitor, count: int) -> None:
    """Daily batches after those that are there, with their metrics."""
    before = Batch.objects.filter(monitor=monitor).count()
    jobs = [make_job(monitor.project, state=State.SUCCEEDED) for _ in range(count)]
    Batch.objects.bulk_create(
        Batch(
            monitor=monitor,
            number=before + i + 1,
            start=monitor.starts_at + timedelta(days=before + i),
            end=monitor.starts_at + timedelta(days=before + i + 1),
            sha256="0" * 64,
            arrived_at=monitor.starts_at + timedelta(days=before + i + 1),
            job=job,
            created_by=monitor.created_by,
            rows=200 + i % 7,
            check_result=check(before + i + 1).to_json(),
            drifted=i % 3,
            strongest=1.5,
            broken=i % 2,
            warned=1,
            latency_p95=61.0,
            labelled=200 if i < count / 2 else 0,
        )
        for i, job in enumerate(jobs)
    )
    champion = monitor.models.get(part=WatchedModel.Part.CHAMPION)
    rows = Batch.objects.filter(monitor=monitor, number__gt=before).order_by("number")
    LiveMetric.objects.bulk_create(
        LiveMetric(
            batch=batch,
            monitor=monitor,
            watched=champion,
            start=batch.start,
            metric="accuracy",
            slice_column=column,
            slice_value=value,
            estimated=is_estimate,
            value=0.8 + 0.001 * (i % 40),
            low=0.75,
            high=0.9,
            n=200,
        )
        for i, batch in enumerate(rows)
        for column, value in (("", ""), ("period", "night"))
        for is_estimate in (True, False)
        if is_estimate or batch.labelled
    )
