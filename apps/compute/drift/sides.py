"""One side of a comparison, opened: its rows, and its columns, which are read a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.drift import prepare
from apps.compute.drift.cache import Cache
from apps.compute.drift.columns import Floats
from apps.compute.drift.kinds import Kind, family, is_prose
from apps.compute.drift.spec import Side
from apps.compute.messages import InputRejected, Message, gettext_noop

REFERENCE, CURRENT = Message(gettext_noop("reference")), Message(gettext_noop("current side"))
#: A smaller table is read faster than its files in the cache.
CACHED_ROWS = 10_000
#: Cells that one thread reads of a side at a time.
BATCH_CELLS = 2**22
#: Rows of a side of which whole rows are kept. The seed is fixed, because the cache serves all comparisons.
SAMPLE_ROWS, SAMPLE_SEED = 5_000, 0


@dataclass(frozen=True, eq=False)
class OpenSide:
    """``rows`` are the selected ones; ``selected`` marks them among all, None when all are meant. What is
    derived from a column is looked up in ``cache`` first.
    """

    path: Path
    schema: Mapping[str, pl.DataType]
    rows: int
    selected: pl.Series | None
    missing_values: Mapping[str, tuple[str | float | int, ...]]
    cache: Cache

    def read(self, names: Sequence[str]) -> pl.DataFrame:
        frame = pl.scan_parquet(self.path, glob=False).select(names).collect()
        return frame if self.selected is None else frame.filter(self.selected)

    @cached_property
    def sample(self) -> pl.Series:
        """Positions of random rows, at most `SAMPLE_ROWS`."""
        count = min(self.rows, SAMPLE_ROWS)
        return pl.Series(np.sort(np.random.default_rng(SAMPLE_SEED).choice(self.rows, count, replace=False)))

    @cached_property
    def places(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.schema)}


def open_side(side: Side, which: Message, cache: Path | None = None) -> OpenSide:
    """InputRejected: the selection does not fit the table, or leaves no row."""
    frame = pl.scan_parquet(side.path, glob=False)
    schema = dict(frame.collect_schema())
    selected = None
    if side.selection:
        rows = side.selection.expression(schema).alias("selected")
        selected = frame.select(rows).collect().to_series()
        count = int(selected.sum())
    else:
        count = int(frame.select(pl.len()).collect().item())
    if not count:
        raise InputRejected("no_rows", _NOTHING_SELECTED if side.selection else _NO_ROWS, side=which)
    kept = Cache(cache if count >= CACHED_ROWS else None)
    return OpenSide(side.path, schema, count, selected, side.missing_values, kept)


@dataclass(frozen=True, eq=False)
class Batch:
    """Columns that are read together, when a value of one of them is first asked for."""

    side: OpenSide
    names: Sequence[str]

    @cached_property
    def frame(self) -> pl.DataFrame:
        return self.side.read(self.names)

    def column(self, name: str) -> Column:
        return Column(name, self)


def batches(names: Sequence[str], rows: int) -> Iterator[Sequence[str]]:
    """Groups of columns that fit into `BATCH_CELLS`, at least one column each."""
    size = max(1, BATCH_CELLS // rows)
    for start in range(0, len(names), size):
        yield names[start : start + size]


@dataclass(frozen=True, eq=False)
class Column:
    name: str
    batch: Batch

    @property
    def rows(self) -> int:
        return self.batch.side.rows

    @property
    def dtype(self) -> pl.DataType:
        return self.batch.side.schema[self.name]

    @property
    def family(self) -> Kind:
        return family(self.dtype)

    @property
    def values(self) -> pl.Series:
        return self.batch.frame[self.name]

    @property
    def special(self) -> tuple[str | float | int, ...]:
        """The values that stand for "no value"."""
        missing = self.batch.side.missing_values
        return (*missing.get("*", ()), *missing.get(self.name, ()))

    def numbers(self) -> Floats:
        """See `prepare.sorted_numbers`."""
        return self._kept("numbers", lambda: prepare.sorted_numbers(self.values, self.special)).to_numpy()

    def numbers_at(self, rows: NDArray[np.int64]) -> pl.Series:
        """See `prepare.numbers`."""
        return pl.Series(prepare.numbers(self.values.gather(rows), self.special))

    def labels_at(self, rows: NDArray[np.int64], dtype: pl.DataType) -> pl.Series:
        """The values at ``rows`` as labels of a type that both sides share; missing ones are null."""
        return prepare.cast(prepare.without_special(self.values.gather(rows), self.special), dtype)

    def counts(self) -> pl.DataFrame:
        """See `prepare.counted`."""
        cache = self.batch.side.cache
        return cache.frame(self._key("counts"), lambda: prepare.counted(self.values, self.special))

    def present(self) -> pl.Series:
        """The values that are not missing, in the order of the file."""
        return prepare.present(self.values, self.special)

    def is_prose(self) -> bool:
        return bool(self._kept("prose", lambda: [is_prose(self.values)]).item())

    def sample(self) -> pl.Series:
        """The values in some random rows, of all columns of a side the same rows."""
        return prepare.without_special(self._kept("sample", self._sampled), self.special)

    def _sampled(self) -> pl.Series:
        return self.values if self.rows <= SAMPLE_ROWS else self.values.gather(self.batch.side.sample)

    def count(self) -> int:
        """How many rows have a value."""
        return int(self._kept("present", lambda: [len(self.present())]).item())

    def _kept(self, form: str, make: Callable[[], pl.Series | Floats | list[int]]) -> pl.Series:
        return self.batch.side.cache.series(self._key(form), lambda: pl.Series(make()))

    def _key(self, form: str) -> str:
        return f"{self.batch.side.places[self.name]}.{form}"


_NO_ROWS = gettext_noop("The %(side)s has no rows, so there is nothing to compare. Upload a file with rows.")
_NOTHING_SELECTED = gettext_noop(
    "The selection leaves no row of the %(side)s, so there is nothing to compare. Choose other rows."
)
