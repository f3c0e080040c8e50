"""The Z-test for the difference of two shares."""

from __future__ import annotations

import math

from scipy.special import ndtr

from apps.compute.drift.columns import Categories, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop


def z_p_value(first_reference: int, n_reference: int, first_current: int, n_current: int) -> float:
    """Two-sided p-value, 0..1, of the difference of two shares with the pooled variance; 1 when neither
    side has the value or both have nothing else.
    """
    n = n_reference + n_current
    pooled = (first_reference + first_current) / n
    if pooled in (0.0, 1.0):
        return 1.0
    difference = first_reference / n_reference - first_current / n_current
    z = difference / math.sqrt(pooled * (1 - pooled) * (1 / n_reference + 1 / n_current))
    return float(2 * ndtr(-abs(z)))


def z_of_numbers(reference: Numbers, current: Numbers) -> float:
    """Of the share of the smallest value."""
    smallest = min(reference.values[0], current.values[0])
    firsts = [int(side.values.searchsorted(smallest, "right")) for side in (reference, current)]
    return z_p_value(firsts[0], reference.n, firsts[1], current.n)


def z_of_categories(column: Categories) -> float:
    """Of the share of the first label."""
    reference, current = column.reference, column.current
    return z_p_value(int(reference[0]), int(reference.sum()), int(current[0]), int(current.sum()))


TEST = DriftTest(
    key="z",
    label=gettext_noop("Z-test"),
    description=gettext_noop(
        "For two values, such as yes and no: how likely a difference of shares as large is by chance alone. "
        "With more than two values it sees only the share of the first. With many rows even a change that "
        "does not matter gets a tiny p-value."
    ),
    source="two-sample Z-test for proportions with pooled variance, as Evidently 0.7.23",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.05,
    numbers=z_of_numbers,
    categories=z_of_categories,
)
