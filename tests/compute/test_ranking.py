"""Rankings against scikit-learn, against all orders of ties, and against their own bad input."""

from __future__ import annotations

from itertools import pairwise, permutations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from plotly import graph_objects as go
from scipy import stats
from sklearn.metrics import average_precision_score, ndcg_score

from apps.common.charts import figure_json
from apps.compute.aligned import Side
from apps.compute.comparison import compare
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.figures import figures_of
from apps.compute.inputs import read
from apps.compute.messages import InputRejected
from apps.compute.metrics.queries import Ranking, judge, measure
from apps.compute.paired.ranking import RankingPairs
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import ColumnRole, ColumnRoles, Role
from apps.compute.tasks import TASK_KINDS
from tests.ranked import ROLES, judged_queries, sentences

WEIGHT, SLICE = ColumnRole(Role.WEIGHT), ColumnRole(Role.SLICE)


def quiet(message: object, share: float) -> None:
    pass


def sample(seed: int, ties: bool) -> Ranking:
    """Up to four queries of 2 to 14 graded documents in mixed order."""
    rng = np.random.default_rng(seed)
    sizes = rng.integers(2, 15, rng.integers(1, 5))
    query = rng.permutation(np.repeat(np.arange(len(sizes)), sizes))
    relevance = (rng.integers(0, 4, len(query)) * rng.integers(0, 2, len(query))).astype(float)
    relevance[np.unique(query, return_index=True)[1]] += 1
    score = rng.integers(0, 5, len(query)).astype(float) if ties else rng.normal(size=len(query))
    return Ranking(query, relevance, score, len(sizes))


def given(path: Path, rows: list[tuple[object, ...]]) -> Path:
    """Rows of query, relevance and score."""
    schema = {"query": pl.String, "y_true": pl.Float64, "score": pl.Float64}
    pl.DataFrame(rows, schema=schema, orient="row").write_parquet(path)
    return path


def run(frame: pl.DataFrame | Path, folder: Path, **more: ColumnRole) -> EvaluationResult:
    path = frame if isinstance(frame, Path) else folder / "ranking.parquet"
    if isinstance(frame, pl.DataFrame):
        frame.write_parquet(path)
    names = pl.read_parquet_schema(path)
    roles: ColumnRoles = {name: use for name, use in ROLES.items() if name in names} | more
    return evaluate(path, EvaluationSpec(roles=roles), quiet)


@pytest.mark.parametrize("ties", [False, True])
def test_each_query_equals_scikit_learn(ties: bool) -> None:
    for seed in range(50):
        data = sample(seed, ties)
        found = judge(data).values
        for query in range(data.queries):
            rows = data.query == query
            truth, score = data.relevance[rows], data.score[rows]
            for key, k in (("ndcg", None), ("ndcg_at_5", 5), ("ndcg_at_10", 10)):
                assert found[key][query] == pytest.approx(ndcg_score([truth], [score], k=k), abs=1e-12)
            precision = average_precision_score(truth > 0, score)
            assert found["mean_average_precision"][query] == pytest.approx(precision, abs=1e-12)


def test_ties_are_means_over_all_orders() -> None:
    """Every order of equal scores, one by one, in plain Python."""
    tested = 0
    for seed in range(60):
        data = sample(seed, ties=True)
        found = judge(data).values
        for query in np.flatnonzero(data.documents <= 6):
            rows = data.query == query
            relevant, score = (data.relevance[rows] > 0).tolist(), data.score[rows].tolist()
            orders = [
                [relevant[place] for place in order]
                for order in permutations(range(len(score)))
                if all(score[a] >= score[b] for a, b in pairwise(order))
            ]
            expected = {
                "mrr": np.mean([1 / (order.index(True) + 1) for order in orders]),
                "query_precision_at_5": np.mean([sum(order[:5]) / 5 for order in orders]),
                "query_recall_at_5": np.mean([sum(order[:5]) / sum(order) for order in orders]),
                "hit_rate_at_5": np.mean([any(order[:5]) for order in orders]),
            }
            for key, value in expected.items():
                assert found[key][query] == pytest.approx(value, abs=1e-12), key
            tested += 1
    assert tested > 30


