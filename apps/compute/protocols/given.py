"""What a protocol is given: its settings, and the columns they name, read and checked."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute import labels
from apps.compute.inputs import Inputs, present
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.protocols.params import check_params
from apps.compute.protocols.records import Protocol
from apps.compute.protocols.result import ProtocolResult
from apps.compute.results import MetricResult, Table
from apps.compute.roles import ColumnRoles, Role
from apps.compute.uncertainty import Floats

if TYPE_CHECKING:
    from apps.compute.protocols import Tables


@dataclass(frozen=True, slots=True)
class Groups:
    """``codes`` (n,) are places in ``names``; every name has a row."""

    column: str
    codes: NDArray[np.int32]
    names: tuple[str, ...]

    @property
    def sizes(self) -> NDArray[np.int64]:
        return np.bincount(self.codes, minlength=len(self.names))

    def kept(self, left_out: Sequence[str]) -> NDArray[np.bool_]:
        """Which groups may be the worst. InputRejected: a name that no group has, or none is left."""
        wanted = {labels.canonical(name) for name in left_out}
        if unknown := sorted(wanted - set(self.names)):
            raise InputRejected(
                "unknown_group", _UNKNOWN_GROUP, column=self.column, given=unknown[0],
                known=", ".join(self.names[:20]),
            )  # fmt: skip
        kept = np.array([name not in wanted for name in self.names])
        if not kept.any():
            raise InputRejected("no_group_left", _NO_GROUP_LEFT, column=self.column)
        return kept


class Given:
    """The settings ``params``, complete, and the file they speak of.

    Rows without a true value are left out, with a note, where the protocol has one column of truth.
    """

    def __init__(
        self,
        protocol: Protocol,
        tables: Tables,
        params: Mapping[str, Any],
        roles: ColumnRoles,
        *,
        seed: int,
        progress: Callable[[Message, float], None],
    ) -> None:
        path = tables.predictions if protocol.is_wide and tables.truth else tables.joined
        self.protocol = protocol
        self.roles = roles
        self.tables = tables
        self.progress = progress
        self.seed = seed
        self.params = check_params(protocol, params, pl.read_parquet_schema(path), roles)
        self.rng = np.random.default_rng(seed)
        self.notes: list[Message] = []

    def name(self, part: str) -> str | None:
        found: str | None = self.params.get(part)
        return found

    def names(self, part: str) -> list[str]:
        return list(self.params.get(part, ()))

    def number(self, part: str) -> float:
        return float(self.params[part])

    @cached_property
    def inputs(self) -> Inputs:
        """The columns of the settings. InputRejected: no rows, or none with a true value."""
        wanted: list[str] = []
        for part in self.protocol.parts:
            if part.kind in ("column", "columns") and part.key in self.params:
                value = self.params[part.key]
                wanted += [value] if part.kind == "column" else value
        frame = pl.read_parquet(self.tables.joined, columns=list(dict.fromkeys(wanted)), glob=False)
        if not frame.height:
            raise InputRejected("no_rows", _NO_ROWS)
        truth = self.name("truth")
        if truth is None:
            return Inputs(frame, {}, None, None, ())
        labelled = present(frame.get_column(truth))
        left = frame.height - int(np.count_nonzero(labelled))
        if left == frame.height:
            raise InputRejected("no_truth", _NO_TRUTH, column=truth)
        if not left:
            return Inputs(frame, {}, None, None, ())
        self.notes.append(Message(_NO_TARGET, {"column": truth, "count": left}))
        return Inputs(frame.filter(pl.Series(labelled)), {}, labelled, None, ())

    @property
    def frame(self) -> pl.DataFrame:
        return self.inputs.frame

    def series(self, part: str) -> pl.Series:
        return self.frame.get_column(self.params[part])

    def numbers(self, part: str) -> Floats:
        return self.inputs.numbers(self.params[part])

    def columns(self, part: str) -> Floats:
        """Shape (columns, n): finite numbers. InputRejected names the column and the first faulty row."""
        return np.stack([self.inputs.numbers(name) for name in self.names(part)])

    def classes(self, *parts: str) -> tuple[tuple[str, ...], list[NDArray[np.int32]]]:
        """The labels of several columns and each column's codes. InputRejected: a row without a label."""
        columns = [self.series(part) for part in parts]
        texts = [labels.distinct(column) for column in columns]
        same = labels.unite([found.values() for found in texts])
        texts = [{value: same.get(text, text) for value, text in found.items()} for found in texts]
        names = labels.order({text for found in texts for text in found.values()} - {""})
        codes = [labels.encode(c, t, names) for c, t in zip(columns, texts, strict=True)]
        for column, found in zip(columns, codes, strict=True):
            if (missing := found < 0).any():
                raise InputRejected("no_label", _NO_LABEL, column=column.name, **self.inputs.first(missing))
        return names, codes

    def hits(self) -> NDArray[np.bool_]:
        """Which predictions are right."""
        _names, (truth, predicted) = self.classes("truth", "prediction")
        return np.asarray(truth == predicted)

    def groups(self, part: str = "group", *, least: int = 2) -> Groups:
        """InputRejected: rows of no group, fewer than ``least`` groups, or a row id in several groups."""
        column = self.series(part)
        texts = labels.distinct(column)
        names = labels.order(set(texts.values()) - {""})
        codes = labels.encode(column, texts, names)
        if (missing := codes < 0).any():
            raise InputRejected("no_group", _NO_GROUP, column=column.name, **self.inputs.first(missing))
        if len(names) < least:
            raise InputRejected("one_group", _ONE_GROUP, column=column.name, group=names[0])
        if part == "group":
            self._check_overlap(column.name)
        return Groups(column.name, codes, names)

    def _check_overlap(self, column: str) -> None:
        """InputRejected: an id that occurs in several groups, whose row would count several times."""
        known = pl.read_parquet_schema(self.tables.joined)
        id_column = next((n for n, use in self.roles.items() if use.role is Role.ID and n in known), None)
        if id_column is None or id_column == column:
            return
        pairs = pl.scan_parquet(self.tables.joined, glob=False).select(
            pl.col(id_column).alias("id"), pl.col(column).alias("group")
        )
        pairs = pairs.filter(pl.col("id").is_not_null())
        hashed = pairs.select(pl.all().hash()).unique().collect()
        doubled = hashed.filter(pl.col("id").is_duplicated())["id"]
        if doubled.is_empty():
            return
        rows = pairs.filter(pl.col("id").hash() == doubled[0]).unique(maintain_order=True).head(2).collect()
        first, second = (str(value) for value in rows["group"])
        raise InputRejected(
            "overlapping_groups", _OVERLAP, id=str(rows["id"][0])[:60], column=id_column,
            groups=column, first=first[:60], second=second[:60], count=doubled.n_unique(),
        )  # fmt: skip

    def flags(self, column: str) -> NDArray[np.bool_]:
        """A column of 0 and 1. InputRejected: anything else."""
        values = self.inputs.numbers(column)
        faulty = (values != 0) & (values != 1)
        if faulty.any():
            value = float(values[int(np.argmax(faulty))])
            raise InputRejected(
                "not_a_flag", _NOT_A_FLAG, column=column, value=value, **self.inputs.first(faulty)
            )
        return np.asarray(values == 1)

    def result(self, n: int, metrics: Sequence[MetricResult], tables: Mapping[str, Table]) -> ProtocolResult:
        """The metrics in the order of the protocol's record."""
        order = {key: place for place, key in enumerate(self.protocol.metrics)}
        return ProtocolResult(
            protocol=self.protocol.key,
            n=n,
            metrics=tuple(sorted((finite(m) for m in metrics), key=lambda metric: order[metric.key])),
            tables=tables,
            notes=tuple(self.notes),
            params=self.params,
            seed=self.seed,
        )


