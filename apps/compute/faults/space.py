"""Where rows lie: a space of scaled numbers or probabilities, and each row's nearest rows in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

from apps.compute.faults.duplicates import Rows
from apps.compute.messages import Message, gettext_noop
from apps.compute.uncertainty import Floats

#: Rows and columns of the space; of more rows a seeded sample is taken, of more columns the first.
MOST_ROWS = 20_000
MOST_COLUMNS = 50
#: Neighbours that are looked at: most of all, and at most this share of the rows.
NEIGHBOURS = 100
SHARE = 0.1
FEWEST_ROWS = 100
#: With fewer columns of numbers the probabilities join them.
FEWEST_COLUMNS = 3
#: No column may pull rows further apart than this many spreads.
FARTHEST = 3.0


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """``rows`` (m,) are positions in the table, ``nearest`` (m, neighbours) are positions in ``rows``, the
    nearest first and without the row itself.
    """

    rows: Rows
    nearest: Rows
    notes: tuple[Message, ...] = ()


def neighbourhood(
    numbers: Sequence[Floats], probability: Floats | None, n: int, *, seed: int = 0
) -> Neighbourhood | None:
    """The nearest rows by Euclid's distance over ``numbers`` (each (n,), NaN where missing) and
    ``probability`` (classes, n).

    A number is centred at its median and scaled by its interquartile range (by its standard deviation where
    that is 0), cut at `FARTHEST`; a missing one lies at the median. A model that has learnt a back door moves
    the rows that use it to the class they are labelled, so its probabilities hide what is looked for: they
    count, each on 0..`FARTHEST`, only where fewer than `FEWEST_COLUMNS` columns of numbers vary.

    None: no column that varies, or fewer than `FEWEST_ROWS` rows.
    """
    if n < FEWEST_ROWS:
        return None
    rng = np.random.default_rng(seed)
    rows, notes = np.arange(n), []
    if n > MOST_ROWS:
        rows = np.sort(rng.choice(n, MOST_ROWS, replace=False))
        notes.append(Message(_SOME_ROWS, {"most": MOST_ROWS, "count": n}))
    if len(numbers) > MOST_COLUMNS:
        notes.append(Message(_SOME_COLUMNS, {"most": MOST_COLUMNS, "count": len(numbers)}))
    columns = [scaled for column in numbers[:MOST_COLUMNS] if (scaled := _scaled(column[rows])) is not None]
    if probability is not None and len(columns) < FEWEST_COLUMNS:
        columns += [FARTHEST * column for column in probability[:MOST_COLUMNS, rows]]
    if not columns:
        return None
    # Equal rows would all be equally near; a hair of noise draws the nearest of them by chance.
    space = np.stack(columns, axis=1) + rng.normal(0, 1e-6, (len(rows), len(columns)))
    wide = min(NEIGHBOURS, int(SHARE * len(rows)))
    search = NearestNeighbors(n_neighbors=wide, algorithm="brute").fit(space.astype(np.float32))
    # Threads of OpenMP stall each other for seconds beside other work.
    with threadpool_limits(1, "openmp"):
        nearest = search.kneighbors(return_distance=False)
    return Neighbourhood(rows, nearest, tuple(notes))


def _scaled(column: Floats) -> Floats | None:
    known = column[np.isfinite(column)]
    if not len(known):
        return None
    low, middle, high = np.quantile(known, (0.25, 0.5, 0.75))
    spread = high - low or known.std()
    if not spread > 0:
        return None
    scaled = np.clip((np.where(np.isfinite(column), column, middle) - middle) / spread, -FARTHEST, FARTHEST)
    return np.asarray(scaled)


def holm(p: Floats, level: float) -> NDArray[np.bool_]:
    """Which of the tests are significant at the family-wise ``level`` (Holm 1979)."""
    order = np.argsort(p, kind="stable")
    fails = p[order] > level / np.arange(len(p), 0, -1)
    passed = int(np.argmax(fails)) if fails.any() else len(p)
    significant = np.zeros(len(p), bool)
    significant[order[:passed]] = True
    return significant


_SOME_ROWS = gettext_noop(
    "Clusters and triggers were looked for in %(most)s of %(count)s rows, drawn at random."
)
_SOME_COLUMNS = gettext_noop(
    "Distances between rows were taken over the first %(most)s of %(count)s columns of numbers."
)
