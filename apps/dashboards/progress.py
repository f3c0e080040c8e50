"""How far the phases of some projects are, from one SQL statement, and the small charts that show it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.lifecycle.models import Phase

WIDTH, HEIGHT, EDGE = 124, 30, 2
_PHASES = """
SELECT ph.project_id, ph.kind, ph.started_on, ph.ends_on, ph.closed_at::date, h.days, d.days, c.days
FROM lifecycle_phase ph
LEFT JOIN LATERAL (SELECT json_agg(json_build_array(added_on, settled_on)) AS days
    FROM lifecycle_hypothesis WHERE phase_id = ph.id) h ON ph.kind = 'discovery'
LEFT JOIN LATERAL (SELECT json_agg(json_build_array(done_on, size)) AS days
    FROM lifecycle_deliverable WHERE phase_id = ph.id AND removed_on IS NULL) d ON ph.kind = 'delivery'
LEFT JOIN LATERAL (SELECT json_agg(json_build_array(day, change)) AS days
    FROM lifecycle_scopechange WHERE phase_id = ph.id) c ON ph.kind = 'delivery'
WHERE ph.project_id = ANY(%s) AND (ph.closed_at IS NULL OR ph.kind = 'delivery')
ORDER BY ph.id
"""
Point = tuple[date, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """A burn chart of 124 by 30: lines of points, and what a screen reader says instead."""

    label: str
    colour: str  # of the main line: c1, warn, bad
    main: str
    dot: tuple[float, float]
    area: str = ""
    scope: str = ""
    pace: tuple[float, float, float, float] | None = None
    deadline: float | None = None
    is_over: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """``tone`` is the class of the words: text-2, warn-t, bad-t."""

    words: str
    tone: str
    spark: Spark | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A phase with its days: of hypotheses (added, settled), of work done, and of changes of the scope."""

    kind: str
    started_on: date
    ends_on: date | None
    closed_on: date | None
    hypotheses: Sequence[tuple[date, date | None]] = ()
    work: Sequence[tuple[date | None, int]] = ()
    changes: Sequence[Point] = ()


def stretches_of(project_ids: Sequence[int]) -> dict[int, list[Stretch]]:
    """Open phases and all deliveries, the oldest first."""
    found: dict[int, list[Stretch]] = {pk: [] for pk in project_ids}
    with connection.cursor() as cursor:
        cursor.execute(_PHASES, [list(project_ids)])
        for pk, kind, start, end, closed, hypotheses, work, changes in cursor.fetchall():
            found[pk].append(
                Stretch(
                    kind=kind,
                    started_on=start,
                    ends_on=end,
                    closed_on=closed,
                    hypotheses=[(_day(a), _day(b) if b else None) for a, b in hypotheses or ()],
                    work=[(_day(day) if day else None, size) for day, size in work or ()],
                    changes=[(_day(day), change) for day, change in changes or ()],
                )
            )
    return found


def _day(text: str) -> date:
    return date.fromisoformat(text)


def progress_of(stretches: Sequence[Stretch], today: date) -> Progress | None:
    """Of the delivery that runs, else of the discovery that runs, else of the newest delivery."""
    running = {stretch.kind: stretch for stretch in stretches if stretch.closed_on is None}
    deliveries = [stretch for stretch in stretches if stretch.kind == Phase.Kind.DELIVERY]
    if (delivery := running.get(Phase.Kind.DELIVERY)) is not None:
        return _burn_up(delivery, today)
    if (discovery := running.get(Phase.Kind.DISCOVERY)) is not None:
        return _burn_down(discovery, today)
    return _burn_up(deliveries[-1], today) if deliveries else None


def _burn_down(phase: Stretch, today: date) -> Progress:
    total = len(phase.hypotheses)
    still_open = sum(settled is None for _added, settled in phase.hypotheses)
    end = phase.ends_on or today
    left = (end - today).days
    if left < 0:
        time = ngettext("%(n)d day over", "%(n)d days over", -left) % {"n": -left}
    else:
        time = ngettext("%(n)d day left", "%(n)d days left", left) % {"n": left}
    words = _("%(time)s, %(open)d of %(total)d open") % {"time": time, "open": still_open, "total": total}
    tone, colour = ("bad-t", "bad") if left < 0 else ("warn-t", "warn") if left <= 7 else ("text-2", "c1")
    spark = _discovery_spark(phase, today, words, colour) if total else None
    return Progress(words=words, tone=tone, spark=spark)


