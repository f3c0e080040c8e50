"""Student's t-test for the difference of two means."""

from __future__ import annotations

import math

from scipy.special import stdtr

from apps.compute.drift.columns import Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop


def t_p_value(reference: Numbers, current: Numbers) -> float:
    """Two-sided p-value, 0..1, with the pooled variance. Two constant sides: 0 when they differ, else NaN;
    NaN also with one value on each side.
    """
    freedom = reference.n + current.n - 2
    if freedom == 0:
        return math.nan
    difference = reference.mean - current.mean
    if all(side.values[0] == side.values[-1] for side in (reference, current)):
        return 0.0 if reference.values[0] != current.values[0] else math.nan
    variance = (reference.n * reference.std**2 + current.n * current.std**2) / freedom
    t = difference / math.sqrt(variance * (1 / reference.n + 1 / current.n))
    return float(2 * stdtr(freedom, -abs(t)))


TEST = DriftTest(
    key="t_test",
    label=gettext_noop("Student's t-test"),
    description=gettext_noop(
        "How likely a difference of means as large is by chance alone. It is blind to all but the mean, and "
        "extreme values or unequal spread mislead it. With many rows even a change that does not matter gets "
        "a tiny p-value."
    ),
    source="scipy.stats.ttest_ind with equal variances",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.05,
    numbers=t_p_value,
)
