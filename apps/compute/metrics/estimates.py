"""One metric of many groups at once, and its way into `MetricResult` records."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite

import numpy as np
from numpy.typing import ArrayLike, NDArray

from apps.compute.messages import Message
from apps.compute.results import MetricResult
from apps.compute.uncertainty import Bounds, Floats


@dataclass(frozen=True, slots=True)
class Estimates:
    """Values of the metric ``key``, one per group; all arrays have shape (groups,).

    Where ``defined`` is False the result says ``why``, has no interval, and its value is None, or
    scikit-learn's conventional one where ``value`` holds a number.
    """

    key: str
    value: Floats
    bounds: Bounds
    n: NDArray[np.int64]
    method: str
    defined: NDArray[np.bool_]
    why: Message

    def result(self, group: int) -> MetricResult:
        value = float(self.value[group])
        n = int(self.n[group])
        if not self.defined[group]:
            return MetricResult(self.key, value if isfinite(value) else None, n=n, undefined=self.why)
        return bounded(self.key, value, self.bounds[0][group], self.bounds[1][group], n, self.method)


def bounded(key: str, value: float, low: ArrayLike, high: ArrayLike, n: int, method: str) -> MetricResult:
    """A defined result; bounds that could not be computed (too few rows) are left out."""
    low, high = float(np.asarray(low)), float(np.asarray(high))
    if not (isfinite(low) and isfinite(high)):
        return MetricResult(key, value, n=n)
    return MetricResult(key, value, low, high, n, method)
