"""Planted poison in real features is found, and clean data rarely raise an alarm."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.datasets import load_breast_cancer, load_digits

from apps.compute.faults.clusters import clusters
from apps.compute.faults.space import holm, neighbourhood
from apps.compute.faults.triggers import triggers
from apps.compute.labels import Codes


def codes(features: NDArray[np.float64]) -> dict[str, Codes]:
    return {
        f"f{i}": np.unique(column, return_inverse=True)[1].astype(np.int32)
        for i, column in enumerate(features.T)
    }


@pytest.mark.parametrize("seed", range(3))
def test_a_mark_on_digits_that_turns_threes_into_eights_is_found(seed: int) -> None:
    data = load_digits()
    features, truth = data.data.copy(), data.target.astype(np.int32)
    marked = np.random.default_rng(seed).choice(np.flatnonzero(truth == 3), 25, replace=False)
    truth[marked], features[marked, 0] = 8, 16  # a bright corner, which is dark in all other images
    space = neighbourhood(list(features.T), None, len(truth))
    assert space is not None
    (found,) = triggers(space, truth, codes(features))
    assert (found.column, found.given, found.n, found.share) == ("f0", 8, 25, 1.0)
    assert sorted(found.rows) == sorted(marked)
    assert found.expected < 0.2


def test_a_planted_cluster_of_flipped_labels_is_found() -> None:
    """Tumours that are nearly one and the same, which is plainly malignant, are called benign."""
    data, rng = load_breast_cancer(), np.random.default_rng(4)
    features, truth = data.data.copy(), data.target.astype(np.int32)
    malignant = np.flatnonzero(truth == 0)
    spread = features.std(axis=0)
    typical = np.median(features[malignant], axis=0)
    flipped = rng.choice(malignant, 15, replace=False)
    features[flipped] = typical + rng.normal(size=(15, features.shape[1])) * spread * 0.3
    truth[flipped] = 1
    space = neighbourhood(list(features.T), None, len(truth))
    assert space is not None
    (found,) = clusters(space, truth)
    assert (found.given, found.around) == (1, 0)
    assert len(set(found.rows) & set(flipped)) >= 12
    assert len(set(found.rows) - set(flipped)) <= 3
    assert found.disagreement >= 0.9
    assert found.p < 0.001


@pytest.mark.parametrize("load", [load_digits, load_breast_cancer])
def test_clean_real_data_raise_no_alarm(load: object) -> None:
    data = load()  # type: ignore[operator]
    space = neighbourhood(list(data.data.T), None, len(data.target))
    assert space is not None
    assert clusters(space, data.target.astype(np.int32)) == []
    assert triggers(space, data.target.astype(np.int32), codes(data.data)) == []


def test_too_little_to_search_is_none() -> None:
    assert neighbourhood([np.arange(50.0)], None, 50) is None
    assert neighbourhood([np.ones(500)], None, 500) is None


def test_holm_by_hand() -> None:
    # 0.01 < 0.05/4, 0.015 < 0.05/3, 0.03 > 0.05/2: the last one fails with it though 0.04 < 0.05.
    assert holm(np.array([0.03, 0.01, 0.04, 0.015]), 0.05).tolist() == [False, True, False, True]


@pytest.mark.slow
def test_clean_tables_raise_false_alarms_in_at_most_five_of_a_hundred() -> None:
    """Overlapping classes, label noise, and columns of few values that have nothing to do with the label."""
    alarms = np.zeros(2, int)
    tables = 300
    for seed in range(tables):
        rng = np.random.default_rng(seed)
        n, classes = 1_000, int(rng.integers(2, 6))
        truth = rng.integers(classes, size=n).astype(np.int32)
        features = rng.normal(size=(n, 6)) + rng.normal(size=(classes, 6))[truth]
        noisy = rng.random(n) < 0.05
        truth[noisy] = rng.integers(classes, size=int(noisy.sum()))
        features = np.column_stack([features, rng.integers(20, size=(n, 4))])
        space = neighbourhood(list(features.T), None, n)
        assert space is not None
        alarms += [bool(clusters(space, truth)), bool(triggers(space, truth, codes(features)))]
    assert alarms[0] <= 0.05 * tables
    assert alarms[1] <= 0.05 * tables
