"""Did the champion get worse? The sequential test on its watched metric, window by window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from apps.compute.monitoring.rhythm import Window
from apps.compute.monitoring.sequential import Course, Point, Watch, follow
from apps.monitoring.judging.facts import BatchFact, Facts, Measured


@dataclass(frozen=True, slots=True)
class Trend:
    """How the test went over these windows."""

    batches: Sequence[BatchFact]
    course: Course

    @property
    def alarm(self) -> BatchFact | None:
        return None if self.course.alarm is None else self.batches[self.course.alarm]

    @property
    def since(self) -> BatchFact | None:
        """The first window of the worsening; without a date of its own, the one that raised the alarm."""
        return self.alarm if self.course.since is None else self.batches[self.course.since]

    @property
    def is_unsure(self) -> bool:
        """No alarm, but a tenth of the evidence for one."""
        evidence = self.course.evidence
        return self.alarm is None and bool(evidence) and evidence[-1] > self.course.limit / 10

    def to_json(self) -> dict[str, Any]:
        course = self.course
        return {
            "enough": course.enough,
            "needed": course.needed,
            "alarm": self.alarm.start.isoformat() if self.alarm else None,
            "since": self.since.start.isoformat() if self.since else None,
            "before": course.before,
            "now": course.now,
            "worse_by": course.worse_by,
            "worse_low": course.worse_low,
            "worse_high": course.worse_high,
            "limit": course.limit,
        }


def trend_of(facts: Facts) -> Trend | None:
    """Of what turned out true. Windows with few of their labels, or without a value, are left out."""
    return _trend(facts, [measured for measured in facts.true if measured.batch.has_labels])


def estimated_trend_of(facts: Facts) -> Trend | None:
    """Of what is estimated while labels are not known; None when the newest window has its labels."""
    if not facts.estimated or facts.estimated[-1].batch.has_labels:
        return None
    return _trend(facts, facts.estimated)


def _trend(facts: Facts, measured: Sequence[Measured]) -> Trend | None:
    metric = facts.metric
    if metric is None or metric.higher_is_better is None:
        return None
    pairs = [(m.batch, point) for m in measured if (point := _point(facts, m))]
    if not pairs:
        return None
    watch = Watch(
        higher_is_better=metric.higher_is_better,
        smallest_drop=facts.monitor.smallest_drop,
        relative=metric.low is None or metric.high is None,
        false_alarms=facts.monitor.false_alarms,
    )
    return Trend([batch for batch, _point in pairs], follow([point for _batch, point in pairs], watch))


def _point(facts: Facts, measured: Measured) -> Point | None:
    if measured.value is None or measured.low is None or measured.high is None:
        return None
    batch = measured.batch
    return Point(
        start=batch.start.isoformat(),
        key=facts.rhythm.key(Window(batch.start, batch.end)),
        value=measured.value,
        low=measured.low,
        high=measured.high,
        n=measured.n,
    )
