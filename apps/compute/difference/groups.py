"""Which rows of two tables are equal, by their hashes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.difference.table import Hashes

Rows = NDArray[np.intp]  # positions, from 0


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows of both tables with equal hashes. ``order`` holds their positions group by group, the older
    table's rows before the newer one's, each in their order; a newer row is ``shift`` plus its position.
    """

    order: Rows
    starts: Rows
    older: Rows  # how many rows of each table the group has
    newer: Rows
    shift: int

    @classmethod
    def of(cls, older: Hashes, newer: Hashes) -> Groups:
        table = pl.DataFrame({"hash": np.concatenate((older, newer))}).with_row_index("row")
        table = table.sort("hash", maintain_order=True)
        hashes, order = table["hash"].to_numpy(), table["row"].to_numpy().astype(np.intp)
        if not len(order):
            none = np.empty(0, np.intp)
            return cls(none, none, none, none, shift=0)
        starts = np.flatnonzero(np.concatenate(([True], hashes[1:] != hashes[:-1])))
        sizes = np.diff(starts, append=len(order))
        of_newer = np.add.reduceat(order >= len(older), starts, dtype=np.intp)
        return cls(order, starts, sizes - of_newer, of_newer, shift=len(older))

    def rows(self, groups: NDArray[np.bool_]) -> tuple[Rows, Rows]:
        """The positions of the older and of the newer rows of these groups, in the order of the tables."""
        rows = np.sort(self.order[np.repeat(groups, self.older + self.newer)])
        split = np.searchsorted(rows, self.shift)
        return rows[:split], rows[split:] - self.shift

    def pairs(self) -> tuple[Rows, Rows]:
        """The positions of rows that stand alone on both sides, in the order of the newer table."""
        first = self.starts[(self.older == 1) & (self.newer == 1)]
        older, newer = self.order[first], self.order[first + 1] - self.shift
        order = np.argsort(newer)
        return older[order], newer[order]

    def surplus(self) -> tuple[Rows, Rows]:
        """The positions of the rows that one side has more of, the later ones of equal rows."""
        sizes = self.older + self.newer
        rank = np.arange(len(self.order)) - np.repeat(self.starts, sizes)
        older, newer = np.repeat(self.older, sizes), np.repeat(self.newer, sizes)
        is_older = rank < older
        more_older, more_newer = is_older & (rank >= newer), ~is_older & (rank - older >= older)
        return np.sort(self.order[more_older]), np.sort(self.order[more_newer] - self.shift)
