"""Rows that are there more than once, and rows that are equal but for their label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

Rows = NDArray[np.intp]  # positions, from 0


@dataclass(frozen=True, slots=True)
class Group:
    """Positions of rows, ascending, and whether their labels differ."""

    rows: Rows
    conflicting: bool


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of two rows or more: ``order`` holds the positions group by group, each group ascending,
    ``starts`` where a group begins, ``sizes`` how many rows it has, ``conflicting`` whether its labels
    differ.
    """

    order: Rows
    starts: Rows
    sizes: Rows
    conflicting: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def extra(self) -> int:
        """How many rows would go if one of each group stayed."""
        return int(self.sizes.sum() - len(self.sizes))

    def largest(self, most: int) -> Iterator[Group]:
        """Groups whose labels differ first, then the larger ones first."""
        for at in np.lexsort((self.starts, -self.sizes, ~self.conflicting))[:most]:
            rows = self.order[self.starts[at] : self.starts[at] + self.sizes[at]]
            yield Group(rows, bool(self.conflicting[at]))

    def members(self, of: NDArray[np.bool_] | None = None) -> Rows:
        """The positions of all rows in the groups ``of`` (a mask over the groups; all without it)."""
        if of is None:
            return np.sort(self.order)
        return np.sort(self.order[np.repeat(of, self.sizes)])


def exact(hashes: NDArray[np.uint64], labels: NDArray[Any]) -> Groups:
    """Rows with equal features, by 64-bit hashes (n,) of all of them (`difference.table.Table.row_hashes`).

    ``labels`` (n,) are codes or numbers without a missing one; a group conflicts where they differ. A million
    rows meet a false match with a chance of 1 to 37 million. Missing values are equal to each other.
    """
    return group(hashes, np.arange(len(hashes)), labels)


def group(keys: NDArray[Any], rows: Rows, labels: NDArray[Any]) -> Groups:
    """Group ``rows`` by their ``keys`` (both of one length). ``labels`` are of all rows of the table."""
    ordered = pl.DataFrame({"key": keys, "row": rows}).sort("key", "row")
    key, order = ordered["key"].to_numpy(), ordered["row"].to_numpy().astype(np.intp)
    fresh = np.ones(len(key), bool)
    fresh[1:] = key[1:] != key[:-1]
    number = np.cumsum(fresh) - 1
    sizes = np.bincount(number) if len(key) else np.empty(0, np.intp)
    shared = sizes > 1
    order = order[shared[number]] if len(key) else order
    sizes = sizes[shared]
    starts = np.cumsum(sizes) - sizes
    own = labels[order]
    first = np.repeat(own[starts], sizes) if len(starts) else own
    conflicting = np.bincount(np.repeat(np.arange(len(sizes)), sizes), own != first, len(sizes)) > 0
    return Groups(order, starts, sizes, conflicting)


def linked(pairs: Sequence[tuple[Rows, Rows]], labels: NDArray[Any]) -> Groups:
    """Groups of rows that chains of ``pairs`` (positions of both rows) hold together."""
    n = len(labels)
    one = np.concatenate([a for a, _b in pairs]) if pairs else np.empty(0, np.intp)
    other = np.concatenate([b for _a, b in pairs]) if pairs else np.empty(0, np.intp)
    graph = coo_array((np.ones(len(one), np.int8), (one, other)), shape=(n, n))
    return group(connected_components(graph, directed=False)[1], np.arange(n), labels)
