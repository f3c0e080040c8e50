"""Do probabilities mean what they say: calibration errors and the table that is drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from apps.compute.metrics.binary.confusion import share_bounds
from apps.compute.metrics.binary.ranking import Ranking
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, basic_interval

BINS = 10
HISTOGRAM_BINS = 30


@dataclass(frozen=True, slots=True)
class Bins:
    """Sums over the equal bins [k/b, (k+1)/b) of the probability, the last one closed: shape (b,).

    ``gap`` is sum w (y - p) and ``gap_squares`` is sum w^2 (y - p)^2.
    """

    edges: Floats
    weight: Floats
    squares: Floats
    positive: Floats
    positive_squares: Floats
    predicted: Floats
    gap_squares: Floats
    gap_cross: Floats

    @property
    def gap(self) -> Floats:
        return self.positive - self.predicted


def bin_scores(ranking: Ranking, bins: int = BINS) -> Bins:
    edges = np.arange(bins + 1) / bins
    score = ranking.score[::-1]  # ascending
    starts = np.searchsorted(score, edges[:-1], side="left")
    parts = [slice(a, b) for a, b in zip(starts, [*starts[1:], len(score)], strict=True)]
    sums = np.empty((7, bins))
    for number, part in enumerate(parts):
        p = score[part]
        positive, negative = ranking.positive[::-1][part], ranking.negative[::-1][part]
        positive2, negative2 = ranking.positive_squares[::-1][part], ranking.negative_squares[::-1][part]
        sums[:, number] = (
            positive.sum() + negative.sum(),
            positive2.sum() + negative2.sum(),
            positive.sum(),
            positive2.sum(),
            np.dot(p, positive) + np.dot(p, negative),
            np.dot((1 - p) ** 2, positive2) + np.dot(p**2, negative2),
            np.dot(1 - p, positive2) - np.dot(p, negative2),
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
    """ECE and MCE with basic bootstrap intervals.

    Both sum or pick absolute values, so chance makes them larger than the truth and a percentile
    interval would add that bias a second time; the basic bootstrap takes it out. Each bin's gap is
    redrawn from the normal law with its mean and variance: a bootstrap with normal multipliers on
    the rows, drawn per bin, at a cost that does not depend on the number of rows.
    """
    filled = bins.weight > 0
    weight, gap = bins.weight[filled], bins.gap[filled]
    noise = rng.standard_normal((resamples, len(weight)))
    sums = gap + noise * np.sqrt(bins.gap_squares[filled])
    ece = expected_calibration_error(bins)
    ece_samples = np.abs(sums).sum(axis=1) / weight.sum()
    # Within a bin the gap is a mean over the bin's own rows: deviations from that mean count.
    mean = gap / weight
    within = bins.gap_squares[filled] - 2 * mean * bins.gap_cross[filled] + mean**2 * bins.squares[filled]
    mce = maximum_calibration_error(bins)
    mce_samples = np.abs(mean + noise * np.sqrt(np.maximum(within, 0)) / weight).max(axis=1)
    results = []
    for key, value, samples in (("ece", ece, ece_samples), ("mce", mce, mce_samples)):
        low, high = basic_interval(value, samples)
        results.append(bounded(key, value, max(low, 0.0), min(high, 1.0), rows, "bootstrap"))
    return results


def calibration_table(bins: Bins, ranking: Ranking) -> Table:
    """Reliability diagram: one row per bin that is not empty, Wilson intervals of what was observed."""
    filled = bins.weight > 0
    weight, positive = bins.weight[filled], bins.positive[filled]
    low, high = share_bounds(positive, weight, bins.positive_squares[filled], bins.squares[filled])
    return Table(
        {
            "low": bins.edges[:-1][filled].tolist(),
            "high": bins.edges[1:][filled].tolist(),
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
    return values.tolist() if ranking.weighted else np.rint(values).astype(np.int64).tolist()
