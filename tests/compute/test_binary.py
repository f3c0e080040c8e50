"""Binary metrics against scikit-learn on drawn files: ties, weights, extreme and single values."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn import metrics as sk

from apps.compute.metrics.binary import BinaryGroups, evaluate_binary
from apps.compute.metrics.binary.records import TOP_SHARES
from apps.compute.metrics.registry import METRICS, metrics_for, register
from apps.compute.results import Table, Task

SCORES = st.one_of(
    st.sampled_from([0.0, -0.0, 1.0, 0.5, 0.1, 0.3, 0.7, 1e-17, 1 - 2**-53, 5e-324]),
    st.floats(0, 1),
    st.integers(0, 20).map(lambda k: k / 20),
)
ROWS = st.lists(st.tuples(st.booleans(), SCORES, st.floats(0.01, 100)), min_size=1, max_size=60)


def columns(rows: list[tuple[bool, float, float]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    y, proba, weight = zip(*rows, strict=True)
    return np.array(y), np.array(proba), np.array(weight)


def by_key(result: tuple) -> dict:
    return {metric.key: metric for metric in result[0]}


def reference(y: np.ndarray, proba: np.ndarray, weight: np.ndarray | None) -> dict[str, float]:
    """What scikit-learn says of a file with both classes and both decisions."""
    decided = proba >= 0.5
    w = {"sample_weight": weight}
    values = {
        "accuracy": sk.accuracy_score(y, decided, **w),
        "balanced_accuracy": sk.balanced_accuracy_score(y, decided, **w),
        "precision": sk.precision_score(y, decided, **w),
        "recall": sk.recall_score(y, decided, **w),
        "specificity": sk.recall_score(y, decided, pos_label=False, **w),
        "f1": sk.f1_score(y, decided, **w),
        "f0_5": sk.fbeta_score(y, decided, beta=0.5, **w),
        "f2": sk.fbeta_score(y, decided, beta=2, **w),
        "mcc": sk.matthews_corrcoef(y, decided, **w),
        "cohen_kappa": sk.cohen_kappa_score(y, decided, **w),
        "roc_auc": sk.roc_auc_score(y, proba, **w),
        "average_precision": sk.average_precision_score(y, proba, **w),
        "log_loss": sk.log_loss(y, proba, **w),
        "brier": sk.brier_score_loss(y, proba, **w),
        "brier_skill": sk.d2_brier_score(y, proba, **w),
        "prevalence": np.average(y, weights=weight),
        "predicted_positive_rate": np.average(decided, weights=weight),
    }
    fpr, tpr, _ = sk.roc_curve(y, proba, **w)
    values["ks"] = np.abs(tpr - fpr).max()
    return values


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, weighted=st.booleans())
def test_values_are_scikit_learns(rows: list, weighted: bool) -> None:
    y, proba, weight = columns(rows)
    assume(0 < y.sum() < len(y))
    assume(0 < (proba >= 0.5).sum() < len(y))
    w = weight if weighted else None
    found = by_key(evaluate_binary(y, proba, None, w, resamples=20))
    for key, value in reference(y, proba, w).items():
        assert found[key].value == pytest.approx(value, rel=1e-9, abs=1e-12), key


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, weighted=st.booleans(), threshold=st.sampled_from([None, 0.0, 0.3, 1.0]))
def test_any_file_gives_results_that_hold_together(rows: list, weighted: bool, threshold: float) -> None:
    y, proba, weight = columns(rows)
    w = weight if weighted else None
    metrics, tables = evaluate_binary(y, proba, None, w, threshold=threshold, resamples=20)
    assert [metric.key for metric in metrics] == [
        m.key for m in metrics_for(Task.BINARY) if not m.of_groups and not m.needs & {"latency", "protocol"}
    ]
    for metric in metrics:
        record = METRICS[metric.key]
        if metric.undefined is None:
            assert metric.value is not None
            assert record.low is None or metric.value >= record.low - 1e-12
            assert record.high is None or metric.value <= record.high + 1e-12
        else:
            assert metric.value in (None, 0.0)
            assert metric.low is None
        if metric.low is not None:
            assert metric.low <= metric.value + 1e-12
            assert metric.value <= metric.high + 1e-12
            assert record.low is None or metric.low >= record.low - 1e-12
            assert record.high is None or metric.high <= record.high + 1e-12
    for table in tables.values():
        assert len({len(column) for column in table.columns.values()}) == 1
        json.dumps(table.columns, allow_nan=False)
    total = len(y) if w is None else w.sum()
    assert sum(tables["confusion"].columns["n"]) == pytest.approx(total)
    histogram = tables["score_histogram"].columns
    assert sum(histogram["positive"]) + sum(histogram["negative"]) == pytest.approx(total)
    assert sum(tables["calibration"].columns["n"]) == pytest.approx(total)


@settings(max_examples=60, deadline=None)
@given(rows=ROWS, weighted=st.booleans(), codes=st.lists(st.integers(0, 3), min_size=60, max_size=60))
def test_a_group_is_what_its_rows_are_alone(rows: list, weighted: bool, codes: list[int]) -> None:
    y, proba, weight = columns(rows)
    used, code = np.unique(codes[: len(y)], return_inverse=True)
    w = weight if weighted else None
    for group, grouped in enumerate(BinaryGroups(y, proba, None, w).evaluate(code, len(used))):
        kept = code == group
        alone = by_key(
            evaluate_binary(y[kept], proba[kept], None, w[kept] if weighted else None, resamples=20)
        )
        for metric in grouped:
            expected = alone[metric.key]
            assert metric.undefined == expected.undefined
            assert metric.n == expected.n
            if metric.value is None:
                assert expected.value is None
                continue
            assert metric.value == pytest.approx(expected.value, rel=1e-9, abs=1e-12), metric.key
            if None not in (metric.low, expected.low) and 1e-9 < abs(metric.value) < 1 - 1e-9:
                # At 0 and 1 rounding decides how the interval is made.
                assert metric.low == pytest.approx(expected.low, rel=1e-6, abs=1e-6), metric.key
                assert metric.high == pytest.approx(expected.high, rel=1e-6, abs=1e-6), metric.key


def drawn(n: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    proba = np.round(rng.beta(1, 2, n), 4)
    return rng.random(n) < proba, proba


def test_weights_of_one_and_scaled_weights_change_nothing() -> None:
    y, proba = drawn(2000)
    plain = by_key(evaluate_binary(y, proba, None))
    for weight in (1.0, 7.5):
        weighted = by_key(evaluate_binary(y, proba, None, np.full(len(y), weight)))
        for key, metric in plain.items():
            expected = (metric.value, metric.low, metric.high)
            found = (weighted[key].value, weighted[key].low, weighted[key].high)
            assert found == pytest.approx(expected, rel=1e-9), (key, weight)


def test_the_same_seed_gives_the_same_intervals() -> None:
    y, proba = drawn(500)
    assert evaluate_binary(y, proba, None, seed=3) == evaluate_binary(y, proba, None, seed=3)


def test_ks_is_scipys() -> None:
    y, proba = drawn(3000)
    found = by_key(evaluate_binary(y, proba, None))["ks"].value
    assert found == pytest.approx(ks_2samp(proba[y], proba[~y]).statistic, rel=1e-9)


def test_recall_and_lift_at_the_top_by_hand() -> None:
    """100 rows without ties, 10 positives: 3 of them first, then 2 among rows 11 to 20."""
    y = np.zeros(100, dtype=bool)
    y[[0, 1, 2, 10, 19, 50, 60, 70, 80, 99]] = True
    found = by_key(evaluate_binary(y, np.linspace(0.99, 0.01, 100), None))
    recall = {1: 0.1, 5: 0.3, 10: 0.3, 20: 0.5}
    for percent, share in TOP_SHARES.items():
        assert found[f"recall_at_{percent}"].value == pytest.approx(recall[percent])
        assert found[f"lift_at_{percent}"].value == pytest.approx(recall[percent] / share)


def test_rows_tied_at_the_border_count_in_part() -> None:
    """All scores equal: any tenth of the rows holds a tenth of the positives."""
    y = np.arange(50) < 20
    found = by_key(evaluate_binary(y, np.full(50, 0.4), None))
    assert found["recall_at_10"].value == pytest.approx(0.1)
    assert found["lift_at_10"].value == pytest.approx(1.0)
    assert found["roc_auc"].value == 0.5


def test_curves_lie_on_scikit_learns() -> None:
    y, proba = drawn(20_000)
    _, tables = evaluate_binary(y, proba, None)
    fpr, tpr, thresholds = sk.roc_curve(y, proba, drop_intermediate=False)
    roc = tables["roc"].columns
    assert (roc["fpr"][0], roc["tpr"][0], roc["threshold"][0]) == (0, 0, None)
    assert (roc["fpr"][-1], roc["tpr"][-1]) == (1, 1)
    assert 400 < len(roc["fpr"]) <= 512
    at = np.searchsorted(-thresholds, -np.array(roc["threshold"][1:]))
    np.testing.assert_allclose(roc["fpr"][1:], fpr[at], rtol=1e-12)
    np.testing.assert_allclose(roc["tpr"][1:], tpr[at], rtol=1e-12)
    # The thinned curve is the whole one as far as the eye can tell.
    assert np.trapezoid(roc["tpr"], roc["fpr"]) == pytest.approx(sk.roc_auc_score(y, proba), abs=1e-4)

    precision, recall, thresholds = sk.precision_recall_curve(y, proba)
    pr = tables["pr"].columns
    assert 400 < len(pr["recall"]) <= 512
    at = np.searchsorted(thresholds, pr["threshold"])
    np.testing.assert_allclose(pr["precision"], precision[at], rtol=1e-12)
    np.testing.assert_allclose(pr["recall"], recall[at], rtol=1e-12)


def test_threshold_sweep_counts_rows() -> None:
    y, proba = drawn(1000)
    sweep: Table = evaluate_binary(y, proba, None)[1]["threshold_sweep"]
    rows = list(zip(*(sweep.columns[c] for c in ("threshold", "tn", "fp", "fn", "tp", "f1")), strict=True))
    assert len(rows) == 101
    for threshold, tn, fp, fn, tp, f1 in rows:
        decided = proba >= threshold
        assert (tn, fp, fn, tp) == tuple(sk.confusion_matrix(y, decided, labels=[False, True]).ravel())
        assert f1 == pytest.approx(sk.f1_score(y, decided))


def test_score_histogram_counts_rows() -> None:
    y, proba = drawn(1000)
    histogram = evaluate_binary(y, proba, None)[1]["score_histogram"].columns
    edges = np.arange(31) / 30
    assert histogram["positive"] == np.histogram(proba[y], edges)[0].tolist()
    assert histogram["negative"] == np.histogram(proba[~y], edges)[0].tolist()


def test_one_class_only_says_why() -> None:
    y, proba = np.zeros(40, dtype=bool), np.linspace(0.1, 0.4, 40)
    metrics, tables = evaluate_binary(y, proba, None)
    found = {metric.key: metric for metric in metrics}
    for key in ("roc_auc", "average_precision", "brier_skill", "ks", "lift_at_10", "balanced_accuracy"):
        assert found[key].value is None
        assert "one class" in str(found[key].undefined)
    assert found["recall"].value == 0.0  # scikit-learn's convention, and the reason beside it
    assert "truly" in str(found["recall"].undefined)
    assert found["accuracy"].value == 1.0
    assert found["accuracy"].high == 1.0
    assert 0.9 < found["accuracy"].low < 1.0
    assert found["brier"].value == pytest.approx(np.mean(proba**2))
    assert "roc" not in tables
    assert "calibration" in tables


def test_labels_alone_give_the_metrics_of_labels() -> None:
    y, proba = drawn(300)
    metrics, tables = evaluate_binary(y, None, proba >= 0.4, classes=("no", "yes"))
    assert {metric.key for metric in metrics} == {
        metric.key
        for metric in metrics_for(Task.BINARY)
        if metric.needs == {"labels"} and not metric.of_groups
    }
    assert tables.keys() == {"confusion"}
    assert tables["confusion"].columns["truth"] == ["no", "no", "yes", "yes"]


def test_a_given_threshold_overrides_the_files_labels() -> None:
    y, proba = drawn(300)
    labels = np.ones(300, dtype=bool)
    rate = "predicted_positive_rate"
    assert by_key(evaluate_binary(y, proba, labels))[rate].value == 1.0
    found = by_key(evaluate_binary(y, proba, labels, threshold=0.4))[rate]
    assert found.value == np.mean(proba >= 0.4)


@pytest.mark.parametrize("bad", [np.nan, -0.1, 1.1, np.inf])
def test_probabilities_out_of_range_are_refused(bad: float) -> None:
    with pytest.raises(ValueError, match="between 0 and 1"):
        evaluate_binary(np.array([True, False]), np.array([0.5, bad]), None)


def test_neither_probabilities_nor_labels_is_refused() -> None:
    with pytest.raises(ValueError, match="probabilities or predicted labels"):
        evaluate_binary(np.array([True, False]), None, None)


def test_a_key_is_registered_once() -> None:
    with pytest.raises(ValueError, match="registered twice"):
        register(METRICS["recall"])
