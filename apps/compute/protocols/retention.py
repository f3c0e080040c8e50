"""Curves of what is left when uncertain rows are passed on, as Shifts (Malinin et al. 2021) defines them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.ranking import place
from apps.compute.protocols.resampling import RESAMPLES, interval
from apps.compute.protocols.result import POINTS
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, Z, log_interval, resample_counts, score_interval

#: Rows in order of certainty are put into this many blocks for the bootstrap of F1; exact below.
BLOCKS = 1_000
_EPSILON = 1e-10


def error_curve(errors: Floats, uncertainty: Floats) -> Floats:
    """Shape (n + 1,): entry i is the sum of the errors of the n - i most certain rows, over the full n.

    Rows of equal uncertainty share their mean error.
    """
    _values, level, size = np.unique(uncertainty, return_inverse=True, return_counts=True)
    mean = np.bincount(level, errors) / size
    return np.append(np.cumsum(np.repeat(mean, size))[::-1] / len(errors), 0.0)


def f1_curve(acceptable: NDArray[np.bool_], uncertainty: Floats) -> Floats:
    """Shape (n + 1,): F1 of "acceptable" among the k most certain rows, k = 0 … n; NaN if none is acceptable.

    2 P R / (P + R + 1e-10). Of equal uncertainties the later row comes first, as in the reference.
    """
    found = np.cumsum(acceptable[np.argsort(-uncertainty, kind="stable")[::-1]])
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = found / np.arange(1, len(found) + 1)
        recall = found / found[-1] if found[-1] else np.full(len(found), np.nan)
    return np.append(0.0, 2 * precision * recall / (precision + recall + _EPSILON))


def f1_scores(curve: Floats) -> tuple[float, float]:
    """(area under the curve over the retained share, its value at 0.95)."""
    n = len(curve)
    return float(np.trapezoid(curve, dx=1 / n)), float(curve[int(0.95 * n)])


@dataclass(frozen=True, slots=True)
class Area:
    """The area under an error curve, and ``influence`` (n,), whose mean square over n is its variance.

    ``value`` is the mean of the n + 1 entries. The influences are those of the limit
    E[e_i (P(u_j > u_i) + P(u_j = u_i) / 2)], a V-statistic of order two (Serfling 1980, 5.1).
    """

    value: float
    influence: Floats

    @property
    def variance(self) -> float:
        return float(np.dot(self.influence, self.influence) / len(self.influence) ** 2)


def area(errors: Floats, uncertainty: Floats) -> Area:
    n = len(errors)
    _values, level, size = np.unique(uncertainty, return_inverse=True, return_counts=True)
    total = np.bincount(level, errors)
    above = (n - np.cumsum(size) + size / 2) / n
    below = (np.cumsum(total) - total / 2) / n
    influence = errors * above[level] + below[level]
    ends = np.cumsum(size)
    # The mean of the curve in closed form: k rows of one level stand at n - C - (k - 1) / 2 + 1 on average.
    value = float(np.dot(total, n - (ends - size) - (size - 1) / 2) / n / (n + 1))
    return Area(value, influence - influence.mean())


def summary(
    errors: Floats, uncertainty: Floats, acceptable: float, rng: np.random.Generator
) -> list[MetricResult]:
    """`retention_auc`, `rejection_ratio`, `f1_retention_auc`, `f1_at_95_retention` with intervals."""
    n = len(errors)
    own, ideal = area(errors, uncertainty), area(errors, errors)
    random = float(errors.mean()) / 2
    low, high = log_interval(own.value, own.variance)
    found = [bounded("retention_auc", own.value, low, high, n, "delta")]
    gain = ideal.value - random
    if abs(gain) <= 1e-12 * max(abs(random), 1e-300):
        found.append(MetricResult("rejection_ratio", None, n=n, undefined=Message(_SAME_ERRORS)))
    else:
        ratio = (own.value - random) / gain
        chance = errors / 2 - random
        influence = (own.influence - chance - ratio * (ideal.influence - chance)) / gain
        half = Z * float(np.sqrt(np.dot(influence, influence)) / n)
        found.append(bounded("rejection_ratio", ratio, ratio - half, min(ratio + half, 1.0), n, "delta"))
    good = errors <= acceptable
    if not good.any():
        why = Message(_NONE_ACCEPTABLE, {"limit": acceptable})
        return [*found, *(MetricResult(key, None, n=n, undefined=why) for key in _F1)]
    values = f1_scores(f1_curve(good, uncertainty))
    for key, value, samples in zip(_F1, values, _f1_samples(good, uncertainty, rng), strict=True):
        found.append(bounded(key, value, *interval(samples, value), n, "bootstrap"))
    return found


def _f1_samples(
    good: NDArray[np.bool_], uncertainty: Floats, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Poisson bootstrap of rows, summed over blocks of neighbours in the order of certainty."""
    order = np.argsort(-uncertainty, kind="stable")[::-1]
    n = len(good)
    block = np.arange(n) * min(n, BLOCKS) // n
    right = np.bincount(block, good[order]).astype(np.float64)
    rows = np.bincount(block).astype(np.float64)
    hits = resample_counts(right, None, RESAMPLES, rng)
    kept = np.cumsum(hits + resample_counts(rows - right, None, RESAMPLES, rng), axis=1)
    hits = np.cumsum(hits, axis=1)
    total = hits[:, -1:]
    with np.errstate(divide="ignore", invalid="ignore"):
        f1 = np.concatenate([np.zeros((RESAMPLES, 1)), 2 * hits / (kept + total)], axis=1)
        share = np.concatenate([np.zeros((RESAMPLES, 1)), kept / kept[:, -1:]], axis=1)
    auc = np.trapezoid(f1, share, axis=1)
    at = np.argmax(share >= 0.95, axis=1)
    return auc, f1[np.arange(RESAMPLES), at]


