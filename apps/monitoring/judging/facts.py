"""Everything that the judging of one monitor reads, in a number of queries that does not grow with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import F, Q

from apps.compute.messages import Message
from apps.compute.metrics.registry import METRICS, Metric
from apps.compute.monitoring.check import BatchCheck
from apps.compute.monitoring.pooled import Pooled
from apps.compute.monitoring.rhythm import Rhythm
from apps.jobs.models import UNFINISHED, State
from apps.monitoring.models import Alert, Batch, LabelUpload, LiveMetric, Monitor, WatchedModel
from apps.monitoring.windows import rhythm_of
from apps.requirements.models import Requirement

#: The newest windows that are looked at.
MOST_WINDOWS = 2_000
#: The newest checked batches whose whole result is read: to tell since when a fault lasts.
RECENT = 10
#: A window with fewer of its labels says little of all its rows.
ENOUGH_LABELS = 0.5
#: The newest uploads of labels among which one that failed is looked for.
LAST_UPLOADS = 50


@dataclass(frozen=True, slots=True)
class BatchFact:
    """A batch that no correction replaced. ``state`` and ``error`` are those of the job that checks it."""

    pk: int
    number: int
    start: datetime
    end: datetime
    is_late: bool
    rows: int | None
    labelled: int
    labels_ticket: int
    evaluated_ticket: int
    state: str
    queued_at: datetime
    error: Mapping[str, Any] | None

    @property
    def is_checked(self) -> bool:
        return self.state == State.SUCCEEDED

    @property
    def is_under_way(self) -> bool:
        return self.state in UNFINISHED

    @property
    def coverage(self) -> float:
        """The share of rows with a label."""
        return self.labelled / self.rows if self.rows else 0.0

    @property
    def has_labels(self) -> bool:
        return bool(self.rows) and self.coverage >= ENOUGH_LABELS


@dataclass(frozen=True, slots=True)
class Measured:
    """The watched metric of the champion in one batch."""

    batch: BatchFact
    value: float | None
    low: float | None
    high: float | None
    n: int
    undefined: Message | None


@dataclass(frozen=True, slots=True)
class UploadFact:
    number: int
    state: str
    error: Mapping[str, Any] | None
    arrived_at: datetime


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a monitor at ``now``, which stands still when its system is switched off; ``clock``
    goes on. Batches and what was measured go from the oldest to the newest.
    """

    monitor: Monitor
    rhythm: Rhythm
    now: datetime
    clock: datetime
    champion: WatchedModel | None
    has_baseline: bool
    batches: Sequence[BatchFact]
    checks: Mapping[int, BatchCheck]  # of the `RECENT` newest checked batches
    true: Sequence[Measured]
    estimated: Sequence[Measured]
    pooled: Pooled | None
    requirements: Sequence[Requirement]
    chosen: bool  # the requirements were chosen for this monitor one by one
    upload: UploadFact | None  # the newest labels, or newest that could not be read
    alerts: Sequence[Alert]  # open ones
    settled: Mapping[str, Alert]  # by cause, the newest that a person resolved

    @property
    def metric(self) -> Metric | None:
        return METRICS.get(self.monitor.watch_metric)

    @property
    def grace(self) -> timedelta:
        return timedelta(minutes=self.monitor.grace_minutes)

    @property
    def label_delay(self) -> timedelta:
        return timedelta(hours=self.monitor.label_delay_hours)

    def checked(self) -> Iterator[BatchFact]:
        """Checked batches, the newest first."""
        return (batch for batch in reversed(self.batches) if batch.is_checked)

    def recent(self) -> Iterator[tuple[BatchFact, BatchCheck]]:
        """The newest checked batches with what they hold, the newest first."""
        return ((batch, self.checks[batch.pk]) for batch in self.checked() if batch.pk in self.checks)

    @property
    def newest(self) -> BatchFact | None:
        """The newest checked batch: what it shows is so now."""
        return next(self.checked(), None)

    @property
    def check(self) -> BatchCheck | None:
        """What the newest checked batch holds."""
        return self.checks.get(self.newest.pk) if self.newest else None


