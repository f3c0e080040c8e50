"""The newest labelled windows judged as one: the records. What makes them is in `pooling`, for workers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from apps.compute.results import MetricResult, SliceResult

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class PooledModel:
    """One watched model on the pooled rows: every metric, and headline metrics of the segments. Its windows
    are those since it is watched; ``rows`` are its labelled rows.
    """

    watched_id: int
    metrics: tuple[MetricResult, ...]
    slices: tuple[SliceResult, ...] = ()
    rows: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "watched_id": self.watched_id,
            "metrics": [metric.to_json() for metric in self.metrics],
            "slices": [each.to_json() for each in self.slices],
            "rows": self.rows,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PooledModel:
        return cls(
            watched_id=data["watched_id"],
            metrics=tuple(MetricResult.from_json(each) for each in data["metrics"]),
            slices=tuple(SliceResult.from_json(each) for each in data["slices"]),
            rows=data["rows"],
        )


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
    those with a label. ``models`` begin with the champion. ``identity`` is equal for equal windows, labels
    and models.
    """

    start: str
    end: str
    windows: int
    rows: int
    labelled: int
    models: tuple[PooledModel, ...]
    beaten: tuple[Beaten, ...] = ()
    identity: str = ""

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity."""
        plain = ("start", "end", "windows", "rows", "labelled", "identity")
        return {
            "schema_version": SCHEMA_VERSION,
            **{name: getattr(self, name) for name in plain},
            "models": [model.to_json() for model in self.models],
            "beaten": [asdict(each) for each in self.beaten],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Pooled:
        known = {name: part for name, part in data.items() if name != "schema_version"}
        known["models"] = tuple(PooledModel.from_json(each) for each in data["models"])
        known["beaten"] = tuple(Beaten(**each) for each in data["beaten"])
        return cls(**known)
