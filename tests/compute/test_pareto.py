"""Points, fronts and what never holds together, against scikit-learn and against trying every pair."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics as sk

from apps.compute.pareto import Points, front, holds, joined, metrics_of_counts, never_together

TRUTH = np.array([0] * 60 + [1] * 40)
PREDICTED = np.array([0] * 50 + [1] * 10 + [0] * 12 + [1] * 28)


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("accuracy", sk.accuracy_score(TRUTH, PREDICTED)),
        ("balanced_accuracy", sk.balanced_accuracy_score(TRUTH, PREDICTED)),
        ("precision", sk.precision_score(TRUTH, PREDICTED)),
        ("recall", sk.recall_score(TRUTH, PREDICTED)),
        ("specificity", sk.recall_score(TRUTH, PREDICTED, pos_label=0)),
        ("predicted_positive_rate", PREDICTED.mean()),
        ("f1", sk.f1_score(TRUTH, PREDICTED)),
        ("f0_5", sk.fbeta_score(TRUTH, PREDICTED, beta=0.5)),
        ("f2", sk.fbeta_score(TRUTH, PREDICTED, beta=2)),
        ("mcc", sk.matthews_corrcoef(TRUTH, PREDICTED)),
        ("cohen_kappa", sk.cohen_kappa_score(TRUTH, PREDICTED)),
    ],
)
def test_metrics_of_counts(key: str, expected: float) -> None:
    counts = (np.array([float(cell)]) for cell in sk.confusion_matrix(TRUTH, PREDICTED).ravel())
    assert metrics_of_counts(*counts)[key] == pytest.approx(expected, abs=1e-12)


def test_nobody_predicted_positive() -> None:
    found = metrics_of_counts(*(np.array([cell]) for cell in (60.0, 0.0, 40.0, 0.0)))
    assert np.isnan(found["precision"][0])
    assert found["mcc"][0] == 0.0


def test_a_missing_value_meets_no_limit() -> None:
    values = np.array([0.5, np.nan, 0.9])
    assert holds(values, 0.8, True).tolist() == [False, False, True]
    assert holds(values, 0.8, False).tolist() == [True, False, False]


def test_joined_points_keep_what_only_one_run_has() -> None:
    def points(run: int, **values: list[float]) -> Points:
        count = len(next(iter(values.values())))
        arrays = {key: np.array(value) for key, value in values.items()}
        return Points(np.full(count, run), np.zeros(count), np.zeros(count, dtype=bool), arrays)

    both = joined([points(1, a=[0.1, 0.2]), points(2, b=[0.3])])
    assert both.run.tolist() == [1, 1, 2]
    assert both.of("a")[:2].tolist() == [0.1, 0.2]
    assert np.isnan(both.of("a")[2])
    assert np.isnan(both.of("c")).all()
    assert len(joined([])) == 0


@pytest.mark.parametrize(
    ("first", "second", "known", "expected"),
    [
        ([1, 0], [0, 1], [1, 1], [(0, 1)]),
        ([1, 1], [0, 1], [1, 1], []),  # together at the second point
        ([1, 0], [0, 0], [1, 1], []),  # the second holds nowhere: refuted, no contradiction
        ([1, 0], [0, 1], [1, 0], []),  # it holds where the first cannot be judged
    ],
)
def test_never_together(
    first: list[int], second: list[int], known: list[int], expected: list[tuple[int, int]]
) -> None:
    held = np.array([first, second], dtype=bool)
    common = np.array([known, [1, 1]], dtype=bool)
    assert never_together(held, common) == expected


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=25),
    st.booleans(),
    st.booleans(),
)
def test_front_is_what_no_point_beats(pairs: list[tuple[int, int]], first_up: bool, second_up: bool) -> None:
    first, second = (np.array([pair[i] for pair in pairs], dtype=np.float64) for i in (0, 1))
    a, b = first if first_up else -first, second if second_up else -second
    unbeaten = {
        (first[i], second[i])
        for i in range(len(pairs))
        if not any(a[j] >= a[i] and b[j] >= b[i] and (a[j] > a[i] or b[j] > b[i]) for j in range(len(pairs)))
    }
    found = front(first, second, first_up=first_up, second_up=second_up)
    assert {(first[i], second[i]) for i in found} == unbeaten
    assert len(found) == len(unbeaten)


def test_front_leaves_out_what_has_no_value() -> None:
    assert front(np.array([np.nan, 0.5]), np.array([1.0, 0.5]), first_up=True, second_up=True).tolist() == [1]
