"""Groups of ties: never a rank that the tests do not support."""

from __future__ import annotations

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from apps.compute import flip_rows
from apps.compute.comparison import all_pairs, compare
from apps.compute.comparison_result import ComparisonResult, ties_of
from apps.compute.metrics.registry import METRICS
from apps.compute.metrics.regression import Regression
from apps.compute.paired import BinaryPairs, RegressionPairs
from apps.compute.repeated import paired, repeated
from apps.compute.results import MetricResult, Task
from apps.compute.ties import ties
from tests.compute.test_comparison import quiet, side


def test_places_go_as_far_as_the_pairs_do() -> None:
    found = ties([0.9, 0.7, 0.88, 0.86, None], {(0, 1), (1, 2), (0, 3)}, higher_is_better=True)
    assert found.order == (0, 2, 3, 1)
    assert found.places == ((1, 2), (3, 4), (1, 3), (2, 4), None)
    assert found.groups == ((0, 2), (2, 3), (3, 1))
    assert [found.spots(group) for group in found.groups] == [[1, 2], [2, 3], [3, 4]]
    assert found.winner is None
    lower = ties([0.9, 0.7, 0.8], {(0, 1), (1, 2), (0, 2)}, higher_is_better=False)
    assert (lower.winner, lower.places) == (1, ((3, 3), (1, 1), (2, 2)))
    everyone = ties([0.5] * 20, set(), higher_is_better=True)
    assert everyone.groups == (tuple(range(20)),)
    assert set(everyone.places) == {(1, 20)}


def test_the_groups_of_real_runs(tmp_path: Path) -> None:
    """Breast cancer: the tree is worse (p = 0.00119); sentiment: nb and lr tie (p = 0.062)."""
    cancer = [side(tmp_path, "breast_cancer", model, "malignant") for model in ("lr", "tree")]
    accuracy = compare(cancer, Task.BINARY, quiet).metric("accuracy")
    assert accuracy.pair(0, 1).p == pytest.approx(0.00119, abs=5e-6)
    assert accuracy.ties(higher_is_better=True).groups == ((0,), (1,))
    texts = [side(tmp_path, "sentiment", model, "1") for model in ("rule", "nb", "lr")]
    result = compare(texts, Task.BINARY, quiet, baseline=0)
    accuracy = result.metric("accuracy")
    assert accuracy.pair(1, 2).p == pytest.approx(0.062, abs=5e-4)
    assert accuracy.ties(higher_is_better=True).groups == ((0,), (1, 2))
    assert accuracy.pair(2, 1).value == -accuracy.pair(1, 2).value
    old = result.to_json()
    for name in ("flips", "kept_flips"):
        del old[name]
    for metric in old["metrics"]:
        del metric["pairs"]
    opened = ComparisonResult.from_json(json.loads(json.dumps({**old, "schema_version": 1})))
    assert opened.metric("accuracy").ties(higher_is_better=True) is None
    assert (opened.metric("accuracy").best, opened.flip(0, 1)) == (0, None)


def test_all_pairs_are_corrected_for_their_number(tmp_path: Path) -> None:
    runs = [side(tmp_path, "adult", model, ">50K") for model in ("rule", "lr", "hgb")]
    result = compare(runs, Task.BINARY, quiet)
    for key in ("accuracy", "f1", "mcc"):
        metric = result.metric(key)
        for place, (first, second) in enumerate(combinations(range(3), 2)):
            alone = compare([runs[first], runs[second]], Task.BINARY, quiet).metric(key).differences[0]
            found = metric.pairs[place]
            assert (found.value, found.low, found.high, found.p) == (
                alone.value,
                alone.low,
                alone.high,
                alone.p,
            )
        p = [pair.p for pair in metric.pairs]
        assert min(pair.corrected for pair in metric.pairs) == pytest.approx(min(1, 3 * min(p)))


def test_flips_are_the_rows_that_one_run_alone_has_right(tmp_path: Path) -> None:
    runs = [side(tmp_path, "sentiment", model, "1") for model in ("rule", "nb", "lr")]
    rows = tmp_path / "flips.parquet"
    result = compare(runs, Task.BINARY, quiet, rows=rows)
    frames = [pl.read_parquet(each.path).sort("id") for each in runs]
    right = [frame["y_pred"].cast(pl.Int64) == frame["y_true"].cast(pl.Int64) for frame in frames]
    for first, second in combinations(range(3), 2):
        page = flip_rows.read(rows, first, second, most=result.kept_flips, limit=10_000)
        counts = result.flip(first, second)
        assert page.total == len(page.rows) == counts.first + counts.second
        expected = frames[0]["id"].filter(right[first] != right[second]).cast(pl.String)
        assert sorted(row.id for row in page.rows) == sorted(expected)
        changes = [abs(row.surprises[1] - row.surprises[0]) for row in page.rows]
        assert changes == sorted(changes, reverse=True)
        only = flip_rows.read(rows, first, second, better=second, most=result.kept_flips, limit=5)
        assert (only.total, len(only.rows)) == (counts.second, 5)
        assert all(row.said[1] == row.truth != row.said[0] for row in only.rows)


