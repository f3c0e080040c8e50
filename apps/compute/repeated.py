"""One model, run several times with other seeds or folds: the mean, and tests between two such models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, stdev

from scipy.special import stdtr, stdtrit

from apps.compute.comparison_result import Difference

LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Repeated:
    """``spread`` is the standard deviation between the ``n`` runs, ``low`` and ``high`` bound their mean at
    95 % (Student's t); None with fewer than two runs.
    """

    mean: float
    spread: float | None
    low: float | None
    high: float | None
    n: int


def repeated(values: Sequence[float]) -> Repeated:
    """The mean of at least one value. Its interval speaks of other seeds, not of other rows."""
    mean, n = fmean(values), len(values)
    if n < 2:
        return Repeated(mean, None, None, None, n)
    spread = stdev(values)
    half = _quantile(n) * spread / n**0.5
    return Repeated(mean, spread, mean - half, mean + half, n)


def paired(
    first: Mapping[str, float], second: Mapping[str, float], test_to_training: float | None = None
) -> Difference | None:
    """The mean of second minus first over the seeds or folds that both have; None with fewer than two.

    Seeds: the paired t-test. Folds, with ``test_to_training`` rows of test per row of training: their
    training sets overlap, so the variance of the mean is (1 / n + test / training) times that of the
    differences (Nadeau & Bengio 2003, the corrected resampled t-test).
    """
    shared = sorted(first.keys() & second.keys())
    n = len(shared)
    if n < 2:
        return None
    differences = [second[name] - first[name] for name in shared]
    mean = fmean(differences)
    method = "paired t" if test_to_training is None else "corrected resampled t"
    error = stdev(differences) * (1 / n + (test_to_training or 0.0)) ** 0.5
    if error == 0:
        return Difference(mean, mean, mean, 1.0 if mean == 0 else None, method=method)
    p = float(2 * stdtr(n - 1, -abs(mean) / error))
    half = _quantile(n) * error
    return Difference(mean, mean - half, mean + half, p, method=method)


def _quantile(n: int) -> float:
    return float(stdtrit(n - 1, 0.5 + LEVEL / 2))
