"""What is wrong with single columns, as the comparison with the reference tells it."""

from __future__ import annotations

from collections.abc import Iterator

from apps.compute.drift.kinds import FAMILIES, Kind, family
from apps.compute.drift.result import ColumnDrift, DriftResult, Verdict
from apps.compute.messages import Message, gettext_noop
from apps.compute.monitoring.check.records import Finding
from apps.compute.monitoring.check.table import PREDICTED, Batch
from apps.compute.roles import Role

#: Codes of the drift engine's findings -> ours.
_CODES = {"empty": "missing", "unseen": "new_values", "infinite": "infinite", "constant": "constant"}
#: A number with so many values in the reference does not become one value by chance.
MANY_VALUES = 20
#: What is told of a model's columns is told by `table.predictions`; labels may come later.
_TOLD_ELSEWHERE = PREDICTED | {Role.TARGET}


def findings(result: DriftResult, batch: Batch) -> Iterator[Finding]:
    """Of types, missing and new values; those of labels and predictions are left out."""
    by_name = {column.name: column for column in result.columns}
    told_elsewhere = set(batch.columns(*_TOLD_ELSEWHERE))
    for column in result.columns:
        if column.verdict is Verdict.INCOMPARABLE and column.name not in told_elsewhere:
            yield from _retyped(column, batch)
    for found in result.findings:
        code, known = _CODES.get(found.code), by_name.get(found.column)
        if code is None or known is None or known.name in told_elsewhere:
            continue
        if code == "constant" and not _varied(known):
            continue
        empty = code == "missing" and known.current.missing == known.current.rows
        state = "bad" if empty else "warn"
        cause = f"{code}:{found.column}"
        yield Finding(code, state, cause, found.title, found.text, found.column, found.rows)


def _varied(column: ColumnDrift) -> bool:
    return column.kind == Kind.NUMBER and column.reference.distinct >= MANY_VALUES


def _retyped(column: ColumnDrift, batch: Batch) -> Iterator[Finding]:
    """Another type that keeps a column from being compared; an empty column has no type of its own."""
    name = column.name
    before, now = family(batch.reference_schema[name]), family(batch.schema[name])
    if before is now or column.current.missing == column.current.rows:
        return
    title = Message(_RETYPED, {"column": name})
    text = Message(_TYPES, {"reference": FAMILIES[before], "current": FAMILIES[now]})
    yield Finding("schema", "bad", f"schema:{name}", title, text, name, column.current.rows)


_RETYPED = gettext_noop("%(column)s: another type")
_TYPES = gettext_noop("The reference holds %(reference)s, the batch %(current)s. Send the type it had.")
