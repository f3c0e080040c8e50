"""Records of the metrics of rankings: means over queries."""

from __future__ import annotations

from functools import partial

from apps.compute.messages import gettext_noop
from apps.compute.metrics.registry import Metric, register
from apps.compute.results import Task

_query = partial(
    Metric,
    tasks=frozenset({Task.RANKING}),
    higher_is_better=True,
    unit="score",
    needs=frozenset({"labels"}),
)
_share = partial(_query, unit="share")

_UNJUDGED = gettext_noop(
    "Documents that nobody judged are not in the file. A model that ranks them first looks better than it is."
)
_GAIN = gettext_noop(
    "The gain is the relevance itself, as in scikit-learn; with the gain 2^relevance - 1, as others use it, "
    "numbers differ. A query with few documents reaches high values by chance, and one whose documents are "
    "all equally relevant is always 1."
)
_BINARY = gettext_noop("Any relevance above 0 counts as relevant: grades make no difference here.")

register(
    _query(
        key="ndcg_at_10",
        label=gettext_noop("NDCG at 10"),
        headline=True,
        description=gettext_noop(
            "How much of the best possible relevance the first 10 documents bring, high places counting more."
        ),
        source="sklearn.metrics.ndcg_score(k=10); Järvelin & Kekäläinen 2002",
        formula="mean over queries of DCG@10 / best DCG@10, DCG@k = sum_(i<=k) relevance_i / log2(i + 1)",
        meaning=gettext_noop(
            "How near the first page is to the best one that these documents allow; 1 is best."
        ),
        misleads=_GAIN,
    ),
    _query(
        key="ndcg",
        label=gettext_noop("NDCG"),
        headline=True,
        description=gettext_noop(
            "How near the order of all documents is to the best one, high places counting more."
        ),
        source="sklearn.metrics.ndcg_score; Järvelin & Kekäläinen 2002",
        formula="mean over queries of DCG / best DCG, DCG = sum_i relevance_i / log2(i + 1)",
        meaning=gettext_noop("How near the whole list is to the best order of these documents; 1 is best."),
        misleads=_GAIN,
    ),
    _query(
        key="mrr",
        label=gettext_noop("Mean reciprocal rank"),
        headline=True,
        description=gettext_noop("Mean of 1 / place of the first relevant document."),
        source="Voorhees 1999 (TREC-8); ties: mean over all orders",
        formula="mean over queries of 1 / rank of the first document with relevance > 0",
        meaning=gettext_noop(
            "How soon a reader who needs one good document finds it: 0.5 is the second place."
        ),
        misleads=_BINARY,
    ),
    _query(
        key="mean_average_precision",
        label=gettext_noop("Mean average precision"),
        headline=True,
        description=gettext_noop(
            "Mean over queries of the precision at each relevant document: are all of them near the top?"
        ),
        source="sklearn.metrics.average_precision_score by query; equal scores are one step",
        formula="mean over queries of (1 / R) sum over relevant documents of precision at their rank",
        meaning=gettext_noop("How clean the list is down to each of the relevant documents; 1 is best."),
        misleads=_BINARY,
    ),
    _share(
        key="query_recall_at_10",
        label=gettext_noop("Recall at 10"),
        headline=True,
        description=gettext_noop("Share of a query's relevant documents that are among the first 10."),
        source="Manning, Raghavan & Schütze 2008, ch. 8; ties: mean over all orders",
        formula="mean over queries of relevant among the first 10 / relevant",
        meaning=gettext_noop("How much of what is relevant the first page shows."),
        misleads=gettext_noop("A query with more than 10 relevant documents cannot be perfect."),
    ),
    _share(
        key="hit_rate_at_10",
        label=gettext_noop("Hit rate at 10"),
        headline=True,
        description=gettext_noop("Share of the queries with a relevant document among the first 10."),
        source="success@10 of TREC; ties: mean over all orders",
        formula="share of queries with any relevance > 0 among the first 10",
        meaning=gettext_noop("How often the first page helps at all."),
        misleads=gettext_noop("With 10 or fewer documents per query it is always perfect."),
    ),
    _query(
        key="ndcg_at_5",
        label=gettext_noop("NDCG at 5"),
        description=gettext_noop(
            "How much of the best possible relevance the first 5 documents bring, high places counting more."
        ),
        source="sklearn.metrics.ndcg_score(k=5); Järvelin & Kekäläinen 2002",
        formula="mean over queries of DCG@5 / best DCG@5, DCG@k = sum_(i<=k) relevance_i / log2(i + 1)",
        meaning=gettext_noop(
            "How near the first places are to the best that these documents allow; 1 is best."
        ),
        misleads=_GAIN,
    ),
    _share(
        key="query_recall_at_5",
        label=gettext_noop("Recall at 5"),
        description=gettext_noop("Share of a query's relevant documents that are among the first 5."),
        source="Manning, Raghavan & Schütze 2008, ch. 8; ties: mean over all orders",
        formula="mean over queries of relevant among the first 5 / relevant",
        meaning=gettext_noop("How much of what is relevant the first places show."),
        misleads=gettext_noop("A query with more than 5 relevant documents cannot be perfect."),
    ),
    _share(
        key="hit_rate_at_5",
        label=gettext_noop("Hit rate at 5"),
        description=gettext_noop("Share of the queries with a relevant document among the first 5."),
        source="success@5 of TREC; ties: mean over all orders",
        formula="share of queries with any relevance > 0 among the first 5",
        meaning=gettext_noop("How often the first places help at all."),
        misleads=_UNJUDGED,
    ),
    _share(
        key="query_precision_at_5",
        label=gettext_noop("Precision at 5"),
        description=gettext_noop("Share of the first 5 places that hold a relevant document."),
        source="Manning, Raghavan & Schütze 2008, ch. 8; ties: mean over all orders",
        formula="mean over queries of relevant among the first 5 / 5",
        meaning=gettext_noop("How many of the first places are worth reading."),
        misleads=gettext_noop("A query with fewer than 5 relevant documents cannot be perfect."),
    ),
    _share(
        key="query_precision_at_10",
        label=gettext_noop("Precision at 10"),
        description=gettext_noop("Share of the first 10 places that hold a relevant document."),
        source="Manning, Raghavan & Schütze 2008, ch. 8; ties: mean over all orders",
        formula="mean over queries of relevant among the first 10 / 10",
        meaning=gettext_noop("How many places of the first page are worth reading."),
        misleads=gettext_noop("A query with fewer than 10 relevant documents cannot be perfect."),
    ),
)
