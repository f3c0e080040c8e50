"""The scores of a file, sorted once, and what follows from their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult
from apps.compute.uncertainty import Floats, log_interval, score_interval, wilson

#: Entries summed at a time. BLAS starts threads above 10,000, which stall where cores are shared.
BLOCK = 1 << 13
#: What is beyond these differs from 0 or from 1 by rounding.
NO_VARIANCE = 1e-20
PERFECT = 1 - 1e-12

#: A part of the distinct scores -> a quantity of the positive and of the negative rows there.
PerClass = Callable[[slice], tuple[Floats, Floats]]


@dataclass(frozen=True, slots=True)
class Ranking:
    """Distinct scores, highest first, and the weight of both classes at each: arrays of shape (d,).

    ``positive_squares``/``negative_squares`` are sums of squared weights (the weights themselves
    when every row weighs 1). ``true_positives`` and ``false_positives`` are running totals: the
    weight at or above each score. ``rows`` and ``positive_rows`` count rows.
    """

    score: Floats
    positive: Floats
    negative: Floats
    positive_squares: Floats
    negative_squares: Floats
    true_positives: Floats
    false_positives: Floats
    rows: int
    positive_rows: int
    weighted: bool

    @property
    def positive_total(self) -> float:
        return float(self.true_positives[-1])

    @property
    def negative_total(self) -> float:
        return float(self.false_positives[-1])

    @property
    def total(self) -> float:
        return self.positive_total + self.negative_total

    @property
    def prevalence(self) -> float:
        return self.positive_total / self.total

    @property
    def both_classes(self) -> bool:
        return self.positive_total > 0 and self.negative_total > 0

    def blocks(self) -> Iterator[slice]:
        """Parts of the arrays that fit the processor's cache: fresh memory costs more than the sums."""
        return (slice(start, start + BLOCK) for start in range(0, len(self.score), BLOCK))

    def mean(self, values: PerClass) -> float:
        """Weighted mean over rows of a quantity given per distinct score and class."""
        total = 0.0
        for part in self.blocks():
            of_positives, of_negatives = values(part)
            total += float(np.dot(self.positive[part], of_positives))
            total += float(np.dot(self.negative[part], of_negatives))
        return total / self.total

    def mean_variance(self, deviations: PerClass) -> float:
        """Variance of a weighted mean from the rows' deviations, given per distinct score and class.

        sum w^2 d^2 / (sum w)^2 times n / (n - 1); NaN for a single row.
        """
        if self.rows < 2:
            return np.nan
        spread = 0.0
        for part in self.blocks():
            of_positives, of_negatives = deviations(part)
            spread += float(np.dot(self.positive_squares[part], of_positives**2))
            spread += float(np.dot(self.negative_squares[part], of_negatives**2))
        return spread / self.total**2 * self.rows / (self.rows - 1)


def rank(y: NDArray[np.bool_], proba: Floats, weight: Floats | None = None) -> Ranking:
    """Sort the rows by ``proba``, which must lie in 0..1 without NaN (ValueError otherwise)."""
    if not (proba.min() >= 0 and proba.max() <= 1):  # NaN fails the comparison too
        raise ValueError("Probabilities must lie between 0 and 1.")
    positive_rows = int(np.count_nonzero(y))
    if weight is None:
        score, positive, negative = _count_scores(y, proba)
        squares = positive, negative
    else:
        score, positive, negative, *squares_list = _weigh_scores(y, proba, weight)
        squares = squares_list[0], squares_list[1]
    return Ranking(
        score,
        positive,
        negative,
        *squares,
        true_positives=np.cumsum(positive),
        false_positives=np.cumsum(negative),
        rows=len(y),
        positive_rows=positive_rows,
        weighted=weight is not None,
    )


def _count_scores(y: NDArray[np.bool_], proba: Floats) -> tuple[Floats, Floats, Floats]:
    """Distinct scores, highest first, with rows of either class.

    The bits of a non-negative float64 sort like an integer, and those of a number up to 1 leave the
    two highest bits free. So the label rides along as the lowest bit, and one plain integer sort
    (several times faster than an argsort and two look-ups) orders scores and labels together.
    """
    keys = (proba + 0.0).view(np.int64)  # + 0.0 makes a copy and turns -0.0 into 0.0
    keys <<= 1
    keys |= y
    keys.sort()
    labels = (keys & 1).astype(np.bool_)
    keys >>= 1
    score = keys.view(np.float64)
    ends = _last_of_ties(score)
    positives = np.cumsum(labels, dtype=np.int64)[ends]
    positive = np.diff(positives, prepend=0)[::-1].astype(np.float64)
    rows = np.diff(ends, prepend=-1)[::-1]
    return score[ends][::-1], positive, rows - positive


def _weigh_scores(y: NDArray[np.bool_], proba: Floats, weight: Floats) -> tuple[Floats, ...]:
    order = np.argsort(proba)[::-1]
    score = proba[order]
    starts = np.concatenate(([0], _last_of_ties(score)[:-1] + 1))
    of_positives = np.where(y[order], weight[order], 0.0)
    of_negatives = np.where(y[order], 0.0, weight[order])
    sums = (of_positives, of_negatives, of_positives**2, of_negatives**2)
    return score[starts], *(np.add.reduceat(each, starts) for each in sums)


