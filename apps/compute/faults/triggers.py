"""Values of a column with which the label is nearly always one class, whatever rows like these are otherwise.

A trigger is what a back door opens to: a mark on the image, a rare value in a column. A strong feature that
stands alone, or a rule of the business, looks the same: what is found here is a hint to look, and no proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from apps.compute.faults.clusters import LEVEL
from apps.compute.faults.duplicates import Rows
from apps.compute.faults.space import Neighbourhood, holm
from apps.compute.labels import Codes
from apps.compute.uncertainty import Floats

FEWEST = 10  # rows with the value
LARGEST_SHARE = 0.1  # of all rows
#: The share of one class among rows with the value, and its excess over rows like them without it.
NEARLY_ALL = 0.95
EXCESS = 0.5
FEWEST_ALIKE = 5  # neighbours without the value
MOST_VALUES = 200  # of a column, the most frequent ones
MOST = 20


@dataclass(frozen=True, slots=True)
class Trigger:
    """``n`` rows have ``value`` (its number among the column's values) in ``column``; the share ``share`` of
    them is labelled ``given``, but only ``expected`` of the rows that are like them and have another value.
    ``p`` is binomial, corrected for all values looked at. ``rows`` are positions.
    """

    column: str
    value: int
    given: int
    n: int
    share: float
    expected: float
    p: float
    rows: Rows


@dataclass(frozen=True, slots=True)
class _Look:
    column: str
    value: int
    given: int
    members: NDArray[np.intp]
    hits: int
    expected: float


def triggers(space: Neighbourhood, truth: Codes, columns: Mapping[str, NDArray[np.int32]]) -> list[Trigger]:
    """Triggers among the rows of ``space``, the largest excess first and at most `MOST`.

    ``truth`` (n,) is of all rows, ``columns`` (name -> (m,), numbers of values, -1 where there is none) of
    the m rows of ``space``. Looked at are values that `FEWEST` rows and at most the share `LARGEST_SHARE`
    have. Rows that are alike are neighbours with another value in this column; a row without `FEWEST_ALIKE`
    of them is left out. If the value had nothing to do with the label, so many rows would have its class as
    the neighbours' mean share says: one-sided binomial test (which is on the safe side where the shares
    differ; Hoeffding 1956), Holm's correction over all looks.
    """
    labels = truth[space.rows]
    around = labels[space.nearest]
    looks = [
        look for name, codes in columns.items() for look in _looks(name, codes, space.nearest, labels, around)
    ]
    if not looks:
        return []
    p = np.array([binom.sf(look.hits - 1, len(look.members), look.expected) for look in looks])
    significant = holm(p, LEVEL)
    found = []
    for look, small, own in zip(looks, significant, p, strict=True):
        n = len(look.members)
        share = look.hits / n
        if small and share >= NEARLY_ALL and share - look.expected >= EXCESS:
            rows = space.rows[look.members]
            adjusted = min(float(own) * len(looks), 1.0)
            found.append(
                Trigger(look.column, look.value, look.given, n, share, look.expected, adjusted, rows)
            )
    return sorted(found, key=lambda each: (each.expected - each.share, -each.n))[:MOST]


def _looks(
    name: str, values: NDArray[np.int32], nearest: Rows, labels: Codes, around: Codes
) -> Iterator[_Look]:
    counts = np.bincount(values[values >= 0])
    wanted = np.flatnonzero((counts >= FEWEST) & (counts <= LARGEST_SHARE * len(values)))
    for value in wanted[np.argsort(-counts[wanted], kind="stable")][:MOST_VALUES]:
        members = np.flatnonzero(values == value)
        given = int(np.bincount(labels[members]).argmax())
        alike = values[nearest[members]] != value
        enough = alike.sum(axis=1) >= FEWEST_ALIKE
        members, alike = members[enough], alike[enough]
        if len(members) < FEWEST:
            continue
        shares: Floats = ((around[members] == given) & alike).sum(axis=1) / alike.sum(axis=1)
        hits = int(np.count_nonzero(labels[members] == given))
        yield _Look(name, int(value), given, members, hits, float(shares.mean()))
