"""How many rows are usual in a window."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class UsualRows:
    """A prediction interval for the next window, from ``windows`` earlier ones."""

    low: int
    high: int
    windows: int


def usual_rows(earlier: Sequence[int]) -> UsualRows | None:
    """From the row counts of earlier comparable windows, the newest last; None with too few of them."""
    raise NotImplementedError