def _discovery_spark(phase: Stretch, today: date, words: str, colour: str) -> Spark:
    end = phase.ends_on or today
    steps = [(added, 1) for added, _settled in phase.hypotheses]
    steps += [(settled, -1) for _added, settled in phase.hypotheses if settled]
    last = max(end, today)
    now = max(phase.started_on, min(today, last))
    counts = _steps(steps, phase.started_on, now)
    scale = _Scale(phase.started_on, last, max(count for _day, count in counts))
    points = [scale.place(day, count) for day, count in counts]
    stairs = [points[0]]
    for before, after in pairwise(points):
        stairs += [(after[0], before[1]), after]
    return Spark(
        label=words,
        colour=colour,
        main=_joined(stairs),
        dot=stairs[-1],
        pace=(*scale.place(phase.started_on, counts[0][1]), *scale.place(end, 0)),
        deadline=scale.place(end, 0)[0],
        is_over=today > end,
    )


def _burn_up(phase: Stretch, today: date) -> Progress:
    scope = sum(size for _day, size in phase.work)
    done = sum(size for day, size in phase.work if day)
    grown = sum(change for _day, change in phase.changes)
    words = _("%(done)d of %(scope)d done") % {"done": done, "scope": scope}
    if grown:
        words = _("%(progress)s, scope %(change)s") % {
            "progress": words,
            "change": f"{grown:+d}".replace("-", "−"),
        }
    spark = _delivery_spark(phase, today, words, scope, scope - grown) if scope else None
    return Progress(words=words, tone="text-2", spark=spark)


def _delivery_spark(phase: Stretch, today: date, words: str, scope: int, agreed: int) -> Spark:
    last = max(phase.started_on + timedelta(days=1), phase.closed_on or today)
    done = _steps([(day, size) for day, size in phase.work if day], phase.started_on, last)
    line = _steps([(phase.started_on, agreed), *phase.changes], phase.started_on, last)
    scale = _Scale(phase.started_on, last, max(scope, *(count for _day, count in line)))
    points = [scale.place(day, count) for day, count in done]
    floor = f"{points[-1][0]:.1f},{HEIGHT - 1} {points[0][0]:.1f},{HEIGHT - 1}"
    stairs: list[tuple[float, float]] = []
    for day, count in line:
        at = scale.place(day, count)
        stairs += [(at[0], stairs[-1][1])] if stairs else []
        stairs.append(at)
    return Spark(
        label=words,
        colour="c1",
        main=_joined(points),
        dot=points[-1],
        area=f"{_joined(points)} {floor}",
        scope=_joined(stairs),
    )


def _steps(changes: Iterable[Point], start: date, end: date) -> list[Point]:
    """The running sum on each day of a change; what was before the start counts on the first day."""
    by_day: dict[date, int] = {start: 0}
    for day, change in changes:
        at = min(max(day, start), end)
        by_day[at] = by_day.get(at, 0) + change
    by_day.setdefault(end, 0)
    total, counts = 0, []
    for day in sorted(by_day):
        total += by_day[day]
        counts.append((day, total))
    return counts


@dataclass(frozen=True, slots=True)
class _Scale:
    start: date
    end: date
    top: int

    def place(self, day: date, count: int) -> tuple[float, float]:
        days = max(1, (self.end - self.start).days)
        x = EDGE + (WIDTH - 8) * (day - self.start).days / days
        return round(x, 1), round(HEIGHT - 3 - (HEIGHT - 6) * count / max(1, self.top), 1)


def _joined(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def chips_of(stretches: Sequence[Stretch]) -> list[dict[str, Any]]:
    """The open phases, for chips."""
    return [{"kind": s.kind, "started_on": s.started_on} for s in stretches if s.closed_on is None]
