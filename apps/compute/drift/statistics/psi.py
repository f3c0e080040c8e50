"""The population stability index."""

from __future__ import annotations

import numpy as np

from apps.compute.drift.columns import Floats
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.shares import of_categories, of_numbers, without_zeros
from apps.compute.messages import gettext_noop


def psi(p: Floats, q: Floats) -> float:
    """sum((p - q) * ln(p / q)) with empty shares filled. 0 and more."""
    p, q = without_zeros(p), without_zeros(q)
    return float(np.sum((p - q) * np.log(p / q)))


TEST = DriftTest(
    key="psi",
    label=gettext_noop("Population stability index"),
    description=gettext_noop(
        "How different the shares of categories or bins are; banks read below 0.1 as stable and above 0.25 "
        "as changed. A category that is missing on one side counts as a share of 0.0001 there, so new or "
        "rare categories weigh a lot."
    ),
    source="sum((reference - current) * ln(reference / current)); bins and empty shares as Evidently 0.7.23",
    is_p_value=False,
    flag=Flag.AT_LEAST,
    limit=0.1,
    numbers=of_numbers(psi),
    categories=of_categories(psi),
)
