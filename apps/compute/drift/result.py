"""The result of a comparison: small frozen records that survive a trip through JSON.

Everything a page draws is here already binned, so a page never opens the data again. Shares are 0..1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any

from apps.compute.messages import Message

SCHEMA_VERSION = 1


class Verdict(StrEnum):
    """What we say of a column; Evidently's own rule is in ``ColumnDrift.flagged``.

    DRIFT: flagged, the effect is at least the smallest that matters, and chance is ruled out at the chosen
    confidence after the correction over all columns. SMALL: chance is ruled out, the effect is too small to
    matter. UNSURE: flagged, but with these rows it may be chance, or below the limit. NONE: no drift.
    INCOMPARABLE: see ``reason``.
    """

    DRIFT = "drift"
    UNSURE = "unsure"
    SMALL = "small"
    NONE = "none"
    INCOMPARABLE = "incomparable"


@dataclass(frozen=True, slots=True)
class SideSummary:
    """One side of a column. ``rows`` counts all selected rows, ``missing`` those without a value (NaN and
    special values included), ``infinite`` those left out as infinite. ``minimum`` to ``std`` are of finite
    numbers; of dates they are seconds since 1970. ``quantiles`` are at 5, 25, 50, 75, 95 %.
    """

    rows: int
    missing: int = 0
    infinite: int = 0
    distinct: int = 0
    minimum: float | None = None
    maximum: float | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[float, ...] = ()

    @property
    def missing_share(self) -> float:
        return self.missing / self.rows if self.rows else 0.0


@dataclass(frozen=True, slots=True)
class Picture:
    """Shares of the rows with a value. Numbers: ``edges`` of bins over both sides, one more than the
    shares; the first and the last bin also hold what lies outside. Categories and booleans: ``labels``, the
    largest first, at most 20; what is left of each side is ``other_reference`` and ``other_current``.
    """

    reference: tuple[float, ...]
    current: tuple[float, ...]
    edges: tuple[float, ...] = ()
    labels: tuple[str, ...] = ()
    other_reference: float = 0.0
    other_current: float = 0.0


@dataclass(frozen=True, slots=True)
class Seen:
    """A value that one side never has, and how many rows of the other have it."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class Word:
    """A word that tells two sides of texts apart: ``side`` (reference or current) and its weight there."""

    word: str
    side: str
    weight: float


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column compared.

    ``kind`` is number, category, boolean, date or text; ``role`` target, prediction or feature. ``method`` is
    a key of `registry.TESTS` and ``value`` what it gave, to be judged by ``limit``; ``flagged`` is what
    Evidently says of it. ``strength`` is the distance divided by its limit (p-values: limit / p, at most 10).
    ``low`` and ``high`` bound the value by resampling (distances only). ``effect`` is the effect size: of
    numbers and dates the normed Wasserstein distance, of categories the Jensen-Shannon distance in nats (as
    Evidently: at most 0.83), of texts 2 * AUC - 1. ``p_value`` is of a test of "no change", ``adjusted`` the
    same after Holm's correction over all columns. ``null_high`` is the 95 % quantile of the value between
    random parts of the reference: what "no drift" looks like here (distances only: without drift a p-value is
    as likely anywhere between 0 and 1). ``since`` is the ISO time at which the change began. ``reason`` says
    why the column cannot be compared; then there is no value. ``unseen`` are values that only the current
    side has (the most frequent first, at most 10), ``unseen_rows`` all their rows; ``gone`` are values that
    only the reference has. ``types`` are those of the two sides, where they differ.
    """

    name: str
    kind: str
    role: str
    verdict: Verdict
    reference: SideSummary
    current: SideSummary
    method: str = ""
    value: float | None = None
    limit: float | None = None
    flagged: bool = False
    strength: float | None = None
    low: float | None = None
    high: float | None = None
    effect: float | None = None
    p_value: float | None = None
    adjusted: float | None = None
    null_high: float | None = None
    since: str | None = None
    reason: Message | None = None
    notes: tuple[Message, ...] = ()
    picture: Picture | None = None
    unseen: tuple[Seen, ...] = ()
    unseen_rows: int = 0
    unseen_count: int = 0
    gone: tuple[Seen, ...] = ()
    gone_count: int = 0
    words: tuple[Word, ...] = ()
    types: tuple[str, str] = ("", "")

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity; what is empty is left out."""
        data = {name: part for name, part in asdict(self).items() if part not in (None, (), "", ("", ""))}
        data["verdict"] = self.verdict.value
        if self.reason is not None:
            data["reason"] = self.reason.to_json()
        if self.notes:
            data["notes"] = [note.to_json() for note in self.notes]
        for name in ("reference", "current", "picture"):
            if name in data:
                data[name] = _told(getattr(self, name))
        return data

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ColumnDrift:
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        known["verdict"] = Verdict(known["verdict"])
        known["reference"] = _side(data["reference"])
        known["current"] = _side(data["current"])
        if "reason" in data:
            known["reason"] = Message.from_json(data["reason"])
        known["notes"] = tuple(Message.from_json(note) for note in data.get("notes", ()))
        if "picture" in data:
            known["picture"] = _picture(data["picture"])
        known["unseen"] = tuple(Seen(**each) for each in data.get("unseen", ()))
        known["gone"] = tuple(Seen(**each) for each in data.get("gone", ()))
        known["words"] = tuple(Word(**each) for each in data.get("words", ()))
        known["types"] = tuple(data.get("types", ("", "")))
        return cls(**known)


