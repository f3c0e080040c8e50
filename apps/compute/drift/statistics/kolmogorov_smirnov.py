"""The Kolmogorov-Smirnov test: the largest gap between two distribution functions."""

from __future__ import annotations

import numpy as np
from scipy.stats import ks_2samp, kstwo

from apps.compute.drift.columns import Counts, Floats, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.messages import gettext_noop

#: As scipy: with more values on a side the p-value is asymptotic.
MOST_EXACT = 10_000

#: Every so manieth value is a knot of the first look.
_STEP = 128


def ks_p_value(reference: Numbers, current: Numbers) -> float:
    """Two-sided p-value, 0..1, by the method that scipy chooses: exact up to 10,000 values on a side."""
    a, b = reference.values, current.values
    if max(len(a), len(b)) <= MOST_EXACT:
        return float(ks_2samp(a, b).pvalue)
    effective = len(a) * len(b) / (len(a) + len(b))
    return float(np.clip(kstwo.sf(ks_statistic(a, b), np.round(effective)), 0, 1))


def ks_statistic(a: Floats, b: Floats) -> float:
    """max |F - G| of two ascending samples, 0..1.

    A first look at some knots bounds what can lie between two of them: each function only rises. Only
    where the bound exceeds the largest gap so far are all the values looked at.
    """
    knots = np.unique(np.concatenate((a[::_STEP], b[::_STEP], a[-1:], b[-1:])))
    ours, theirs = a.searchsorted(knots, "right"), b.searchsorted(knots, "right")
    ours_before, theirs_before = a.searchsorted(knots[1:]), b.searchsorted(knots[1:])
    largest = float(np.abs(ours / len(a) - theirs / len(b)).max())
    above = ours_before / len(a) - theirs[:-1] / len(b)
    below = theirs_before / len(b) - ours[:-1] / len(a)
    open_ = np.maximum(above, below) > largest
    points = np.concatenate(
        (
            _between(a, ours[:-1][open_], ours_before[open_]),
            _between(b, theirs[:-1][open_], theirs_before[open_]),
        )
    )
    gaps = a.searchsorted(points, "right") / len(a) - b.searchsorted(points, "right") / len(b)
    return float(np.abs(gaps).max(initial=largest))


def _between(values: Floats, starts: Counts, stops: Counts) -> Floats:
    """The values of all the ranges, one after the other."""
    sizes = stops - starts
    shifts = np.repeat(starts - (np.cumsum(sizes) - sizes), sizes)
    return values[shifts + np.arange(len(shifts))]


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
