"""Metrics of rankings: one number per query, and their means over queries.

A document is relevant when its relevance is above 0. Documents with equal scores are in no order, so NDCG,
precision, recall, hit rate and the reciprocal rank are means over all orders of them (for NDCG as in
scikit-learn: McSherry & Najork 2008); average precision takes them as one step, as scikit-learn does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from apps.compute.messages import Message, gettext_noop
from apps.compute.metrics import query_records  # noqa: F401  (registers the metrics)
from apps.compute.metrics.dependence import student
from apps.compute.metrics.estimates import bounded
from apps.compute.metrics.registry import metrics_for
from apps.compute.results import MetricResult, Task
from apps.compute.uncertainty import Bounds, Floats, effective_n, mean_and_variance, score_interval, wilson

CUTS = (5, 10)
NO_QUERIES = Message(gettext_noop("No query of this group was judged."))

Ints = NDArray[np.int64]
#: What is below this is rounding: equal values.
_NO_VARIANCE = 1e-24


@dataclass(frozen=True, slots=True)
class Ranking:
    """Documents of ``queries`` queries; ``query`` (n,) is the query of each row, 0 .. queries - 1, none of
    them empty. ``relevance`` (n,) is 0 or more with at least one above 0 in each query, ``score`` (n,) is
    higher for what stands first.
    """

    query: Ints
    relevance: Floats
    score: Floats
    queries: int

    @property
    def documents(self) -> Ints:
        return np.bincount(self.query, minlength=self.queries)

    @property
    def relevant(self) -> Ints:
        """Relevant documents of each query, (queries,)."""
        return np.bincount(self.query[self.relevance > 0], minlength=self.queries)


class Ranked:
    """The documents of each query in the order of one score. A step is one set of equal scores of a query."""

    def __init__(self, data: Ranking, by: Floats) -> None:
        order = np.lexsort((-by, data.query))
        query, values = data.query[order], by[order]
        fresh = np.ones(len(order), dtype=bool)
        fresh[1:] = (query[1:] != query[:-1]) | (values[1:] != values[:-1])
        starts = np.flatnonzero(fresh)
        self.queries, self.order = data.queries, order
        self.query = query[starts]
        self.size = np.diff(np.append(starts, len(order)))
        self.above = starts - np.searchsorted(query, np.arange(data.queries))[self.query]
        self.gain = np.add.reduceat(data.relevance[order], starts)
        self.hits = np.add.reduceat((data.relevance[order] > 0).astype(np.int64), starts)
        self.relevant = np.bincount(self.query, self.hits, data.queries)
        positions = np.arange(int((self.above + self.size).max()))
        self._discount = np.append(0.0, np.cumsum(1 / np.log2(positions + 2)))

    def dcg(self, k: int | None) -> Floats:
        """Sum of relevance / log2(1 + rank) over the first ``k`` documents (None: all), (queries,)."""
        return self._sum(self.gain * self._mean_discount(k))

    def row_discount(self) -> Floats:
        """1 / log2(1 + rank) of each row, in the order of the rows, (n,)."""
        found = np.empty(len(self.order))
        found[self.order] = np.repeat(self._mean_discount(None), self.size)
        return found

    def hits_within(self, k: int) -> Floats:
        """Expected relevant documents among the first ``k``, (queries,)."""
        return self._sum(self.hits * np.clip(k - self.above, 0, self.size) / self.size)

    def hit_within(self, k: int) -> Floats:
        """Probability that any relevant document is among the first ``k``, (queries,)."""
        above, size, hits = self._first_hit()
        taken, others = np.clip(k - above, 0, size), size - hits
        drawn = np.minimum(taken, others)  # Of documents that are not relevant.
        none = (
            gammaln(others + 1) - gammaln(others - drawn + 1) - gammaln(size + 1) + gammaln(size - drawn + 1)
        )
        return np.where(taken > others, 1.0, -np.expm1(none))

    def reciprocal_rank(self) -> Floats:
        """Expected 1 / rank of the first relevant document, (queries,)."""
        above, size, hits = self._first_hit()
        found, chance, rank = np.zeros(len(above)), hits / size, 1
        active = np.arange(len(above))
        while len(active):
            found[active] += chance / (above[active] + rank)
            # None was found up to this rank of the step: how likely is the next one the first?
            left = size[active] - rank
            more = left >= hits[active]
            chance = (chance[more] * (left - hits[active] + 1)[more]) / left[more]
            active, rank = active[more], rank + 1
        return found

    def average_precision(self) -> Floats:
        """Mean over the relevant documents of the precision down to the last document of their score."""
        total = np.cumsum(self.hits)
        before = np.append(0.0, np.cumsum(self.relevant))[self.query]
        return self._sum(self.hits * (total - before) / (self.above + self.size)) / self.relevant

    def _mean_discount(self, k: int | None) -> Floats:
        ends = np.stack([self.above, self.above + self.size])
        first, last = self._discount[ends if k is None else np.minimum(ends, k)]
        return np.asarray((last - first) / self.size)

    def _first_hit(self) -> tuple[Ints, Ints, Ints]:
        """``above``, ``size`` and ``hits`` of each query's first step with a relevant document."""
        steps = np.flatnonzero(self.hits)
        first = steps[np.unique(self.query[steps], return_index=True)[1]]
        return self.above[first], self.size[first], self.hits[first]

    def _sum(self, values: Floats) -> Floats:
        return np.bincount(self.query, values, self.queries).astype(np.float64)