def test_sentences_as_a_ranking(tmp_path: Path) -> None:
    frame = sentences("lr")
    result = run(frame, tmp_path)
    groups = judged_queries(frame)
    expected = [ndcg_score([g["y_true"]], [g["score"]], k=10) for g in groups]
    found = result.metric("ndcg_at_10")
    assert result.task is Task.RANKING
    assert found.value == pytest.approx(np.mean(expected), abs=1e-12)
    assert found.n == len(groups)
    assert found.low < found.value < found.high <= 1
    table = result.tables["worst_queries"]
    assert list(table.columns["ndcg"]) == sorted(table.columns["ndcg"])
    assert sum(result.tables["query_histogram"].columns["n"]) == len(groups)
    assert sum(result.tables["ndcg_by_documents"].columns["n"]) == len(groups)
    amazon = next(found for found in result.slices if found.values == ("amazon",))
    own = [ndcg_score([g["y_true"]], [g["score"]]) for g in groups if g["source"][0] == "amazon"]
    assert next(m for m in amazon.metrics if m.key == "ndcg").value == pytest.approx(np.mean(own), abs=1e-12)


def test_plotly_accepts_the_figures(tmp_path: Path) -> None:
    frame = sentences("lr").with_columns(
        pl.datetime_range(pl.datetime(2026, 1, 1), pl.datetime(2026, 6, 1), "1d")
        .sample(3000, with_replacement=True, seed=0)
        .head(len(sentences("lr")))
        .alias("time")
    )
    drawn = figures_of(run(frame, tmp_path, time=ColumnRole(Role.TIMESTAMP)))
    keys = ["ndcg_by_k", "query_histogram", "worst_queries", "ndcg_by_documents", "ndcg_by_time"]
    assert [figure.key for figure in drawn] == keys
    for figure in drawn:
        sent = figure_json(figure)
        go.Figure(data=sent["data"], layout=sent["layout"])
        assert {heading.name for heading in figure.headings} <= set(figure.table.columns)


def test_two_models_are_paired_by_query(tmp_path: Path) -> None:
    sides = []
    for model in ("nb", "lr"):
        sentences(model).write_parquet(tmp_path / f"{model}.parquet")
        sides.append(Side(model, tmp_path / f"{model}.parquet", ROLES))
    result = compare(sides, Task.RANKING, quiet)
    by_query = []
    for model in ("nb", "lr"):
        groups = judged_queries(sentences(model))
        by_query.append([ndcg_score([g["y_true"]], [g["score"]]) for g in groups])
    expected = stats.ttest_rel(by_query[1], by_query[0])
    found = next(metric for metric in result.metrics if metric.key == "ndcg").differences[0]
    assert found.p == pytest.approx(expected.pvalue, rel=1e-9)
    low, high = expected.confidence_interval()
    assert (found.low, found.high) == (pytest.approx(low, rel=1e-9), pytest.approx(high, rel=1e-9))


def test_a_random_order_is_no_skill() -> None:
    """The mean over many shuffles is what `no_skill` computes."""
    data = sample(3, ties=False)
    pairs = RankingPairs(data, [judge(data)])
    rng = np.random.default_rng(0)
    shuffled = [
        judge(
            Ranking(data.query, data.relevance, rng.permutation(len(data.query)).astype(float), data.queries)
        )
        for _ in range(4000)
    ]
    for key in ("ndcg", "mrr", "query_recall_at_5"):
        assert pairs.no_skill()[key] == pytest.approx(np.mean([s.values[key] for s in shuffled]), abs=0.01)


def test_losses_are_those_of_the_query_and_of_the_place(tmp_path: Path) -> None:
    rows = [("a", 0, 3.0), ("a", 1, 2.0), ("b", 2, 5.0), ("b", 0, 1.0), ("none", 0, 1.0), ("none", 0, 2.0)]
    path = given(tmp_path / "few.parquet", rows)
    inputs = read(path, {name: use for name, use in ROLES.items() if name in ("query", "y_true", "score")})
    judged = TASK_KINDS[Task.RANKING].judging().judge(inputs, None, positive=None, threshold=None, seed=0)
    second = 1 / np.log2(3)
    assert judged.errors() == pytest.approx([1 - second, 1 - second, 0, 0, 0, 0])
    assert judged.surprise() == pytest.approx([1 - second, 1 - second, 0, 0, 0, 0])


