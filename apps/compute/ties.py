"""Which runs cannot be told apart: ranks as far as the tests support them, never further."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Ties:
    """``places`` has the best and the worst place that each run may have, counted from 1; None where it has
    no value. ``groups`` are the largest sets of runs of which no two differ, each best first; a run may be in
    several. ``order`` are the runs with a value, by value.
    """

    places: tuple[Pair | None, ...]
    groups: tuple[tuple[int, ...], ...]
    order: tuple[int, ...]

    @property
    def winner(self) -> int | None:
        """The run that is better than every other, if each has a value."""
        first = [run for run, place in enumerate(self.places) if place == (1, 1)]
        return first[0] if first and len(self.order) == len(self.places) else None

    def spots(self, group: Sequence[int]) -> list[int]:
        """Where the runs of a group stand by value alone, from 1."""
        return [self.order.index(run) + 1 for run in group]


def ties(values: Sequence[float | None], different: Collection[Pair], *, higher_is_better: bool) -> Ties:
    """Ranks from ``values``, one per run, and the pairs (first < second) whose difference is beyond doubt.

    A run stands behind those that are better beyond doubt and before those that are worse: where the
    family-wise error of all pairs is at most 5 %, all places hold together with 95 % (Mogstad, Romano,
    Shaikh & Wilhelm 2024). The groups are those of a compact letter display (Piepho 2004).
    """
    known = [(run, value) for run, value in enumerate(values) if value is not None]
    order = [run for run, _value in sorted(known, key=lambda each: each[1], reverse=higher_is_better)]
    rank = {run: spot for spot, run in enumerate(order)}
    apart = {run: set[int]() for run in order}
    for first, second in different:
        apart[first].add(second)
        apart[second].add(first)
    places: list[Pair | None] = [None] * len(values)
    for run in order:
        better = sum(rank[other] < rank[run] for other in apart[run])
        places[run] = (1 + better, len(order) - (len(apart[run]) - better))
    alike = {run: set(order) - apart[run] - {run} for run in order}
    groups = [sorted(group, key=rank.__getitem__) for group in _cliques(alike, set(), set(order), set())]
    groups.sort(key=lambda group: [rank[run] for run in group])
    return Ties(tuple(places), tuple(map(tuple, groups)), tuple(order))


def _cliques(alike: dict[int, set[int]], taken: set[int], left: set[int], seen: set[int]) -> list[set[int]]:
    """Largest sets of runs that are all alike (Bron & Kerbosch 1973, with a pivot)."""
    if not left:
        return [taken] if taken and not seen else []
    pivot = max(left | seen, key=lambda run: len(alike[run] & left))
    found = []
    for run in sorted(left - alike[pivot]):
        found += _cliques(alike, taken | {run}, left & alike[run], seen & alike[run])
        left, seen = left - {run}, seen | {run}
    return found
