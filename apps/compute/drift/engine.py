"""One call from two sides to a `DriftResult`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl

from apps.compute.drift import evidence, quality
from apps.compute.drift.classifier import MOST_COLUMNS, table_score
from apps.compute.drift.clock import read_clock
from apps.compute.drift.evidence import Options
from apps.compute.drift.outcome import Outcome, Pair, Wanted
from apps.compute.drift.outcome import compare as compare_column
from apps.compute.drift.pictures import rounded
from apps.compute.drift.result import ColumnDrift, DriftResult, TableScore, Verdict
from apps.compute.drift.sides import CURRENT, REFERENCE, Batch, OpenSide, batches, open_side
from apps.compute.drift.spec import ColumnSettings, DriftSpec, Side
from apps.compute.drift.timeline import Timeline
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import Role

#: Told now and then what is being done and how much of the work is done (0..1).
Progress = Callable[[Message, float], None]

#: Sorting and reading release the interpreter; more threads only take memory.
WORKERS = min(4, os.cpu_count() or 1)
_PREDICTED = frozenset(
    {Role.PREDICTION, Role.PROBABILITY, Role.QUANTILE, Role.INTERVAL_LOW, Role.INTERVAL_HIGH}
)


def compare(
    reference: Side, current: Side, spec: DriftSpec, progress: Progress, *, cache: Path | None = None
) -> DriftResult:
    """Compare the columns that both sides have.

    ``cache`` is a folder for what is known of this reference: of this content, selection and special values.
    The result is the same with and without it. InputRejected: a side without rows, no column to compare, a
    selection that does not fit its table. Anything wrong with a single column is told in its ``reason``.
    """
    progress(_OPENING, 0.0)
    first, second = open_side(reference, REFERENCE, cache), open_side(current, CURRENT)
    names = _names(first, second, spec)
    clock = read_clock(first, second, spec)
    outcomes: list[Outcome] = []
    for found in _outcomes(first, second, names, spec, clock.line):
        outcomes += found
        progress(_COMPARING, 0.05 + 0.85 * len(outcomes) / len(names))
    columns = _in_order(_with_verdicts(outcomes, spec))
    if spec.classify:
        progress(_CLASSIFYING, 0.9)
    comparable = [column for column in columns if column.verdict is not Verdict.INCOMPARABLE]
    flagged = sum(column.flagged for column in comparable)
    return DriftResult(
        reference_rows=first.rows,
        current_rows=second.rows,
        columns=columns,
        compared=len(comparable),
        flagged=flagged,
        drifted=sum(column.verdict is Verdict.DRIFT for column in columns),
        drift_share=spec.drift_share,
        is_drift=bool(comparable) and flagged / len(comparable) >= spec.drift_share,
        findings=quality.findings(first, second, outcomes, _ids(spec)),
        table=_table_score(columns, outcomes, spec.seed) if spec.classify else None,
        windows=clock.windows([outcome.strengths for outcome in outcomes]),
        only_reference=tuple(name for name in first.schema if name not in second.schema),
        only_current=tuple(name for name in second.schema if name not in first.schema),
        time_column=clock.column,
        period=clock.period,
        reference_period=clock.reference_period,
        since=min((column.since for column in columns if column.since), default=None),
        notes=(*clock.notes, *([Message(_SAME_ROWS)] if reference == current else [])),
    )


def _ids(spec: DriftSpec) -> list[str]:
    return [name for name, role in spec.roles.items() if role is Role.ID]


def _names(reference: OpenSide, current: OpenSide, spec: DriftSpec) -> list[str]:
    """Without ids, times and what is to be ignored. InputRejected: nothing is left."""
    left_out = {name for name, role in spec.roles.items() if role in (Role.ID, Role.TIMESTAMP, Role.IGNORE)}
    left_out |= {name for name, settings in spec.columns.items() if settings.ignore} | {spec.time_column}
    names = [name for name in reference.schema if name in current.schema and name not in left_out]
    if not names:
        raise InputRejected("no_common_column", _NO_COMMON)
    return names


def _outcomes(
    reference: OpenSide,
    current: OpenSide,
    names: Sequence[str],
    spec: DriftSpec,
    line: Timeline | None,
) -> Iterator[list[Outcome]]:
    """Batch by batch, in the order of ``names``."""
    options = Options(spec.resamples, spec.confidence, spec.seed)
    wanted = Wanted(options, spec.smallest_effect, spec.classify, line)

    def compared(batch: Sequence[str]) -> list[Outcome]:
        first, second = Batch(reference, batch), Batch(current, batch)
        return [
            compare_column(
                Pair(
                    first.column(name),
                    second.column(name),
                    _role(spec.roles.get(name)),
                    spec.columns.get(name, ColumnSettings()),
                    wanted,
                )
            )
            for name in batch
        ]

    with ThreadPoolExecutor(WORKERS) as pool:
        yield from pool.map(compared, batches(names, max(reference.rows, current.rows)))


def _role(role: Role | None) -> str:
    return "prediction" if role in _PREDICTED else "target" if role is Role.TARGET else "feature"


def _with_verdicts(outcomes: Sequence[Outcome], spec: DriftSpec) -> Iterator[ColumnDrift]:
    p_values = [outcome.column.p_value for outcome in outcomes]
    for outcome, adjusted in zip(outcomes, evidence.holm(p_values), strict=True):
        column, test, proof = outcome.column, outcome.test, outcome.evidence
        if test is None or proof is None or column.value is None or column.limit is None:
            yield column
            continue
        verdict = evidence.judge(
            test,
            column.value,
            column.limit,
            proof,
            adjusted,
            smallest_effect=spec.smallest_effect,
            confidence=spec.confidence,
        )
        yield replace(
            column,
            verdict=verdict,
            adjusted=None if adjusted is None else rounded(adjusted),
            since=column.since if verdict is Verdict.DRIFT else None,
        )


def _in_order(columns: Iterator[ColumnDrift]) -> tuple[ColumnDrift, ...]:
    """Target and prediction, then the strongest, then what cannot be compared; equal ones as in the file."""

    def place(column: ColumnDrift) -> tuple[bool, int, float]:
        lead = ("target", "prediction", "feature").index(column.role)
        return column.strength is None, lead, -(column.strength or 0.0)

    return tuple(sorted(columns, key=place))


def _table_score(columns: Sequence[ColumnDrift], outcomes: Sequence[Outcome], seed: int) -> TableScore | None:
    """Of the strongest columns, if there are too many."""
    samples = {outcome.column.name: outcome.sample for outcome in outcomes if outcome.sample}
    kinds = {column.name: column.kind for column in columns if column.name in samples}
    kinds = dict(list(kinds.items())[:MOST_COLUMNS])
    reference, current = (pl.DataFrame({name: samples[name][side] for name in kinds}) for side in (0, 1))
    return table_score(reference, current, kinds, seed=seed)


_OPENING = Message(gettext_noop("Opening both sides"))
_COMPARING = Message(gettext_noop("Comparing columns"))
_CLASSIFYING = Message(gettext_noop("Telling the two sides apart"))
_SAME_ROWS = gettext_noop("Both sides are the same rows of the same file.")
_NO_COMMON = gettext_noop(
    "The two sides have no column in common that could be compared. Choose files of the same kind."
)
