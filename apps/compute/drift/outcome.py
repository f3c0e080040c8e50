"""One column compared, as far as that can be told without the other columns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from apps.compute.drift import automatic, evidence, kinds, pictures, prepare, text
from apps.compute.drift.columns import Counts, Floats, Numbers
from apps.compute.drift.evidence import Evidence, Options
from apps.compute.drift.kinds import Kind
from apps.compute.drift.pictures import rounded
from apps.compute.drift.registry import TESTS, DriftTest
from apps.compute.drift.result import ColumnDrift, SideSummary, Verdict
from apps.compute.drift.sides import CURRENT, REFERENCE, Column
from apps.compute.drift.since import since, strengths_of, track_of
from apps.compute.drift.spec import ColumnSettings
from apps.compute.drift.statistics import wasserstein
from apps.compute.drift.timeline import Timeline
from apps.compute.messages import Message, gettext_noop


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of every column. ``sampled``: the values of some whole rows, to judge the table by."""

    options: Options
    smallest_effect: float
    sampled: bool
    line: Timeline | None


@dataclass(frozen=True, slots=True)
class Pair:
    """A column of both sides, and how it is to be compared. ``role`` is as in `result.ColumnDrift`."""

    reference: Column
    current: Column
    role: str
    settings: ColumnSettings
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """``column`` has no verdict yet, unless it is incomparable: that takes the p-values of all columns.

    ``outside`` counts current rows beyond the range of the reference. ``rare`` is the share of the reference
    whose value occurs once: about the share of new values to expect by chance (Good 1953). ``sample`` are
    the values of both sides in `Column.sample`, ``strengths`` those in each window of time.
    """

    column: ColumnDrift
    test: DriftTest | None = None
    evidence: Evidence | None = None
    outside: int = 0
    rare: float = 0.0
    sample: tuple[pl.Series, pl.Series] | None = None
    strengths: Floats | None = None


class Incomparable(Exception):  # noqa: N818 - an outcome, no error of the program
    """Why a column cannot be compared."""

    def __init__(self, reason: Message) -> None:
        self.reason = reason


def compare(pair: Pair) -> Outcome:
    """What cannot be compared has a reason; nothing that a column holds makes this fail."""
    kind = kinds.agreed(pair.reference.family, pair.current.family, pair.settings.kind)
    try:
        if isinstance(kind, Message):
            raise Incomparable(kind)
        if kind is Kind.TEXT and pair.settings.kind is None and not pair.reference.is_prose():
            kind = Kind.CATEGORY
        with np.errstate(all="ignore"):  # a statistic that is not defined is told as NaN
            if kind is Kind.TEXT:
                return _texts(pair)
            return _numbers(pair, kind) if kind in (Kind.NUMBER, Kind.DATE) else _labels(pair, kind)
    except Incomparable as why:
        present = pair.reference.count(), pair.current.count()
        column = ColumnDrift(
            **_described(pair, pair.reference.family if isinstance(kind, Message) else kind),
            verdict=Verdict.INCOMPARABLE,
            reason=_no_values(*present) or why.reason,
            reference=SideSummary(pair.reference.rows, pair.reference.rows - present[0]),
            current=SideSummary(pair.current.rows, pair.current.rows - present[1]),
        )
        return Outcome(column=column)


def _no_values(reference: int, current: int) -> Message | None:
    if reference and current:
        return None
    if reference or current:
        return Message(_EMPTY, {"side": CURRENT if reference else REFERENCE})
    return Message(_BOTH_EMPTY)


def _described(pair: Pair, kind: Kind) -> dict[str, Any]:
    types = str(pair.reference.dtype), str(pair.current.dtype)
    return {
        "name": pair.reference.name,
        "kind": kind.value,
        "role": pair.role,
        "types": types if types[0] != types[1] else ("", ""),
    }


def _judged(
    pair: Pair, kind: Kind, test: DriftTest, value: float, limit: float, proof: Evidence
) -> dict[str, Any]:
    """All of a `ColumnDrift` that does not depend on its kind. NONE stands for the verdict to come."""
    bounds = {name: getattr(proof, name) for name in ("effect", "low", "high", "null_high")}
    return {
        **_described(pair, kind),
        **{name: None if bound is None else _finite(rounded(bound)) for name, bound in bounds.items()},
        "verdict": Verdict.NONE,
        "method": test.key,
        "value": value,
        "limit": limit,
        "flagged": bool(test.is_flagged(value, limit)),
        "strength": rounded(test.strength(value, limit)),
        "p_value": None if proof.p_value is None else _finite(proof.p_value),
    }


