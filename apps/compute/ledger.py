"""The gain ledger: what kind of work a change was, what each kind brought, and the next bet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from apps.compute.messages import Message, gettext_noop


class Kind(StrEnum):
    DATA = "data"
    MODEL = "model"
    BOTH = "both"  # cannot be told apart
    NONE = "none"
    UNKNOWN = "unknown"


KIND_NAMES: Mapping[Kind, str] = {
    Kind.DATA: gettext_noop("Data work"),
    Kind.MODEL: gettext_noop("Model work"),
    Kind.BOTH: gettext_noop("Cannot be told apart"),
    Kind.NONE: gettext_noop("Nothing changed"),
    Kind.UNKNOWN: gettext_noop("Not known"),
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a model was made of; None where nobody said. ``data_hash`` is that of the training data,
    ``features`` the columns it learned from (work on them is work on data), ``parameters`` by name.
    """

    data_hash: str | None = None
    code_revision: str | None = None
    parameters: Mapping[str, Any] | None = None
    features: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Classified:
    """``sentence`` says why. ``combinations`` are the runs of which either one would tell data work from
    model work: old data with the new model, new data with the old model.
    """

    kind: Kind
    sentence: Message
    combinations: tuple[Facts, ...] = ()


def classify(before: Facts, after: Facts) -> Classified:
    """The kind of a change, from facts alone: "data" when only the training data (or the features) differ,
    "model" when only code or parameters do, "unknown" when a fact that decides is missing.
    """
    data = _differs((before.data_hash, after.data_hash), optional=(before.features, after.features))
    code = _differs((before.code_revision, after.code_revision))
    parameters = _differs((before.parameters, after.parameters))
    model = True if code or parameters else None if None in (code, parameters) else False
    if data is None or model is None:
        missing = [
            Message(words)
            for words, known in ((_DATA, data), (_CODE, code), (_PARAMETERS, parameters))
            if known is None
        ]
        names = missing[0]
        for name in missing[1:]:
            names = Message("%(first)s, %(second)s", {"first": names, "second": name})
        return Classified(Kind.UNKNOWN, Message(_UNKNOWN, {"facts": names}))
    if data and model:
        old_data = replace(after, data_hash=before.data_hash, features=before.features)
        new_data = replace(before, data_hash=after.data_hash, features=after.features)
        return Classified(Kind.BOTH, Message(_BOTH), (old_data, new_data))
    if data:
        return Classified(Kind.DATA, Message(_ONLY_DATA))
    if model:
        return Classified(Kind.MODEL, Message(_ONLY_MODEL))
    return Classified(Kind.NONE, Message(_NOTHING))


