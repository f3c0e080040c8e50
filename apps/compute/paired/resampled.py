"""The paired bootstrap, for any metric that is a function of sums over rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from apps.compute.paired.spread import Spread
from apps.compute.uncertainty import Floats

#: Groups of rows, and how often they are drawn.
GROUPS, RESAMPLES = 2_000, 1_000
_EPS = float(np.finfo(np.float64).eps)


class Resampled:
    """Rows fall into random groups, and each group enters Poisson(1) times (Chamandy et al. 2012): time and
    memory do not grow with rows times resamples. All runs are drawn alike, which pairs them.
    """

    def __init__(self, n: int, weight: Floats | None, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.groups = min(GROUPS, n)
        self.group: NDArray[np.int64] = rng.integers(0, self.groups, n)
        self.drawn: Floats = rng.poisson(1.0, (RESAMPLES, self.groups)).astype(np.float64)
        self.weight = weight
        self.mass: Floats = np.maximum(self.drawn @ self._by_group(np.ones(n)), _EPS)

    def of(self, columns: Iterable[Floats], metric: Callable[[Floats], Floats]) -> Floats:
        """The metric in each resample, (RESAMPLES,). ``columns`` hold one number per row, (n,); ``metric``
        takes their weighted means, (RESAMPLES, columns), and returns one number for each.
        """
        sums = np.stack([self._by_group(column) for column in columns], axis=1)
        return metric(self.drawn @ sums / self.mass[:, None])

    def _by_group(self, values: Floats) -> Floats:
        weighted = values if self.weight is None else self.weight * values
        found: Floats = np.bincount(self.group, weighted, self.groups).astype(np.float64)
        return found


def bootstrapped(first: Floats, second: Floats) -> Spread:
    """From the same resamples of two runs."""
    return Spread(float(np.var(second - first, ddof=1)), "bootstrap")
