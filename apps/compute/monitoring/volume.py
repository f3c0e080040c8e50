"""How many rows are usual in a window."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy.special import stdtrit

FEWEST = 5  # earlier windows
LEVEL = 0.999


@dataclass(frozen=True, slots=True)
class UsualRows:
    """A prediction interval for the next window, from ``windows`` earlier ones."""

    low: int
    high: int
    windows: int


def usual_rows(earlier: Sequence[int]) -> UsualRows | None:
    """From the row counts of earlier comparable windows, the newest last; None with too few of them.

    Student's prediction interval at 99.9 % on the scale log(1 + rows): numbers of rows grow and fall by
    factors. The spread is at least that of counts by chance (Poisson), so that equal counts have a width.
    """
    n = len(earlier)
    if n < FEWEST:
        return None
    logs = [math.log1p(rows) for rows in earlier]
    mean = math.fsum(logs) / n
    variance = math.fsum((value - mean) ** 2 for value in logs) / (n - 1)
    spread = math.sqrt(max(variance, math.exp(-mean)))
    half = float(stdtrit(n - 1, 0.5 + LEVEL / 2)) * spread * math.sqrt(1 + 1 / n)
    return UsualRows(
        low=max(0, math.floor(math.expm1(mean - half))),
        high=math.ceil(math.expm1(min(mean + half, 40.0))),
        windows=n,
    )
