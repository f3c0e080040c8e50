"""Rows that are nearly the same: numbers within a hair of each other, texts of nearly the same wording."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.compute.faults.duplicates import Groups, Rows, linked
from apps.compute.faults.minhash import similar_pairs
from apps.compute.messages import Message, gettext_noop
from apps.compute.uncertainty import Floats

#: Rows that are compared; of more a seeded sample is.
MOST_ROWS = 100_000
MOST_COLUMNS = 50
#: How far two numbers may be apart, as a share of the middle 90 % of their column.
TOLERANCE = 0.001
#: More pairs than this by chance alone, and nearness means nothing.
MOST_BY_CHANCE = 0.5
#: Grids with random offsets, and how many rows of one cell each row is compared with.
GRIDS = 12
REACH = 20
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # 2^64 / golden ratio, odd
_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Near:
    """``groups`` hold positions in the table; ``notes`` say what was left out, or why nothing was
    compared.
    """

    groups: Groups
    notes: tuple[Message, ...] = ()


def near_rows(values: Floats, categories: NDArray[np.uint64], labels: NDArray[Any], *, seed: int = 0) -> Near:
    """Rows whose numbers ``values`` (n, columns) all lie within `TOLERANCE` of each other and whose
    ``categories`` (n,), hashes of all other features, are equal. NaN is near to NaN alone.

    Each number is scaled by the middle 90 % of its column (by the whole range where that is 0), columns that
    do not vary are left out. Candidates share a cell of one of `GRIDS` grids whose cells are twice the number
    of columns times the tolerance wide, with random offsets, so that a pair is missed with a chance of at
    most 0.5^12 = 0.0002; each candidate is
    then checked. Exact copies are passed as one row by the caller.

    Nothing is compared where two unlike rows would be near by chance: the expected number of such pairs,
    were columns independent, may be at most `MOST_BY_CHANCE`.
    """
    rng = np.random.default_rng(seed)
    rows, notes = _sampled(len(values), rng)
    scaled = _scaled(values[rows, :MOST_COLUMNS])
    if values.shape[1] > MOST_COLUMNS:
        notes.append(Message(_SOME_COLUMNS, {"most": MOST_COLUMNS, "count": values.shape[1]}))
    kinds = categories[rows]
    if not scaled.shape[1] or _by_chance(scaled, kinds) > MOST_BY_CHANCE:
        return Near(linked([], labels), (Message(_TOO_COARSE),))
    pairs = []
    for _grid in range(GRIDS):
        pairs += _same_cell(scaled, kinds, rng)
    return Near(linked([(rows[a], rows[b]) for a, b in pairs], labels), tuple(notes))


def near_texts(texts: Sequence[str], labels: NDArray[Any], *, seed: int = 0) -> Near:
    """Texts (n) that share at least 80 % of their pieces of 5 characters; see `minhash.similar_pairs`.

    Empty texts are near to nothing.
    """
    rng = np.random.default_rng(seed)
    rows, notes = _sampled(len(texts), rng)
    one, other, cut = similar_pairs([texts[row] for row in rows], rng)
    if cut:
        notes.append(Message(_CUT_TEXTS, {"count": cut}))
    return Near(linked([(rows[one], rows[other])], labels), tuple(notes))


def _sampled(n: int, rng: np.random.Generator) -> tuple[Rows, list[Message]]:
    if n <= MOST_ROWS:
        return np.arange(n), []
    rows = np.sort(rng.choice(n, MOST_ROWS, replace=False))
    return rows, [Message(_SOME_ROWS, {"most": MOST_ROWS, "count": n})]


def _scaled(values: Floats) -> Floats:
    """Columns in units of their spread; those without any are left out. A missing value lies far off."""
    columns = []
    for column in values.T:
        known = column[np.isfinite(column)]
        if not len(known):
            continue
        low, high = np.quantile(known, (0.05, 0.95))
        spread = high - low or np.ptp(known)
        if spread > 0:
            columns.append(np.where(np.isfinite(column), (column - low) / spread, -1e6))
    return np.stack(columns, axis=1) if columns else np.empty((len(values), 0))


def _by_chance(scaled: Floats, kinds: NDArray[np.uint64]) -> float:
    """Expected pairs of near rows were columns independent, with the shares of near pairs as they are."""
    n = len(scaled)
    counts = np.unique(kinds, return_counts=True)[1].astype(np.float64)
    expected = float((counts * (counts - 1)).sum() / 2)
    for column in scaled.T:
        ordered = np.sort(column)
        reach = np.searchsorted(ordered, ordered + TOLERANCE, "right") - np.arange(n) - 1
        expected *= float(reach.sum()) / (n * (n - 1) / 2) if n > 1 else 0.0
    return expected


def _same_cell(
    scaled: Floats, kinds: NDArray[np.uint64], rng: np.random.Generator
) -> list[tuple[Rows, Rows]]:
    """Pairs of near rows in one cell of a random grid."""
    width = 2 * scaled.shape[1] * TOLERANCE
    cells = kinds.copy()
    offsets = rng.random((scaled.shape[1], 1))
    for column, offset in zip(scaled.T, offsets, strict=True):
        cells = (cells ^ np.floor(column / width + offset).astype(np.int64).view(np.uint64)) * _MIXER
        cells ^= cells >> _HALF
    order = np.argsort(cells, kind="stable")
    ordered, pairs = cells[order], []
    for step in range(1, min(REACH, len(order) - 1) + 1):
        at = np.flatnonzero(ordered[step:] == ordered[:-step])
        if not len(at):
            break
        one, other = order[at], order[at + step]
        near = (np.abs(scaled[one] - scaled[other]) <= TOLERANCE).all(axis=1) & (kinds[one] == kinds[other])
        pairs.append((one[near], other[near]))
    return pairs


_SOME_ROWS = gettext_noop(
    "Rows that are nearly the same were looked for in %(most)s of %(count)s rows, drawn at random."
)
_SOME_COLUMNS = gettext_noop(
    "Rows that are nearly the same were looked for by the first %(most)s of %(count)s columns of numbers."
)
_TOO_COARSE = gettext_noop(
    "The features do not tell rows apart well enough to say which are nearly the same; exact copies were "
    "counted."
)
_CUT_TEXTS = gettext_noop("%(count)s long texts were compared by their beginning.")
