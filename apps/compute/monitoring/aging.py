"""How a model's quality falls with its age, and how often to train anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from apps.compute.messages import Message


@dataclass(frozen=True, slots=True)
class AgedPoint:
    """A metric's value in one window, ``age`` days after its ``version`` became the champion."""

    version: str
    age: float
    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Aging:
    """``per_day`` is the loss of the metric for each day of age (positive is worse), with its 95 % interval,
    pooled over versions; ``days`` until the loss reaches the smallest worsening that matters, None when no
    ageing is seen. ``message`` says it in one sentence, with what it rests on.
    """

    per_day: float | None
    low: float | None
    high: float | None
    days: float | None
    days_low: float | None
    days_high: float | None
    versions: int
    windows: int
    message: Message


def aging(points: Sequence[AgedPoint], *, higher_is_better: bool, smallest_drop: float) -> Aging:
    """``smallest_drop`` in the unit of the metric."""
    raise NotImplementedError
