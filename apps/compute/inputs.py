"""Reading and checking the columns of a prediction file: what passes here needs no more checks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import ROLE_NAMES, ColumnRole, ColumnRoles, Role, doubled
from apps.compute.uncertainty import Floats

_UNUSED = frozenset({Role.ID, Role.FEATURE, Role.IGNORE})


@dataclass(frozen=True, slots=True)
class Inputs:
    """The rows of the file that have a target, and where they stood in it.

    ``labelled`` marks them among all rows of the file; None when all have a target.
    """

    frame: pl.DataFrame
    roles: ColumnRoles
    labelled: NDArray[np.bool_] | None
    latency: pl.Series | None
    notes: tuple[Message, ...]

    def columns(self, role: Role) -> list[str]:
        return [name for name, use in self.roles.items() if use.role is role]

    def column(self, role: Role) -> str | None:
        return next(iter(self.columns(role)), None)

    def label(self, column: str) -> str:
        return self.roles[column].label

    def row(self, index: int) -> int:
        """Row in the file, from 1, of the kept row ``index``."""
        return int(index if self.labelled is None else np.flatnonzero(self.labelled)[index]) + 1

    def first(self, faulty: NDArray[np.bool_]) -> dict[str, int]:
        """``row`` and ``count`` of the faulty rows, for a message."""
        return {"row": self.row(int(np.argmax(faulty))), "count": int(np.count_nonzero(faulty))}

    def numbers(self, column: str, *, gaps: bool = False) -> Floats:
        """A column as finite float64. InputRejected: texts, infinity, and missing values or NaN unless there
        may be ``gaps``, which are NaN then.
        """
        values = self._as_float(self.frame.get_column(column), column)
        faulty = np.isinf(values) if gaps else ~np.isfinite(values)
        if faulty.any():
            text = _NOT_FINITE if np.isinf(values).any() else _MISSING_NUMBER
            code = "not_finite" if np.isinf(values).any() else "missing_value"
            faulty = np.isinf(values) if code == "not_finite" else faulty
            raise InputRejected(code, text, column=column, **self.first(faulty))
        return values

    def _as_float(self, series: pl.Series, column: str) -> Floats:
        if series.dtype in (pl.Categorical, pl.Enum):
            series = series.cast(pl.String)
        if series.dtype == pl.String:
            series = series.str.strip_chars().replace("", None)
            numbers = series.cast(pl.Float64, strict=False)
            faulty = (numbers.is_null() & series.is_not_null()).to_numpy()
            if faulty.any():
                value = str(series[int(np.argmax(faulty))])[:50]
                raise InputRejected(
                    "not_numeric", _NOT_NUMERIC, column=column, value=value, **self.first(faulty)
                )
            series = numbers
        elif not (series.dtype.is_numeric() or series.dtype in (pl.Boolean, pl.Null)):
            raise InputRejected("not_numeric", _WRONG_TYPE, column=column, type=str(series.dtype))
        return np.ascontiguousarray(series.cast(pl.Float64).to_numpy())

    def probabilities(self, column: str) -> Floats:
        """A column of finite numbers in 0..1."""
        values = self.numbers(column)
        faulty = (values < 0) | (values > 1)
        if faulty.any():
            value = float(values[int(np.argmax(faulty))])
            raise InputRejected(
                "probability_out_of_range",
                _NOT_A_PROBABILITY,
                column=column,
                value=value,
                **self.first(faulty),
            )
        return values

    def weight(self) -> Floats | None:
        """The weights, or None. InputRejected: negative ones, or none above 0."""
        column = self.column(Role.WEIGHT)
        if column is None:
            return None
        values = self.numbers(column)
        negative = values < 0
        if negative.any():
            raise InputRejected("negative_weight", _NEGATIVE_WEIGHT, column=column, **self.first(negative))
        if not values.any():
            raise InputRejected("zero_weight", _ZERO_WEIGHT, column=column)
        return values

    def milliseconds(self) -> tuple[Floats | None, list[Message]]:
        """The latencies of all rows of the file that are there and not negative, and what was left out."""
        if self.latency is None:
            return None, []
        column = self.latency.name
        values = self._as_float(self.latency, column)
        usable = np.isfinite(values) & (values >= 0)
        if not usable.any():
            return None, [Message(_NO_LATENCY, {"column": column})]
        left = len(values) - int(np.count_nonzero(usable))
        notes = [Message(_SOME_LATENCY, {"column": column, "count": left})] if left else []
        return values[usable], notes


def read(path: Path, roles: ColumnRoles) -> Inputs:
    """Read the columns that have a use from the Parquet file at ``path`` and drop rows without target.

    InputRejected: a column that is not in the file, a role given twice, no target column, no rows, no
    row with a target.
    """
    wanted = {name: use for name, use in roles.items() if use.role not in _UNUSED}
    targets = _check_roles(wanted, pl.read_parquet_schema(path))
    frame = pl.read_parquet(path, columns=list(wanted))
    if frame.height == 0:
        raise InputRejected("no_rows", _NO_ROWS)
    latency = next((frame.get_column(n) for n, use in wanted.items() if use.role is Role.LATENCY), None)
    labelled = np.logical_or.reduce([present(frame.get_column(target)) for target in targets])
    left = frame.height - int(np.count_nonzero(labelled))
    if left == frame.height:
        raise InputRejected("no_truth", _NO_TRUTH, column=targets[0])
    if not left:
        return Inputs(frame, wanted, None, latency, ())
    note = Message(_NO_TARGET, {"column": names(targets), "count": left})
    return Inputs(frame.filter(pl.Series(labelled)), wanted, labelled, latency, (note,))


def _check_roles(roles: dict[str, ColumnRole], schema: object) -> list[str]:
    """The target columns of ``roles``, all of which must be in ``schema``."""
    names = list(schema) if isinstance(schema, dict) else []
    for name in roles:
        if name not in names:
            known = ", ".join(names[:20])
            raise InputRejected("missing_column", _MISSING_COLUMN, column=name, columns=known)
    for role, sharing in doubled(roles).items():
        raise InputRejected(
            "doubled_role",
            _DOUBLED_ROLE,
            column=sharing[1],
            role=Message(ROLE_NAMES[role]),
            first=sharing[0],
        )
    targets = [name for name, use in roles.items() if use.role is Role.TARGET]
    if not targets:
        raise InputRejected("missing_role", _NO_TARGET_COLUMN)
    return targets


def present(target: pl.Series) -> NDArray[np.bool_]:
    """Which rows have a value: not null, not NaN, not blank."""
    present = target.is_not_null()
    if target.dtype.is_float():
        present &= target.is_not_nan().fill_null(False)
    elif target.dtype in (pl.String, pl.Categorical, pl.Enum):
        present &= (target.cast(pl.String).str.strip_chars() != "").fill_null(False)
    return present.to_numpy()


def names(labels: Sequence[str], most: int = 5) -> str:
    """A few labels as text for a message."""
    return ", ".join(labels[:most]) + (" …" if len(labels) > most else "")


_NO_ROWS = gettext_noop("The file has columns but no rows. Upload a file with at least one prediction.")
_NO_TRUTH = gettext_noop(
    "The target column %(column)s is empty in every row, so there is nothing to compare the predictions "
    "with. Choose another target column, or upload the labels."
)
_NO_TARGET = gettext_noop("%(count)s rows have no value in the target column %(column)s and are left out.")
_NO_TARGET_COLUMN = gettext_noop(
    "No column has the role of the target. Choose the column with the true values."
)
_MISSING_COLUMN = gettext_noop(
    "There is no column %(column)s in the file. It has: %(columns)s. Correct the name or the role."
)
_DOUBLED_ROLE = gettext_noop(
    "The columns %(first)s and %(column)s both have the role “%(role)s”. Only one column can have it."
)
_NOT_NUMERIC = gettext_noop(
    "The column %(column)s must hold numbers, but row %(row)s has “%(value)s” (%(count)s such rows). "
    "Correct the values or the role of the column."
)
_WRONG_TYPE = gettext_noop(
    "The column %(column)s must hold numbers, but its type is %(type)s. Correct the role of the column."
)
_MISSING_NUMBER = gettext_noop(
    "The column %(column)s has no value in row %(row)s (%(count)s such rows). Fill the values in or leave "
    "these rows out of the file."
)
_NOT_FINITE = gettext_noop(
    "The column %(column)s is infinite in row %(row)s (%(count)s such rows). Correct the values or leave "
    "these rows out of the file."
)
_NOT_A_PROBABILITY = gettext_noop(
    "The column %(column)s must hold probabilities from 0 to 1, but row %(row)s has %(value)s (%(count)s "
    "such rows). Turn scores into probabilities, or give the column another role."
)
_NEGATIVE_WEIGHT = gettext_noop(
    "The weight in column %(column)s is negative in row %(row)s (%(count)s such rows). It must be 0 or more."
)
_ZERO_WEIGHT = gettext_noop("All weights in column %(column)s are 0. At least one must be greater.")
_NO_LATENCY = gettext_noop("The latency column %(column)s holds no usable value; latency is not reported.")
_SOME_LATENCY = gettext_noop(
    "%(count)s rows have a missing or negative latency in column %(column)s and are left out of the latency."
)