def _told(record: SideSummary | Picture) -> dict[str, Any]:
    """What is not as it is by default. A smallest value of 0 is told: by default there is none."""
    return {
        field.name: part for field in fields(record) if (part := getattr(record, field.name)) != field.default
    }


def _side(data: Mapping[str, Any]) -> SideSummary:
    return SideSummary(**{"rows": 0, **data, "quantiles": tuple(data.get("quantiles", ()))})


def _picture(data: Mapping[str, Any]) -> Picture:
    parts: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in data.items()}
    return Picture(**{"reference": (), "current": (), **parts})


@dataclass(frozen=True, slots=True)
class Finding:
    """A check of the current data: ``state`` ok, warn or bad; ``title`` says what, ``text`` the numbers.

    ``rows`` are the rows concerned. ``column`` is empty where the whole table is meant.
    """

    code: str
    state: str
    title: Message
    text: Message
    column: str = ""
    rows: int = 0

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "title": self.title.to_json(), "text": self.text.to_json()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Finding:
        title, text = Message.from_json(data["title"]), Message.from_json(data["text"])
        return cls(**{**data, "title": title, "text": text})


@dataclass(frozen=True, slots=True)
class Driver:
    """A column that lets the domain classifier tell the sides apart; ``loss`` of AUC when it is shuffled."""

    column: str
    loss: float


@dataclass(frozen=True, slots=True)
class TableScore:
    """How well a domain classifier tells rows of the two sides apart: AUC on rows it did not learn from.

    0.5 is "not at all". ``low`` and ``high`` bound it at 95 %; ``n`` are the rows that were used (a sample
    of large sides).
    """

    auc: float
    low: float
    high: float
    n: int
    drivers: tuple[Driver, ...] = ()

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> TableScore:
        return cls(**{**data, "drivers": tuple(Driver(**each) for each in data.get("drivers", ()))})


@dataclass(frozen=True, slots=True)
class Window:
    """A window of time of the current side: ISO times, rows, how many columns are beyond their limit in it,
    and the largest strength of one.
    """

    start: str
    end: str
    rows: int
    drifted: int
    strongest: float | None = None


@dataclass(frozen=True, slots=True)
class DriftResult:
    """Two sides compared. ``columns`` are target and prediction first, then by strength, incomparable last.

    ``flagged`` and ``is_drift`` are Evidently's verdicts (how many columns; whether their share reaches
    ``drift_share``), ``drifted`` counts columns with our verdict DRIFT, ``compared`` all that could be.
    ``only_reference`` and ``only_current`` are names of columns that the other side lacks. ``period`` is the
    first and the last time of the current side, ``reference_period`` that of the reference. ``since`` is
    the earliest ``since`` of a drifted column.
    """

    reference_rows: int
    current_rows: int
    columns: tuple[ColumnDrift, ...]
    compared: int
    flagged: int
    drifted: int
    drift_share: float
    is_drift: bool
    findings: tuple[Finding, ...] = ()
    table: TableScore | None = None
    windows: tuple[Window, ...] = ()
    only_reference: tuple[str, ...] = ()
    only_current: tuple[str, ...] = ()
    time_column: str = ""
    period: tuple[str, str] | None = None
    reference_period: tuple[str, str] | None = None
    since: str | None = None
    notes: tuple[Message, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity."""
        return {
            "schema_version": SCHEMA_VERSION,
            "columns": [column.to_json() for column in self.columns],
            **self.summary_json(),
        }

    def summary_json(self) -> dict[str, Any]:
        """All but the columns, which are kept in rows of their own."""
        plain = (
            "reference_rows",
            "current_rows",
            "compared",
            "flagged",
            "drifted",
            "drift_share",
            "is_drift",
        )
        return {
            **{name: getattr(self, name) for name in plain},
            "findings": [finding.to_json() for finding in self.findings],
            "table": asdict(self.table) if self.table else None,
            "windows": [asdict(window) for window in self.windows],
            "only_reference": list(self.only_reference),
            "only_current": list(self.only_current),
            "time_column": self.time_column,
            "period": list(self.period) if self.period else None,
            "reference_period": list(self.reference_period) if self.reference_period else None,
            "since": self.since,
            "notes": [note.to_json() for note in self.notes],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> DriftResult:
        """``columns`` may be absent, as in `summary_json`."""
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        known["columns"] = tuple(ColumnDrift.from_json(each) for each in data.get("columns", ()))
        known["findings"] = tuple(Finding.from_json(each) for each in data.get("findings", ()))
        known["table"] = TableScore.from_json(data["table"]) if data.get("table") else None
        known["windows"] = tuple(Window(**each) for each in data.get("windows", ()))
        for name in ("only_reference", "only_current"):
            known[name] = tuple(data.get(name, ()))
        for name in ("period", "reference_period"):
            known[name] = tuple(data[name]) if data.get(name) else None
        known["notes"] = tuple(Message.from_json(note) for note in data.get("notes", ()))
        return cls(**known)
