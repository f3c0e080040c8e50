"""The Wasserstein distance: how far values moved, in standard deviations of the reference."""

from __future__ import annotations

import numpy as np

from apps.compute.drift.columns import Floats, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop

#: Evidently's smallest standard deviation. A column that varies less never drifts for it, nor for us: the
#: value and its verdict are the same, and the engine adds a note.
SMALLEST_STD = 0.001

#: Values at a time, so that the work stays in the processor's cache.
_BLOCK = 16_384


def normed_wasserstein(reference: Numbers, current: Numbers) -> float:
    """W1 / max(standard deviation of the reference, 0.001). 0 and more, no unit."""
    distance = wasserstein(reference.values, current.values)
    return distance / max(reference.std, SMALLEST_STD)


def wasserstein(a: Floats, b: Floats) -> float:
    """W1 between two ascending samples that are not empty: the mean distance between their quantiles.

    The quantile functions are steps on the grids i/n and j/m. With n >= m a step of the finer grid lies in
    one of the coarser or across the border of two; arithmetic says which and with what part, so nothing is
    searched. A rounding error at a border gives the step the part 0 instead of 1 in the neighbour, which is
    the same. scipy.stats.wasserstein_distance integrates between the distribution functions instead: the
    same area.
    """
    if len(a) < len(b):
        a, b = b, a
    n, m = len(a), len(b)
    steps = np.arange(_BLOCK) * (m / n)
    total = 0.0
    for start in range(0, n, _BLOCK):
        values = a[start : start + _BLOCK]
        if n == m:
            total += float(np.abs(values - b[start : start + _BLOCK]).sum())
            continue
        position = steps[: len(values)] + start * (m / n)
        first = position.astype(np.intp)
        second = first + 1
        before = np.abs(values - b.take(first, mode="clip"))
        after = np.abs(values - b.take(second, mode="clip"))
        part = np.minimum((second - position) * (n / m), 1.0)
        total += float((after + (before - after) * part).sum())
    return total / n


TEST = DriftTest(
    key="wasserstein",
    label=gettext_noop("Wasserstein distance"),
    description=gettext_noop(
        "How far the values moved on average, in standard deviations of the reference: 0.1 is a tenth of "
        "its usual spread. It does not grow with the number of rows. A few extreme values can raise it, or "
        "hide a change by widening the spread; a column that hardly varies (standard deviation under 0.001) "
        "seems not to drift."
    ),
    source="scipy.stats.wasserstein_distance / max(numpy.std(reference), 0.001), as Evidently 0.7.23",
    is_p_value=False,
    flag=Flag.AT_LEAST,
    limit=0.1,
    numbers=normed_wasserstein,
)
