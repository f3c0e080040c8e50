"""The Jensen-Shannon distance between two sets of shares."""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr

from apps.compute.drift.columns import Floats
from apps.compute.drift.registry import DriftTest, Flag
from apps.compute.drift.statistics.shares import of_categories, of_numbers
from apps.compute.messages import gettext_noop


def jensen_shannon(p: Floats, q: Floats) -> float:
    """Square root of the divergence in nats, 0..sqrt(ln 2) = 0.8326."""
    p, q = p / p.sum(), q / q.sum()
    middle = (p + q) / 2
    divergence = (rel_entr(p, middle).sum() + rel_entr(q, middle).sum()) / 2
    return float(np.sqrt(max(divergence, 0.0)))


TEST = DriftTest(
    key="jensenshannon",
    label=gettext_noop("Jensen–Shannon distance"),
    description=gettext_noop(
        "How different the shares of categories or bins are: 0 means the same shares, 0.83 that the sides "
        "have nothing in common. It does not grow with the number of rows and copes with new categories. "
        "Many rare categories raise it by chance when the rows are few."
    ),
    source="scipy.spatial.distance.jensenshannon, natural logarithm; bins as Evidently 0.7.23",
    is_p_value=False,
    flag=Flag.AT_LEAST,
    limit=0.1,
    numbers=of_numbers(jensen_shannon),
    categories=of_categories(jensen_shannon),
)
