"""Which columns drift, and since when: a column in one window alone may be chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.compute.drift.result import Verdict
from apps.compute.monitoring.check import BatchCheck
from apps.monitoring.judging.facts import BatchFact, Facts

#: A column drifts when it did so in the newest window and in as many of the newest ``LOOKED_AT`` in all.
NEEDED, LOOKED_AT = 2, 3
#: Beyond this many times its limit one window is enough. Strengths of p-values end there: only a distance,
#: an effect and no matter of many rows, goes beyond.
FAR = 10.0


@dataclass(frozen=True, slots=True)
class Drifting:
    column: str
    strength: float | None
    since: BatchFact


def drifting_columns(facts: Facts) -> tuple[Drifting, ...]:
    """Against the reference in the newest checked batch, the strongest first."""
    windows = [(batch, drifted(check)) for batch, check in facts.recent()]
    if not windows:
        return ()
    found = [
        Drifting(column, strength, _since(windows, column))
        for column, strength in windows[0][1].items()
        if (strength or 0.0) > FAR or sum(column in seen for _batch, seen in windows[:LOOKED_AT]) >= NEEDED
    ]
    return tuple(sorted(found, key=lambda d: (-(d.strength or 0.0), d.column)))


def drifted(check: BatchCheck) -> dict[str, float | None]:
    """Columns with the verdict "drift" against the reference, and how strong it is."""
    if check.reference is None:
        return {}
    return {c.name: c.strength for c in check.reference.columns if c.verdict == Verdict.DRIFT}


def _since(windows: Sequence[tuple[BatchFact, dict[str, float | None]]], column: str) -> BatchFact:
    """The first window of the run that the newest one ends; a single window without drift is part of it."""
    first, gap = windows[0][0], 0
    for batch, seen in windows:
        gap = 0 if column in seen else gap + 1
        if gap > 1:
            break
        if column in seen:
            first = batch
    return first
