"""How much of the positive class the highest scores hold: KS, recall and lift at a share, gains."""

from __future__ import annotations

import numpy as np

from apps.compute.metrics.binary.ranking import Ranking
from apps.compute.metrics.binary.records import TOP_SHARES
from apps.compute.metrics.estimates import bounded
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, normal_interval, percentile_interval, resample_counts

#: The intervals see the ranking in this many steps of about equal weight. Ties are never split.
STEPS = 256
SPLITS = 50


def recall_at(ranking: Ranking, shares: Floats) -> Floats:
    """Share of the positives among the ``shares`` of the rows with the highest scores.

    Rows that are tied at the border count in proportion: the mean over all orders of the tied rows.
    """
    everything = np.concatenate(([0.0], ranking.true_positives + ranking.false_positives))
    found = np.concatenate(([0.0], ranking.true_positives))
    return np.asarray(np.interp(shares * everything[-1], everything, found) / found[-1])


def kolmogorov_smirnov(ranking: Ranking, rng: np.random.Generator) -> MetricResult:
    """Largest distance of the two classes' cumulative score distributions.

    The maximum over all cuts is biased upwards. The upper bound is that of a difference of two shares
    at the best cut. For the lower bound the rows are split in halves at random: one half chooses the
    cut, the other measures it, which is biased downwards; the mean of `SPLITS` splits takes the
    estimate's place. So the interval is a little wider than it need be, and covers.
    """
    r = ranking
    found, false = r.true_positives / r.positive_total, r.false_positives / r.negative_total
    distance = np.abs(found - false)
    best = int(distance.argmax())
    variance = 0.0
    for share, total, squares in (
        (found[best], r.positive_total, r.positive_squares),
        (false[best], r.negative_total, r.negative_squares),
    ):
        variance += float(share * (1 - share) * squares.sum()) / total**2
    value = float(distance[best])
    high = normal_interval(value, variance)[1]
    low = normal_interval(min(_split_distance(r, rng), value), variance)[0]
    return bounded("ks", value, max(float(low), 0.0), min(float(high), 1.0), r.rows, "split")


def _split_distance(ranking: Ranking, rng: np.random.Generator) -> float:
    """Mean KS distance at the cut that the other half of the rows would choose."""
    chosen, measured = [], []
    for counts, squares in _steps(ranking):
        # With weights, whole rows of the step's typical weight go to either half.
        weight = np.where(counts > 0, squares / np.where(counts > 0, counts, 1), 1)
        rows = np.rint(counts / weight).astype(np.int64)
        half = rng.binomial(rows, 0.5, (SPLITS, len(rows)))
        chosen.append(np.cumsum(half * weight, axis=-1))
        measured.append(np.cumsum((rows - half) * weight, axis=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        first = np.abs(chosen[0] / chosen[0][:, -1:] - chosen[1] / chosen[1][:, -1:])
        second = np.abs(measured[0] / measured[0][:, -1:] - measured[1] / measured[1][:, -1:])
    # A half without one of the classes knows nothing.
    cut = np.nan_to_num(first).argmax(axis=-1)
    return float(np.nan_to_num(second)[np.arange(SPLITS), cut].mean())


def top_metrics(ranking: Ranking, resamples: int, rng: np.random.Generator) -> list[MetricResult]:
    """Recall and lift at each of `TOP_SHARES`, with percentile bootstrap intervals.

    The Poisson bootstrap redraws both classes in `STEPS` steps of the ranking, so its cost does not
    depend on the number of rows.
    """
    positive, negative = (
        np.cumsum(resample_counts(counts, squares if ranking.weighted else None, resamples, rng), axis=-1)
        for counts, squares in _steps(ranking)
    )
    recalls, lifts = [], []
    values = recall_at(ranking, np.array(list(TOP_SHARES.values())))
    for (percent, share), value in zip(TOP_SHARES.items(), values.tolist(), strict=True):
        low, high = percentile_interval(_recall_of_steps(positive, negative, share))
        low, high = min(low, value), max(high, value)
        recalls.append(bounded(f"recall_at_{percent}", value, low, high, ranking.rows, "bootstrap"))
        of_lift = value / share, low / share, high / share
        lifts.append(bounded(f"lift_at_{percent}", *of_lift, ranking.rows, "bootstrap"))
    return recalls + lifts


def _steps(ranking: Ranking) -> list[tuple[Floats, Floats]]:
    """Weights and squared weights per step, first of the positives, then of the negatives."""
    running = ranking.true_positives + ranking.false_positives
    ends = np.searchsorted(running, np.arange(1, STEPS + 1) * (running[-1] / STEPS))
    ends = np.unique(np.minimum(ends, len(running) - 1))
    starts = np.concatenate(([0], ends[:-1] + 1))
    return [
        (np.add.reduceat(ranking.positive, starts), np.add.reduceat(ranking.positive_squares, starts)),
        (np.add.reduceat(ranking.negative, starts), np.add.reduceat(ranking.negative_squares, starts)),
    ]


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