def _test(pair: Pair, automatic: Callable[[], str]) -> DriftTest:
    key = pair.settings.method or automatic()
    if key not in TESTS:
        raise _wrong_method(key)
    return TESTS[key]


def _wrong_method(method: str | Message) -> Incomparable:
    return Incomparable(Message(_WRONG_METHOD, {"method": method}))


def _limit(pair: Pair, test: DriftTest) -> float:
    return test.limit if pair.settings.limit is None else pair.settings.limit


def _defined(value: float) -> float:
    if not np.isfinite(value):
        raise Incomparable(Message(_NOT_DEFINED))
    return float(value)


def _finite(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _sample(pair: Pair, kind: Kind) -> tuple[pl.Series, pl.Series] | None:
    if not pair.wanted.sampled:
        return None
    reference, current = pair.reference.sample(), pair.current.sample()
    return prepare.in_one_type(reference, current) if kind is Kind.CATEGORY else (reference, current)


def _numbers(pair: Pair, kind: Kind) -> Outcome:
    columns = pair.reference, pair.current
    present = [column.numbers() for column in columns]
    reference, current = (
        Numbers(prepare.finite(values), whole=column.dtype.is_integer() and len(values) == column.rows)
        for column, values in zip(columns, present, strict=True)
    )
    if not (reference.n and current.n):
        raise Incomparable(Message(_ONLY_INFINITE))
    if not np.isfinite([reference.std, current.std]).all():
        raise Incomparable(Message(_TOO_LARGE))
    test = _test(pair, lambda: automatic.choose_numbers(reference, current))
    if test.numbers is None:
        raise _wrong_method(Message(test.label))
    value = _defined(test.numbers(reference, current))
    proof = evidence.of_numbers(reference, current, test, value, pair.wanted.options)
    before = pictures.summary(columns[0].rows, len(present[0]), reference)
    now = pictures.summary(columns[1].rows, len(present[1]), current)
    notes = [*_infinite(before, now), *kinds.zone_note(columns[0].dtype, columns[1].dtype)]
    if test is wasserstein.TEST and reference.std < wasserstein.SMALLEST_STD and value > 0:
        notes.append(Message(_HARDLY_VARIES, {"std": wasserstein.SMALLEST_STD}))
    column = ColumnDrift(
        **_judged(pair, kind, test, value, _limit(pair, test), proof),
        reference=before,
        current=now,
        notes=tuple(notes),
        picture=pictures.of_numbers(reference, current),
    )
    outside = current.n - prepare.between(current.values, reference.values[0], reference.values[-1])
    found = Outcome(column=column, test=test, evidence=proof, outside=outside, sample=_sample(pair, kind))
    line = pair.wanted.line
    return (
        found
        if line is None
        else _dated(found, pair, pl.Series(reference.values), columns[1].numbers_at(line.rows))
    )


def _labels(pair: Pair, kind: Kind) -> Outcome:
    columns = pair.reference, pair.current
    present = [column.counts() for column in columns]
    if kind is Kind.BOOLEAN:
        present = [_as_booleans(table) for table in present]
    categories = prepare.aligned(*(prepare.without_infinite(table) for table in present))
    if not (categories.reference.any() and categories.current.any()):
        raise Incomparable(Message(_ONLY_INFINITE))
    test = _test(pair, lambda: automatic.choose_categories(categories))
    if test.categories is None:
        raise _wrong_method(Message(test.label))
    value = _defined(test.categories(categories))
    proof = evidence.of_categories(categories, test, value, pair.wanted.options)
    before = _summary(columns[0].rows, present[0], categories.reference)
    now = _summary(columns[1].rows, present[1], categories.current)
    unseen, unseen_count, unseen_rows = pictures.only_here(
        categories, categories.current, categories.reference
    )
    gone, gone_count, _ = pictures.only_here(categories, categories.reference, categories.current)
    column = ColumnDrift(
        **_judged(pair, kind, test, value, _limit(pair, test), proof),
        reference=before,
        current=now,
        notes=_infinite(before, now),
        picture=pictures.of_categories(categories),
        unseen=unseen,
        unseen_rows=unseen_rows,
        unseen_count=unseen_count,
        gone=gone,
        gone_count=gone_count,
    )
    rare = float(np.count_nonzero(categories.reference == 1) / categories.reference.sum())
    found = Outcome(column=column, test=test, evidence=proof, rare=rare, sample=_sample(pair, kind))
    line = pair.wanted.line
    if line is None:
        return found
    labels = pl.Series(categories.labels)
    repeated = labels.gather(np.repeat(np.arange(len(labels)), categories.reference))
    return _dated(found, pair, repeated, columns[1].labels_at(line.rows, labels.dtype))


def _dated(found: Outcome, pair: Pair, reference: pl.Series, current: pl.Series) -> Outcome:
    """With what the windows of time show. ``current`` are the values at ``line.rows``."""
    line, test, column = pair.wanted.line, found.test, found.column
    track = track_of(reference, current, column.kind)
    if line is None or test is None or column.limit is None or track is None:
        return found
    strengths = strengths_of(line, track, test, column.limit, pair.wanted.smallest_effect)
    if column.flagged:
        column = replace(column, since=since(line, track, seed=pair.wanted.options.seed))
    return replace(found, column=column, strengths=strengths)


def _texts(pair: Pair) -> Outcome:
    columns = pair.reference, pair.current
    reference, current = (column.present() for column in columns)
    test = _test(pair, lambda: text.automatic(len(reference)).key)
    if test not in (text.ABSOLUTE, text.PERCENTILE):
        raise _wrong_method(Message(test.label))
    found = text.compare(reference, current, test, pair.settings.limit, pair.wanted.options)
    if found.value is None or found.limit is None or found.evidence is None:
        raise Incomparable(found.reason or Message(_NOT_DEFINED))
    column = ColumnDrift(
        **_judged(pair, Kind.TEXT, test, found.value, found.limit, found.evidence),
        reference=SideSummary(
            columns[0].rows, columns[0].rows - len(reference), distinct=reference.n_unique()
        ),
        current=SideSummary(columns[1].rows, columns[1].rows - len(current), distinct=current.n_unique()),
        words=found.words,
    )
    return Outcome(column=column, test=test, evidence=found.evidence)


def _as_booleans(table: pl.DataFrame) -> pl.DataFrame:
    label = pl.col(prepare.LABEL)
    is_binary = label.cast(pl.Float64).is_in([0.0, 1.0]).all()
    if table.schema[prepare.LABEL] != pl.Boolean and not table.select(is_binary).item():
        raise Incomparable(Message(_NOT_BOOLEAN))
    return table.with_columns(label.cast(pl.Boolean))


def _summary(rows: int, present: pl.DataFrame, counts: Counts) -> SideSummary:
    with_value, kept = int(present[prepare.COUNT].sum()), int(counts.sum())
    return SideSummary(rows, rows - with_value, with_value - kept, int(np.count_nonzero(counts)))


def _infinite(reference: SideSummary, current: SideSummary) -> tuple[Message, ...]:
    counts = {"reference": reference.infinite, "current": current.infinite}
    return (Message(_INFINITE, counts),) if any(counts.values()) else ()


_EMPTY = gettext_noop("the %(side)s has no value in it")
_BOTH_EMPTY = gettext_noop("neither side has a value in it")
_ONLY_INFINITE = gettext_noop("one side has no values but infinite ones. Replace them at their source")
_TOO_LARGE = gettext_noop("its numbers are too large to compute with. Give them another unit")
_NOT_BOOLEAN = gettext_noop(
    "one side holds yes and no, the other numbers that are not only 0 and 1. Give the column one type"
)
_WRONG_METHOD = gettext_noop(
    "the method “%(method)s” does not compare columns of this kind. Choose another method"
)
_NOT_DEFINED = gettext_noop("the method gives no number for these values. Choose another method")
_HARDLY_VARIES = gettext_noop(
    "The reference varies by less than %(std)s, so this method cannot see drift. Compare it by another one."
)
_INFINITE = gettext_noop(
    "Infinite values were left out: %(reference)s in the reference, %(current)s on the current side."
)
