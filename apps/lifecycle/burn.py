"""The series of burn-down and burn-up, and the forecast, from the rows of a phase."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

import numpy as np
from django.utils import timezone

from apps.compute.figures import Figure, burn
from apps.compute.figures.burn import BurnDown, BurnUp
from apps.compute.forecast import Forecast, forecast
from apps.lifecycle.models import Deliverable, Hypothesis, Phase, ScopeChange

#: One and the same forecast for everybody who looks on one day.
SEED = 20
#: Up to this many days each day is a point, then each week.
DAILY = 56


def burn_down(phase: Phase, hypotheses: Sequence[Hypothesis], today: date) -> BurnDown:
    """Open hypotheses of a discovery that has at least one."""
    length = (phase.ends_on - phase.started_on).days if phase.ends_on else 0
    last = _last_day(phase, today)
    steps: dict[int, int] = {0: 0}
    for hypothesis in hypotheses:
        _step(steps, hypothesis.added_on, phase, +1)
        if hypothesis.settled_on is not None:
            _step(steps, hypothesis.settled_on, phase, -1)
    steps.setdefault(max(0, (last - phase.started_on).days), 0)
    days = sorted(steps)
    counts = np.cumsum([steps[day] for day in days]).tolist()
    return BurnDown(
        days=days,
        open=counts,
        total=len(hypotheses),
        settled=sum(hypothesis.settled_on is not None for hypothesis in hypotheses),
        length=length,
        today=None if phase.closed_at else (today - phase.started_on).days,
    )


def burn_down_figure(phase: Phase, hypotheses: Sequence[Hypothesis], today: date) -> Figure:
    return burn.burn_down(burn_down(phase, hypotheses, today))


def burn_up(
    phase: Phase, deliverables: Sequence[Deliverable], changes: Iterable[ScopeChange], today: date
) -> BurnUp:
    """Done and scope of a delivery by day, and the forecast while it is open.

    The scope at the start is that of now without the recorded changes.
    """
    in_scope = [deliverable for deliverable in deliverables if deliverable.removed_on is None]
    now = sum(deliverable.size for deliverable in in_scope)
    steps = [(change.day, change.change) for change in changes]
    done = [(row.done_on, row.size) for row in in_scope if row.done_on is not None]
    days = _grid(phase.started_on, _last_day(phase, today))
    start = now - sum(change for _day, change in steps)
    scope = [start + _until(steps, day) for day in days]
    return BurnUp(
        days=days,
        scope=scope,
        done=[_until(done, day) for day in days],
        promised_on=phase.promised_on,
        today=None if phase.closed_at else today,
        forecast=None if phase.closed_at else _forecast(phase, done, now, today),
    )


def weekly_done(start: date, done: Iterable[tuple[date, int]], today: date) -> list[int]:
    """Items done in each whole week between ``start`` and ``today``, oldest first; the last ends today."""
    weeks = max(0, (today - start).days // 7)
    counts = [0] * weeks
    for day, size in done:
        back = (today - day).days // 7
        if 0 <= back < weeks:
            counts[weeks - 1 - back] += size
    return counts


def _forecast(phase: Phase, done: list[tuple[date, int]], scope: int, today: date) -> Forecast | None:
    if not scope:
        return None
    remaining = scope - sum(size for _day, size in done)
    history = weekly_done(phase.started_on, done, today)
    return forecast(history, remaining, np.random.default_rng(SEED))


def _step(steps: dict[int, int], day: date, phase: Phase, change: int) -> None:
    place = max(0, (day - phase.started_on).days)
    steps[place] = steps.get(place, 0) + change


def _until(steps: Iterable[tuple[date, int]], day: date) -> int:
    return sum(change for at, change in steps if at <= day)


def _last_day(phase: Phase, today: date) -> date:
    """Today, or the day on which the phase ended."""
    return max(phase.started_on, timezone.localdate(phase.closed_at) if phase.closed_at else today)


def _grid(start: date, end: date) -> list[date]:
    days = (end - start).days
    step = 1 if days <= DAILY else 7
    grid = [start + timedelta(days=offset) for offset in range(0, days + 1, step)]
    return grid if grid[-1] == end else [*grid, end]
