"""Multiclass metrics against scikit-learn, with weights, and their behaviour at the edges."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn import metrics as sk

from apps.compute.metrics import multiclass, multiclass_tables
from apps.compute.metrics.multiclass import Multiclass, prepare
from apps.compute.results import MetricResult


def sample(
    n: int = 400, classes: int = 4, seed: int = 0, weighted: bool = False, decimals: int = 2
) -> tuple[Multiclass, np.ndarray, np.ndarray | None]:
    """A run with ties among its probabilities; also the probabilities as (n, classes) and the weights."""
    rng = np.random.default_rng(seed)
    truth = np.r_[np.arange(classes), rng.integers(0, classes, n - classes)].astype(np.int32)
    scores = np.round(np.exp(rng.normal(size=(n, classes)) + 1.5 * np.eye(classes)[truth]), decimals) + 0.01
    proba = scores / scores.sum(axis=1, keepdims=True)
    weight = rng.gamma(1.0, 2.0, n) if weighted else None
    names = tuple(str(code) for code in range(classes))
    predicted = proba.argmax(axis=1).astype(np.int32)
    return prepare(names, truth, predicted, weight, proba.T.copy()), proba, weight


def by_key(data: Multiclass) -> dict[str, MetricResult]:
    return {metric.key: metric for metric in multiclass.measure(data)}


@pytest.mark.parametrize("weighted", [False, True])
def test_metrics_equal_scikit_learn(weighted: bool) -> None:
    data, proba, weight = sample(weighted=weighted)
    truth, predicted, labels = data.truth, data.predicted, range(4)
    expected = {
        "accuracy": sk.accuracy_score(truth, predicted, sample_weight=weight),
        "balanced_accuracy": sk.balanced_accuracy_score(truth, predicted, sample_weight=weight),
        "mcc": sk.matthews_corrcoef(truth, predicted, sample_weight=weight),
        "cohen_kappa": sk.cohen_kappa_score(truth, predicted, sample_weight=weight),
        "log_loss": sk.log_loss(truth, proba, sample_weight=weight),
        "brier_multiclass": sk.brier_score_loss(truth, proba, sample_weight=weight, scale_by_half=False),
        "top_2_accuracy": sk.top_k_accuracy_score(truth, proba, k=2, sample_weight=weight),
        "top_3_accuracy": sk.top_k_accuracy_score(truth, proba, k=3, sample_weight=weight),
    }
    for average in ("macro", "micro", "weighted"):
        precision, recall, f1, _ = sk.precision_recall_fscore_support(
            truth, predicted, labels=labels, average=average, sample_weight=weight, zero_division=0
        )
        expected |= {f"precision_{average}": precision, f"recall_{average}": recall, f"f1_{average}": f1}
    rest = [sk.roc_auc_score(truth == c, data.probability[c], sample_weight=weight) for c in labels]
    expected["roc_auc_ovr_macro"] = np.mean(rest)
    pairs = []
    for a in labels:
        for b in labels:
            rows = np.isin(truth, (a, b))
            if a != b:
                w = None if weight is None else weight[rows]
                pairs.append(sk.roc_auc_score(truth[rows] == a, data.probability[a][rows], sample_weight=w))
    expected["roc_auc_ovo_macro"] = np.mean(pairs)

    found = by_key(data)

    for key, value in expected.items():
        assert found[key].value == pytest.approx(value, rel=1e-12), key
    assert found["top_5_accuracy"].value is None
    assert found["top_5_accuracy"].undefined is not None
    if not weighted:
        assert found["roc_auc_ovo_macro"].value == pytest.approx(
            sk.roc_auc_score(truth, data.probability.T, multi_class="ovo"), rel=1e-12
        )


def test_whole_weights_are_as_good_as_repeated_rows() -> None:
    data, _, _ = sample(n=120)
    times = np.random.default_rng(1).integers(1, 4, 120)
    repeated = by_key(data.rows(np.repeat(np.arange(120), times)))
    weighted = by_key(
        prepare(data.classes, data.truth, data.predicted, times.astype(np.float64), data.probability.copy())
    )
    for key, metric in repeated.items():
        if metric.value is not None:
            assert weighted[key].value == pytest.approx(metric.value, rel=1e-9), key


def test_two_classes_give_the_delong_interval_of_the_binary_curve() -> None:
    """Both one-versus-rest curves of two classes are one curve, so the macro variance is DeLong's."""
    data, _, _ = sample(n=200, classes=2)
    positive, negative = (data.probability[1][data.truth == c] for c in (1, 0))
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    v10, v01 = wins.mean(axis=1), wins.mean(axis=0)
    variance = v10.var() / len(positive) + v01.var() / len(negative)
    found = multiclass.areas_of(data)
    assert found.macro == pytest.approx(wins.mean(), rel=1e-12)
    assert found.variance == pytest.approx(variance, rel=1e-9)


