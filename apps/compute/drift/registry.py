"""The one list of drift tests. Forms, the API, documentation and the engine all read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from apps.compute.drift.columns import Categories, Numbers


class ColumnKind(StrEnum):
    """How a column is compared."""

    NUMBER = "number"
    CATEGORY = "category"
    TEXT = "text"


class Flag(StrEnum):
    """When a value is flagged as drift, as Evidently 0.7.23 does it."""

    AT_LEAST = "at_least"  # value >= limit: distances
    ABOVE = "above"  # value > limit: energy distance
    BELOW = "below"  # value < limit: p-values
    AT_MOST = "at_most"  # value <= limit: the p-values of ks and cramer_von_mises


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftTest:
    """What is known of a way to compare a column before any data.

    ``key`` is Evidently's name of it where it has one. ``label`` and ``description`` are message ids for
    translation. ``limit`` is the default limit. ``is_p_value`` tells a p-value (smaller is stronger) from a
    distance (larger is stronger). The functions return the value; NaN says that it is not defined for these
    data. ``numbers`` is None where numeric columns cannot be compared this way, ``categories`` likewise.
    Texts are compared by `text.py`, outside of these functions. ``source`` says where the formula comes from.
    ``origin`` is the distance of what is the same: 0, of an AUC 0.5.
    """

    key: str
    label: str
    description: str
    source: str
    is_p_value: bool
    flag: Flag
    limit: float
    origin: float = 0.0
    numbers: Callable[[Numbers, Numbers], float] | None = None
    categories: Callable[[Categories], float] | None = None

    def is_flagged(self, value: float, limit: float) -> bool:
        match self.flag:
            case Flag.AT_LEAST:
                return value >= limit
            case Flag.ABOVE:
                return value > limit
            case Flag.BELOW:
                return value < limit
            case Flag.AT_MOST:
                return value <= limit

    def strength(self, value: float, limit: float) -> float:
        """Distance from ``origin`` divided by that of the limit; of p-values limit / p, at most 10."""
        if not self.is_p_value:
            value, limit = max(value - self.origin, 0.0), limit - self.origin
            return value / limit if limit > 0 else 10.0 if value > 0 else 0.0
        return min(10.0, limit / value) if value > 0 else 10.0


#: Key -> record, in the order in which they are offered.
TESTS: dict[str, DriftTest] = {}


def register(*tests: DriftTest) -> None:
    """Add records. A key that is taken is a programming error (ValueError)."""
    for test in tests:
        if test.key in TESTS:
            raise ValueError(f"The drift test {test.key!r} is registered twice.")
        TESTS[test.key] = test
