"""Confident learning: by hand on a small table, and on CIFAR-10's test labels that people checked."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from apps.compute.faults.confident_learning import label_issues
from apps.compute.messages import InputRejected
from tests.golden import DATA

CIFAR = DATA / "predictions" / "cifar10_label_errors"


def test_a_small_table_by_hand() -> None:
    """Thresholds, confident joint and calibration as in Northcutt, Jiang & Chuang (2021), eq. 1 to 3."""
    truth = np.array([0, 0, 0, 0, 1, 1, 1, 2, 2, 2], dtype=np.int32)
    probability = np.array(
        [
            [0.8, 0.1, 0.1],  # confidently 0
            [0.7, 0.2, 0.1],  # confidently 0
            [0.1, 0.8, 0.1],  # labelled 0, confidently 1
            [0.4, 0.3, 0.3],  # of no class: 0.4 < 0.5
            [0.1, 0.8, 0.1],  # confidently 1
            [0.3, 0.6, 0.1],  # 0.6 reaches the threshold of class 1 exactly
            [0.5, 0.4, 0.1],  # labelled 1, confidently 0
            [0.0, 0.1, 0.9],  # confidently 2
            [0.2, 0.2, 0.6],  # confidently 2
            [0.0, 0.7, 0.3],  # labelled 2, confidently 1
        ]
    )
    found = label_issues(truth, probability.T.copy())
    np.testing.assert_allclose(found.thresholds, [2.0 / 4, 1.8 / 3, 1.8 / 3])
    assert found.joint.tolist() == [[2, 1, 0], [1, 2, 0], [0, 1, 2]]
    np.testing.assert_allclose(found.estimated, [[8 / 3, 4 / 3, 0], [1, 2, 0], [0, 1, 2]])
    assert found.errors == pytest.approx(4 / 3 + 1 + 1)
    assert found.low <= found.errors <= found.high
    assert found.suspects.tolist() == [2, 9, 6]  # by the probability of the given label
    assert found.suggested[[2, 9, 6]].tolist() == [1, 1, 0]
    np.testing.assert_allclose(found.self_confidence[[2, 9, 6]], [0.1, 0.3, 0.4])


def test_the_errors_that_people_confirmed_are_found() -> None:
    truth = pl.read_csv(CIFAR / "truth.csv.gz", infer_schema_length=None)
    table = truth.join(pl.read_parquet(CIFAR / "pred_cleanlab_cnn.parquet"), on="id", maintain_order="left")
    classes = sorted(truth["y_true"].unique())
    probability = table.select(f"proba_{name}" for name in classes).to_numpy().T.astype(np.float64)
    given = np.array([classes.index(label) for label in table["y_true"]], dtype=np.int32)
    found = label_issues(given, probability)
    confirmed = table["is_label_error"].to_numpy()
    assert confirmed.sum() == 54
    assert confirmed[found.suspects[:275]].sum() >= 0.8 * 54
    assert found.low < 275 < found.high
    # Where people agreed on another label, it is the suggested one.
    moved = (table["y_true"] != table["y_corrected"]).to_numpy()
    better = np.array([classes.index(label) for label in table["y_corrected"]])
    assert (found.suggested == better)[moved].mean() >= 0.9


def test_two_classes_are_the_same_as_a_table_of_both() -> None:
    rng = np.random.default_rng(1)
    truth = rng.random(300) < 0.3
    p = np.clip(0.5 * truth + 0.5 * rng.random(300), 0, 1)
    one, both = label_issues(truth, p), label_issues(truth.astype(np.int32), np.stack([1 - p, p]))
    assert (one.errors, one.low, one.high) == (both.errors, both.low, both.high)
    assert one.suspects.tolist() == both.suspects.tolist()


def test_a_perfect_model_leaves_a_bound_and_no_suspect() -> None:
    truth = np.repeat([0, 1], 50).astype(np.int32)
    found = label_issues(truth, np.stack([truth == 0, truth == 1]).astype(np.float64))
    assert (found.errors, found.low, len(found.suspects)) == (0, 0, 0)
    assert found.high == pytest.approx(3.7, abs=0.05)  # Wilson: 0 of 100


def test_labels_alone_are_refused() -> None:
    with pytest.raises(InputRejected, match="found from probabilities"):
        label_issues(np.array([True, False]), None)
