"""What is to be compared, and how."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from apps.compute.drift.registry import ColumnKind
from apps.compute.roles import Role
from apps.compute.selection import EVERYTHING, Selection

#: As Evidently 0.7.23: the data set has drifted when this share of its columns has.
DRIFT_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Side:
    """A normalised Parquet file and the rows of it that are meant.

    ``missing_values`` are special values that stand for "no value", such as -200, by column; under ``"*"``
    those of all columns.
    """

    path: Path
    selection: Selection = EVERYTHING
    missing_values: Mapping[str, tuple[str | float | int, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnSettings:
    """What a person decided about one column; what is empty is chosen automatically."""

    kind: ColumnKind | None = None
    method: str = ""
    limit: float | None = None
    ignore: bool = False

    def to_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "", False)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ColumnSettings:
        return cls(**{**data, "kind": ColumnKind(data["kind"]) if data.get("kind") else None})


@dataclass(frozen=True, slots=True)
class DriftSpec:
    """How two sides are compared.

    ``columns`` are settings of single columns; ``roles`` name the target, the prediction, ids, times (as of a
    prediction file): ids are left out, target and prediction lead the report. ``time_column`` dates what
    changed; empty: the column with the role of the time, else no dates. ``smallest_effect`` is the limit of
    the effect size (``effect`` in `result.ColumnDrift`) below which a change is too small to matter.
    ``confidence`` is that of intervals and of the correction over columns. ``resamples`` 0 leaves intervals
    and the null check out; ``classify`` False leaves the domain classifier of the whole table out.
    """

    columns: Mapping[str, ColumnSettings] = field(default_factory=dict)
    roles: Mapping[str, Role] = field(default_factory=dict)
    time_column: str = ""
    drift_share: float = DRIFT_SHARE
    smallest_effect: float = 0.1
    confidence: float = 0.95
    resamples: int = 200
    classify: bool = True
    seed: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "columns": {name: settings.to_json() for name, settings in self.columns.items()},
            "roles": {name: role.value for name, role in self.roles.items()},
            "time_column": self.time_column,
            "drift_share": self.drift_share,
            "smallest_effect": self.smallest_effect,
            "confidence": self.confidence,
            "resamples": self.resamples,
            "classify": self.classify,
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DriftSpec:
        columns = {name: ColumnSettings.from_json(each) for name, each in data.get("columns", {}).items()}
        roles = {name: Role(role) for name, role in data.get("roles", {}).items()}
        return cls(**{**data, "columns": columns, "roles": roles})


#: For comparisons that come often: resampling and the classifier are for reports.
QUICK = DriftSpec(resamples=0, classify=False)
