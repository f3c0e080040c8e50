"""What a check of one batch found, small enough to be kept for ever: some kB for 25 columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from apps.compute.messages import Message

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """``state`` is warn or bad; ``cause`` is equal for the same fault in any batch ("schema:vicprice",
    "expectation:12"); ``rows`` are the rows concerned. ``code`` says what was looked at:

    ``empty``        the batch has no rows
    ``schema``       a column is missing, new or of another type
    ``ids``          missing or repeated ids
    ``missing``      more values are missing than chance explains
    ``new_values``   categories that the reference does not have
    ``constant``     a number that used to vary has one value
    ``infinite``     infinite numbers
    ``predictions``  missing predictions, probabilities outside 0..1, classes never seen
    ``times``        rows outside the window
    ``latency``      no usable latency
    ``expectation``  what is expected of the reference's data set does not hold
    ``comparison``   the batch could not be compared
    """

    code: str
    state: str
    cause: str
    title: Message
    text: Message
    column: str = ""
    rows: int = 0

    def to_json(self) -> dict[str, Any]:
        """What is empty is left out."""
        data: dict[str, Any] = {name: getattr(self, name) for name in ("code", "state", "cause")}
        data |= {"title": self.title.to_json(), "text": self.text.to_json()}
        return data | {name: part for name in ("column", "rows") if (part := getattr(self, name))}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        texts = {name: Message.from_json(data[name]) for name in ("title", "text")}
        return cls(**{**data, **texts})


@dataclass(frozen=True, slots=True)
class ColumnCheck:
    """One column against one side; the fields of `drift.result.ColumnDrift` that a time line needs.

    ``verdict`` drift, unsure, small, none or incomparable. ``role`` target, prediction or feature.
    ``missing`` is the share of the batch's rows without a value, ``unseen_rows`` those with a value that the
    other side never has.
    """

    name: str
    role: str
    verdict: str
    method: str = ""
    value: float | None = None
    limit: float | None = None
    strength: float | None = None
    missing: float = 0.0
    unseen_rows: int = 0

    def to_json(self) -> dict[str, Any]:
        """What is as it is by default is left out."""
        return {
            field.name: part for field in fields(self) if (part := getattr(self, field.name)) != field.default
        }


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

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "columns": [column.to_json() for column in self.columns]}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Compared:
        return cls(**{**data, "columns": tuple(ColumnCheck(**column) for column in data["columns"])})


@dataclass(frozen=True, slots=True)
class BatchCheck:
    """``latency`` are percentiles in ms: {"p50", "p95", "p99"}; ``previous_number`` is that of the batch it
    was compared with. ``findings`` are the bad ones first; none where nothing is wrong.
    """

    rows: int
    findings: tuple[Finding, ...]
    reference: Compared | None
    previous: Compared | None
    previous_number: int | None
    latency: Mapping[str, float] | None
    notes: tuple[Message, ...] = ()

    def count(self, state: str) -> int:
        """How many findings are "warn" or "bad"."""
        return sum(finding.state == state for finding in self.findings)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity."""
        return {
            "schema_version": SCHEMA_VERSION,
            "rows": self.rows,
            "findings": [finding.to_json() for finding in self.findings],
            "reference": self.reference and self.reference.to_json(),
            "previous": self.previous and self.previous.to_json(),
            "previous_number": self.previous_number,
            "latency": self.latency and dict(self.latency),
            "notes": [note.to_json() for note in self.notes],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> BatchCheck:
        sides = {
            name: Compared.from_json(data[name]) if data[name] else None for name in ("reference", "previous")
        }
        return cls(
            rows=data["rows"],
            findings=tuple(Finding.from_json(each) for each in data["findings"]),
            previous_number=data["previous_number"],
            latency=data["latency"],
            notes=tuple(Message.from_json(note) for note in data["notes"]),
            **sides,
        )
