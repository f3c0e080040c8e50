"""The Anderson-Darling test that two samples come from one distribution."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from apps.compute.drift.columns import Counts, Floats, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import Pooled, pool
from apps.compute.messages import gettext_noop

#: Levels of significance, and the coefficients of their critical values (Scholz & Stephens 1987, table 2).
LEVELS = np.array([0.25, 0.1, 0.05, 0.025, 0.01, 0.005, 0.001])
CRITICAL = (
    np.array([0.675, 1.281, 1.645, 1.96, 2.326, 2.573, 3.085])
    + np.array([-0.245, 0.25, 0.678, 1.149, 1.822, 2.364, 3.615])
    + np.array([-0.105, -0.305, -0.362, -0.391, -0.396, -0.345, -0.154])
)


def anderson_p_value(reference: Numbers, current: Numbers) -> float:
    """p-value between 0.001 and 0.25, read off a parabola through the table's levels and cut there, as scipy
    does. NaN with a single distinct value or fewer than 4 values in all.
    """
    both = pool(reference, current)
    n, m = reference.n, current.n
    if len(both.values) < 2 or n + m < 4:
        return math.nan
    standard = (_statistic(both, n, m) - 1) / math.sqrt(_variance(n, m))
    if standard < CRITICAL[0]:
        return float(LEVELS[0])
    if standard > CRITICAL[-1]:
        return float(LEVELS[-1])
    return float(np.exp(np.polyval(np.polyfit(CRITICAL, np.log(LEVELS), 2), standard)))


def _statistic(both: Pooled, n: int, m: int) -> float:
    """A2 with midranks: Scholz & Stephens 1987, equation 7."""
    total = n + m
    upto = (both.reference + both.current).astype(np.float64)
    ties = np.diff(upto, prepend=0.0)
    middle = upto - ties / 2
    weights = ties / total / (middle * (total - middle) - total * ties / 4)
    squares = _squares(both.reference, middle, n, total) / n + _squares(both.current, middle, m, total) / m
    return float((weights * squares).sum()) * (total - 1) / total


def _squares(upto: Counts, middle: Floats, size: int, total: int) -> Floats:
    below = upto - np.diff(upto, prepend=0) / 2
    squares: Floats = (total * below - middle * size) ** 2
    return squares


@lru_cache(maxsize=32)
def _variance(n: int, m: int) -> float:
    """Of A2 for two samples: Scholz & Stephens 1987, equation 4."""
    total = n + m
    harmonic = np.cumsum(1 / np.arange(total - 1, 1, -1))
    h = float(harmonic[-1]) + 1
    g = float((harmonic / np.arange(2, total)).sum())
    inverse = 1 / n + 1 / m
    a = (4 * g - 6) + (10 - 6 * g) * inverse
    b = (2 * g - 4) * 4 + 16 * h + (2 * g - 14 * h - 4) * inverse - 8 * h + 4 * g - 6
    c = (6 * h + 2 * g - 2) * 4 + (4 * h - 4 * g + 6) * 2 + (2 * h - 6) * inverse + 4 * h
    d = (2 * h + 6) * 4 - 8 * h
    cubic = ((a * total + b) * total + c) * total + d
    return cubic / ((total - 1.0) * (total - 2.0) * (total - 3.0))


TEST = DriftTest(
    key="anderson",
    label=gettext_noop("Anderson–Darling test"),
    description=gettext_noop(
        "As the Kolmogorov–Smirnov test, but it looks at the ends of the range more closely. Its p-value is "
        "only known between 0.001 and 0.25; what lies outside is given as these."
    ),
    source="scipy.stats.anderson_ksamp with midranks; Scholz & Stephens 1987",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.1,
    numbers=anderson_p_value,
)