def _differs(fact: tuple[Any, Any], optional: tuple[Any, Any] = (None, None)) -> bool | None:
    """None: not known. An optional fact can only show a difference."""
    if None not in optional and optional[0] != optional[1]:
        return True
    return None if None in fact else fact[0] != fact[1]


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. ``gain`` is the metric after minus before, ``low`` and ``high`` its 95 % interval.

    ``measured``: paired on the same rows; else it stands as its source stated it. ``days`` and ``cost`` are
    None where nobody said.
    """

    title: str
    kind: Kind
    gain: float
    low: float | None = None
    high: float | None = None
    days: float | None = None
    cost: float | None = None
    kept: bool = True
    measured: bool = True


@dataclass(frozen=True, slots=True)
class Rate:
    """Gain for one unit of effort, with bounds where the gain has them."""

    value: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True, slots=True)
class Total:
    """The changes of one kind together; ``gain`` is positive where the metric got better.

    ``days`` and ``cost`` are None when a change does not say them; then, and when they are 0, there is no
    rate.
    """

    count: int
    gain: float
    low: float | None
    high: float | None
    days: float | None
    cost: float | None
    measured: bool

    @property
    def per_day(self) -> Rate | None:
        return self._per(self.days)

    @property
    def per_thousand(self) -> Rate | None:
        """Gain for each 1,000 of cost."""
        return self._per(None if self.cost is None else self.cost / 1_000)

    def _per(self, effort: float | None) -> Rate | None:
        if not effort or effort < 0:
            return None
        low, high = (None if bound is None else bound / effort for bound in (self.low, self.high))
        return Rate(self.gain / effort, low, high)


@dataclass(frozen=True, slots=True)
class Summary:
    """``kept`` and ``dropped`` by kind, only kinds that occur. ``tried`` takes both together: what a kind of
    work brings includes the work that failed, so rates are taken from it (a dropped change brings nothing).

    ``whole`` is the gain of all kept changes. ``data_share`` is the share of data work in what data and model
    work brought together; None where one of them lost, or neither gained.
    """

    kept: Mapping[Kind, Total]
    dropped: Mapping[Kind, Total]
    tried: Mapping[Kind, Total]
    whole: Total
    data_share: float | None
    untold: tuple[str, ...] = field(default=())  # titles of kept changes of both kinds at once
    unknown: tuple[str, ...] = field(default=())  # titles of kept changes whose facts are missing


def summary(entries: Sequence[Entry], higher_is_better: bool, *, end_to_end: Entry | None = None) -> Summary:
    """Totals of a chain of changes.

    Gains of a chain add up. Their intervals do not add like those of independent estimates, because all steps
    are measured on the same hold-out and neighbours share a model; how they depend is not known here. So the
    bounds are added: the standard deviation of a sum is at most the sum of the standard deviations, whatever
    the dependence (Cauchy-Schwarz), which makes the interval of a total too wide rather than too narrow. A
    total has none when one of its changes has none. ``end_to_end``, the last model against the first on the
    same rows, measures the whole directly and replaces the sum.
    """
    better = [entry if higher_is_better else _turned(entry) for entry in entries]
    kept = [entry for entry in better if entry.kept]
    totals = _by_kind(kept)
    whole = _total(kept)
    if end_to_end is not None:
        direct = end_to_end if higher_is_better else _turned(end_to_end)
        whole = replace(whole, gain=direct.gain, low=direct.low, high=direct.high, measured=direct.measured)
    return Summary(
        kept=totals,
        dropped=_by_kind([entry for entry in better if not entry.kept]),
        tried=_by_kind([entry if entry.kept else _without_gain(entry) for entry in better]),
        whole=whole,
        data_share=_data_share(totals),
        untold=tuple(entry.title for entry in kept if entry.kind is Kind.BOTH),
        unknown=tuple(entry.title for entry in kept if entry.kind is Kind.UNKNOWN),
    )


def _turned(entry: Entry) -> Entry:
    low, high = (None if bound is None else -bound for bound in (entry.high, entry.low))
    return replace(entry, gain=-entry.gain, low=low, high=high)


def _without_gain(entry: Entry) -> Entry:
    return replace(entry, gain=0.0, low=0.0, high=0.0)


def _by_kind(entries: Sequence[Entry]) -> dict[Kind, Total]:
    kinds = [kind for kind in Kind if any(entry.kind is kind for entry in entries)]
    return {kind: _total([entry for entry in entries if entry.kind is kind]) for kind in kinds}


def _total(entries: Sequence[Entry]) -> Total:
    return Total(
        count=len(entries),
        gain=float(sum(entry.gain for entry in entries)),
        low=_sum([entry.low for entry in entries]),
        high=_sum([entry.high for entry in entries]),
        days=_sum([entry.days for entry in entries]),
        cost=_sum([entry.cost for entry in entries]),
        measured=all(entry.measured for entry in entries),
    )


def _sum(parts: Sequence[float | None]) -> float | None:
    known = [part for part in parts if part is not None]
    return float(sum(known)) if known and len(known) == len(parts) else None


def _data_share(kept: Mapping[Kind, Total]) -> float | None:
    data, model = (kept[kind].gain if kind in kept else 0.0 for kind in (Kind.DATA, Kind.MODEL))
    return data / (data + model) if min(data, model) >= 0 and data + model > 0 else None


_DATA = gettext_noop("hash of the training data")
_CODE = gettext_noop("revision of the code")
_PARAMETERS = gettext_noop("parameters")
_UNKNOWN = gettext_noop(
    "What changed is not known, because these facts are missing: %(facts)s. Give them with both runs."
)
_BOTH = gettext_noop(
    "Data and model changed together, so their gains cannot be told apart. Run the missing combination: the "
    "new model on the old data, or the old model on the new data."
)
_ONLY_DATA = gettext_noop("Only the training data or its features changed; code and parameters are the same.")
_ONLY_MODEL = gettext_noop("Only code or parameters changed; the training data are the same.")
_NOTHING = gettext_noop("Training data, code and parameters are the same.")
