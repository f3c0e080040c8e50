"""Rows of a hold-out that were in the training data.

Rows are compared by 64-bit hashes over the columns that both tables have, so memory grows with rows and not
with columns. Equal rows are no proof of a leak where few columns have few values: then strangers are equal.
Two rules tell copies from such chance, and either is enough.

*Split at random.* Throw the rows of both tables together. If nothing was copied, which of them belong to the
hold-out is a matter of chance, given how often each row occurs: of a group of c equal rows all fall into the
hold-out, and so find no partner in training, with probability s^c, where s is the hold-out's share of all
rows. A leak is more partners than that gives in one of a hundred splits (a permutation test with its exact
mean and variance, normal in the tail).

*No set of rows is so common.* Training data that repeat their rows on purpose (oversampling) blunt the first
rule. A fixed set of K different rows catches a stranger with probability at most sqrt(K q), where q is the
probability that two strangers are equal (Cauchy-Schwarz); q is bounded by the equal pairs within the
hold-out, at 99 %. More partners than that are copies, too.

A shift between training and hold-out makes partners rarer, so both rules err on the side of "cannot tell".
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from scipy.special import chdtri

from apps.compute.difference.groups import Groups, Rows
from apps.compute.difference.rows import common_type
from apps.compute.difference.table import Hashes, Table, Types
from apps.compute.profile import Scalar

EXAMPLES = 20
SHOWN = 6  # columns of an example
LEVEL_Z = 2.3263478740408408  # one-sided 1 %
LEVEL = 0.01


class Leak(StrEnum):
    NONE = "none"  # no row of the hold-out occurs in the training data
    CHANCE = "chance"  # as many as strangers would: nobody can tell
    COPIED = "copied"
    UNKNOWN = "unknown"  # no column to compare by


@dataclass(frozen=True, slots=True)
class Twin:
    """A hold-out row and its first equal in the training data, counted from 1; ``values`` of the columns
    ``shown``.
    """

    holdout_row: int
    training_row: int
    values: tuple[Scalar | None, ...]


@dataclass(frozen=True, slots=True)
class Overlap:
    """``rows`` of the hold-out's ``holdout_rows`` occur in the ``training_rows`` of the training data,
    compared
    by ``columns``; ``expected`` would by chance. ``with_target`` of them have the same true value there too
    (None: the training data have no such column). ``ids`` of the hold-out occur in the training data (None:
    one side has no id); rows that are only numbered alike share ids without being the same.
    """

    leak: Leak
    holdout_rows: int
    training_rows: int
    rows: int
    expected: float
    with_target: int | None
    ids: int | None
    columns: tuple[str, ...]
    shown: tuple[str, ...] = ()
    twins: tuple[Twin, ...] = ()

    @property
    def share(self) -> float:
        return self.rows / self.holdout_rows if self.holdout_rows else 0.0

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "leak": self.leak.value, "share": self.share}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Overlap:
        fields = {name: data[name] for name in cls.__dataclass_fields__}
        twins = tuple(Twin(**{**twin, "values": tuple(twin["values"])}) for twin in data["twins"])
        lists = {name: tuple(data[name]) for name in ("columns", "shown")}
        return cls(**{**fields, **lists, "leak": Leak(data["leak"]), "twins": twins})


def overlap(
    training: Path,
    holdout: Path,
    *,
    target: str = "",
    holdout_id: str = "",
    training_id: str = "",
    ignored: Collection[str] = (),
) -> Overlap:
    """Compare two normalised Parquet files by all columns of one name except the ids, the target and the
    ``ignored`` ones (predictions). A column with one value in all rows of each table says nothing, such as
    one
    that names the table ("train", "test"), and is left out. Values of different number types meet as
    numbers, others as text.
    """
    sides = Table.of(training), Table.of(holdout)
    left_out = {target, holdout_id, training_id, *ignored}
    common = {
        name: common_type(dtype, sides[1].schema[name])
        for name, dtype in sides[0].schema.items()
        if name in sides[1].schema
    }
    names = [name for name in common if name not in left_out]
    hashes, used = _hashes(sides, common, names)
    ids = _common_ids(sides, training_id, holdout_id)
    if not used:
        rows = sides[1].rows, sides[0].rows
        return Overlap(Leak.UNKNOWN, *rows, 0, 0.0, None, ids, ())
    groups = Groups.of(*hashes)
    found = int(groups.newer[groups.older > 0].sum())
    expected, spread = _by_chance(groups)
    shown = tuple(name for name in (holdout_id, *used, target) if name in sides[1].schema)[:SHOWN]
    return Overlap(
        leak=_verdict(groups, found, expected, spread),
        holdout_rows=sides[1].rows,
        training_rows=sides[0].rows,
        rows=found,
        expected=expected,
        with_target=_with_target(sides, common, hashes, target),
        ids=ids,
        columns=tuple(used),
        shown=shown,
        twins=_twins(sides[1], groups, shown),
    )


def _hashes(
    sides: tuple[Table, Table], types: Types, names: list[str]
) -> tuple[tuple[Hashes, Hashes], list[str]]:
    """One hash for each row of both tables, and the columns that went into it."""
    used = [name for name in names if not all(_is_constant(side, name) for side in sides)]
    return (sides[0].row_hashes(types, used), sides[1].row_hashes(types, used)), used


def _is_constant(side: Table, name: str) -> bool:
    counted = side.frame.select(pl.col(name).n_unique()).collect(engine="streaming")
    return int(counted.item()) <= 1


def _common_ids(sides: tuple[Table, Table], training_id: str, holdout_id: str) -> int | None:
    if training_id not in sides[0].schema or holdout_id not in sides[1].schema:
        return None
    kind = common_type(sides[0].schema[training_id], sides[1].schema[holdout_id])
    hashes = [
        side.row_hashes({name: kind}, [name])
        for side, name in zip(sides, (training_id, holdout_id), strict=True)
    ]
    return int(np.isin(hashes[1], hashes[0]).sum())


def _by_chance(groups: Groups) -> tuple[float, float]:
    """Mean and standard deviation of the hold-out rows with a partner, over all splits of the same rows."""
    sizes, counts = np.unique(groups.older + groups.newer, return_counts=True)
    holdout = int(groups.newer.sum())
    total = int(sizes @ counts)
    share = holdout / total
    alone = share ** sizes.astype(np.float64)
    mean = float(counts @ (sizes * alone))
    variance = float(counts @ (sizes**2 * alone * (1 - alone)))
    # The hold-out's size is fixed: what its fluctuation would add is taken out (a conditional variance).
    of_size = total * share * (1 - share)
    tied = float(counts @ (sizes**2 * alone * (1 - share)))
    if of_size > 0:
        variance -= tied**2 / of_size
    return holdout - mean, math.sqrt(max(0.0, variance))


def _verdict(groups: Groups, found: int, expected: float, spread: float) -> Leak:
    if found == 0:
        return Leak.NONE
    if found - 0.5 > expected + LEVEL_Z * spread:
        return Leak.COPIED
    rows = int(groups.newer.sum())
    share = found / rows
    least = share - LEVEL_Z * math.sqrt(share * (1 - share) / rows)
    return Leak.COPIED if least > _most_of_strangers(groups) else Leak.CHANCE


def _most_of_strangers(groups: Groups) -> float:
    """Upper bound of the probability that a stranger equals one of the training data's different rows."""
    rows = float(groups.newer.sum())
    pairs = rows * (rows - 1) / 2
    if not pairs:
        return 1.0
    equal = float((groups.newer * (groups.newer - 1) / 2).sum())
    most_equal = float(chdtri(2 * equal + 2, LEVEL)) / 2  # Poisson, Garwood 1936
    return min(1.0, math.sqrt(np.count_nonzero(groups.older) * most_equal / pairs))


