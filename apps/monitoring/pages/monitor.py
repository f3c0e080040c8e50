"""What the page of a monitor says beside its time line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from apps.common import formats
from apps.common.ranges import Range, range_plot
from apps.common.translate import translate
from apps.compute.drift.result import Verdict
from apps.compute.metrics.registry import METRICS
from apps.compute.monitoring.check import BatchCheck, ColumnCheck
from apps.compute.monitoring.pooled import Beaten, Pooled
from apps.compute.results import MetricResult
from apps.drift import words as drift_words
from apps.monitoring.judging.standing import LiveVerdict, Standing
from apps.monitoring.models import Batch, Monitor, WatchedModel
from apps.requirements.wording import metric_label, unit_of

MOST_COLUMNS = 10
MOST_SEGMENTS = 60
COLOURS = {"confirmed": "ok", "refuted": "bad", "unverified": "none"}


@dataclass(frozen=True, slots=True)
class VerdictRow:
    """A requirement in use: the pooled rows of the champion against the target."""

    found: LiveVerdict

    @property
    def number(self) -> int | None:
        digits = self.found.code.rpartition("-")[2]
        return int(digits) if digits.isdecimal() else None

    @property
    def metric(self) -> str:
        name = metric_label(self.found.metric)
        return f"{name}, {self.found.slice_value}" if self.found.slice_value else name

    @property
    def value(self) -> str:
        return formats.quantity(self.found.value, self._unit, self.found.low, self.found.high)

    @property
    def interval(self) -> str:
        return formats.interval(self.found.low, self.found.high, self._unit, self.found.value)

    @property
    def target(self) -> str:
        limit = {"limit": formats.exact(self.found.limit, self._unit)}
        return (_("at least %(limit)s") if self.found.at_least else _("at most %(limit)s")) % limit

    @property
    def reason(self) -> str:
        return translate(self.found.reason)

    @property
    def plot(self) -> Range | None:
        """On a scale of its own, with room on both sides."""
        found = self.found
        if found.value is None:
            return None
        ends = [e for e in (found.value, found.low, found.high, found.limit) if e is not None]
        room = 0.25 * (max(ends) - min(ends)) or 0.1 * (abs(found.limit) or 1.0)
        return range_plot(
            found.value,
            found.low,
            found.high,
            unit=self._unit,
            scale=(min(ends) - room, max(ends) + room),
            target=found.limit,
            at_least=found.at_least,
            colour=COLOURS.get(found.outcome, "none"),
        )

    @property
    def _unit(self) -> str:
        return unit_of(self.found.metric) or "number"


@dataclass(frozen=True, slots=True)
class BeatenRow:
    """The champion against the baseline without ML."""

    found: Beaten

    @property
    def metric(self) -> str:
        return metric_label(self.found.metric)

    @property
    def gain(self) -> str:
        return formats.change(self.found.gain, self._unit, self.found.low, self.found.high)

    @property
    def interval(self) -> str:
        return formats.change_interval(self.found.gain, self.found.low, self.found.high, self._unit)

    @property
    def tone(self) -> str:
        """Green and red only beyond chance."""
        if self.found.low is None or self.found.high is None or self.found.low <= 0 <= self.found.high:
            return "same"
        return "up" if self.found.low > 0 else "down"

    @property
    def words(self) -> str:
        said = {"up": _("better than the baseline"), "down": _("worse than the baseline")}
        return said.get(self.tone, _("no difference beyond chance"))

    @property
    def _unit(self) -> str:
        return unit_of(self.found.metric) or "number"


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The models on the same rows: a row for each metric, a cell for each model."""

    models: Sequence[WatchedModel]
    rows: Sequence[tuple[str, Sequence[tuple[str, str]]]]


@dataclass(frozen=True, slots=True)
class ColumnRow:
    """A column of a batch against the reference, and against the batch before."""

    found: ColumnCheck
    before: ColumnCheck | None = None

    @property
    def what(self) -> str:
        return str(drift_words.ROLES.get(self.found.role, ""))

    @property
    def method(self) -> str:
        return drift_words.method_label(self.found.method) if self.found.method else ""

    @property
    def is_compared(self) -> bool:
        return self.found.strength is not None

    @property
    def strength(self) -> str:
        return drift_words.strength(self.found.strength)

    @property
    def meter(self) -> str:
        """Length of the bar, of 100; its mark stands at 30.6, where the limit is."""
        return f"{100 * min(1.0, max(0.0, self.found.strength or 0.0) / 3.2):.1f}"

    @property
    def state(self) -> str:
        return {"drift": "bad", "unsure": "warn", "small": "ok", "none": "ok"}.get(self.found.verdict, "none")

    @property
    def colour(self) -> str:
        return {"drift": "bad", "unsure": "warn"}.get(self.found.verdict, "none")

    @property
    def verdict(self) -> str:
        return str(drift_words.VERDICTS[Verdict(self.found.verdict)][1])

    @property
    def before_state(self) -> str:
        return ColumnRow(self.before).state if self.before else "none"

    @property
    def before_words(self) -> str:
        if self.before is None or self.before.strength is None:
            return ""
        return drift_words.strength(self.before.strength)


