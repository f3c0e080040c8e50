"""Which batches are to be evaluated, and the rows that keep what was measured."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from django.db.models import F, QuerySet

from apps.compute.messages import Message
from apps.compute.monitoring.pooling import Measured
from apps.compute.results import MetricResult
from apps.monitoring.models import Batch, LiveMetric, Monitor, WatchedModel
from apps.monitoring.tables import CROSSING, digest, watched_at

#: Of a segment's column and of its value: what the columns of `LiveMetric` and their index take.
MOST_CHARACTERS, MOST_BYTES = 600, 800


@dataclass(frozen=True, slots=True)
class LabelledBatch:
    """A batch with the labels that are known, at ``path``; see `compute.monitoring.labels.Labelled`."""

    path: Path
    rows: int
    labelled: int
    changed: int


@dataclass(frozen=True, slots=True)
class MeasuredBatch:
    """A batch with the labels of this ``ticket``; ``models`` are by id of what is watched."""

    batch: Batch
    ticket: int
    labelled: LabelledBatch | None
    models: Mapping[int, Measured]

    @property
    def labels(self) -> int:
        return self.labelled.labelled if self.labelled else 0

    @property
    def notes(self) -> list[Message]:
        """Each once: what is wrong with the labels is so for every model."""
        notes = [note for measured in self.models.values() for note in measured.notes]
        return list({str(note): note for note in notes}.values())


@dataclass(frozen=True, slots=True)
class EstimatedBatch:
    batch: Batch
    models: Mapping[int, Sequence[MetricResult]]


@dataclass(frozen=True, slots=True)
class LiveWindow:
    """A labelled batch that is judged together with others; ``ticket`` is that of its labels."""

    batch: Batch
    ticket: int


def to_measure(monitor: Monitor) -> QuerySet[Batch]:
    """Checked batches whose labels are new, the oldest first. Without its file a batch keeps its results."""
    return (
        Batch.objects.current()
        .filter(monitor=monitor, rows__gt=0, file__isnull=False, labels_ticket__gt=F("evaluated_ticket"))
        .select_related("file")
        .order_by("start", "pk")
    )


def to_estimate(monitor: Monitor) -> QuerySet[Batch]:
    """Checked batches that were not estimated yet, the oldest first."""
    return (
        Batch.objects.current()
        .filter(monitor=monitor, rows__gt=0, file__isnull=False, is_estimated=False)
        .select_related("file")
        .order_by("start", "pk")
    )


def newest_labelled(
    monitor: Monitor, champion: WatchedModel | None, measured: Sequence[MeasuredBatch]
) -> list[LiveWindow]:
    """The windows that are judged as one, the oldest first: the newest with labels since the champion is
    watched. ``measured`` is newer than what the database says.
    """
    if champion is None:
        return []
    newer = {each.batch.pk: each for each in measured}
    kept = (
        Batch.objects.current()
        .filter(monitor=monitor, labelled__gt=0, start__gte=champion.since)
        .select_related("file")
        .exclude(pk__in=newer)
        .order_by("-start", "-pk")[: monitor.live_windows]
    )
    windows = [LiveWindow(batch, batch.evaluated_ticket) for batch in kept]
    windows += [
        LiveWindow(each.batch, each.ticket)
        for each in newer.values()
        if each.labels and watched_at([champion], each.batch.start)
    ]
    windows.sort(key=lambda window: (window.batch.start, window.batch.pk))
    return windows[-monitor.live_windows :]


def identity_of(windows: Sequence[LiveWindow], said: Sequence[object]) -> str:
    """Equal for equal windows with equal labels that are judged in the same way (``said``)."""
    return digest([[[window.batch.pk, window.ticket] for window in windows], said])


def save_measured(monitor: Monitor, measured: Sequence[MeasuredBatch]) -> None:
    """Replace the metrics of each batch, unless newer labels were evaluated already."""
    won = [each for each in measured if _take(each)]
    LiveMetric.objects.filter(batch__in=[each.batch.pk for each in won], estimated=False).delete()
    rows = [
        row
        for each in won
        for watched, found in each.models.items()
        for row in _rows(monitor, each.batch, watched, found)
    ]
    LiveMetric.objects.bulk_create(rows, batch_size=2_000)


def _take(each: MeasuredBatch) -> bool:
    taken = Batch.objects.filter(pk=each.batch.pk, evaluated_ticket__lt=each.ticket).update(
        evaluated_ticket=each.ticket,
        labelled=each.labels,
        changed_labels=each.labelled.changed if each.labelled else 0,
        notes=[note.to_json() for note in each.notes],
    )
    return bool(taken)


def save_estimated(monitor: Monitor, estimated: Sequence[EstimatedBatch]) -> None:
    """Estimates are made once: a second job that made them too changes nothing."""
    rows = [
        _row(monitor, each.batch, watched, metric, estimated=True)
        for each in estimated
        for watched, metrics in each.models.items()
        for metric in metrics
    ]
    LiveMetric.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)
    Batch.objects.filter(pk__in=[each.batch.pk for each in estimated]).update(is_estimated=True)


def _rows(monitor: Monitor, batch: Batch, watched: int, found: Measured) -> Iterator[LiveMetric]:
    for metric in found.metrics:
        yield _row(monitor, batch, watched, metric)
    for each in found.slices:
        column, value = (fitted(CROSSING.join(texts)) for texts in (each.columns, each.values))
        for metric in each.metrics:
            yield _row(monitor, batch, watched, metric, slice_column=column, slice_value=value)


def _row(
    monitor: Monitor,
    batch: Batch,
    watched: int,
    metric: MetricResult,
    *,
    slice_column: str = "",
    slice_value: str = "",
    estimated: bool = False,
) -> LiveMetric:
    """A value that is a convention only is none: on a time line it would look like a fall."""
    defined = metric.undefined is None
    return LiveMetric(
        batch_id=batch.pk,
        monitor_id=monitor.pk,
        watched_id=watched,
        start=batch.start,
        metric=metric.key,
        slice_column=slice_column,
        slice_value=slice_value,
        estimated=estimated,
        value=metric.value if defined else None,
        low=metric.low if defined else None,
        high=metric.high if defined else None,
        n=metric.n,
        undefined=metric.undefined.to_json() if metric.undefined else None,
    )


def fitted(text: str) -> str:
    """The text; a longer one cut, with a part of its SHA-256 so that different texts stay different."""
    content = text.replace("\0", "\ufffd").encode()
    if len(text) <= MOST_CHARACTERS and len(content) <= MOST_BYTES:
        return content.decode()
    start = content[: MOST_CHARACTERS // 2].decode(errors="ignore")
    return f"{start}… {hashlib.sha256(content).hexdigest()[:16]}"