def test_a_class_never_predicted_and_one_that_never_occurs() -> None:
    truth = np.array([0, 0, 1, 1, 2, 2], dtype=np.int32)
    predicted = np.array([0, 0, 1, 0, 0, 1], dtype=np.int32)
    found = by_key(prepare(("a", "b", "c", "d"), truth, predicted, None, None))
    assert found["precision_macro"].value == pytest.approx((0.5 + 0.5) / 4)
    assert found["recall_macro"].value == pytest.approx((1 + 0.5) / 4)
    assert found["balanced_accuracy"].value == pytest.approx((1 + 0.5 + 0) / 3)
    assert "log_loss" not in found


def test_one_class_only_says_what_is_undefined() -> None:
    codes = np.zeros(30, dtype=np.int32)
    proba = np.tile([[0.8], [0.2]], 30)
    found = by_key(prepare(("a", "b"), codes, codes, None, proba))
    assert found["accuracy"].value == 1.0
    assert found["accuracy"].low == pytest.approx(1 / (1 + 1.959963984540054**2 / 30))
    assert found["mcc"].value == 0.0  # As scikit-learn.
    for key in ("cohen_kappa", "roc_auc_ovr_macro", "roc_auc_ovo_macro"):
        assert found[key].value is None
        assert found[key].undefined is not None
    assert found["log_loss"].value == pytest.approx(-np.log(0.8))


def test_perfect_predictions_still_have_a_lower_bound() -> None:
    truth = np.repeat(np.arange(3, dtype=np.int32), 20)
    found = by_key(prepare(("a", "b", "c"), truth, truth, None, None))
    for key in ("accuracy", "f1_macro", "balanced_accuracy", "mcc", "cohen_kappa"):
        assert found[key].value == 1.0
        assert found[key].high == 1.0
        assert 0.8 < found[key].low < 1.0, key


def test_a_single_row_gives_values() -> None:
    one = np.zeros(1, dtype=np.int32)
    found = by_key(prepare(("a", "b"), one, one, None, np.array([[0.7], [0.3]])))
    assert found["accuracy"].value == 1.0
    assert found["brier_multiclass"].value == pytest.approx(0.18)
    assert found["brier_multiclass"].low is None


def test_a_thousand_classes_stay_small() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 1000, 20_000).astype(np.int32)
    predicted = np.where(rng.random(20_000) < 0.5, truth, rng.integers(0, 1000, 20_000)).astype(np.int32)
    data = prepare(tuple(map(str, range(1000))), truth, predicted, None, None)
    found, tables = by_key(data), multiclass_tables.tables(data, None)
    expected = sk.f1_score(truth, predicted, average="macro", labels=range(1000), zero_division=0)
    assert found["f1_macro"].value == pytest.approx(expected, rel=1e-12)
    assert len(tables["confusion"]) == multiclass_tables.MOST_CELLS
    assert min(tables["confusion"].columns["n"]) > 0
    assert len(tables["per_class"]) == 1000
    assert len(tables["confused_pairs"]) == multiclass_tables.MOST_CONFUSED_PAIRS


def test_confused_pairs_are_the_largest_wrong_cells() -> None:
    truth = np.array([0] * 10 + [1] * 10, dtype=np.int32)
    predicted = np.array([0] * 6 + [1] * 3 + [2] + [1] * 10, dtype=np.int32)
    table = multiclass_tables.tables(prepare(("a", "b", "c"), truth, predicted, None, None), None)
    assert table["confused_pairs"].rows() == [("a", "b", 3, 0.3), ("a", "c", 1, 0.1)]


def test_confidence_histogram_counts_every_row_once() -> None:
    data, _, _ = sample()
    table = multiclass_tables.tables(data, multiclass.areas_of(data))["confidence_histogram"].columns
    assert sum(table["right"]) == np.count_nonzero(data.truth == data.predicted)
    assert sum(table["right"]) + sum(table["wrong"]) == 400
