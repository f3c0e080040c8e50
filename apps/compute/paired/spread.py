"""The variance of a difference and the test that belongs to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from apps.compute.uncertainty import Floats, mean_and_variance


@dataclass(frozen=True, slots=True)
class Spread:
    """Variance of "second minus first". ``p`` is given where a test other than the normal one belongs."""

    variance: float
    method: str
    p: float | None = None


@dataclass(frozen=True, slots=True)
class Agreement:
    """In how many rows both runs are right, only the first, only the second, neither."""

    both: int
    first: int
    second: int
    neither: int

    @classmethod
    def of(cls, first: NDArray[np.bool_], second: NDArray[np.bool_]) -> Agreement:
        both = int(np.count_nonzero(first & second))
        only_first, only_second = (int(np.count_nonzero(right)) - both for right in (first, second))
        return cls(both, only_first, only_second, len(first) - both - only_first - only_second)

    @property
    def p(self) -> float:
        """McNemar's exact test (1947): two-sided binomial, of the rows that one run alone has right."""
        n = self.first + self.second
        return float(min(1.0, 2 * binom.cdf(min(self.first, self.second), n, 0.5))) if n else 1.0


class Pairs(Protocol):
    """Runs on the same rows, asked about two of them at a time."""

    def spread(self, key: str, first: int, second: int) -> Spread | None:
        """None where the metric has no rule here, or one of the two runs does not define it."""

    def agreement(self, first: int, second: int) -> Agreement | None:
        """None for regression."""

    def no_skill(self) -> dict[str, float]:
        """What a prediction that knows nothing of the row would reach, as far as that is a level at all."""


def linearised(influence: Sequence[Floats], weight: Floats | None) -> Spread:
    """From what each row adds to the metric of the first and of the second run."""
    first, second = influence
    return Spread(mean_and_variance(second - first, weight)[1], "delta")
