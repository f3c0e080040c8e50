"""The Kolmogorov-Smirnov test: the largest gap between two distribution functions."""

from __future__ import annotations

import warnings

import numpy as np
from scipy.stats import ks_2samp, kstwo

from apps.compute.drift.columns import Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import pool
from apps.compute.messages import gettext_noop

#: As scipy: with more values on a side the p-value is asymptotic.
MOST_EXACT = 10_000


def ks_p_value(reference: Numbers, current: Numbers) -> float:
    """Two-sided p-value, 0..1, by the method that scipy chooses: exact up to 10,000 values on a side, unless
    rounding takes it above 1.
    """
    n, m = reference.n, current.n
    if max(n, m) <= MOST_EXACT:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "ks_2samp: Exact calculation unsuccessful", RuntimeWarning)
            return float(ks_2samp(reference.values, current.values).pvalue)
    return float(np.clip(kstwo.sf(ks_statistic(reference, current), np.round(n * m / (n + m))), 0, 1))


def ks_statistic(reference: Numbers, current: Numbers) -> float:
    """The largest gap between the two distribution functions, 0..1."""
    both = pool(reference, current)
    return float(np.abs(both.reference / reference.n - both.current / current.n).max())


TEST = DriftTest(
    key="ks",
    label=gettext_noop("Kolmogorov–Smirnov test"),
    description=gettext_noop(
        "How likely a gap as large as the largest one between the two distribution functions is by chance "
        "alone. It sees changes of place and of shape, extremes hardly. With many rows even a change that "
        "does not matter gets a tiny p-value."
    ),
    source="scipy.stats.ks_2samp, two-sided",
    is_p_value=True,
    flag=Flag.AT_MOST,
    limit=0.05,
    numbers=ks_p_value,
)