class MonitorPage:
    """Needs the monitor with its heavy columns and its models; asks for nothing itself."""

    def __init__(self, monitor: Monitor, models: Sequence[WatchedModel], newest: Batch | None) -> None:
        self.monitor = monitor
        self.models = models
        self.newest = newest
        self.standing = Standing.from_json(monitor.standing) if monitor.standing else None
        self.pooled = Pooled.from_json(monitor.pooled) if monitor.pooled else None

    @property
    def champion(self) -> WatchedModel | None:
        return self._watched(WatchedModel.Part.CHAMPION)

    @property
    def baseline(self) -> WatchedModel | None:
        return self._watched(WatchedModel.Part.BASELINE)

    def _watched(self, part: str) -> WatchedModel | None:
        return next((model for model in self.models if model.part == part and model.until is None), None)

    @property
    def verdicts(self) -> list[VerdictRow]:
        return [VerdictRow(verdict) for verdict in self.standing.verdicts] if self.standing else []

    @property
    def beaten(self) -> list[BeatenRow]:
        return [BeatenRow(beaten) for beaten in self.pooled.beaten] if self.pooled else []

    @property
    def metrics(self) -> list[str]:
        """What the time line can show: the metrics of the champion that are known of single windows."""
        if self.pooled is None:
            return []
        return [m.key for model in self.pooled.models[:1] for m in model.metrics if m.key in METRICS]

    @property
    def segments(self) -> list[tuple[str, str]]:
        if self.pooled is None:
            return []
        single = [s for model in self.pooled.models[:1] for s in model.slices if len(s.columns) == 1]
        return [(s.columns[0], s.values[0]) for s in single][:MOST_SEGMENTS]

    @cached_property
    def side_by_side(self) -> SideBySide | None:
        """None with one model only."""
        if self.pooled is None or len(self.pooled.models) < 2:
            return None
        known = {model.pk: model for model in self.models}
        shown = [model for model in self.pooled.models if model.watched_id in known]
        found = [{m.key: m for m in model.metrics} for model in shown]
        keys = [key for key in METRICS if METRICS[key].headline and any(key in each for each in found)]
        return SideBySide(
            models=[known[model.watched_id] for model in shown],
            rows=[(metric_label(key), [_cell(each.get(key), key) for each in found]) for key in keys],
        )

    @property
    def pooled_from(self) -> datetime | None:
        return datetime.fromisoformat(self.pooled.start) if self.pooled else None

    @property
    def pooled_until(self) -> datetime | None:
        return datetime.fromisoformat(self.pooled.end) if self.pooled else None

    @property
    def drifting(self) -> list[ColumnRow]:
        """Columns of the newest checked batch that are beyond their limit, the strongest first."""
        if self.newest is None or not self.newest.check_result:
            return []
        check = BatchCheck.from_json(self.newest.check_result)
        return [row for row in column_rows(check) if row.found.verdict == "drift"][:MOST_COLUMNS]

    @property
    def labels_until(self) -> datetime | None:
        return _moment(self.standing.labels_until) if self.standing else None

    @property
    def labels_expected(self) -> tuple[datetime, datetime] | None:
        """The first window without labels, and when they are expected."""
        if self.standing is None or self.standing.labels_expected is None:
            return None
        window, expected = self.standing.labels_expected
        return datetime.fromisoformat(window), datetime.fromisoformat(expected)

    @property
    def estimate_error(self) -> str:
        """How far past estimates were off, in the unit of the metric."""
        if self.standing is None or self.standing.estimate_error is None:
            return ""
        unit = unit_of(self.monitor.watch_metric)
        return formats.quantity(self.standing.estimate_error, "points" if unit == "share" else unit)


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def _cell(result: MetricResult | None, key: str) -> tuple[str, str]:
    """Value and interval."""
    if result is None:
        return formats.NO_VALUE, ""
    if result.value is None:
        return formats.NO_VALUE, translate(result.undefined) if result.undefined else ""
    unit = METRICS[key].unit
    value = formats.quantity(result.value, unit, result.low, result.high)
    return value, formats.interval(result.low, result.high, unit, result.value)


def column_rows(check: BatchCheck) -> list[ColumnRow]:
    """Of all columns, the strongest against the reference first; target and prediction on top."""
    side = check.reference or check.previous
    if side is None:
        return []
    before: Mapping[str, Any] = {c.name: c for c in check.previous.columns} if check.previous else {}
    rows = [ColumnRow(column, before.get(column.name)) for column in side.columns]
    return sorted(rows, key=lambda row: (row.found.role == "feature", -(row.found.strength or -1.0)))
