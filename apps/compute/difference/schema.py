"""Which columns came, went, changed their type or moved between two tables."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from apps.compute.profile import Kind


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Retyped:
    name: str
    older: Kind
    newer: Kind


@dataclass(frozen=True, slots=True)
class SchemaDifference:
    """``added``, ``retyped`` and ``moved`` in the order of the newer table, ``removed`` in that of the older.

    ``moved`` are as few columns as explain the new order of those that both tables have.
    """

    added: tuple[Field, ...] = ()
    removed: tuple[Field, ...] = ()
    retyped: tuple[Retyped, ...] = ()
    moved: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.retyped or self.moved)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def schema_difference(older: Mapping[str, Kind], newer: Mapping[str, Kind]) -> SchemaDifference:
    """``older`` and ``newer``: the kind of each column, in the order of the table."""
    places = {name: place for place, name in enumerate(older)}
    common = [name for name in newer if name in older]
    still = _longest_rise([places[name] for name in common])
    return SchemaDifference(
        added=tuple(Field(name, kind) for name, kind in newer.items() if name not in older),
        removed=tuple(Field(name, kind) for name, kind in older.items() if name not in newer),
        retyped=tuple(
            Retyped(name, older[name], newer[name]) for name in common if older[name] != newer[name]
        ),
        moved=tuple(name for place, name in enumerate(common) if place not in still),
    )


def _longest_rise(numbers: Sequence[int]) -> set[int]:
    """Positions of a longest increasing subsequence of distinct numbers (patience sorting)."""
    ends: list[int] = []  # the smallest number that ends a rise of each length
    at: list[int] = []  # and its position
    before: list[int] = []
    for position, number in enumerate(numbers):
        length = bisect_left(ends, number)
        before.append(at[length - 1] if length else -1)
        ends[length : length + 1] = [number]
        at[length : length + 1] = [position]
    rise, position = set(), at[-1] if at else -1
    while position >= 0:
        rise.add(position)
        position = before[position]
    return rise
