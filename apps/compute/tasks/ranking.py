"""Documents ranked for queries: each query's documents are in the order of their scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.compute.aligned import check_truth
from apps.compute.inputs import Inputs, present
from apps.compute.judged import Measured
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics import queries, query_tables
from apps.compute.metrics.queries import Judgement, Ranked, Ranking
from apps.compute.over_time import Buckets
from apps.compute.paired.ranking import RankingPairs
from apps.compute.results import MetricResult, Table
from apps.compute.roles import Role
from apps.compute.slices import Grouping
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class JudgedRanking:
    """``names`` are the judged queries, ``place`` (n,) the query of each row, -1 where it is left out.
    ``data`` holds the rows of judged queries alone.
    """

    names: tuple[str, ...]
    place: NDArray[np.int64]
    data: Ranking
    judgement: Judgement
    notes: tuple[Message, ...]

    def measure(self) -> Measured:
        tables = query_tables.tables(self.names, self.data, self.judgement)
        return queries.measure(self.judgement), tables

    def tables_over_time(self, buckets: Buckets) -> dict[str, Table]:
        """A query belongs to the time of its first row that has one."""
        timed = np.flatnonzero((self.place >= 0) & (buckets.codes >= 0))
        held, first = np.unique(self.place[timed], return_index=True)
        bucket = np.full(len(self.names), -1)
        bucket[held] = buckets.codes[timed[first]]
        return {"ndcg_by_time": query_tables.by_time(buckets.starts, buckets.ends, bucket, self.judgement)}

    def groups(self, grouping: Grouping) -> list[tuple[MetricResult, ...]]:
        """A query counts, with all of its documents, in each group that any of its rows belongs to."""
        shown = (self.place >= 0) & (grouping.codes >= 0)
        size = len(self.names)
        held = np.unique(grouping.codes[shown].astype(np.int64) * size + self.place[shown])
        group, query = np.divmod(held, size)
        ends = np.searchsorted(group, np.arange(len(grouping.values) + 1))
        return [
            queries.measure(self.judgement.queries(query[ends[k] : ends[k + 1]]), headline=True)
            for k in range(len(grouping.values))
        ]

    def described(self) -> Mapping[str, Any]:
        return {}

    def errors(self) -> Floats:
        """1 - NDCG of the row's query; 0 where the query is left out."""
        lost = np.append(1 - self.judgement.values["ndcg"], 0.0)
        return lost[self.place]

    def surprise(self) -> Floats:
        """How far the row stands from where its relevance belongs: the difference of 1 / log2(1 + rank), 0
        to 1.
        """
        found = np.zeros(len(self.place))
        ranked, ideal = (Ranked(self.data, by) for by in (self.data.score, self.data.relevance))
        found[self.place >= 0] = np.abs(ranked.row_discount() - ideal.row_discount())
        return found


def judge(
    inputs: Inputs, weight: Floats | None, *, positive: str | None, threshold: float | None, seed: int
) -> JudgedRanking:
    """The score is the probability, if the file has one, else the prediction. A query weighs the mean of its
    rows' weights. Left out are queries without a relevant document, with one document, or of weight 0.

    InputRejected: no column for query or score, a row without a query, values that are not finite numbers, a
    negative relevance, no query that can be judged.
    """
    names, query = _queries(inputs)
    column = inputs.columns(Role.TARGET)[0]
    relevance, score = inputs.numbers(column), inputs.numbers(_score(inputs))
    negative = relevance < 0
    if negative.any():
        raise InputRejected("negative_relevance", _NEGATIVE, column=column, **inputs.first(negative))
    size = len(names)
    documents = np.bincount(query, minlength=size)
    has_relevant = np.bincount(query[relevance > 0], minlength=size) > 0
    mass = None if weight is None else np.bincount(query, weight, size) / documents
    kept = _judged_queries(inputs, documents, has_relevant, mass)
    place = np.where(kept, np.cumsum(kept) - 1, -1)[query]
    rows = place >= 0
    data = Ranking(place[rows], relevance[rows], score[rows], int(kept.sum()))
    judgement = queries.judge(data, None if mass is None else mass[kept])
    notes = [*_left_out(documents, has_relevant), *_mixed(inputs, query)]
    return JudgedRanking(
        tuple(pl.Series(names).filter(pl.Series(kept))), place, data, judgement, tuple(notes)
    )


def together(
    names: Sequence[Message | str], runs: Sequence[JudgedRanking], weight: Floats | None, seed: int
) -> tuple[Sequence[JudgedRanking], RankingPairs]:
    """InputRejected: other relevance, other queries."""
    for name, run in zip(names[1:], runs[1:], strict=True):
        if run.names != runs[0].names or not np.array_equal(run.place, runs[0].place):
            raise InputRejected("queries_differ", _QUERIES_DIFFER, first=names[0], second=name)
    check_truth(names, [run.data.relevance for run in runs])
    return runs, RankingPairs(runs[0].data, [run.judgement for run in runs])