def test_regressions_flip_where_one_is_nearer(tmp_path: Path) -> None:
    runs = [side(tmp_path, "bike", model) for model in ("ridge", "hgb")]
    rows = tmp_path / "flips.parquet"
    result = compare(runs, Task.REGRESSION, quiet, rows=rows)
    frames = [pl.read_parquet(each.path) for each in runs]
    sizes = [(frame["y_pred"] - frame["y_true"]).abs().to_numpy() for frame in frames]
    counts = result.flip(0, 1)
    assert (counts.first, counts.second) == ((sizes[0] < sizes[1]).sum(), (sizes[0] > sizes[1]).sum())
    page = flip_rows.read(rows, 0, 1, most=result.kept_flips, limit=1)
    assert abs(np.subtract(*page.rows[0].surprises)) == pytest.approx(np.abs(sizes[1] - sizes[0]).max())


def test_means_over_seeds_and_folds() -> None:
    first, second = [0.81, 0.79, 0.80, 0.83, 0.78], [0.84, 0.80, 0.83, 0.84, 0.80]
    found = repeated(first)
    half = stats.t.ppf(0.975, 4) * stats.sem(first)
    assert (found.mean, found.n) == (pytest.approx(np.mean(first)), 5)
    assert (found.low, found.high) == pytest.approx((np.mean(first) - half, np.mean(first) + half))
    named = [dict(zip("abcde", values, strict=True)) for values in (first, second)]
    assert paired(*named).p == pytest.approx(stats.ttest_rel(second, first).pvalue)
    folds = paired(*named, test_to_training=1 / 4)
    differences = np.subtract(second, first)
    t = differences.mean() / np.sqrt(differences.var(ddof=1) * (1 / 5 + 1 / 4))  # Nadeau & Bengio 2003, (6)
    assert folds.p == pytest.approx(2 * stats.t.sf(abs(t), 4))
    assert paired({"a": 1.0}, {"a": 2.0}) is None
    assert repeated([0.5]).low is None


def _false(values: list[float], key: str, pairs: BinaryPairs | RegressionPairs) -> bool:
    found = [MetricResult(key, value, n=1) for value in values]
    tested = all_pairs(METRICS[key], found, pairs)
    higher = bool(METRICS[key].higher_is_better)
    return len(ties_of(found, tested, higher).groups) > 1


@pytest.mark.slow
def test_equal_models_tie() -> None:
    """Ten equally good models, 500 times: any false difference in at most 5 % and three standard errors."""
    rng = np.random.default_rng(61)
    repetitions, rows, models = 500, 800, 10
    found = {"accuracy": 0, "roc_auc": 0, "brier": 0, "mae": 0}
    for _ in range(repetitions):
        y = rng.random(rows) < 0.4
        common = 1.2 * y + rng.normal(-0.5, 0.8, rows)
        scores = [1 / (1 + np.exp(-(common + rng.normal(0, 0.6, rows)))) for _ in range(models)]
        decisions = [score >= 0.5 for score in scores]
        pairs = BinaryPairs(y, decisions, scores, None, 0)
        found["accuracy"] += _false([float((each == y).mean()) for each in decisions], "accuracy", pairs)
        areas = [stats.mannwhitneyu(s[y], s[~y]).statistic / y.sum() / (~y).sum() for s in scores]
        found["roc_auc"] += _false(areas, "roc_auc", pairs)
        found["brier"] += _false([float(((score - y) ** 2).mean()) for score in scores], "brier", pairs)
        truth = common + rng.normal(0, 1, rows)
        guesses = [common + rng.normal(0, 0.6, rows) for _ in range(models)]
        regressions = RegressionPairs([Regression(truth, guess) for guess in guesses])
        found["mae"] += _false([float(np.abs(g - truth).mean()) for g in guesses], "mae", regressions)
    most = 0.05 + 3 * (0.05 * 0.95 / repetitions) ** 0.5
    assert {key: count / repetitions for key, count in found.items() if count / repetitions > most} == {}
