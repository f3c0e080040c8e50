"""A monitor as a row of a list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from apps.common import formats
from apps.monitoring.pages.lights import LIGHTS, Answer, answer_of, standing_of
from apps.requirements.wording import metric_label, unit_of


@dataclass(frozen=True)
class MonitorRow:
    monitor: Any  # with the annotations of `lists.monitors_of`

    @cached_property
    def _standing(self) -> Any:
        return standing_of(self.monitor)

    @property
    def answers(self) -> list[Answer]:
        return [answer_of(self.monitor, field, self._standing) for field in LIGHTS]

    @property
    def labels_until(self) -> datetime | None:
        until = self._standing.labels_until if self._standing else None
        return datetime.fromisoformat(until) if until else None

    @property
    def labels_expected(self) -> datetime | None:
        expected = self._standing.labels_expected if self._standing else None
        return datetime.fromisoformat(expected[1]) if expected else None

    @property
    def metric(self) -> str:
        return metric_label(self.monitor.watch_metric)

    @property
    def unit(self) -> str:
        return unit_of(self.monitor.watch_metric) or "number"

    @property
    def value(self) -> str:
        """Of the newest window with labels."""
        newest = self._newest
        return formats.quantity(newest["value"], self.unit, newest["low"], newest["high"]) if newest else ""

    @property
    def interval(self) -> str:
        newest = self._newest
        return formats.interval(newest["low"], newest["high"], self.unit, newest["value"]) if newest else ""

    @property
    def _newest(self) -> dict[str, Any] | None:
        return self.monitor.trend[0] if self.monitor.trend else None