def _with_target(
    sides: tuple[Table, Table], types: Types, hashes: tuple[Hashes, Hashes], target: str
) -> int | None:
    if target not in types:
        return None
    both = [
        pl.struct(row=pl.Series(rows), target=side.hashes(types, [target]).to_series(), eager=True).hash()
        for side, rows in zip(sides, hashes, strict=True)
    ]
    groups = Groups.of(both[0].to_numpy(), both[1].to_numpy())
    return int(groups.newer[groups.older > 0].sum())


def _twins(holdout: Table, groups: Groups, shown: tuple[str, ...]) -> tuple[Twin, ...]:
    """The first hold-out rows that have a partner, in the order of the hold-out."""
    shared = (groups.older > 0) & (groups.newer > 0)
    partner = np.repeat(groups.order[groups.starts], groups.older + groups.newer)
    inside = np.repeat(shared, groups.older + groups.newer) & (groups.order >= groups.shift)
    rows: Rows = groups.order[inside] - groups.shift
    first = np.argsort(rows)[:EXAMPLES]
    values = holdout.at(rows[first].tolist(), list(shown))
    return tuple(
        Twin(int(row) + 1, int(at) + 1, tuple(values[int(row)].values()))
        for row, at in zip(rows[first], partner[inside][first], strict=True)
    )