def finite(metric: MetricResult) -> MetricResult:
    """NaN is no number of a result: without a reason it becomes the general one."""
    if metric.value is None or np.isfinite(metric.value):
        return metric
    return replace(
        metric, value=None, low=None, high=None, method="", undefined=metric.undefined or Message(_UNDEFINED)
    )


_NO_ROWS = gettext_noop("The file has columns but no rows. Upload a file with at least one prediction.")
_NO_TRUTH = gettext_noop(
    "The column %(column)s has no true value in any row, so there is nothing to compare the predictions "
    "with. "
    "Choose another column, or upload the labels."
)
_NO_TARGET = gettext_noop("%(count)s rows have no value in the target column %(column)s and are left out.")
_NO_LABEL = gettext_noop(
    "The column %(column)s is empty in row %(row)s (%(count)s such rows). Fill the values in or leave these "
    "rows out of the file."
)
_NO_GROUP = gettext_noop(
    "%(count)s rows have no group in the column %(column)s, the first of them row %(row)s. Give every row a "
    "group, if only “Other”, which can be left out of the worst."
)
_OVERLAP = gettext_noop(
    "The id “%(id)s” of the column %(column)s is in the groups “%(first)s” and “%(second)s” of the column "
    "%(groups)s (%(count)s such ids). Groups must not overlap here: give each id one group, or choose the "
    "protocol for identities, whose groups may overlap."
)
_ONE_GROUP = gettext_noop(
    "The column %(column)s has one group only, “%(group)s”, so there is no worst one. Choose a column with "
    "at "
    "least two groups."
)
_UNKNOWN_GROUP = gettext_noop(
    "No row of the column %(column)s is of the group “%(given)s”. It has: %(known)s. Correct the name."
)
_NO_GROUP_LEFT = gettext_noop(
    "All groups of the column %(column)s are left out, so there is no worst one. Leave fewer out."
)
_NOT_A_FLAG = gettext_noop(
    "The column %(column)s must hold 0 and 1, but row %(row)s has %(value)s (%(count)s such rows). Choose "
    "another column or correct the values."
)
_UNDEFINED = gettext_noop("Not defined for these rows.")
