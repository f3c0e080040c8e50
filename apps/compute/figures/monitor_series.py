"""What the time line of a monitor is drawn from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.compute.messages import Message, Quantity


@dataclass(frozen=True, slots=True)
class LivePoint:
    """One window, or several as one. ``at`` is its start in ISO form. ``value`` with ``low`` and ``high`` is
    the metric by labels, ``estimate`` the one without; ``coverage`` the share of rows with a label,
    ``latency`` the 95th percentile in ms. None: not known.
    """

    at: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    estimate: float | None = None
    estimate_low: float | None = None
    estimate_high: float | None = None
    drifted: int | None = None
    strongest: float | None = None
    broken: int | None = None
    warned: int | None = None
    rows: float | None = None
    coverage: float | None = None
    latency: float | None = None


@dataclass(frozen=True, slots=True)
class Release:
    """A model version went live."""

    at: str
    version: str


@dataclass(frozen=True, slots=True)
class Mark:
    """An alert: its first window, severity (bad or warn) and title."""

    at: str
    severity: str
    title: Message


@dataclass(frozen=True, slots=True)
class LiveSeries:
    """``points`` in their order, at least one; each stands for up to ``each`` windows. ``limit`` is that of
    the requirement on the metric, wanted at least or at most; ``usual`` the usual number of rows in a window.
    """

    points: Sequence[LivePoint]
    metric: Message
    unit: str
    each: int = 1
    limit: Quantity | None = None
    at_least: bool = True
    usual: tuple[int, int] | None = None
    releases: Sequence[Release] = ()
    alerts: Sequence[Mark] = ()