def facts_of(monitor: Monitor, clock: datetime) -> Facts:
    models = list(WatchedModel.objects.filter(monitor=monitor, until=None))
    champion = next((m for m in models if m.part == WatchedModel.Part.CHAMPION), None)
    batches = _batches(monitor)
    true, estimated = _measured(monitor, champion, batches)
    requirements, chosen = _requirements(monitor)
    alerts, settled = _alerts(monitor)
    return Facts(
        monitor=monitor,
        rhythm=rhythm_of(monitor),
        now=moment_of(monitor, clock),
        clock=clock,
        champion=champion,
        has_baseline=any(m.part == WatchedModel.Part.BASELINE for m in models),
        batches=batches,
        checks=_checks(batches),
        true=true,
        estimated=estimated,
        pooled=Pooled.from_json(monitor.pooled) if monitor.pooled else None,
        requirements=requirements,
        chosen=chosen,
        upload=_upload(monitor),
        alerts=alerts,
        settled=settled,
    )


def moment_of(monitor: Monitor, clock: datetime) -> datetime:
    """When the monitor is looked at: not later than all is known of a system that was switched off."""
    if monitor.ends_at is None:
        return clock
    wait = timedelta(minutes=monitor.grace_minutes, hours=monitor.label_delay_hours)
    return min(clock, monitor.ends_at + wait)


def _batches(monitor: Monitor) -> list[BatchFact]:
    rows = (
        Batch.objects.current()
        .filter(monitor=monitor)
        .order_by("-start", "-pk")
        .values_list(
            *("pk", "number", "start", "end", "is_late", "rows", "labelled", "labels_ticket"),
            *("evaluated_ticket", "job__state", "job__queued_at", "job__error"),
        )[:MOST_WINDOWS]
    )
    return [BatchFact(*row) for row in reversed(rows)]


def _checks(batches: Sequence[BatchFact]) -> dict[int, BatchCheck]:
    newest = [batch.pk for batch in reversed(batches) if batch.is_checked][:RECENT]
    rows = Batch.objects.filter(pk__in=newest).values_list("pk", "check_result")
    return {pk: BatchCheck.from_json(result) for pk, result in rows if result}


def _measured(
    monitor: Monitor, champion: WatchedModel | None, batches: Sequence[BatchFact]
) -> tuple[list[Measured], list[Measured]]:
    """The watched metric of the champion in its time: what turned out true, and what was estimated."""
    true: list[Measured] = []
    estimated: list[Measured] = []
    if champion is None or not batches:
        return true, estimated
    known = {batch.pk: batch for batch in batches}
    rows = (
        LiveMetric.objects.filter(
            monitor=monitor,
            watched=champion,
            metric=monitor.watch_metric,
            slice_column="",
            start__gte=max(champion.since, batches[0].start),
        )
        .order_by("start", "batch_id")
        .values_list("batch_id", "estimated", "value", "low", "high", "n", "undefined")
    )
    for batch_id, is_estimated, value, low, high, n, undefined in rows:
        if batch := known.get(batch_id):
            why = Message.from_json(undefined) if undefined else None
            (estimated if is_estimated else true).append(Measured(batch, value, low, high, n, why))
    return true, estimated


def _requirements(monitor: Monitor) -> tuple[list[Requirement], bool]:
    chosen = set(Monitor.requirements.through.objects.filter(monitor=monitor).values_list("requirement_id"))
    in_force = Requirement.objects.filter(project=monitor.project_id, withdrawn_at=None)
    measurable = list(in_force.exclude(current__metric="").exclude(current=None).select_related("current"))
    if not chosen:
        return measurable, False
    return [requirement for requirement in measurable if (requirement.pk,) in chosen], True


def _upload(monitor: Monitor) -> UploadFact | None:
    """The newest that failed and was not sent again, else the newest."""
    newest = LabelUpload.objects.filter(monitor=monitor).select_related("job").order_by("-number")
    rows, read = list(newest[:LAST_UPLOADS]), set()
    shown = rows[0] if rows else None
    for row in rows:
        if row.job.state == State.SUCCEEDED:
            read.add(row.sha256)
        elif row.job.state in (State.FAILED, State.CANCELLED) and row.sha256 not in read:
            shown = row
            break
    return UploadFact(shown.number, shown.job.state, shown.job.error, shown.arrived_at) if shown else None


def _alerts(monitor: Monitor) -> tuple[list[Alert], dict[str, Alert]]:
    rows = Alert.objects.filter(Q(resolved_at=None) | Q(resolved_by__isnull=False), monitor=monitor)
    newest = rows.order_by("cause", F("resolved_at").desc(nulls_first=True), "-pk").distinct("cause")
    alerts, settled = [], {}
    for alert in newest:
        if alert.is_open:
            alerts.append(alert)
        else:
            settled[alert.cause] = alert
    return alerts, settled
