"""When a monitor expects batches: its rhythm without its pauses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from apps.compute.monitoring.rhythm import Comparable, Rhythm, Unit, Window
from apps.monitoring.models import Monitor


def rhythm_of(monitor: Monitor) -> Rhythm:
    return Rhythm(
        every=monitor.every,
        unit=Unit(monitor.unit),
        starts_at=monitor.starts_at,
        zone=monitor.zone,
        weekdays=tuple(monitor.weekdays),
        holidays=tuple(monitor.holidays),
        comparable=Comparable(monitor.comparable),
    )


def is_paused_in(monitor: Monitor, window: Window) -> bool:
    """Whether the monitor was paused in some part of the window, or is."""
    pauses = [(datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in monitor.pauses]
    over = any(start < window.end and window.start < end for start, end in pauses)
    return over or (monitor.paused_at is not None and monitor.paused_at < window.end)


def expected_windows(monitor: Monitor, first: datetime, until: datetime) -> Iterator[Window]:
    """Windows for which a batch is expected: they start at or after ``first``, end at or before ``until``,
    are not after the end of the system, and the monitor was not paused in them. In order.
    """
    until = until if monitor.ends_at is None else min(until, monitor.ends_at)
    windows = rhythm_of(monitor).expected(first, until)
    return (window for window in windows if not is_paused_in(monitor, window))
