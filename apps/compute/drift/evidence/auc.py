"""The area under the ROC curve of a classifier that judged every row in folds.

Each pair of rows then counts twice: the one teaches how the other is judged, and the other way round. Without
any difference between the sides the AUC is a sum over pairs, which so has twice the variance that Mann and
Whitney's and DeLong's formulas for independent scores give. (Half of the rows judged by the other half would
have the same variance.) Simulated for tf-idf with logistic regression and for boosted trees.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtr

from apps.compute.drift.columns import Floats
from apps.compute.metrics.binary.ranking import rank, roc_auc
from apps.compute.verdicts import Estimate, Scale, bounds_at, normal_quantile

#: Standard deviations relative to those of independent scores.
PAIRED = 2**0.5


def judged_auc(
    is_current: NDArray[np.bool_], proba: Floats, confidence: float = 0.95
) -> tuple[float, float, float]:
    """AUC, and the bounds of its interval: DeLong's with `PAIRED` standard deviations."""
    auc = roc_auc(rank(is_current, proba))
    estimate = Estimate(auc.value or 0.0, auc.low or 0.0, auc.high or 0.0)
    level = 2 * float(ndtr(PAIRED * normal_quantile(confidence))) - 1
    return (estimate.value, *bounds_at(estimate, level, Scale(low=0, high=1)))


def random_deviation(n: int, m: int) -> float:
    """Standard deviation of the AUC of n and m rows without any difference."""
    return PAIRED * float(np.sqrt((n + m + 1) / (12 * n * m)))
