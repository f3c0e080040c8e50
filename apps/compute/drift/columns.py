"""One column of one side, or of both, in the shape that the statistics read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Numbers:
    """The values of a numeric column on one side: ``values`` ascending, finite, without missing ones.

    ``whole`` says that the type of the column is whole numbers and nothing is missing; NumPy's bins of such
    numbers are at least 1 wide. (With a missing value pandas, thus Evidently, reads the column as floats.)
    What several statistics need is computed once.
    """

    values: Floats
    whole: bool = False

    @property
    def n(self) -> int:
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        return float(self.values.mean())

    @cached_property
    def std(self) -> float:
        """Standard deviation with n in the denominator, as `numpy.std`."""
        return float(self.values.std())

    @cached_property
    def distinct(self) -> int:
        return int(np.count_nonzero(self.values[1:] != self.values[:-1])) + 1 if self.n else 0

    @cached_property
    def steps(self) -> tuple[Floats, Counts]:
        """The distinct values, ascending, and for each how many values are at most as large."""
        last = np.append(np.flatnonzero(self.values[1:] != self.values[:-1]), self.n - 1)
        return self.values[last], last + 1


@dataclass(frozen=True, eq=False)
class Categories:
    """Both sides of a column of categories: counts of the same ``labels``, all that occur on a side.

    ``labels`` may be texts, numbers or booleans, in ascending order of their type.
    """

    labels: Sequence[str | float | int | bool]
    reference: Counts
    current: Counts
