"""The total variation distance between two sets of shares."""

from __future__ import annotations

import numpy as np

from apps.compute.drift.columns import Floats
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.shares import of_categories
from apps.compute.messages import gettext_noop


def total_variation(p: Floats, q: Floats) -> float:
    """sum(|p - q|) / 2, 0..1: the exact distance.

    Evidently 0.7.23 reports under this name a p-value from 1,000 random permutations of the same distance.
    """
    return float(np.abs(p - q).sum() / 2)


TEST = DriftTest(
    key="TVD",
    label=gettext_noop("Total variation distance"),
    description=gettext_noop(
        "The share of rows that would have to change their category to make both sides alike: 0.1 is one row "
        "in ten. Many rare categories raise it by chance when the rows are few."
    ),
    source="sum(|reference - current|) / 2 (Evidently 0.7.23 gives a p-value by permutation instead)",
    is_p_value=False,
    flag=Flag.AT_LEAST,
    limit=0.1,
    categories=of_categories(total_variation),
)
