"""Groups of rows: the values of a slice column, bands of a numeric one, crossings of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.labels import Codes
from apps.compute.messages import InputRejected, Message, gettext_noop

#: Of a column with more values, only the largest groups are shown.
MOST_GROUPS = 200
#: A numeric column with more distinct values than this is cut into bands of equal counts.
MOST_NUMBERS = 50
BANDS = 10
MISSING = "(missing)"


@dataclass(frozen=True, slots=True)
class Grouping:
    """``codes`` (n,) are positions in ``values``; -1 for rows of groups that are not shown.

    ``values`` holds one text per column of ``columns`` for each group; no group is empty.
    """

    columns: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]
    codes: Codes

    def parts(self) -> tuple[NDArray[np.int64], list[slice]]:
        """Row numbers sorted by group, and each group's place among them."""
        order = np.argsort(self.codes.astype(np.int16), kind="stable")  # A radix sort: linear.
        sizes = np.bincount(self.codes + 1, minlength=len(self.values) + 1)
        ends = np.cumsum(sizes)
        places = [slice(int(a), int(b)) for a, b in pairwise(ends)]
        return order, places


def groupings(
    frame: pl.DataFrame, columns: Sequence[str], crossings: Sequence[tuple[str, ...]]
) -> tuple[list[Grouping], list[Message]]:
    """The groups of each of ``columns``, then of each crossing, and notes on what is not shown.

    InputRejected: a crossing names a column that is not among ``columns``.
    """
    single = {}
    notes = []
    for name in columns:
        single[name], dropped = _group(frame.get_column(name))
        notes += _note((name,), dropped)
    found = list(single.values())
    for names in crossings:
        for name in names:
            if name not in single:
                raise InputRejected("not_a_slice", _NOT_A_SLICE, column=name)
        crossed, dropped = _cross([single[name] for name in names])
        found.append(crossed)
        notes += _note(names, dropped)
    return found, notes


def _note(names: Sequence[str], dropped: int) -> list[Message]:
    if not dropped:
        return []
    params = {"columns": " × ".join(names), "most": MOST_GROUPS, "dropped": dropped}
    return [Message(_DROPPED, params)]


def _group(column: pl.Series) -> tuple[Grouping, int]:
    """The groups of one column, and how many values are not shown."""
    texts = _texts(column)
    counts = texts.value_counts(sort=True, name="rows")
    # Equal counts in the order of their texts, so that the same file always shows the same groups.
    counts = counts.sort(["rows", texts.name], descending=[True, False])
    shown = _ordered(counts.get_column(texts.name).head(MOST_GROUPS), column)
    codes = texts.replace_strict(
        shown, pl.Series(range(len(shown)), dtype=pl.Int32), default=-1, return_dtype=pl.Int32
    ).to_numpy()
    values = tuple((text,) for text in shown.to_list())
    return Grouping((column.name,), values, codes), len(counts) - len(shown)


def _ordered(texts: pl.Series, column: pl.Series) -> pl.Series:
    """Texts in the order of what they stand for."""
    if not column.dtype.is_numeric():
        return texts.sort()
    number = texts.str.extract(r"^(\S+)").cast(pl.Float64, strict=False)
    return texts.gather(number.arg_sort(nulls_last=True))


def _texts(column: pl.Series) -> pl.Series:
    if not is_banded(column):
        return value_texts(column).fill_null(MISSING)
    found = bands(column)
    texts = pl.Series(found.names, dtype=pl.String).gather(pl.Series(found.codes.clip(0), dtype=pl.UInt32))
    banded = pl.select(pl.when(pl.Series(found.codes >= 0)).then(texts)).to_series()
    return banded.fill_null(MISSING).alias(column.name)


def value_texts(column: pl.Series) -> pl.Series:
    """The text by which a slice names each value; null for missing and infinite ones, and empty texts."""
    if column.dtype.is_float():
        column = pl.select(pl.when(column.is_finite()).then(column)).to_series().alias(column.name)
        whole = column.drop_nulls()
        if bool((whole == whole.round()).all()) and bool((whole.abs() < 2**53).all()):
            column = column.cast(pl.Int64)
    return column.cast(pl.String).replace("", None)


def is_banded(column: pl.Series) -> bool:
    """Whether ``column`` holds so many numbers that its slices are bands of them."""
    return column.dtype.is_numeric() and column.n_unique() > MOST_NUMBERS


@dataclass(frozen=True, slots=True)
class Bands:
    """``codes`` (n,) are positions in ``names``; -1 for rows without a finite number.

    ``starts[k]`` is the smallest number that occurs in band k, so that band k is
    ``starts[k] <= value < starts[k + 1]`` too.
    """

    names: tuple[str, ...]
    starts: tuple[float, ...]
    codes: NDArray[np.int64]


def bands(column: pl.Series) -> Bands:
    """Bands of about equal counts, both ends named; equal values always share a band.

    ``column`` is numeric, with at least one finite number.
    """
    values = column.cast(pl.Float64).to_numpy()
    present = np.isfinite(values)
    finite = values[present]
    edges = np.unique(np.quantile(finite, np.arange(BANDS + 1) / BANDS, method="inverted_cdf"))
    inner = edges[1:-1]
    codes = np.where(present, np.searchsorted(inner, values, "left"), -1)  # inner[k-1] < value <= inner[k]
    names = [
        f"{edges[k]:.6g} – {edges[k + 1]:.6g}" if k == 0 else f"{edges[k]:.6g} < … ≤ {edges[k + 1]:.6g}"
        for k in range(len(inner) + 1)
    ]
    starts = [float(finite[finite > edge].min()) for edge in inner]
    return Bands(tuple(names), (float(edges[0]), *starts), codes)


def _cross(parts: Sequence[Grouping]) -> tuple[Grouping, int]:
    key = np.zeros(len(parts[0].codes), dtype=np.int64)
    hidden = np.zeros(len(key), dtype=bool)
    for part in parts:
        key = key * len(part.values) + part.codes
        hidden |= part.codes < 0
    key[hidden] = -1
    held, codes, counts = np.unique(key, return_inverse=True, return_counts=True)
    usable = np.flatnonzero(held >= 0)
    largest = usable[np.argsort(-counts[usable], kind="stable")[:MOST_GROUPS]]
    largest.sort()
    place = np.full(len(held), -1, np.int32)
    place[largest] = np.arange(len(largest))
    values = []
    for combination in held[largest]:
        texts: list[str] = []
        rest = int(combination)
        for part in reversed(parts):
            rest, code = divmod(rest, len(part.values))
            texts.insert(0, part.values[code][0])
        values.append(tuple(texts))
    columns = tuple(part.columns[0] for part in parts)
    return Grouping(columns, tuple(values), place[codes]), len(usable) - len(largest)


_NOT_A_SLICE = gettext_noop(
    "The column %(column)s is to be crossed with others but does not have the role of a slice. "
    "Give it that role or leave it out of the crossing."
)
_DROPPED = gettext_noop(
    "%(columns)s has more than %(most)s groups: the largest are shown, %(dropped)s smaller ones are not."
)
