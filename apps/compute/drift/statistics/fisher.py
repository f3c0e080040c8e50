"""Fisher's exact test of two shares."""

from __future__ import annotations

import numpy as np
from scipy.stats import fisher_exact

from apps.compute.drift.columns import Categories
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop


def fisher_p_value(column: Categories) -> float:
    """Two-sided p-value, 0..1; 1 with a single category, NaN with more than two.

    Evidently refuses sides of unequal size, and two categories on one side but others on the other give it a
    meaningless table.
    """
    if len(column.labels) > 2:
        return float("nan")
    if len(column.labels) < 2:
        return 1.0
    return float(fisher_exact(np.stack([column.reference, column.current])).pvalue)


TEST = DriftTest(
    key="fisher_exact",
    label=gettext_noop("Fisher's exact test"),
    description=gettext_noop(
        "For two categories: how likely a difference of shares as large is by chance alone, exact also with "
        "very few rows. With many rows even a change that does not matter gets a tiny p-value."
    ),
    source="scipy.stats.fisher_exact, two-sided",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.1,
    categories=fisher_p_value,
)
