"""How far the difference of two runs on the same rows may vary, metric by metric.

Predictions of two runs on one row are alike, so their metrics vary together; the variance of a difference
comes from the rows' own differences (linearisation), from the joint confusion table, or from a bootstrap.
"""

from apps.compute.paired.binary import BinaryPairs
from apps.compute.paired.multiclass import MulticlassPairs
from apps.compute.paired.regression import RegressionPairs
from apps.compute.paired.spread import Pairs, Spread

__all__ = ["BinaryPairs", "MulticlassPairs", "Pairs", "RegressionPairs", "Spread"]
