"""The Kullback-Leibler divergence of the current side from the reference."""

from __future__ import annotations

from scipy.special import rel_entr

from apps.compute.drift.columns import Floats
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.shares import of_categories, of_numbers, without_zeros
from apps.compute.messages import gettext_noop


def kullback_leibler(p: Floats, q: Floats) -> float:
    """sum(p * ln(p / q)) in nats with empty shares filled, then each side brought back to a sum of 1."""
    p, q = without_zeros(p), without_zeros(q)
    return float(rel_entr(p / p.sum(), q / q.sum()).sum())


TEST = DriftTest(
    key="kl_div",
    label=gettext_noop("Kullback–Leibler divergence"),
    description=gettext_noop(
        "How surprising the reference is to one who expects the current data. It is not symmetric: what "
        "vanished weighs far more than what is new. A category that is missing on one side counts as a share "
        "of 0.0001 there."
    ),
    source="scipy.stats.entropy(reference, current); bins and empty shares as Evidently 0.7.23",
    is_p_value=False,
    flag=Flag.AT_LEAST,
    limit=0.1,
    numbers=of_numbers(kullback_leibler),
    categories=of_categories(kullback_leibler),
)
