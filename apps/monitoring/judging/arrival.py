"""Do data come when they are due, and as many rows as usual?"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from apps.compute.monitoring.rhythm import Window
from apps.compute.monitoring.volume import UsualRows, usual_rows
from apps.monitoring.judging.facts import MOST_WINDOWS, BatchFact, Facts
from apps.monitoring.models import Monitor
from apps.monitoring.windows import expected_windows

#: So many of the newest due windows are looked at.
LOOKED_BACK = 100
#: So many earlier windows say how many rows are usual.
EARLIER_WINDOWS = 50


@dataclass(frozen=True, slots=True)
class Arrival:
    """The newest due windows, in order, and which of them lack data or got them late. ``silent`` are the
    missing ones at the end: no data since ``since``.
    """

    due: tuple[Window, ...] = ()
    missing: tuple[Window, ...] = ()
    silent: tuple[Window, ...] = ()
    late: int = 0
    since: datetime | None = None


def arrival_of(facts: Facts) -> Arrival:
    if not facts.monitor.is_active:
        return Arrival()
    due = _due(facts.monitor, facts.now - facts.grace)
    if len(facts.batches) == MOST_WINDOWS:  # what came before the oldest of them is not read
        due = [window for window in due if window.start >= facts.batches[0].start]
    spans = covered(facts.batches)
    missing = [window for window in due if not _covers(spans, window)]
    silent = due[_last_covered(due, set(missing)) + 1 :]
    late = [batch for batch in facts.batches if batch.is_late]
    since = None
    if silent:
        since = max([end for _start, end in spans if end <= silent[0].start], default=silent[0].start)
    return Arrival(tuple(due), tuple(missing), tuple(silent), _touched(due, late), since)


def _due(monitor: Monitor, until: datetime) -> list[Window]:
    """The last expected windows that end at or before ``until``: further back until there are enough."""
    until = until if monitor.ends_at is None else min(until, monitor.ends_at)
    back = timedelta(**{monitor.unit: monitor.every}) * (LOOKED_BACK + 1)
    while True:
        first = max(until - back, monitor.starts_at)
        due = list(expected_windows(monitor, first, until))
        if len(due) >= LOOKED_BACK or first <= monitor.starts_at:
            return due[-LOOKED_BACK:]
        back *= 2


def covered(batches: Sequence[BatchFact]) -> list[tuple[datetime, datetime]]:
    """Spans of time without a gap that the batches cover; both in the order of their starts."""
    spans: list[tuple[datetime, datetime]] = []
    for batch in batches:
        if spans and batch.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], batch.end))
        else:
            spans.append((batch.start, batch.end))
    return spans


def _covers(spans: Sequence[tuple[datetime, datetime]], window: Window) -> bool:
    place = bisect_right(spans, window.start, key=lambda span: span[0]) - 1
    return place >= 0 and spans[place][1] >= window.end


def _last_covered(due: Sequence[Window], missing: set[Window]) -> int:
    return max((place for place, window in enumerate(due) if window not in missing), default=-1)


def _touched(due: Sequence[Window], batches: Sequence[BatchFact]) -> int:
    """How many of the windows have a part in one of the batches."""
    if due:
        batches = [batch for batch in batches if batch.end > due[0].start]
    return sum(any(b.start < window.end and window.start < b.end for b in batches) for window in due)


@dataclass(frozen=True, slots=True)
class Volume:
    """The newest checked batch has another number of rows than is usual."""

    batch: BatchFact
    rows: int
    usual: UsualRows


def unusual_volume(facts: Facts) -> Volume | None:
    newest = facts.newest
    if newest is None or newest.rows is None:
        return None
    key = facts.rhythm.key(Window(newest.start, newest.end))
    earlier = (
        batch.rows
        for batch in facts.checked()
        if batch.rows is not None
        and batch.start < newest.start
        and facts.rhythm.key(Window(batch.start, batch.end)) == key
    )
    usual = usual_rows(list(islice(earlier, EARLIER_WINDOWS))[::-1])
    if usual is None or usual.low <= newest.rows <= usual.high:
        return None
    return Volume(newest, newest.rows, usual)
