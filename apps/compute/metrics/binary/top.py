"""How much of the positive class the highest scores hold: KS, recall and lift at a share, gains."""

from __future__ import annotations

import numpy as np

from apps.compute.metrics.binary.ranking import Ranking
from apps.compute.metrics.binary.records import TOP_SHARES
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, basic_interval, percentile_interval, resample_counts

#: The bootstrap sees the ranking in this many steps of about equal weight. Ties are never split.
STEPS = 256


def recall_at(ranking: Ranking, shares: Floats) -> Floats:
    """Share of the positives among the ``shares`` of the rows with the highest scores.

    Rows that are tied at the border count in proportion: the mean over all orders of the tied rows.
    """
    everything = np.concatenate(([0.0], ranking.true_positives + ranking.false_positives))
    found = np.concatenate(([0.0], ranking.true_positives))
    return np.asarray(np.interp(shares * everything[-1], everything, found) / found[-1])


def kolmogorov_smirnov(ranking: Ranking) -> float:
    """Largest distance of the two classes' cumulative score distributions."""
    distance = ranking.true_positives / ranking.positive_total
    distance -= ranking.false_positives / ranking.negative_total
    return float(np.abs(distance, out=distance).max())


def top_metrics(ranking: Ranking, resamples: int, rng: np.random.Generator) -> list[MetricResult]:
    """KS, and recall and lift at each of `TOP_SHARES`, with bootstrap intervals.

    The Poisson bootstrap redraws both classes in `STEPS` steps of the ranking, so its cost does not
    depend on the number of rows. KS is a maximum and is biased upwards: basic bootstrap. The others:
    percentiles.
    """
    positive, negative = _resampled_steps(ranking, resamples, rng)
    positive, negative = np.cumsum(positive, axis=-1), np.cumsum(negative, axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.abs(positive / positive[:, -1:] - negative / negative[:, -1:]).max(axis=-1)
    value = kolmogorov_smirnov(ranking)
    low, high = basic_interval(value, distance[1:], centre=float(distance[0]))
    results = [bounded("ks", value, max(low, 0.0), min(high, 1.0), ranking.rows, "bootstrap")]
    lifts = []
    values = recall_at(ranking, np.array(list(TOP_SHARES.values())))
    for (percent, share), recall in zip(TOP_SHARES.items(), values.tolist(), strict=True):
        low, high = percentile_interval(_recall_of_steps(positive[1:], negative[1:], share))
        results.append(bounded(f"recall_at_{percent}", recall, low, high, ranking.rows, "bootstrap"))
        lifts.append(
            bounded(
                f"lift_at_{percent}", recall / share, low / share, high / share, ranking.rows, "bootstrap"
            )
        )
    return results + lifts


def _resampled_steps(ranking: Ranking, resamples: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Weight per step of positives and of negatives: the data themselves, then the resamples."""
    running = ranking.true_positives + ranking.false_positives
    ends = np.searchsorted(running, np.arange(1, STEPS + 1) * (running[-1] / STEPS))
    ends = np.unique(np.minimum(ends, len(running) - 1))
    starts = np.concatenate(([0], ends[:-1] + 1))
    drawn = []
    for counts, squares in (
        (ranking.positive, ranking.positive_squares),
        (ranking.negative, ranking.negative_squares),
    ):
        in_steps = np.add.reduceat(counts, starts)
        squares_in_steps = np.add.reduceat(squares, starts) if ranking.weighted else None
        samples = resample_counts(in_steps, squares_in_steps, resamples, rng)
        drawn.append(np.concatenate((in_steps[None], samples)))
    return drawn[0], drawn[1]


def _recall_of_steps(positive: Floats, negative: Floats, share: float) -> Floats:
    """`recall_at` for many resamples of running totals (resamples, steps); NaN without positives."""
    everything = positive + negative
    border = everything[:, -1] * share
    step = np.minimum((everything < border[:, None]).sum(axis=-1), everything.shape[1] - 1)[:, None]

    def ends(running: Floats) -> tuple[Floats, Floats]:
        upper = np.take_along_axis(running, step, axis=-1)[:, 0]
        lower = np.take_along_axis(running, np.maximum(step - 1, 0), axis=-1)[:, 0]
        return np.where(step[:, 0] > 0, lower, 0.0), upper

    (rows_low, rows_high), (found_low, found_high) = ends(everything), ends(positive)
    with np.errstate(invalid="ignore", divide="ignore"):
        part = np.where(rows_high > rows_low, (border - rows_low) / (rows_high - rows_low), 0.0)
        return np.asarray((found_low + part * (found_high - found_low)) / positive[:, -1])


def gains_table(ranking: Ranking) -> Table:
    """Recall, precision and lift when the best 1 %, 2 % … 100 % of the rows are taken."""
    shares = np.arange(1, 101) / 100
    recall = recall_at(ranking, shares)
    return Table(
        {
            "share": shares.tolist(),
            "recall": recall.tolist(),
            "precision": (recall * ranking.prevalence / shares).tolist(),
            "lift": (recall / shares).tolist(),
        }
    )
