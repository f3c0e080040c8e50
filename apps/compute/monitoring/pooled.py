"""The newest labelled windows judged as one.

Written by its owner; the records below are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.compute.results import MetricResult, SliceResult


@dataclass(frozen=True, slots=True)
class PooledModel:
    """One watched model on the pooled rows: every metric, and headline metrics of the segments."""

    watched_id: int
    metrics: tuple[MetricResult, ...]
    slices: tuple[SliceResult, ...] = ()


@dataclass(frozen=True, slots=True)
class Beaten:
    """The champion against the baseline without ML on the same rows: ``gain`` > 0 is better, whatever the
    direction of the metric; ``low`` and ``high`` bound it at 95 % (paired).
    """

    metric: str
    gain: float
    low: float | None
    high: float | None
    n: int


@dataclass(frozen=True, slots=True)
class Pooled:
    """``start`` and ``end`` are ISO times of the first and last window; ``rows`` all their rows, ``labelled``
    those with a label.
    """

    start: str
    end: str
    windows: int
    rows: int
    labelled: int
    models: tuple[PooledModel, ...]
    beaten: tuple[Beaten, ...] = ()

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Pooled:
        raise NotImplementedError
