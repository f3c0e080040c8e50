"""One call from a batch to a `BatchCheck`. Whatever is wrong with the batch is a finding, never an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from apps.compute import expectations
from apps.compute.drift.engine import compare
from apps.compute.drift.pictures import rounded
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.result import ColumnDrift, DriftResult
from apps.compute.drift.spec import ColumnSettings, DriftSpec, Side
from apps.compute.expectations import Expectation
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.monitoring.check import columns, table
from apps.compute.monitoring.check.records import BatchCheck, ColumnCheck, Compared, Finding
from apps.compute.results import Task
from apps.compute.roles import ColumnRoles, Role
from apps.compute.tasks import TASK_KINDS

#: Told now and then what is being done and how much of the work is done (0..1).
Progress = Callable[[Message, float], None]

MOST_FINDINGS = 50
#: Of what these columns hold a change is told in other ways, or is no change of the data.
_NOT_COMPARED = frozenset({Role.TIMESTAMP, Role.LATENCY, Role.WEIGHT})


@dataclass(frozen=True, slots=True)
class Expected:
    """An expectation of the reference's data set, by its ``id``; ``blocks`` makes a violation bad."""

    id: int
    expectation: Expectation
    blocks: bool


@dataclass(frozen=True, slots=True)
class CheckSpec:
    """``roles`` are those of all columns that the monitor and its models use. The window is [start, end),
    aware; times without a zone in the batch are taken to be in ``zone``.
    """

    roles: ColumnRoles
    task: Task
    drift: DriftSpec
    start: datetime
    end: datetime
    zone: str = "UTC"
    expected: tuple[Expected, ...] = ()


@dataclass(frozen=True, slots=True)
class Previous:
    """The batch before it that it is compared with."""

    number: int
    side: Side


def check_batch(
    current: Side,
    reference: Side,
    spec: CheckSpec,
    progress: Progress,
    *,
    previous: Previous | None = None,
    cache: Path | None = None,
) -> BatchCheck:
    """Check a batch without its labels. ``cache`` as in `drift.engine.compare`, of the reference.

    Expectations are judged as of the window's end, so the result depends on the arguments alone.
    """
    batch = table.open_batch(current, reference, spec.roles)
    found = [*table.schema(batch, spec.drift)]
    if not batch.rows:
        found.append(table.no_rows())
        return BatchCheck(0, _in_order(found), None, None, None, None)
    drift = _drift_spec(spec)
    against, fault = _compared(reference, current, drift, progress, cache)
    if fault is not None:
        found.append(fault)
    if against is not None:
        found += columns.findings(against, batch)
    found += [*table.ids(batch), *table.predictions(batch, against, spec.task)]
    found += table.times(batch, spec.start, spec.end, spec.zone)
    latency, no_latency = table.latency(batch)
    found += [*no_latency, *_expectations(batch, spec)]
    before, notes = None, []
    if previous is not None:
        # Of two batches the verdict by p-value and effect is enough; the intervals would double the time.
        plain = replace(drift, resamples=0)
        before, fault = _compared(previous.side, current, plain, progress, None)
        notes = [fault.text] if fault is not None else []
    return BatchCheck(
        rows=batch.rows,
        findings=_in_order(found),
        reference=_kept(against) if against else None,
        previous=_kept(before) if before else None,
        previous_number=previous.number if previous is not None and before is not None else None,
        latency=latency,
        notes=tuple(notes),
    )


def _drift_spec(spec: CheckSpec) -> DriftSpec:
    """Classes are categories, also where they are numbers; a time line needs no domain classifier."""
    roles: dict[str, Role] = {}
    settings: dict[str, ColumnSettings] = dict(spec.drift.columns)
    for name, use in spec.roles.items():
        roles[name] = Role.IGNORE if use.role in _NOT_COMPARED else use.role
        if use.role in (Role.TARGET, Role.PREDICTION) and TASK_KINDS[spec.task].classes:
            said = settings.get(name, ColumnSettings())
            if said.kind is None and not said.method:
                settings[name] = replace(said, kind=ColumnKind.CATEGORY)
    return replace(spec.drift, columns=settings, roles={**roles, **spec.drift.roles}, classify=False)


def _compared(
    first: Side, current: Side, drift: DriftSpec, progress: Progress, cache: Path | None
) -> tuple[DriftResult | None, Finding | None]:
    try:
        return compare(first, current, drift, progress, cache=cache), None
    except InputRejected as fault:
        title = Message(_NOT_COMPARABLE)
        return None, Finding("comparison", "warn", f"comparison:{fault.code}", title, fault.message)


def _expectations(batch: table.Batch, spec: CheckSpec) -> Iterator[Finding]:
    """Those that do not hold. What is expected of labels is not asked before they are there."""
    asked = [each for each in spec.expected if not set(each.expectation.columns) & batch.without_labels]
    if not asked:
        return
    records = [each.expectation for each in asked]
    special = batch.current.missing_values
    outcomes = expectations.check(batch.current.path, records, now=spec.end, special_values=special)
    for each, outcome in zip(asked, outcomes, strict=True):
        if outcome.state is expectations.State.HOLDS:
            continue
        violated = outcome.state is expectations.State.VIOLATED
        names = each.expectation.columns
        yield Finding(
            "expectation",
            "bad" if violated and each.blocks else "warn",
            f"expectation:{each.id}",
            expectations.describe(outcome.expectation),
            outcome.message,
            names[0] if len(names) == 1 else "",
            outcome.violations,
        )


def _in_order(found: list[Finding]) -> tuple[Finding, ...]:
    """The bad ones first; at most `MOST_FINDINGS`."""
    return tuple(sorted(found, key=lambda finding: finding.state != "bad")[:MOST_FINDINGS])


def _kept(result: DriftResult) -> Compared:
    strengths = [column.strength for column in result.columns if column.strength is not None]
    return Compared(
        rows=result.reference_rows,
        compared=result.compared,
        drifted=result.drifted,
        flagged=result.flagged,
        is_drift=result.is_drift,
        strongest=max(strengths, default=None),
        columns=tuple(_column(column) for column in result.columns),
    )


def _column(column: ColumnDrift) -> ColumnCheck:
    return ColumnCheck(
        name=column.name,
        role=column.role,
        verdict=column.verdict.value,
        method=column.method,
        value=None if column.value is None else rounded(column.value),
        limit=column.limit,
        strength=column.strength,
        missing=rounded(column.current.missing_share),
        unseen_rows=column.unseen_rows,
    )


_NOT_COMPARABLE = gettext_noop("The batch could not be compared with the reference")