def _queries(inputs: Inputs) -> tuple[list[str], NDArray[np.int64]]:
    """The queries in the order of the file, and the place of each row's among them."""
    column = inputs.column(Role.QUERY)
    if column is None:
        raise InputRejected("missing_role", _NO_QUERY_COLUMN)
    values = inputs.frame.get_column(column)
    missing = ~present(values)
    if missing.any():
        raise InputRejected("missing_query", _MISSING_QUERY, column=column, **inputs.first(missing))
    texts = values.cast(pl.String)
    names = texts.unique(maintain_order=True)
    codes = texts.replace_strict(names, pl.Series(range(len(names)), dtype=pl.Int64), return_dtype=pl.Int64)
    return names.to_list(), codes.to_numpy()


def _score(inputs: Inputs) -> str:
    probabilities = inputs.columns(Role.PROBABILITY)
    if len(probabilities) > 1:
        raise InputRejected("several_scores", _SEVERAL_SCORES, columns=", ".join(probabilities[:5]))
    column = next(iter(probabilities), None) or inputs.column(Role.PREDICTION)
    if column is None:
        raise InputRejected("missing_role", _NO_SCORE)
    return column


def _judged_queries(
    inputs: Inputs, documents: NDArray[np.int64], has_relevant: NDArray[np.bool_], mass: Floats | None
) -> NDArray[np.bool_]:
    if not (documents > 1).any():
        raise InputRejected("one_document", _ONE_DOCUMENT, column=inputs.column(Role.QUERY))
    kept = has_relevant & (documents > 1)
    if mass is not None:
        kept &= mass > 0
    if not kept.any():
        raise InputRejected("no_relevant", _NO_RELEVANT, column=inputs.columns(Role.TARGET)[0])
    return kept


def _left_out(documents: NDArray[np.int64], has_relevant: NDArray[np.bool_]) -> list[Message]:
    several = documents > 1
    counts = {
        _WITHOUT_RELEVANT: int(np.count_nonzero(several & ~has_relevant)),
        _WITH_ONE: int(np.count_nonzero(~several)),
    }
    return [Message(text, {"count": count, "all": len(documents)}) for text, count in counts.items() if count]


def _mixed(inputs: Inputs, query: NDArray[np.int64]) -> list[Message]:
    """Notes on the slice columns that differ within a query."""
    by_query = inputs.frame.group_by(pl.Series("query", query))
    columns = inputs.columns(Role.SLICE)
    values = by_query.agg(pl.col(name).n_unique().alias(str(k)) for k, name in enumerate(columns))
    several = [name for k, name in enumerate(columns) if (values.get_column(str(k)) > 1).any()]
    return [Message(_SLICE_DIFFERS, {"column": name}) for name in several]


_NO_QUERY_COLUMN = gettext_noop(
    "No column has the role of the query. Choose the column that says which documents are ranked together."
)
_MISSING_QUERY = gettext_noop(
    "The query column %(column)s has no value in row %(row)s (%(count)s such rows). Fill the query in or "
    "leave these rows out of the file."
)
_NEGATIVE = gettext_noop(
    "The relevance in column %(column)s is negative in row %(row)s (%(count)s such rows). Write 0 for "
    "documents that are not relevant."
)
_SEVERAL_SCORES = gettext_noop(
    "Several columns are a probability (%(columns)s), and a ranking has one score. Leave that role to the "
    "column by which documents are ranked."
)
_NO_SCORE = gettext_noop(
    "No column has the role of the prediction or of a probability. Choose the column with the score by which "
    "documents are ranked."
)
_ONE_DOCUMENT = gettext_noop(
    "Every query in column %(column)s has one document only, so there is nothing to rank. Choose the column "
    "whose value the documents of one query share."
)
_NO_RELEVANT = gettext_noop(
    "No query with two or more documents has a relevant one: column %(column)s is never above 0 there. "
    "Upload queries with relevant documents, or correct the relevance."
)
_WITHOUT_RELEVANT = gettext_noop(
    "%(count)s of %(all)s queries have no relevant document and are left out: no order of theirs is better "
    "than another."
)
_WITH_ONE = gettext_noop(
    "%(count)s of %(all)s queries have one document only and are left out: there is nothing to rank."
)
_SLICE_DIFFERS = gettext_noop(
    "The slice column %(column)s differs within a query. A query counts, with all of its documents, in each "
    "slice that any of its rows belongs to."
)
_QUERIES_DIFFER = gettext_noop(
    "%(first)s and %(second)s do not judge the same queries: they put rows into different ones, or take "
    "different rows as relevant. Compare runs of the same queries and the same truth."
)