@dataclass(frozen=True, slots=True)
class Judgement:
    """``values`` maps each metric's key to one number from 0 to 1 per query, (queries,). ``weight``
    (queries,) is above 0, None where all queries count the same.
    """

    values: Mapping[str, Floats]
    weight: Floats | None

    def queries(self, index: NDArray[np.int64]) -> Judgement:
        return Judgement(
            {key: values[index] for key, values in self.values.items()},
            None if self.weight is None else self.weight[index],
        )


def judge(data: Ranking, weight: Floats | None = None) -> Judgement:
    """Every metric of every query of ``data`` under its scores."""
    ranked, ideal = Ranked(data, data.score), Ranked(data, data.relevance)
    values = {"ndcg": ndcg(ranked, ideal, None)}
    for k in CUTS:
        hits = ranked.hits_within(k)
        values[f"ndcg_at_{k}"] = ndcg(ranked, ideal, k)
        values[f"query_precision_at_{k}"] = hits / k
        values[f"query_recall_at_{k}"] = hits / ranked.relevant
        values[f"hit_rate_at_{k}"] = ranked.hit_within(k)
    values["mrr"] = ranked.reciprocal_rank()
    values["mean_average_precision"] = ranked.average_precision()
    return Judgement(values, weight)


def ndcg(ranked: Ranked, ideal: Ranked, k: int | None) -> Floats:
    """DCG over that of the best order, (queries,), with the relevance itself as gain; as
    sklearn.metrics.ndcg_score. Järvelin & Kekäläinen 2002.
    """
    return np.minimum(ranked.dcg(k) / ideal.dcg(k), 1.0)


def measure(data: Judgement, *, headline: bool = False) -> tuple[MetricResult, ...]:
    """The means over queries, or only the headline ones, in registry order. Without any query a metric is
    undefined. ``n`` counts queries: they are what is drawn from a population.
    """
    return tuple(
        _mean(metric.key, data.values[metric.key], data.weight)
        for metric in metrics_for(Task.RANKING)
        if metric.key in data.values and (metric.headline or not headline)
    )


def _mean(key: str, values: Floats, weight: Floats | None) -> MetricResult:
    if not len(values):
        return MetricResult(key, None, undefined=NO_QUERIES)
    mean, (low, high) = mean_of_queries(values, weight)
    return bounded(key, mean, low, high, len(values), "by query")


def mean_of_queries(values: Floats, weight: Floats | None) -> tuple[float, Bounds]:
    """Mean of numbers from 0 to 1 and its 95 % interval (NaN for one query): Wilson's interval on the
    effective sample size that the variance between queries gives, widened to Student's t. Where all are
    equal, a number from 0 to 1 varies no more than a share does, so that of a share is taken.
    """
    mean, variance = mean_and_variance(values, weight)
    mean = min(max(mean, 0.0), 1.0)
    if variance > _NO_VARIANCE or len(values) < 2:
        return mean, score_interval(mean, student(variance, len(values) - 1))
    size = effective_n(weight, len(values))
    return mean, wilson(mean * size, size)