def shifted_auc(uncertainty: Floats, shifted: NDArray[np.bool_]) -> MetricResult:
    """`ood_roc_auc` with DeLong's interval; undefined without rows of both kinds."""
    n = len(shifted)
    if shifted.all() or not shifted.any():
        return MetricResult("ood_roc_auc", None, n=n, undefined=Message(_ONE_KIND))
    placed = place(uncertainty, shifted, None)
    parts = placed.of_rows(shifted)
    variance = sum(
        float(np.var(parts[which], ddof=1)) / int(which.sum()) if which.sum() > 1 else np.nan
        for which in (shifted, ~shifted)
    )
    return bounded("ood_roc_auc", placed.auc, *score_interval(placed.auc, variance), n, "delong")


def shifted_pr_auc(uncertainty: Floats, shifted: NDArray[np.bool_], rng: np.random.Generator) -> MetricResult:
    """`ood_pr_auc`: area under precision over recall by straight lines; the bootstrap draws rows."""
    n = len(shifted)
    if not shifted.any():
        return MetricResult("ood_pr_auc", None, n=n, undefined=Message(_ONE_KIND))
    level = np.unique(-uncertainty, return_inverse=True)[1]
    positive = np.bincount(level, shifted).astype(np.float64)
    negative = np.bincount(level) - positive
    value = float(_pr_area(positive[None], negative[None])[0])
    block = np.arange(len(positive)) * min(len(positive), BLOCKS) // len(positive)
    cells = [np.bincount(block, each).astype(np.float64) for each in (positive, negative)]
    drawn = [resample_counts(each, None, RESAMPLES, rng) for each in cells]
    return bounded("ood_pr_auc", value, *interval(_pr_area(*drawn), value), n, "bootstrap")


def _pr_area(positive: Floats, negative: Floats) -> Floats:
    """Shape (samples,) from counts per level, the least certain first: shape (samples, levels)."""
    found = np.cumsum(positive, axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.nan_to_num(found / (found + np.cumsum(negative, axis=1)), nan=1.0)
        recall = found / found[:, -1:]
    ends = np.concatenate([np.ones((len(found), 1)), precision], axis=1)
    return np.asarray(np.trapezoid(ends, np.concatenate([np.zeros((len(found), 1)), recall], axis=1), axis=1))


def tables(
    errors: Floats, uncertainty: Floats, acceptable: float, shifted: NDArray[np.bool_] | None
) -> dict[str, Table]:
    """``retention``, ``f1`` and, with shifted rows, ``roc``: thinned to `POINTS` points."""
    n = len(errors)
    kept = np.unique(np.round(np.linspace(0, n, min(n + 1, POINTS))).astype(np.int64))  # rows kept
    own, ideal = error_curve(errors, uncertainty)[::-1], error_curve(errors, errors)[::-1]
    found = {
        "retention": Table(
            {
                "retained": (kept / n).tolist(),
                "error": own[kept].tolist(),
                "random": (kept / n * own[-1]).tolist(),
                "ideal": ideal[kept].tolist(),
            }
        )
    }
    good = errors <= acceptable
    if good.any():
        f1 = f1_curve(good, uncertainty)[kept]
        found["f1"] = Table({"retained": (kept / n).tolist(), "f1": f1.tolist()})
    if shifted is not None and shifted.any() and not shifted.all():
        level = np.unique(-uncertainty, return_inverse=True)[1]
        rates = [
            np.append(0.0, np.cumsum(np.bincount(level, which)) / which.sum())
            for which in (~shifted, shifted)
        ]
        points = np.unique(
            np.round(np.linspace(0, len(rates[0]) - 1, min(len(rates[0]), POINTS))).astype(int)
        )
        found["roc"] = Table({"fpr": rates[0][points].tolist(), "tpr": rates[1][points].tolist()})
    return found


_F1 = ("f1_retention_auc", "f1_at_95_retention")
_SAME_ERRORS = gettext_noop("All rows have the same error, so no order of them is better than another.")
_NONE_ACCEPTABLE = gettext_noop(
    "No row has an error of at most %(limit)s, so none is acceptable. Choose a greater limit."
)
_ONE_KIND = gettext_noop("Not defined: the rows are all shifted, or none is.")
