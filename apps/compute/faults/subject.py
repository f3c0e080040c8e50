"""What is searched for faults: labels, probabilities and features of the rows that have a truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.difference.table import Hashes, Table
from apps.compute.faults import influence
from apps.compute.faults.duplicates import Rows
from apps.compute.faults.triggers import FEWEST
from apps.compute.inputs import Inputs
from apps.compute.judged import Judged, JudgedBinary, JudgedMulticlass, JudgedRegression
from apps.compute.labels import Codes
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import ColumnRoles, Role
from apps.compute.uncertainty import Floats

#: A column of texts is one whose texts are longer than this on average and mostly differ.
TEXT_LENGTH = 20
TEXT_DISTINCT = 0.5


@dataclass(frozen=True, slots=True)
class Subject:
    """Labels of n rows. ``truth`` and ``predicted`` are codes of ``classes``, or numbers where there are
    none. ``probability`` has shape (classes, n).
    """

    judged: JudgedBinary | JudgedMulticlass | JudgedRegression
    classes: tuple[str, ...]
    truth: NDArray[Any]
    predicted: NDArray[Any]
    probability: Floats | None

    @classmethod
    def of(cls, judged: Judged) -> Subject:
        """InputRejected: a task whose rows have no single label."""
        if isinstance(judged, JudgedBinary):
            binary = judged.data
            p = binary.probability
            table = None if p is None else np.stack([1 - p, p])
            truth, decision = binary.truth.astype(np.int32), judged.decisions().astype(np.int32)
            return cls(judged, binary.classes, truth, decision, table)
        if isinstance(judged, JudgedMulticlass):
            many = judged.data
            return cls(judged, many.classes, many.truth, many.predicted, many.probability)
        if isinstance(judged, JudgedRegression):
            return cls(judged, (), judged.data.truth, judged.data.predicted, None)
        raise InputRejected("faults_task", _OTHER_TASK)

    def text(self, values: NDArray[Any]) -> list[str]:
        """Labels or predictions as a reader knows them."""
        return [self.classes[code] if self.classes else f"{code:.6g}" for code in values.tolist()]

    @property
    def metric(self) -> str:
        """The metric whose rows are told apart best: one of losses, where there are any."""
        if not self.classes:
            return "rmse"
        return "accuracy" if self.probability is None else "log_loss"

    def influence(self, metric: str) -> Floats:
        """See `influence`."""
        if isinstance(self.judged, JudgedBinary):
            data = self.judged.data
            decision = self.judged.decisions()
            return influence.binary_influence(
                metric, data.truth, data.probability, decision, self.judged.weight
            )
        if isinstance(self.judged, JudgedMulticlass):
            return influence.multiclass_influence(metric, self.judged.data)
        return influence.regression_influence(metric, self.judged.data)


class Features:
    """The columns that describe a row: features, slices, and texts that have no other use."""

    def __init__(self, path: Path, roles: ColumnRoles, inputs: Inputs) -> None:
        self._path = path
        self._table = Table.of(path)
        self.kept = inputs.labelled
        self.inputs = inputs
        used = [name for name, use in roles.items() if use.role in (Role.FEATURE, Role.SLICE)]
        spare = [name for name, use in roles.items() if use.role is Role.IGNORE]
        schema = self._table.schema
        self.texts = [
            name for name in (*used, *spare) if schema.get(name) == pl.String and self._is_text(name)
        ]
        names = [name for name in schema if name in used or name in self.texts]
        self.names: tuple[str, ...] = tuple(names)
        self.numeric = [name for name in names if schema[name].is_numeric()]
        self.categorical = [name for name in names if name not in self.numeric and name not in self.texts]
        self.id_column = next((name for name, use in roles.items() if use.role is Role.ID), None)

    def _is_text(self, name: str) -> bool:
        column = self._table.frame.select(
            pl.col(name).str.len_chars().mean().alias("length"),
            (pl.col(name).approx_n_unique() / pl.len()).alias("distinct"),
        )
        length, distinct = column.collect(engine="streaming").row(0)
        return (length or 0) > TEXT_LENGTH and distinct > TEXT_DISTINCT

    def hashes(self, names: Sequence[str]) -> Hashes:
        """One hash of these columns for each row with a truth."""
        found = self._table.row_hashes(self._table.schema, names)
        return found if self.kept is None else found[self.kept]

    def read(self, names: Sequence[str]) -> pl.DataFrame:
        """These columns of the rows with a truth."""
        frame = pl.read_parquet(self._path, columns=list(names))
        return frame if self.kept is None else frame.filter(pl.Series(self.kept))

    @cached_property
    def numbers(self) -> list[Floats]:
        """The numeric columns, NaN where a value is missing."""
        frame = self.read(self.numeric) if self.numeric else pl.DataFrame()
        return [frame[name].cast(pl.Float64).fill_null(np.nan).to_numpy() for name in self.numeric]

    def row_numbers(self, rows: Rows) -> list[int]:
        """Rows in the file, counted from 1."""
        places = rows if self.kept is None else np.flatnonzero(self.kept)[rows]
        return [int(place) + 1 for place in places]

    def ids(self, rows: Rows) -> list[str]:
        """The ids of these rows as texts; their numbers in the file where there are no ids."""
        if self.id_column is None:
            return [str(number) for number in self.row_numbers(rows)]
        column = self.read([self.id_column]).to_series().gather(rows)
        return column.cast(pl.String).fill_null("").to_list()

    def values(self, rows: Rows) -> dict[str, tuple[list[str], Codes]]:
        """For each column but texts: the values that `triggers.FEWEST` of these rows have, and the number of
        each row's value among them (-1 where it is missing or rarer).
        """
        found = {}
        for name in (*self.numeric, *self.categorical):
            column = self.read([name]).to_series().gather(rows)
            counted = column.drop_nulls().value_counts(name="rows")
            frequent = counted.filter(pl.col("rows") >= FEWEST).get_column(name).sort()
            if frequent.dtype.is_float():
                frequent = frequent.drop_nans()
            codes = pl.Series(range(len(frequent)), dtype=pl.Int32)
            if len(frequent):
                numbers = column.replace_strict(frequent, codes, default=-1, return_dtype=pl.Int32).to_numpy()
                found[name] = (frequent.cast(pl.String).to_list(), numbers)
        return found


_OTHER_TASK = gettext_noop(
    "Faults in data are looked for in classification with one label a row and in regression with one number "
    "a row. This run is about something else."
)
