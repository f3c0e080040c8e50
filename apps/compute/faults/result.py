"""The record of the faults found in a run's data, and its JSON. Light enough for a web process.

Names and columns of the tables:

=================  =====================================================================================
``by_class``       class, n, expected (wrong labels), share (of the class's rows), low, high, threshold
``pairs``          given, suggested, expected, n (rows the confident joint counts), at most 50
``influence``      row, id, given, predicted, change (of the metric), at most 50, largest change first
=================  =====================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from apps.compute.messages import Message
from apps.compute.results import MetricResult, Table, Task

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class CopyGroup:
    """Rows that are copies of each other: the first numbers of ``size`` rows, counted from 1, and their
    labels (the distinct ones, where there are classes).
    """

    rows: tuple[int, ...]
    size: int
    conflicting: bool
    labels: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> CopyGroup:
        return cls(tuple(data["rows"]), data["size"], data["conflicting"], tuple(data["labels"]))


@dataclass(frozen=True, slots=True)
class Copies:
    """``groups`` of equal (or nearly equal) rows, the ``extra`` rows beyond one of each; ``conflicting``
    groups have different labels, and ``conflicting_rows`` is how many rows those have. ``columns`` were
    compared.
    """

    columns: tuple[str, ...]
    groups: int
    extra: int
    conflicting: int
    conflicting_rows: int
    largest: tuple[CopyGroup, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Copies:
        parts = {
            "columns": tuple(data["columns"]),
            "largest": tuple(map(CopyGroup.from_json, data["largest"])),
        }
        return cls(**{**data, **parts})


@dataclass(frozen=True, slots=True)
class ClusterFound:
    """``size`` rows (their first numbers, from 1) labelled ``given`` amid rows that mostly are ``around``;
    see `clusters.Cluster`.
    """

    rows: tuple[int, ...]
    size: int
    given: str
    around: str
    disagreement: float
    p: float

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ClusterFound:
        return cls(**{**data, "rows": tuple(data["rows"])})


@dataclass(frozen=True, slots=True)
class TriggerFound:
    """See `triggers.Trigger`; ``value`` is the text of the value."""

    column: str
    value: str
    given: str
    n: int
    share: float
    expected: float
    p: float


@dataclass(frozen=True, slots=True)
class FaultsResult:
    """What was found. ``errors`` is the expected number of wrong labels with its interval (None without
    probabilities or classes), ``suspects`` how many rows the confident joint or the most probable class calls
    into question. ``near`` is None where nothing could be compared. ``metric`` is what the influence is on.
    """

    task: Task
    n: int
    metric: str
    classes: tuple[str, ...] = ()
    errors: MetricResult | None = None
    suspects: int = 0
    copies: Copies | None = None
    near: Copies | None = None
    clusters: tuple[ClusterFound, ...] = ()
    triggers: tuple[TriggerFound, ...] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    seed: int = 0
    durations: Mapping[str, float] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity."""
        return {
            "schema_version": self.schema_version,
            "task": self.task.value,
            "n": self.n,
            "metric": self.metric,
            "classes": list(self.classes),
            "errors": self.errors.to_json() if self.errors else None,
            "suspects": self.suspects,
            "copies": _copies_to_json(self.copies),
            "near": _copies_to_json(self.near),
            "clusters": [_plain(each) for each in self.clusters],
            "triggers": [_plain(each) for each in self.triggers],
            "tables": {k: {c: list(v) for c, v in t.columns.items()} for k, t in self.tables.items()},
            "notes": [note.to_json() for note in self.notes],
            "seed": self.seed,
            "durations": dict(self.durations),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> FaultsResult:
        return cls(
            schema_version=data["schema_version"],
            task=Task(data["task"]),
            n=data["n"],
            metric=data["metric"],
            classes=tuple(data["classes"]),
            errors=MetricResult.from_json(data["errors"]) if data["errors"] else None,
            suspects=data["suspects"],
            copies=Copies.from_json(data["copies"]) if data["copies"] else None,
            near=Copies.from_json(data["near"]) if data["near"] else None,
            clusters=tuple(map(ClusterFound.from_json, data["clusters"])),
            triggers=tuple(TriggerFound(**each) for each in data["triggers"]),
            tables={k: Table(t) for k, t in data["tables"].items()},
            notes=tuple(map(Message.from_json, data["notes"])),
            seed=data["seed"],
            durations=data["durations"],
        )

    def without_durations(self) -> FaultsResult:
        """What depends on the file and the settings alone."""
        return replace(self, durations={})


def _plain(record: Any) -> dict[str, Any]:
    values = {name: getattr(record, name) for name in record.__slots__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _copies_to_json(copies: Copies | None) -> dict[str, Any] | None:
    if copies is None:
        return None
    return {**_plain(copies), "largest": [_plain(group) for group in copies.largest]}
