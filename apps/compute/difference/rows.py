"""Matches the rows of two tables by key columns, or counts whole rows, and says what changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from apps.compute.difference.groups import Groups, Rows
from apps.compute.difference.result import Change, ColumnChange, Row, SetAside, TableDifference
from apps.compute.difference.table import Table, Types, batches
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.profile import Scalar

Progress = Callable[[Message, float], None]

EXAMPLES = 20  # rows shown of each kind
DUPLICATES = 5  # keys shown that are there twice
DETAILED = 50  # changed columns with examples
SHOWN = 12  # columns of a row that is shown
MOST_KEYS = 10


def difference(older: Path, newer: Path, key: Sequence[str], progress: Progress) -> TableDifference:
    """Compare two normalised Parquet files. ``key``: columns of both that tell rows apart, or none.

    Raises InputRejected for a key column that a table does not have, and for too many of them.
    """
    sides = (Table.of(older), Table.of(newer))
    _check_key(sides, key)
    common = {
        name: common_type(dtype, sides[1].schema[name])
        for name, dtype in sides[0].schema.items()
        if name in sides[1].schema
    }
    as_text = tuple(
        name
        for name, dtype in common.items()
        if dtype == pl.String and sides[0].schema[name] != sides[1].schema[name]
    )
    if not common:
        raise InputRejected("no_common_column", _NOTHING_IN_COMMON)
    found = _by_key(sides, key, common, progress) if key else _by_rows(sides, common, progress)
    return TableDifference(
        key=tuple(key),
        older_rows=sides[0].rows,
        newer_rows=sides[1].rows,
        compared=len(common) - len(key),
        as_text=as_text,
        **found,
    )


def _check_key(sides: Sequence[Table], key: Sequence[str]) -> None:
    if len(key) > MOST_KEYS:
        raise InputRejected("too_many_key_columns", _TOO_MANY_KEYS, most=MOST_KEYS)
    for side, text in zip(sides, (_NOT_IN_OLDER, _NOT_IN_NEWER), strict=True):
        for name in key:
            if name not in side.schema:
                raise InputRejected("missing_column", text, column=name)


def common_type(older: Any, newer: Any) -> Any:
    """The type in which values of both columns are compared."""
    if older == newer:
        return older
    if older.is_integer() and newer.is_integer():
        return pl.Int128()
    if older.is_numeric() and newer.is_numeric():
        return pl.Float64()
    if {older, newer} == {pl.Date(), pl.Datetime("us")}:
        return pl.Datetime("us")
    return pl.String()


def _by_rows(sides: tuple[Table, Table], types: Types, progress: Progress) -> dict[str, Any]:
    names = list(types)
    progress(Message(gettext_noop("Reading both versions")), 0.0)
    hashes = [side.row_hashes(types, names) for side in sides]
    progress(Message(gettext_noop("Matching the rows")), 0.7)
    removed, added = Groups.of(*hashes).surplus()
    return {
        "changed": 0,
        "unchanged": sides[0].rows - len(removed),
        **_come_and_gone(sides, removed, added, names),
    }


def _by_key(
    sides: tuple[Table, Table], key: Sequence[str], types: Types, progress: Progress
) -> dict[str, Any]:
    progress(Message(gettext_noop("Reading the keys")), 0.0)
    places, hashes = [], []
    for side in sides:
        keyed = side.frame.select(pl.all_horizontal(pl.col(name).is_not_null() for name in key))
        place = np.flatnonzero(keyed.collect(engine="streaming").to_series().to_numpy())
        places.append(place)
        hashes.append(side.row_hashes(types, key)[place])
    progress(Message(gettext_noop("Matching the rows")), 0.15)
    groups = Groups.of(*hashes)
    removed, _none = groups.rows((groups.older == 1) & (groups.newer == 0))
    _none, added = groups.rows((groups.older == 0) & (groups.newer == 1))
    twice = groups.rows((groups.older > 1) | (groups.newer > 1))
    pairs = groups.pairs()
    del groups
    removed, added = places[0][removed], places[1][added]
    paired = (places[0][pairs[0]], places[1][pairs[1]])
    changed, columns = _changes(sides, key, types, paired, progress)
    return {
        "changed": changed,
        "unchanged": len(paired[0]) - changed,
        "columns": columns,
        "duplicates": SetAside(
            len(twice[0]), len(twice[1]), _keys_of(sides, key, (places[0][twice[0]], places[1][twice[1]]))
        ),
        "keyless": SetAside(sides[0].rows - len(places[0]), sides[1].rows - len(places[1])),
        **_come_and_gone(sides, removed, added, [*key, *(name for name in types if name not in key)]),
    }


def _keys_of(
    sides: tuple[Table, Table], key: Sequence[str], rows: tuple[Rows, Rows]
) -> tuple[tuple[Scalar | None, ...], ...]:
    """Some keys of these rows."""
    keys: dict[tuple[Scalar | None, ...], None] = {}
    for side, places in zip(sides, rows, strict=True):
        for values in side.at(places[: 2 * EXAMPLES].tolist(), key).values():
            keys.setdefault(tuple(values.values()))
    return tuple(keys)[:DUPLICATES]


def _changes(
    sides: tuple[Table, Table],
    key: Sequence[str],
    types: Types,
    rows: tuple[Rows, Rows],
    progress: Progress,
) -> tuple[int, tuple[ColumnChange, ...]]:
    """How many of the paired rows changed, and in which columns."""
    names = [name for name in types if name not in key]
    any_column = np.zeros(len(rows[0]), bool)
    counts: dict[str, int] = {}
    first: dict[str, Rows] = {}  # positions among the pairs
    done = 0
    for batch in batches(names, max(side.rows for side in sides)):
        progress(Message(gettext_noop("Comparing the columns")), 0.3 + 0.6 * done / len(names))
        older, newer = (side.hashes(types, batch) for side in sides)
        for name in batch:
            differs = older[name].to_numpy()[rows[0]] != newer[name].to_numpy()[rows[1]]
            if differs.any():
                any_column |= differs
                counts[name] = int(np.count_nonzero(differs))
                first[name] = np.flatnonzero(differs)[:EXAMPLES]
        done += len(batch)
    order = sorted(counts, key=lambda name: -counts[name])
    examples = _examples(sides, key, rows, {name: first[name] for name in order[:DETAILED]})
    columns = tuple(ColumnChange(name, counts[name], examples.get(name, ())) for name in order)
    return int(np.count_nonzero(any_column)), columns


def _examples(
    sides: tuple[Table, Table], key: Sequence[str], rows: tuple[Rows, Rows], first: Mapping[str, Rows]
) -> dict[str, tuple[Change, ...]]:
    """The values before and after at these positions among the pairs."""
    if not first:
        return {}
    pairs = np.unique(np.concatenate(list(first.values())))
    older = sides[0].at(rows[0][pairs].tolist(), list(first))
    newer = sides[1].at(rows[1][pairs].tolist(), [*key, *first])
    examples = {}
    for name, places in first.items():
        at = zip(rows[0][places].tolist(), rows[1][places].tolist(), strict=True)
        examples[name] = tuple(
            Change(
                after + 1, tuple(newer[after][part] for part in key), older[before][name], newer[after][name]
            )
            for before, after in at
        )
    return examples


def _come_and_gone(
    sides: tuple[Table, Table], removed: Rows, added: Rows, names: Sequence[str]
) -> dict[str, Any]:
    """How many rows came and went, and the first of them."""
    shown = names[:SHOWN]
    examples = [
        tuple(Row(row + 1, tuple(values.values())) for row, values in found.items())
        for side, rows in zip(sides, (removed, added), strict=True)
        for found in [side.at(rows[:EXAMPLES].tolist(), shown)]
    ]
    return {
        "removed": len(removed),
        "added": len(added),
        "shown": tuple(shown),
        "removed_rows": examples[0],
        "added_rows": examples[1],
    }


_TOO_MANY_KEYS = gettext_noop("A key has at most %(most)s columns. Choose fewer.")
_NOT_IN_OLDER = gettext_noop(
    "The older version has no column “%(column)s”, so it cannot tell rows apart. Choose another key."
)
_NOT_IN_NEWER = gettext_noop(
    "The newer version has no column “%(column)s”, so it cannot tell rows apart. Choose another key."
)
_NOTHING_IN_COMMON = gettext_noop(
    "The two versions have no column in common, so their rows cannot be compared."
)
