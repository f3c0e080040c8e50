"""A stored table as hashes of its values, and single rows of it to be shown."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.profile import BATCH_CELLS, ROW, Scalar

Hashes = NDArray[np.uint64]
Types = Mapping[str, Any]

TEXT_LENGTH = 100
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Table:
    frame: pl.LazyFrame
    schema: Mapping[str, Any]
    rows: int

    @classmethod
    def of(cls, path: Path) -> Table:
        frame = pl.scan_parquet(path, glob=False)
        return cls(frame, frame.collect_schema(), int(frame.select(pl.len()).collect().item()))

    def hashes(self, types: Types, names: Sequence[str]) -> pl.DataFrame:
        """The hash of each value of these columns, of a missing one too."""
        return self.frame.select(pl.col(name).cast(types[name]).hash() for name in names).collect(
            engine="streaming"
        )

    def row_hashes(self, types: Types, names: Sequence[str]) -> Hashes:
        """One hash of these columns together for each row."""
        total = np.zeros(self.rows, np.uint64)
        for batch in batches(names, self.rows):
            for column in self.hashes(types, batch):
                total = (total ^ column.to_numpy()) * _MIXER
                total ^= total >> _HALF
        return total

    def at(self, rows: Sequence[int], names: Sequence[str]) -> dict[int, dict[str, Scalar | None]]:
        """The values of these columns in the rows at these positions, as JSON holds them."""
        if not rows:
            return {}
        wanted = pl.Series("at", sorted(set(rows)), dtype=pl.get_index_type())
        found = (
            self.frame.select(names)
            .with_row_index(ROW)
            .filter(pl.col(ROW).is_in(wanted.implode()))
            .collect(engine="streaming")
        )
        columns = {name: [_scalar(value) for value in found[name]] for name in names}
        return {
            row: {name: values[i] for name, values in columns.items()}
            for i, row in enumerate(found[ROW].to_list())
        }


def batches(names: Sequence[str], rows: int) -> Iterator[Sequence[str]]:
    size = max(1, BATCH_CELLS // max(rows, 1))
    for start in range(0, len(names), size):
        yield names[start : start + size]


def _scalar(value: Any) -> Scalar | None:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, str) and len(value) > TEXT_LENGTH:
        return value[: TEXT_LENGTH - 1] + "…"
    return value  # type: ignore[no-any-return]
