"""What the page of a batch says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.common import formats
from apps.common.translate import translate
from apps.compute.metrics.registry import METRICS
from apps.compute.monitoring.check import BatchCheck, Finding
from apps.monitoring.models import Batch, LiveMetric, WatchedModel
from apps.monitoring.pages.monitor import ColumnRow, column_rows
from apps.requirements.wording import metric_label, unit_of

_ORDER = {"bad": 0, "warn": 1, "ok": 2}


@dataclass(frozen=True, slots=True)
class FindingRow:
    found: Finding

    @property
    def title(self) -> str:
        return translate(self.found.title)

    @property
    def text(self) -> str:
        return translate(self.found.text)


@dataclass(frozen=True, slots=True)
class MetricRow:
    """One metric of one model: by labels, and estimated without."""

    watched: WatchedModel
    metric: str
    truth: LiveMetric | None
    estimate: LiveMetric | None

    @property
    def label(self) -> str:
        return metric_label(self.metric)

    @property
    def value(self) -> str:
        return _value(self.truth)

    @property
    def interval(self) -> str:
        return _interval(self.truth)

    @property
    def estimated(self) -> str:
        return _value(self.estimate)

    @property
    def estimated_interval(self) -> str:
        return _interval(self.estimate)

    @property
    def why_not(self) -> str:
        """Why there is no value, if the portal tried."""
        tried = self.truth or self.estimate
        return translate(tried.undefined) if tried and tried.value is None and tried.undefined else ""

    @property
    def n(self) -> int | None:
        return self.truth.n if self.truth else None


def _value(found: LiveMetric | None) -> str:
    if found is None or found.value is None:
        return formats.NO_VALUE
    return formats.quantity(found.value, unit_of(found.metric) or "number", found.low, found.high)


def _interval(found: LiveMetric | None) -> str:
    if found is None or found.value is None:
        return ""
    return formats.interval(found.low, found.high, unit_of(found.metric) or "number", found.value)


class BatchPage:
    """Needs the batch with its heavy columns and its overall metrics."""

    def __init__(self, batch: Batch, metrics: Iterable[LiveMetric]) -> None:
        self.batch = batch
        self.check = BatchCheck.from_json(batch.check_result) if batch.check_result else None
        self.metrics = _metric_rows(metrics)

    @property
    def findings(self) -> list[FindingRow]:
        """The worst first; what is right comes last."""
        found = self.check.findings if self.check else ()
        return [FindingRow(f) for f in sorted(found, key=lambda f: (_ORDER.get(f.state, 3), -f.rows))]

    @property
    def columns(self) -> list[ColumnRow]:
        return column_rows(self.check) if self.check else []

    @property
    def latency(self) -> list[tuple[str, str]]:
        """ "p95", "61 ms"."""
        found = self.check.latency if self.check else None
        return [(name, formats.quantity(value, "ms")) for name, value in (found or {}).items()]

    @property
    def notes(self) -> list[str]:
        said = [translate(note) for note in self.check.notes] if self.check else []
        return said + [translate(note) for note in self.batch.notes]

    @property
    def coverage(self) -> float | None:
        return self.batch.labelled / self.batch.rows if self.batch.rows else None


def _metric_rows(metrics: Iterable[LiveMetric]) -> Sequence[MetricRow]:
    """In the order of the registry, by model."""
    found: dict[tuple[int, str], dict[bool, LiveMetric]] = {}
    models: dict[int, WatchedModel] = {}
    for metric in metrics:
        found.setdefault((metric.watched_id, metric.metric), {})[metric.estimated] = metric
        models[metric.watched_id] = metric.watched
    places = {key: place for place, key in enumerate(METRICS)}
    keys = sorted(found, key=lambda key: (places.get(key[1], len(places)), key[0]))
    return [
        MetricRow(models[watched], key, found[watched, key].get(False), found[watched, key].get(True))
        for watched, key in keys
    ]
