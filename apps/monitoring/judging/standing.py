"""What the three lights rest on, for pages and API; a trip through JSON keeps it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from apps.compute.messages import Message


@dataclass(frozen=True, slots=True)
class Light:
    """``state`` is a `LightState`; ``text`` one sentence; ``evidence`` says where it is seen: "batches",
    "batch:17", "alert:3", "requirements", "metrics", "labels" (pages and API make a link of it). Batches and
    alerts are named by their numbers.
    """

    state: str
    text: Message
    evidence: str

    def to_json(self) -> dict[str, Any]:
        return {"state": self.state, "text": self.text.to_json(), "evidence": self.evidence}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Light:
        return cls(data["state"], Message.from_json(data["text"]), data["evidence"])


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

    def to_json(self) -> dict[str, Any]:
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        return data | {"reason": self.reason.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> LiveVerdict:
        return cls(**{**data, "reason": Message.from_json(data["reason"])})


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
        """Plain JSON; what is empty is left out."""
        told = {name: getattr(self, name) for name in _PLAIN}
        data = {name: part for name, part in told.items() if part not in (None, 0)}
        for name in _LIGHTS:
            data[name] = getattr(self, name).to_json()
        if self.verdicts:
            data["verdicts"] = [verdict.to_json() for verdict in self.verdicts]
        if self.worse is not None:
            data["worse"] = dict(self.worse)
        if self.labels_expected is not None:
            data["labels_expected"] = list(self.labels_expected)
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Standing:
        plain = {name: data[name] for name in _PLAIN if name in data}
        expected = data.get("labels_expected")
        at_all, well, as_before = (Light.from_json(data[name]) for name in _LIGHTS)
        return cls(
            at_all,
            well,
            as_before,
            **plain,
            verdicts=tuple(LiveVerdict.from_json(verdict) for verdict in data.get("verdicts", ())),
            worse=data.get("worse"),
            labels_expected=(expected[0], expected[1]) if expected else None,
        )


_LIGHTS = ("at_all", "well", "as_before")
_PLAIN = ("expected", "arrived", "labels_until", "coverage", "estimate_error", "estimate_windows")
