"""Did it get worse? A test that may look at each window and keeps its rate of false alarms.

Written by its owner; the records below are the contract.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

HORIZON = 100


@dataclass(frozen=True, slots=True)
class Point:
    """The metric of one window: ``low`` and ``high`` bound it at 95 %; ``key`` as of `Rhythm.key`; ``start``
    ISO time. Windows without value or interval are left out by the caller.
    """

    start: str
    key: str
    value: float
    low: float
    high: float
    n: int


@dataclass(frozen=True, slots=True)
class Watch:
    """``smallest_drop``: in points for bounded metrics (shares, scores), else relative (0.1: a tenth worse).

    ``false_alarms`` is the probability of any false alarm in `HORIZON` windows.
    """

    higher_is_better: bool
    smallest_drop: float
    relative: bool = False
    false_alarms: float = 0.05


@dataclass(frozen=True, slots=True)
class Course:
    """How the test went. ``evidence`` is one number for each point, an alarm is at ``limit``.

    ``alarm`` is the index of the first point of the present worsening that raised it, None without; ``since``
    the index at which the worsening most likely began. ``before`` and ``now`` are the level of comparable
    windows before and since, ``worse_by`` their difference (positive is worse; relative when the watch is),
    with ``worse_low`` and ``worse_high`` its 95 % interval. ``enough`` is False while there are too few
    comparable windows to say anything; ``needed`` how many more are needed then.
    """

    evidence: tuple[float, ...]
    limit: float
    enough: bool
    needed: int = 0
    alarm: int | None = None
    since: int | None = None
    before: float | None = None
    now: float | None = None
    worse_by: float | None = None
    worse_low: float | None = None
    worse_high: float | None = None


def follow(points: Sequence[Point], watch: Watch) -> Course:
    """Test windows in their order. An alarm ends by itself when the level has come back (see the docstring of
    the module); then the test begins anew.
    """
    raise NotImplementedError
