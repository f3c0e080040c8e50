"""What is wrong with a batch as a table: its columns, ids, predictions, times and latencies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np
import polars as pl

from apps.compute import labels
from apps.compute.drift.result import DriftResult
from apps.compute.drift.spec import DriftSpec, Side
from apps.compute.inputs import names as some_names
from apps.compute.inputs import present
from apps.compute.messages import Message, gettext_noop
from apps.compute.monitoring.check.records import Finding
from apps.compute.results import Task
from apps.compute.roles import ColumnRoles, Role
from apps.compute.tasks import TASK_KINDS

#: What a model says.
PREDICTED = frozenset(
    {Role.PREDICTION, Role.PROBABILITY, Role.QUANTILE, Role.INTERVAL_LOW, Role.INTERVAL_HIGH}
)
PERCENTILES = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
EXAMPLES = 5


@dataclass(frozen=True, eq=False)
class Batch:
    """A batch beside its reference. ``schema`` and ``reference_schema`` map columns to types."""

    current: Side
    reference: Side
    roles: ColumnRoles
    schema: Mapping[str, pl.DataType]
    reference_schema: Mapping[str, pl.DataType]
    rows: int

    def columns(self, *roles: Role) -> list[str]:
        """Columns of the batch with one of these roles."""
        return [name for name, use in self.roles.items() if use.role in roles and name in self.schema]

    @cached_property
    def used(self) -> pl.DataFrame:
        """What models said, ids, labels, times and latencies."""
        wanted = self.columns(*PREDICTED, Role.ID, Role.TARGET, Role.TIMESTAMP, Role.LATENCY)
        return pl.read_parquet(self.current.path, columns=wanted)

    @cached_property
    def without_labels(self) -> set[str]:
        """The target's column where it is not there or empty."""
        targets = [name for name, use in self.roles.items() if use.role is Role.TARGET]
        return {name for name in targets if name not in self.schema or not present(self.used[name]).any()}

    def known_classes(self) -> set[str]:
        """Labels that occur in the reference, or that have a probability column."""
        named = {labels.canonical(use.label) for use in self.roles.values() if use.role is Role.PROBABILITY}
        seen = [
            name
            for name, use in self.roles.items()
            if use.role in (Role.TARGET, Role.PREDICTION) and name in self.reference_schema
        ]
        frame = pl.scan_parquet(self.reference.path, glob=False)
        if self.reference.selection:
            frame = frame.filter(self.reference.selection.expression(self.reference_schema))
        for column in frame.select(seen).collect().get_columns():
            named |= set(labels.distinct(column).values())
        return named - {""}


def open_batch(current: Side, reference: Side, roles: ColumnRoles) -> Batch:
    frame = pl.scan_parquet(current.path, glob=False)
    rows = int(frame.select(pl.len()).collect().item())
    known = pl.scan_parquet(reference.path, glob=False).collect_schema()
    return Batch(current, reference, roles, dict(frame.collect_schema()), dict(known), rows)


def no_rows() -> Finding:
    return Finding("empty", "bad", "empty", Message(_EMPTY), Message(_NO_ROWS))


def schema(batch: Batch, drift: DriftSpec) -> Iterator[Finding]:
    """Columns that are missing, but for labels and for what nobody uses; and columns that are new."""
    for name in _expected(batch, drift):
        if name not in batch.schema:
            yield Finding(
                "schema",
                "bad",
                f"schema:{name}",
                Message(_MISSING, {"column": name}),
                Message(_SEND_COLUMN, {"column": name}),
                name,
                batch.rows,
            )
    new = [name for name in batch.schema if name not in batch.reference_schema and name not in batch.roles]
    if new:
        yield Finding("schema", "warn", "schema:new", Message(_NEW), Message("%(names)s", _names(new)))


def _expected(batch: Batch, drift: DriftSpec) -> list[str]:
    unused = {name for name, settings in drift.columns.items() if settings.ignore}
    unused |= {name for name, use in batch.roles.items() if use.role in (Role.TARGET, Role.IGNORE)}
    needed = [name for name, use in batch.roles.items() if use.role in PREDICTED | {Role.ID}]
    return [name for name in dict.fromkeys((*batch.reference_schema, *needed)) if name not in unused]


def ids(batch: Batch) -> Iterator[Finding]:
    for name in batch.columns(Role.ID):
        column = batch.used[name]
        values = column.filter(pl.Series(present(column)))
        if missing := len(column) - len(values):
            title, text = Message(_NO_ID, {"column": name}), Message(_NO_ID_TEXT, {"count": missing})
            yield Finding("ids", "bad", f"ids:missing:{name}", title, text, name, missing)
        if repeated := len(values) - values.n_unique():
            counts = values.value_counts(name="rows").filter(pl.col("rows") > 1).sort(name)
            examples = [str(value) for value in counts[name].head(EXAMPLES)]
            text = Message(_REPEATED_TEXT, {"count": repeated, "examples": ", ".join(examples)})
            title = Message(_REPEATED, {"column": name})
            yield Finding("ids", "bad", f"ids:repeated:{name}", title, text, name, repeated)


def predictions(batch: Batch, against: DriftResult | None, task: Task) -> Iterator[Finding]:
    for name in batch.columns(*PREDICTED):
        column = batch.used[name]
        there = present(column)
        if missing := len(column) - int(np.count_nonzero(there)):
            title, text = Message(_SILENT, {"column": name}), Message(_SILENT_TEXT, {"count": missing})
            yield Finding("predictions", "bad", f"predictions:missing:{name}", title, text, name, missing)
        if batch.roles[name].role is Role.PROBABILITY:
            yield from _probabilities(name, column.filter(pl.Series(there)))
    if TASK_KINDS[task].classes:
        yield from _classes(batch, against)


