"""What the three lights rest on, for pages and API; a trip through JSON keeps it.

Written by its owner; the records below are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.compute.messages import Message


@dataclass(frozen=True, slots=True)
class Light:
    """``state`` is a `LightState`; ``text`` one sentence; ``evidence`` says where it is seen: "batches",
    "batch:17", "alert:3", "requirements", "metrics", "labels" (pages and API make a link of it).
    """

    state: str
    text: Message
    evidence: str


@dataclass(frozen=True, slots=True)
class LiveVerdict:
    """A requirement on the pooled rows of the champion. ``outcome`` confirmed, refuted or unverified."""

    requirement_id: int
    code: str
    metric: str
    at_least: bool
    limit: float
    slice_value: str
    outcome: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    level: float | None
    reason: Message


@dataclass(frozen=True, slots=True)
class Standing:
    """``worse`` is `compute.monitoring.sequential.Course` without its evidence, with times for indices:
    {"enough", "needed", "alarm", "since", "before", "now", "worse_by", "worse_low", "worse_high", "limit"}.

    ``labels_until``: windows up to this ISO time have labels; ``labels_expected`` is the first window
    without labels and when they are expected. ``estimate_error`` is the mean of |estimate - truth| of
    the watched metric over ``estimate_windows`` windows where both are known.
    """

    at_all: Light
    well: Light
    as_before: Light
    verdicts: tuple[LiveVerdict, ...] = ()
    worse: Mapping[str, Any] | None = None
    expected: int = 0  # windows in the last 100 due ones
    arrived: int = 0
    labels_until: str | None = None
    labels_expected: tuple[str, str] | None = None
    coverage: float | None = None
    estimate_error: float | None = None
    estimate_windows: int = 0

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Standing:
        raise NotImplementedError