def test_queries_that_cannot_be_judged_are_left_out_and_counted(tmp_path: Path) -> None:
    rows = [("a", 1, 1.0), ("a", 0, 2.0), ("none", 0, 1.0), ("none", 0, 2.0), ("one", 1, 1.0)]
    result = run(given(tmp_path / "few.parquet", rows), tmp_path)
    assert result.metric("mrr").value == pytest.approx(0.5)
    assert result.metric("mrr").n == 1
    assert [str(note).split(" ", 4)[:4] for note in result.notes] == [["1", "of", "3", "queries"]] * 2


def test_a_query_counts_in_each_slice_of_its_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "query": ["a", "a", "b", "b"],
            "y_true": [1, 0, 0, 1],
            "score": [2.0, 1.0, 2.0, 1.0],
            "shop": ["x", "y", "y", "y"],
        }
    )
    result = run(frame, tmp_path, shop=SLICE)
    mrr = {
        found.values[0]: next((m.value, m.n) for m in found.metrics if m.key == "mrr")
        for found in result.slices
    }
    assert mrr == {"x": (1.0, 1), "y": (0.75, 2)}
    assert any("shop differs within a query" in str(note) for note in result.notes)


def test_a_query_weighs_the_mean_of_its_rows(tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "query": ["a", "a", "b", "b", "b"],
            "y_true": [1, 0, 0, 1, 0],
            "score": [2.0, 1.0, 2.0, 1.0, 0.0],
            "w": [3.0, 3.0, 1.0, 1.0, 1.0],
        }
    )
    assert run(frame, tmp_path, w=WEIGHT).metric("mrr").value == pytest.approx((3 * 1 + 1 * 0.5) / 4)


@pytest.mark.parametrize(
    ("rows", "code", "part"),
    [
        ([("a", 1, 1.0), (None, 0, 2.0)], "missing_query", "no value in row 2"),
        ([("a", 1, 1.0), ("a", -1, 2.0)], "negative_relevance", "negative in row 2"),
        ([("a", 1, 1.0), ("b", 0, 2.0)], "one_document", "one document only"),
        ([("a", 0, 1.0), ("a", 0, 2.0)], "no_relevant", "never above 0"),
        ([("a", 1, None), ("a", 0, 2.0)], "missing_value", "no value in row 1"),
    ],
)
def test_bad_input_is_named(tmp_path: Path, rows: list[tuple[object, ...]], code: str, part: str) -> None:
    with pytest.raises(InputRejected, match=part) as rejected:
        run(given(tmp_path / "bad.parquet", rows), tmp_path)
    assert rejected.value.code == code


def test_roles_that_a_ranking_needs(tmp_path: Path) -> None:
    path = given(tmp_path / "few.parquet", [("a", 1, 1.0), ("a", 0, 2.0)])
    for left_out, part in (("query", "role of the query"), ("score", "score by which")):
        roles = {name: use for name, use in ROLES.items() if name in ("query", "y_true", "score")}
        del roles[left_out]
        with pytest.raises(InputRejected, match=part):
            evaluate(path, EvaluationSpec(roles=roles, task=Task.RANKING), quiet)


@pytest.mark.slow
def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    """60 queries of 2 to 30 documents; documents of one query are alike, queries are not."""

    def drawn(rng: np.random.Generator, queries: int) -> Ranking:
        sizes = rng.integers(2, 31, queries)
        query = np.repeat(np.arange(queries), sizes)
        ease = rng.normal(1, 1, queries)[query]
        relevance = rng.binomial(3, 0.2, len(query)).astype(float)
        relevance[np.unique(query, return_index=True)[1]] += 1
        return Ranking(query, relevance, relevance * ease + rng.normal(0, 1.5, len(query)), queries)

    rng = np.random.default_rng(2026)
    population = {m.key: m.value for m in measure(judge(drawn(rng, 300_000)))}
    samples = 2_000
    held = dict.fromkeys(population, 0)
    for _ in range(samples):
        for metric in measure(judge(drawn(rng, 60))):
            held[metric.key] += metric.low <= population[metric.key] <= metric.high
    outside = {key: n / samples for key, n in held.items() if not 0.93 <= n / samples <= 0.975}
    assert outside == {}
