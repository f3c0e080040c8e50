"""Do probabilities mean what they say: calibration errors and the table that is drawn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from apps.compute.metrics.binary.confusion import share_bounds
from apps.compute.metrics.binary.ranking import Ranking, dot
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import LEVEL, Floats

BINS = 10
HISTOGRAM_BINS = 30


@dataclass(frozen=True, slots=True)
class Bins:
    """Sums over the equal bins [k/b, (k+1)/b) of the probability, the last one closed: shape (b,).

    ``weight``, ``positive`` and ``predicted`` sum w, w y and w p, ``gap`` w (y - p). With squared
    weights: ``squares`` (1), ``positive_squares`` (y), ``gap_squares`` ((y - p)^2), ``gap_cross``
    (y - p) and ``chance_squares`` (p (1 - p)).
    """

    edges: Floats
    weight: Floats
    squares: Floats
    positive: Floats
    positive_squares: Floats
    predicted: Floats
    gap_squares: Floats
    gap_cross: Floats
    chance_squares: Floats

    @property
    def gap(self) -> Floats:
        return self.positive - self.predicted


def bin_scores(ranking: Ranking, bins: int = BINS) -> Bins:
    # numpy's borders, as other libraries have them; some lie a rounding error beside k / bins.
    edges = np.linspace(0, 1, bins + 1)
    score = ranking.score[::-1]  # ascending
    starts = np.searchsorted(score, edges[:-1], side="left")
    parts = [slice(a, b) for a, b in zip(starts, [*starts[1:], len(score)], strict=True)]
    sums = np.empty((8, bins))
    for number, part in enumerate(parts):
        p = score[part]
        positive, negative = ranking.positive[::-1][part], ranking.negative[::-1][part]
        positive2, negative2 = ranking.positive_squares[::-1][part], ranking.negative_squares[::-1][part]
        sums[:, number] = (
            positive.sum() + negative.sum(),
            positive2.sum() + negative2.sum(),
            positive.sum(),
            positive2.sum(),
            dot(p, positive) + dot(p, negative),
            dot((1 - p) ** 2, positive2) + dot(p**2, negative2),
            dot(1 - p, positive2) - dot(p, negative2),
            dot(p * (1 - p), positive2 + negative2),
        )
    return Bins(edges, *sums)


def expected_calibration_error(bins: Bins) -> float:
    """sum over bins of |sum w (y - p)| / sum w: the gaps weighted by the bins' shares."""
    return float(np.abs(bins.gap).sum() / bins.weight.sum())


def maximum_calibration_error(bins: Bins) -> float:
    """Largest |mean(y) - mean(p)| of a bin that is not empty."""
    filled = bins.weight > 0
    return float(np.abs(bins.gap[filled] / bins.weight[filled]).max())


def calibration_metrics(
    bins: Bins, rows: int, resamples: int, rng: np.random.Generator
) -> list[MetricResult]:
    """ECE and MCE with intervals by `inverted_bounds`.

    A bin's gap has the variance that its rows show, or that forecasts which are right would have
    (sum w^2 p (1 - p)) where that is more: a bin of one row shows none.
    """
    filled = bins.weight > 0
    weight = bins.weight[filled]
    gap = bins.gap[filled] / weight
    by_chance = bins.chance_squares[filled]
    noise = rng.standard_normal((resamples, len(weight)))
    ece_noise = noise * np.sqrt(np.maximum(bins.gap_squares[filled], by_chance)) / weight
    # Within a bin the gap is a mean over the bin's own rows: deviations from that mean count.
    within = bins.gap_squares[filled] - 2 * gap * bins.gap_cross[filled] + gap**2 * bins.squares[filled]
    mce_noise = noise * np.sqrt(np.maximum(within, by_chance)) / weight
    shares = weight / weight.sum()
    ece, mce = expected_calibration_error(bins), maximum_calibration_error(bins)
    return [
        bounded("ece", ece, *inverted_bounds(ece, gap, ece_noise, lambda g: g @ shares), rows, "inversion"),
        bounded(
            "mce", mce, *inverted_bounds(mce, gap, mce_noise, lambda g: g.max(axis=-1)), rows, "inversion"
        ),
    ]


def inverted_bounds(
    value: float, gap: Floats, noise: Floats, norm: Callable[[Floats], Floats]
) -> tuple[float, float]:
    """Interval of norm(|gap|), observed as ``value``, when ``noise`` (resamples, bins) was added.

    Sums and maxima of absolute values are larger than the truth by chance alone, up to the point
    where the truth is 0, and there no bootstrap interval covers. So tests are inverted: the bounds are
    the smallest and largest multiple t of the observed gaps for which ``value`` is no outlier among
    norm(|t gap + noise|) at 2.5 % a side. With t = 0 this is the exact test of perfect calibration.
    """
    tail = (1 - LEVEL) / 2
    scale = np.linspace(0, 2, 41)
    drawn = np.stack([norm(np.abs(t * gap + noise)) for t in scale])
    larger, smaller = (drawn >= value).mean(axis=1), (drawn <= value).mean(axis=1)
    low = np.interp(tail, np.maximum.accumulate(larger), scale) if larger[0] < tail else 0.0
    high = np.interp(-tail, np.maximum.accumulate(-smaller), scale) if smaller[0] > tail else 0.0
    return min(float(low), 1.0) * value, min(max(float(high), 1.0) * value, 1.0)


def calibration_table(bins: Bins, ranking: Ranking) -> Table:
    """Reliability diagram: one row per bin that is not empty, Wilson intervals of what was observed."""
    filled = bins.weight > 0
    weight, positive = bins.weight[filled], bins.positive[filled]
    low, high = share_bounds(positive, weight, bins.positive_squares[filled], bins.squares[filled])
    return Table(
        {
            "low": bins.edges[:-1][filled].round(12).tolist(),
            "high": bins.edges[1:][filled].round(12).tolist(),
            "mean_predicted": (bins.predicted[filled] / weight).tolist(),
            "observed": (positive / weight).tolist(),
            "observed_low": low.tolist(),
            "observed_high": high.tolist(),
            "n": as_counts(weight, ranking),
        }
    )


def score_histogram(ranking: Ranking) -> Table:
    """Weight of both classes in 30 equal bins of the probability."""
    edges = np.arange(HISTOGRAM_BINS + 1) / HISTOGRAM_BINS
    # Running totals at or above each lower edge; the highest bin is closed above.
    at = np.searchsorted(-ranking.score, -edges[:-1], side="right")
    columns: dict[str, list[float]] = {"low": edges[:-1].tolist(), "high": edges[1:].tolist()}
    for name, running in (
        ("negative", ranking.false_positives),
        ("positive", ranking.true_positives),
    ):
        above = np.append(np.concatenate(([0.0], running))[at], 0.0)
        columns[name] = as_counts(above[:-1] - above[1:], ranking)
    return Table(columns)


def as_counts(values: Floats, ranking: Ranking) -> list[float]:
    """Whole numbers where rows were counted, sums of weights otherwise."""
    counts: list[float] = (values if ranking.weighted else np.rint(values).astype(np.int64)).tolist()
    return counts