def dot(a: Floats, b: Floats) -> float:
    """Sum of products without BLAS; see `BLOCK`."""
    return float(np.einsum("i,i->", a, b))


def _last_of_ties(ordered: Floats) -> NDArray[np.int64]:
    """Index of the last of each run of equal values."""
    return np.append(np.flatnonzero(ordered[1:] != ordered[:-1]), len(ordered) - 1)


def roc_auc(ranking: Ranking) -> MetricResult:
    """Area under the ROC curve, ties counted half, with DeLong's interval.

    The structural components come from running totals in O(d) after the sort (Sun & Xu 2014), with
    row weights by linearisation in each class. The bounds are `score_interval`'s, which stay inside
    0..1; a perfect separation, whose variance is 0, has Wilson's on the smaller class.
    """
    r = ranking
    # Share of negatives below each score, and of positives above it.
    below = 1 - (r.false_positives - r.negative / 2) / r.negative_total
    above = (r.true_positives - r.positive / 2) / r.positive_total
    auc = dot(r.positive, below) / r.positive_total
    variance = 0.0
    sizes = []
    for squares, total, component in (
        (r.positive_squares, r.positive_total, below),
        (r.negative_squares, r.negative_total, above),
    ):
        size = total**2 / float(squares.sum())
        sizes.append(size)
        correction = size / (size - 1) if size > 1 else np.nan
        variance += dot(squares, (component - auc) ** 2) / total**2 * correction
    if variance < NO_VARIANCE:
        low, high = wilson(auc * min(sizes), min(sizes))
    else:
        low, high = score_interval(auc, variance)
    return bounded("roc_auc", auc, low, high, r.rows, "delong")


def average_precision(ranking: Ranking) -> MetricResult:
    """sum over scores of precision times the step in recall; interval by linearisation.

    With A and B the shares of positive and of all rows at or above a score and p the prevalence, a
    row's influence is (y (A/B + H1 - AP) - H2) / p, where H1 and H2 sum dA / B and A dA / B^2 over
    the scores at or below the row's: the functional derivative of the integral of A/B over dA / p.
    """
    r = ranking
    positives = r.true_positives / r.total
    everything = (r.true_positives + r.false_positives) / r.total
    step = r.positive / r.total
    precision = positives / everything
    prevalence = r.prevalence
    value = dot(precision, step) / prevalence
    step /= everything
    h1 = np.cumsum(step[::-1])[::-1]
    h2 = np.cumsum((precision * step)[::-1])[::-1]
    del step, positives, everything  # 240 MB of 10 million rows
    variance = r.mean_variance(
        lambda part: (
            (precision[part] + h1[part] - value - h2[part]) / prevalence,
            h2[part] / prevalence,
        )
    )
    # All positives on top leaves no variance to see: Wilson's on the positives.
    size = r.positive_total**2 / float(r.positive_squares.sum())
    low, high = wilson(size, size) if value > PERFECT else score_interval(value, variance)
    return bounded("average_precision", min(value, 1.0), low, high, r.rows, "delta")


def log_loss(ranking: Ranking) -> MetricResult:
    """-mean(y log p + (1 - y) log(1 - p)), p clipped at machine epsilon as scikit-learn does."""
    epsilon = float(np.finfo(np.float64).eps)

    def losses(part: slice) -> tuple[Floats, Floats]:
        p = ranking.score[part]
        return -np.log(np.maximum(p, epsilon)), -np.log(np.maximum(1 - p, epsilon))

    value, variance = _mean_loss(ranking, losses)
    return bounded("log_loss", value, *log_interval(value, variance), ranking.rows, "delta")


def brier(ranking: Ranking) -> MetricResult:
    """mean((p - y)^2)."""
    value, variance = _mean_loss(ranking, _squared_errors(ranking))
    low, high = log_interval(value, variance)
    return bounded("brier", value, low, np.minimum(high, 1), ranking.rows, "delta")


def brier_skill(ranking: Ranking) -> MetricResult:
    """1 - brier / (p (1 - p)) with the prevalence p; needs both classes.

    The interval is that of the ratio on the log scale; prevalence varies along with the loss.
    """
    r = ranking
    errors = _squared_errors(r)
    loss = r.mean(errors)
    p = r.prevalence
    baseline = p * (1 - p)
    slope = loss / baseline * (1 - 2 * p)

    def influence(part: slice) -> tuple[Floats, Floats]:
        of_positives, of_negatives = errors(part)
        return (
            (of_positives - loss - slope * (1 - p)) / baseline,
            (of_negatives - loss + slope * p) / baseline,
        )

    low, high = log_interval(loss / baseline, r.mean_variance(influence))
    return bounded("brier_skill", 1 - loss / baseline, 1 - high, 1 - low, r.rows, "delta")


def _squared_errors(ranking: Ranking) -> PerClass:
    def errors(part: slice) -> tuple[Floats, Floats]:
        p = ranking.score[part]
        return (1 - p) ** 2, p**2

    return errors


def _mean_loss(ranking: Ranking, losses: PerClass) -> tuple[float, float]:
    mean = ranking.mean(losses)

    def deviations(part: slice) -> tuple[Floats, Floats]:
        of_positives, of_negatives = losses(part)
        return of_positives - mean, of_negatives - mean

    return mean, ranking.mean_variance(deviations)
