"""The tables of a ranking, by cut, by query and by number of documents."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from apps.compute.metrics.queries import Judgement, Ranked, Ranking, mean_of_queries, ndcg
from apps.compute.results import Table
from apps.compute.uncertainty import Floats

#: Cuts of the curve over the length of the list, as far as any query has so many documents.
CURVE = (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50, 100)
MOST_QUERIES = 200
BINS = 20
BANDS = 10


def tables(names: Sequence[str], data: Ranking, judged: Judgement) -> dict[str, Table]:
    """``names`` has one text per query."""
    return {
        "ndcg_by_k": _by_k(data, judged.weight),
        "query_histogram": _histogram(judged.values["ndcg"]),
        "worst_queries": _worst(names, data, judged),
        "ndcg_by_documents": _by_documents(data, judged),
    }


def _by_k(data: Ranking, weight: Floats | None) -> Table:
    ranked, ideal = Ranked(data, data.score), Ranked(data, data.relevance)
    longest = int(data.documents.max())
    cuts = [k for k in CURVE if k <= longest] or [longest]
    rows = []
    for k in cuts:
        hits = ranked.hits_within(k)
        others = (hits / ranked.relevant, hits / k, ranked.hit_within(k))
        rows.append(
            (
                *_bounded(ndcg(ranked, ideal, k), weight),
                *(mean_of_queries(values, weight)[0] for values in others),
                data.queries,
            )
        )
    names = ("ndcg", "low", "high", "recall", "precision", "hit_rate", "n")
    return Table({"k": cuts, **_columns(names, rows)})


def _bounded(values: Floats, weight: Floats | None) -> tuple[float, float | None, float | None]:
    mean, bounds = mean_of_queries(values, weight)
    low, high = (float(bound) if np.isfinite(bound) else None for bound in bounds)
    return mean, low, high


def _columns(names: Sequence[str], rows: Sequence[Sequence[float | None]]) -> dict[str, list[float | None]]:
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


def _histogram(values: Floats) -> Table:
    n, edges = np.histogram(values, BINS, (0.0, 1.0))
    return Table({"low": edges[:-1].tolist(), "high": edges[1:].tolist(), "n": n.tolist()})


def _worst(names: Sequence[str], data: Ranking, judged: Judgement) -> Table:
    """The queries with the lowest NDCG; of equal ones those with more relevant documents."""
    values, relevant = judged.values, data.relevant
    worst = np.lexsort((-relevant, values["ndcg"]))[:MOST_QUERIES]
    return Table(
        {
            "query": [names[place] for place in worst],
            "ndcg": values["ndcg"][worst].tolist(),
            "average_precision": values["mean_average_precision"][worst].tolist(),
            "reciprocal_rank": values["mrr"][worst].tolist(),
            "documents": data.documents[worst].tolist(),
            "relevant": relevant[worst].tolist(),
        }
    )


def _by_documents(data: Ranking, judged: Judgement) -> Table:
    """Bands of about equally many queries; queries with equally many documents share a band."""
    documents = data.documents
    edges = np.unique(np.quantile(documents, np.arange(1, BANDS + 1) / BANDS, method="inverted_cdf"))
    band = np.searchsorted(edges, documents)
    rows = []
    for place in range(len(edges)):
        held: NDArray[np.int64] = np.flatnonzero(band == place)
        part = judged.queries(held)
        ends = (int(documents[held].min()), int(documents[held].max()))
        rows.append((*ends, *_bounded(part.values["ndcg"], part.weight), len(held)))
    return Table(_columns(("documents_from", "documents_to", "ndcg", "low", "high", "n"), rows))


def by_time(
    starts: Sequence[str], ends: Sequence[str], bucket: NDArray[np.int64], judged: Judgement
) -> Table:
    """NDCG per bucket; ``bucket`` (queries,) is -1 for queries without a time."""
    rows: list[tuple[float | None, ...]] = []
    for place in range(len(starts)):
        part = judged.queries(np.flatnonzero(bucket == place))
        n = len(part.values["ndcg"])
        rows.append((*(_bounded(part.values["ndcg"], part.weight) if n else (None, None, None)), n))
    return Table({"start": list(starts), "end": list(ends), **_columns(("value", "low", "high", "n"), rows)})
