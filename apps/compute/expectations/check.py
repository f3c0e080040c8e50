"""Checks a table against what is expected of it.

One streamed pass over the file computes the aggregates of all expectations; those on keys read their columns
once more. Only for what is violated two passes more find the first rows and their values.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.expectations.kinds.counted import NO_VALUE
from apps.compute.expectations.records import Example, Expectation, Other, Outcome, SpecialValues, State
from apps.compute.expectations.registry import KINDS, Judged, Plan
from apps.compute.expectations.table import Table, Undecided
from apps.compute.messages import Message
from apps.compute.profile import ROW, TEXT_LENGTH

MOST_EXAMPLES, SHOWN_COLUMNS = 20, 10


def check(
    path: Path,
    expectations: Sequence[Expectation],
    *,
    now: datetime,
    others: Mapping[int, Other] | None = None,
    special_values: SpecialValues | None = None,
    context: Sequence[str] = (),
) -> list[Outcome]:
    """One outcome per expectation, in their order.

    ``path`` is a normalised Parquet file, ``now`` has a zone. ``others`` are the tables that "no_overlap"
    looks into, by the id in its settings. ``special_values`` count as missing. ``context`` are columns that
    every example shows, such as the keys. An expectation that does not fit is undecided; none raises.
    """
    table = Table(path, special_values or {}, now, others or {})
    plans = [_plan(expectation, table) for expectation in expectations]
    judged = _judge(table, plans)
    examples = _examples(table, plans, judged, [name for name in context if name in table.schema])
    return [
        Outcome(expectation, each.state, each.message, each.tested, each.violations, shown)
        for expectation, each, shown in zip(expectations, judged, examples, strict=True)
    ]


def _plan(expectation: Expectation, table: Table) -> Plan:
    try:
        return KINDS[expectation.kind].plan(expectation, table)
    except Undecided as reason:
        return _undecided(reason, table)


def _undecided(reason: Undecided, table: Table) -> Plan:
    undecided = Judged(State.UNDECIDED, reason.message)
    if not reason.unless_empty:
        return Plan(lambda _found: undecided)
    empty = Judged(State.HOLDS, Message(NO_VALUE))
    return Plan(
        lambda found: undecided if found["any"] else empty, {"any": table.present(reason.unless_empty).any()}
    )


def _judge(table: Table, plans: Sequence[Plan]) -> list[Judged]:
    wanted = [
        expression.alias(f"{i} {name}")
        for i, plan in enumerate(plans)
        for name, expression in plan.aggregates.items()
    ]
    found = table.frame.select(wanted).collect(engine="streaming").row(0, named=True) if wanted else {}
    return [
        plan.judge({name: found[f"{i} {name}"] for name in plan.aggregates}) for i, plan in enumerate(plans)
    ]


def _examples(
    table: Table, plans: Sequence[Plan], judged: Sequence[Judged], context: list[str]
) -> list[tuple[Example, ...]]:
    rows = _first_rows(table, plans, judged)
    shown = [
        list(dict.fromkeys([*context, *plan.shown]))[:SHOWN_COLUMNS] if numbers else []
        for plan, numbers in zip(plans, rows, strict=True)
    ]
    columns = list(dict.fromkeys(name for names in shown for name in names))
    wanted = sorted({number for numbers in rows for number in numbers})
    if not wanted:
        return [() for _plan in plans]
    found = (
        table.frame.select(columns)
        .with_row_index(ROW, offset=1)
        .filter(pl.col(ROW).is_in(pl.Series(wanted, dtype=pl.get_index_type()).implode()))
        .collect(engine="streaming")
    )
    values = {row.pop(ROW): {name: _shown(value) for name, value in row.items()} for row in found.to_dicts()}
    return [
        tuple(Example(number, {name: values[number][name] for name in names}) for number in numbers)
        for numbers, names in zip(rows, shown, strict=True)
    ]


def _first_rows(table: Table, plans: Sequence[Plan], judged: Sequence[Judged]) -> list[Sequence[int]]:
    """For each plan the numbers of the rows to show."""
    wanted = {
        str(i): pl.col(ROW).filter(plan.violated).head(MOST_EXAMPLES).implode()
        for i, (plan, each) in enumerate(zip(plans, judged, strict=True))
        if each.state is State.VIOLATED and plan.violated is not None
    }
    numbered = table.frame.with_row_index(ROW, offset=1)
    found = numbered.select(**wanted).collect(engine="streaming").row(0, named=True) if wanted else {}
    return [found.get(str(i), each.rows) for i, each in enumerate(judged)]


def _shown(value: Any) -> Any:
    """A value as JSON holds it, no longer than a page can show."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str) and len(value) > TEXT_LENGTH:
        return value[: TEXT_LENGTH - 1] + "…"
    return value
