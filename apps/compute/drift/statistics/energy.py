"""The energy distance between two distributions."""

from __future__ import annotations

import numpy as np

from apps.compute.drift.columns import Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import pool
from apps.compute.messages import gettext_noop


def energy_distance(reference: Numbers, current: Numbers) -> float:
    """sqrt(2 * integral of (F - G)^2). 0 and more, in the square root of the column's unit."""
    both = pool(reference, current)
    gaps = both.reference[:-1] / reference.n - both.current[:-1] / current.n
    return float(np.sqrt(2 * (gaps**2 * np.diff(both.values)).sum()))


TEST = DriftTest(
    key="ed",
    label=gettext_noop("Energy distance"),
    description=gettext_noop(
        "How far the two distribution functions are apart. It has the unit of the column (its square root): "
        "the same change measured in grams instead of kilograms is 32 times as large, so the limit must be "
        "set for each column."
    ),
    source="scipy.stats.energy_distance",
    is_p_value=False,
    flag=Flag.ABOVE,
    limit=0.1,
    numbers=energy_distance,
)
