"""Pearson's chi-square test of the current counts against the shares of the reference."""

from __future__ import annotations

import numpy as np
from scipy.special import chdtrc

from apps.compute.drift.columns import Categories, Counts, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import value_counts
from apps.compute.messages import gettext_noop


def chi_square_p_value(reference: Counts, current: Counts) -> float:
    """p-value, 0..1, of a test of fit: the reference is taken as known without error, as Evidently does.

    0 where the current side has a category that the reference never has. NaN with a single category.
    """
    expected = reference * (current.sum() / reference.sum())
    with np.errstate(divide="ignore"):
        statistic = ((current - expected) ** 2 / expected).sum()
    return float(chdtrc(len(expected) - 1, statistic))


def chi_square_of_numbers(reference: Numbers, current: Numbers) -> float:
    return chi_square_p_value(*value_counts(reference, current))


def chi_square_of_categories(column: Categories) -> float:
    return chi_square_p_value(column.reference, column.current)


TEST = DriftTest(
    key="chisquare",
    label=gettext_noop("Chi-square test"),
    description=gettext_noop(
        "How likely counts as far from the shares of the reference are by chance alone. One value that the "
        "reference never has makes it 0, few rows per category make it unreliable, and with many rows even a "
        "change that does not matter gets a tiny p-value."
    ),
    source="scipy.stats.chisquare(current, reference scaled to the same sum), as Evidently 0.7.23",
    is_p_value=True,
    flag=Flag.BELOW,
    limit=0.05,
    numbers=chi_square_of_numbers,
    categories=chi_square_of_categories,
)
