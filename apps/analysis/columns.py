"""The columns of a run's table, known without opening it: from the profiles of its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from apps.compute.join import JoinReport
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.profile import Kind
from apps.compute.roles import PREDICTED, ColumnRole, Role, roles_from_json
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.evaluations.pipeline import joined_roles

#: Roles of columns by which rows may be grouped: all but what is judged, names rows or weighs them.
GROUPING = frozenset({Role.SLICE, Role.FEATURE, Role.IGNORE, Role.SERIES, Role.HORIZON, Role.QUERY})
_DTYPES: Mapping[Kind, pl.DataType] = {
    Kind.INTEGER: pl.Int64(),
    Kind.FLOAT: pl.Float64(),
    Kind.BOOLEAN: pl.Boolean(),
    Kind.TEXT: pl.String(),
    Kind.TIMESTAMP: pl.Datetime(),
    Kind.DATE: pl.Date(),
    Kind.EMPTY: pl.String(),
}


@dataclass(frozen=True, slots=True)
class Column:
    """``distinct`` values that are there, and ``missing`` rows without one."""

    name: str
    role: Role
    kind: Kind
    distinct: int
    missing: int

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.FLOAT)

    @property
    def dtype(self) -> pl.DataType:
        return _DTYPES[self.kind]


def columns_of(run: Run) -> dict[str, Column]:
    """By name, in the order of the table. Empty for a run whose files were never read."""
    said = roles_from_json(run.roles)
    if run.truth is None:
        return _columns(run.file, said)
    report = JoinReport(**run.join_report) if run.join_report else JoinReport(0, 0, 0)
    roles = joined_roles(said, roles_from_json(run.truth.roles), report)
    predicted = {name for name, use in said.items() if use.role in PREDICTED}
    theirs = {name: c for name, c in _columns(run.truth, roles).items() if name not in predicted}
    return {**theirs, **{name: c for name, c in _columns(run.file, roles).items() if name not in theirs}}


def _columns(file: DataFile, roles: Mapping[str, ColumnRole]) -> dict[str, Column]:
    return {
        each["name"]: Column(
            each["name"],
            roles[each["name"]].role,
            Kind(each["kind"]),
            each.get("distinct", 0),
            each.get("missing", 0),
        )
        for each in file.profile or ()
        if each["name"] in roles
    }


def grouping_column(columns: Mapping[str, Column], name: str) -> Column:
    """The column ``name``, by which rows may be grouped. InputRejected: it is not there, or is judged."""
    if name not in columns:
        known = [column.name for column in columns.values() if column.role in GROUPING]
        raise InputRejected(
            "missing_column", _MISSING, column=name[:200], columns=", ".join(known[:20]) or "—"
        )
    if columns[name].role not in GROUPING:
        raise InputRejected("column_is_judged", _JUDGED, column=name)
    return columns[name]


_MISSING = gettext_noop(
    "There is no column “%(column)s” in the rows of this run. It has: %(columns)s. Choose one of them."
)
_JUDGED = gettext_noop(
    "The column “%(column)s” says what is true, predicted or which row it is; rows cannot be grouped by it. "
    "Choose another column."
)
