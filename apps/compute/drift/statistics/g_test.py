"""The G-test: the likelihood ratio of the current counts against the shares of the reference."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc, xlogy

from apps.compute.drift.columns import Categories
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop


def g_p_value(column: Categories) -> float:
    """p-value, 0..1, of a test of fit: 2 * sum(current * ln(current / expected)), the reference scaled to as
    many rows as the current side has. Evidently does not scale it and so refuses sides of unequal size; with
    equal ones the values are the same. 0 with a category that the reference never has, NaN with a single one.
    """
    expected = column.reference * (column.current.sum() / column.reference.sum())
    with np.errstate(divide="ignore"):
        statistic = 2 * xlogy(column.current, column.current / expected).sum()
    return float(chdtrc(len(expected) - 1, statistic))


TEST = DriftTest(
    key="g_test",
    label=gettext_noop("G-test"),
    description=gettext_noop(
        "As the chi-square test, by the likelihood ratio: how likely counts as far from the shares of the "
        "reference are by chance alone. One value that the reference never has makes it 0."
    ),
    source="scipy.stats.power_divergence(current, reference scaled to it, lambda_='log-likelihood')",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.1,
    categories=g_p_value,
)
