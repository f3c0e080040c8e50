"""What one batch holds: columns, missing and new values, drift, latency. Labels are not needed.

Written by its owner; the records below are the contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.compute.messages import Message


@dataclass(frozen=True, slots=True)
class Finding:
    """``code`` (schema, missing, new_values, expectation, empty, ids, latency …), ``state`` ok, warn or bad,
    ``cause`` equal for the same fault in any batch ("schema:vicprice", "expectation:12").
    """

    code: str
    state: str
    cause: str
    title: Message
    text: Message
    column: str = ""
    rows: int = 0

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class ColumnCheck:
    """One column against one side; the fields of `drift.result.ColumnDrift` that a time line needs.

    ``verdict`` drift, unsure, small, none or incomparable. ``role`` target, prediction or feature.
    """

    name: str
    role: str
    verdict: str
    method: str = ""
    value: float | None = None
    limit: float | None = None
    strength: float | None = None
    missing: float = 0.0  # share
    unseen_rows: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """All columns against the reference or an earlier window; drifted and flagged as in `DriftResult`."""

    rows: int  # of the other side
    compared: int
    drifted: int
    flagged: int
    is_drift: bool
    strongest: float | None
    columns: tuple[ColumnCheck, ...]


@dataclass(frozen=True, slots=True)
class BatchCheck:
    """``latency`` are percentiles in ms: {"p50", "p95", "p99"}; ``previous_number`` is that of the batch it
    was compared with. Small: at most some kB for 25 columns.
    """

    rows: int
    findings: tuple[Finding, ...]
    reference: Compared | None
    previous: Compared | None
    previous_number: int | None
    latency: Mapping[str, float] | None
    notes: tuple[Message, ...] = ()

    def to_json(self) -> dict[str, Any]:
        raise NotImplementedError

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BatchCheck:
        raise NotImplementedError
