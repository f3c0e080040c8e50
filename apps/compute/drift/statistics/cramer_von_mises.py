"""The Cramer-von Mises test that two samples come from one distribution."""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln, kv
from scipy.stats import cramervonmises_2samp

from apps.compute.drift.columns import Counts, Floats, Numbers
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.pooled import pool
from apps.compute.messages import gettext_noop

#: As scipy: with more values on a side the p-value is asymptotic.
MOST_EXACT = 20


def cramer_von_mises_p_value(reference: Numbers, current: Numbers) -> float:
    """p-value, 0..1: exact up to 20 values on a side, asymptotic above. NaN with one value on a side.

    Evidently has a copy of an older scipy that counts in floats of 16 or 32 bits, so its exact p-values are
    off by up to 0.001; ours are scipy's.
    """
    n, m = reference.n, current.n
    if min(n, m) < 2:
        return math.nan
    if max(n, m) <= MOST_EXACT:
        return float(cramervonmises_2samp(reference.values, current.values).pvalue)
    total, product = n + m, n * m
    statistic = _u(reference, current) / (product * total) - (4 * product - 1) / (6 * total)
    mean = (1 + 1 / total) / 6
    variance = (total + 1) * (4 * product * total - 3 * (n**2 + m**2) - 2 * product)
    normal = 1 / 6 + (statistic - mean) / math.sqrt(variance / (4 * product * total**2))
    return max(0.0, 1 - _limit_cdf(normal)) if normal >= 0.003 else 1.0


def _u(reference: Numbers, current: Numbers) -> float:
    """Sums of squares of rank in the pool minus rank in the own sample: Anderson 1962, equation 10."""
    both = pool(reference, current)
    upto = both.reference + both.current
    ranks = (upto + np.concatenate(([0], upto[:-1])) + 1) / 2
    return reference.n * _squares(ranks, both.reference) + current.n * _squares(ranks, both.current)


def _squares(ranks: Floats, upto: Counts) -> float:
    """Of tied values the own ranks are consecutive: their mean, and their spread around it."""
    before = np.concatenate(([0], upto[:-1]))
    ties = (upto - before).astype(np.float64)
    means = (before + upto + 1) / 2
    return float((ties * (ranks - means) ** 2 + (ties**3 - ties) / 12).sum())


def _limit_cdf(x: float) -> float:
    """Limit of the distribution, by the series of Csorgo & Faraway 1996, equation 1.2, cut off at 1e-7 as
    scipy does: smaller p-values than about 1e-7 are noise.
    """
    cdf, k, term = 0.0, 0, math.inf
    while abs(term) >= 1e-7:
        y = 4 * k + 1
        q = y**2 / (16 * x)
        u = math.exp(gammaln(k + 0.5) - gammaln(k + 1)) / (math.pi**1.5 * math.sqrt(x))
        term = u * math.sqrt(y) * math.exp(-q) * float(kv(0.25, q))
        cdf, k = cdf + term, k + 1
    return cdf


TEST = DriftTest(
    key="cramer_von_mises",
    label=gettext_noop("Cramér–von Mises test"),
    description=gettext_noop(
        "As the Kolmogorov–Smirnov test, but by the gap of the distribution functions over the whole range "
        "instead of the largest. p-values under 0.0000001 are noise of the approximation."
    ),
    source="scipy.stats.cramervonmises_2samp",
    is_p_value=True,
    flag=Flag.AT_MOST,
    limit=0.1,
    numbers=cramer_von_mises_p_value,
)