def _probabilities(name: str, values: pl.Series) -> Iterator[Finding]:
    numbers = _numbers(values)
    with np.errstate(invalid="ignore"):
        wrong = ~((numbers >= 0) & (numbers <= 1))
    if count := int(np.count_nonzero(wrong)):
        example = str(values[int(np.argmax(wrong))])[:50]
        title, text = (
            Message(_NO_SHARE, {"column": name}),
            Message(_NO_SHARE_TEXT, {"count": count, "value": example}),
        )
        yield Finding("predictions", "bad", f"predictions:range:{name}", title, text, name, count)


def _classes(batch: Batch, against: DriftResult | None) -> Iterator[Finding]:
    compared = {column.name: column for column in against.columns} if against else {}
    for name in batch.columns(Role.PREDICTION):
        if name in compared and not compared[name].unseen_rows:
            continue
        known = batch.known_classes()
        seen = labels.distinct(batch.used[name])
        strange = labels.order({label for label in seen.values() if label} - known)
        if not known or not strange or set(seen.values()) - {""} <= _as_numbers(known):
            continue
        values = [value for value, label in seen.items() if label in strange]
        rows = int(batch.used[name].is_in(pl.Series(values, dtype=batch.used.schema[name]).implode()).sum())
        title = Message(_STRANGE, {"column": name})
        text = Message(_STRANGE_TEXT, {"classes": some_names(strange), "count": rows})
        yield Finding("predictions", "bad", f"predictions:classes:{name}", title, text, name, rows)


def _as_numbers(known: set[str]) -> set[str]:
    """The same classes where one file says true and false and the other 1 and 0."""
    return {"0", "1", "true", "false"} if known <= {"0", "1", "true", "false"} else set()


def times(batch: Batch, start: datetime, end: datetime, zone: str) -> Iterator[Finding]:
    for name in batch.columns(Role.TIMESTAMP):
        column = batch.used[name]
        if column.dtype == pl.Date:
            column = column.cast(pl.Datetime("us"))
        if not isinstance(column.dtype, pl.Datetime):
            continue
        if column.dtype.time_zone is None:
            column = column.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        moments = column.dt.convert_time_zone("UTC").dt.cast_time_unit("us")
        outside = moments.filter(~((moments >= start) & (moments < end)))
        if count := len(outside.drop_nulls()):
            example = str(outside.drop_nulls()[0].isoformat())
            params = {"count": count, "example": example, "start": start.isoformat(), "end": end.isoformat()}
            title = Message(_OUTSIDE, {"column": name})
            yield Finding(
                "times", "warn", f"times:{name}", title, Message(_OUTSIDE_TEXT, params), name, count
            )


def latency(batch: Batch) -> tuple[dict[str, float] | None, list[Finding]]:
    """`PERCENTILES` of the usable milliseconds (linear interpolation, as numpy.quantile)."""
    for name in batch.columns(Role.LATENCY):
        numbers = _numbers(batch.used[name])
        with np.errstate(invalid="ignore"):
            usable = numbers[np.isfinite(numbers) & (numbers >= 0)]
        if len(usable):
            values = np.quantile(usable, list(PERCENTILES.values()))
            return dict(zip(PERCENTILES, values.tolist(), strict=True)), []
        title, text = Message(_NO_LATENCY, {"column": name}), Message(_NO_LATENCY_TEXT)
        return None, [Finding("latency", "warn", f"latency:{name}", title, text, name, batch.rows)]
    return None, []


def _numbers(column: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """NaN where there is no number."""
    plain = column.cast(pl.String) if column.dtype in (pl.Categorical, pl.Enum) else column
    if plain.dtype.is_temporal():
        return np.full(len(plain), np.nan)
    return plain.cast(pl.Float64, strict=False).to_numpy()


def _names(found: list[str]) -> dict[str, str]:
    return {"names": some_names(found)}


_EMPTY = gettext_noop("The batch has no rows")
_NO_ROWS = gettext_noop(
    "Nothing can be said about this window. Send the batch again with its rows, as a correction."
)
_MISSING = gettext_noop("%(column)s: the column is missing")
_SEND_COLUMN = gettext_noop("The batch has no column “%(column)s”. Send it again with the column.")
_NEW = gettext_noop("Columns are new")
_NO_ID = gettext_noop("%(column)s: rows without an id")
_NO_ID_TEXT = gettext_noop("%(count)s rows have no id, so labels that arrive later cannot find them.")
_REPEATED = gettext_noop("%(column)s: repeated ids")
_REPEATED_TEXT = gettext_noop("%(count)s rows repeat the id of another row, such as %(examples)s.")
_SILENT = gettext_noop("%(column)s: missing predictions")
_SILENT_TEXT = gettext_noop("%(count)s rows have no prediction. They are left out of every metric.")
_NO_SHARE = gettext_noop("%(column)s: no probabilities")
_NO_SHARE_TEXT = gettext_noop("%(count)s values are not between 0 and 1, the first is “%(value)s”.")
_STRANGE = gettext_noop("%(column)s: classes never seen before")
_STRANGE_TEXT = gettext_noop("%(count)s rows are predicted as %(classes)s, which the reference never has.")
_OUTSIDE = gettext_noop("%(column)s: rows outside the window")
_OUTSIDE_TEXT = gettext_noop(
    "%(count)s rows are not between %(start)s and %(end)s, such as %(example)s. They count in this window."
)
_NO_LATENCY = gettext_noop("%(column)s: no usable latency")
_NO_LATENCY_TEXT = gettext_noop("No row has a number of milliseconds that is not negative.")
