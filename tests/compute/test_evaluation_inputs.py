"""Labels in all their forms, the choice of task and positive class, and input that must be refused."""

# ruff: noqa: E501 - the cases below are tables: one line each.

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.messages import InputRejected, Message
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import ColumnRole, Role

T, P = ColumnRole(Role.TARGET), ColumnRole(Role.PREDICTION)


def probability(label: str = "") -> ColumnRole:
    return ColumnRole(Role.PROBABILITY, label)


def run(path: Path, columns: dict[str, Any], roles: dict[str, ColumnRole], **spec: Any) -> EvaluationResult:
    pl.DataFrame(columns, strict=False).write_parquet(path / "run.parquet")

    def ignore(message: Message, share: float) -> None:
        assert 0 <= share <= 1

    return evaluate(path / "run.parquet", EvaluationSpec(roles, **spec), ignore)


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [
        ([1, 0, 1, 0], ["1", "0", "0", "0"]),
        ([1.0, 0.0, 1.0, 0.0], [1, 0, 0, 0]),
        ([True, False, True, False], [1, 0, 0, 0]),
        ([True, False, True, False], ["True", "FALSE", " false", "false"]),
        (["1.0", "0.0", "1", "0"], [True, False, False, False]),
        (["yes", "no", "yes", "no"], ["yes", "no", "no", "no"]),
    ],
)
def test_labels_of_different_types_are_the_same_classes(tmp_path: Path, truth: list, predicted: list) -> None:
    result = run(tmp_path, {"y": truth, "p": predicted}, {"y": T, "p": P})
    assert result.task is Task.BINARY
    assert result.metric("accuracy").value == 0.75
    assert result.metric("recall").value == 0.5
    assert result.positive in ("1", "true", "yes")


def test_categories_and_small_integers(tmp_path: Path) -> None:
    columns = {
        "y": pl.Series(["a", "b", "c", "a"], dtype=pl.Categorical),
        "p": pl.Series(["a", "b", "b", "a"], dtype=pl.Enum(["a", "b", "c"])),
    }
    result = run(tmp_path, columns, {"y": T, "p": P})
    assert (result.task, result.classes) == (Task.MULTICLASS, ("a", "b", "c"))
    assert result.metric("accuracy").value == 0.75


@pytest.mark.parametrize(
    ("columns", "roles", "task"),
    [
        ({"y": [0, 1, 1], "p": [0, 1, 0]}, {"y": T, "p": P}, Task.BINARY),
        ({"y": [0, 1, 2], "p": [0, 1, 0]}, {"y": T, "p": P}, Task.MULTICLASS),
        ({"y": ["a", "b"], "p": ["a", "c"]}, {"y": T, "p": P}, Task.MULTICLASS),
        ({"y": [1.5, 2], "p": [1, 2]}, {"y": T, "p": P}, Task.REGRESSION),
        ({"y": [1, 2, 7], "p": [1.5, 2, 3]}, {"y": T, "p": P}, Task.REGRESSION),
        ({"y": list(range(30)), "p": list(range(30))}, {"y": T, "p": P}, Task.REGRESSION),
        ({"y": ["1.5", "2"], "p": ["1", "2.5"]}, {"y": T, "p": P}, Task.REGRESSION),
        ({"y": [1, 2], "p": [1, 2], "q": [3, 4]}, {"y": T, "p": P, "q": ColumnRole(Role.QUANTILE, "0.9")}, Task.REGRESSION),
        ({"y": [0, 1], "p": [0.2, 0.9]}, {"y": T, "p": probability()}, Task.BINARY),
        ({"y": [0, 0], "a": [0.5, 0.5], "b": [0.3, 0.3], "c": [0.2, 0.2]}, {"y": T, "a": probability("0"), "b": probability("1"), "c": probability("2")}, Task.MULTICLASS),
    ],
)  # fmt: skip
def test_task_is_inferred(tmp_path: Path, columns: dict, roles: dict, task: Task) -> None:
    assert run(tmp_path, columns, roles).task is task


def test_positive_class_is_the_named_the_columns_the_plain_or_the_last(tmp_path: Path) -> None:
    labels = {"y": ["cat", "dog", "cat"], "p": ["cat", "dog", "dog"]}
    named = run(tmp_path, labels, {"y": T, "p": P}, positive="cat")
    assert (named.positive, len(named.notes)) == ("cat", 0)
    last = run(tmp_path, labels, {"y": T, "p": P})
    assert (last.positive, len(last.notes)) == ("dog", 1)
    by_column = run(tmp_path, {**labels, "c": [0.9, 0.2, 0.4]}, {"y": T, "p": P, "c": probability("cat")})
    assert (by_column.positive, by_column.metric("roc_auc").value) == ("cat", 1.0)
    negatives = {"y": ["no", "yes"], "c": [0.9, 0.2]}
    opposite = run(tmp_path, negatives, {"y": T, "c": probability("no")}, positive="yes")
    assert (opposite.positive, opposite.metric("roc_auc").value) == ("yes", 1.0)


def test_threshold_decides_and_is_reported(tmp_path: Path) -> None:
    columns, roles = {"y": [0, 1, 1], "p": [0.1, 0.4, 0.9]}, {"y": T, "p": probability()}
    assert run(tmp_path, columns, roles).threshold == 0.5
    low = run(tmp_path, columns, roles, threshold=0.3)
    assert (low.threshold, low.metric("recall").value) == (0.3, 1.0)


def test_one_class_says_what_is_undefined_and_gives_the_rest(tmp_path: Path) -> None:
    result = run(tmp_path, {"y": [1, 1, 1], "p": [0.9, 0.8, 0.3]}, {"y": T, "p": probability()})
    assert result.classes == ("0", "1")
    assert result.metric("roc_auc").value is None
    assert "one class" in str(result.metric("roc_auc").undefined)
    assert result.metric("accuracy").value == pytest.approx(2 / 3)


def test_rows_without_target_are_left_out_and_counted(tmp_path: Path) -> None:
    columns = {"y": ["a", None, "b", " "], "p": ["a", None, "a", "b"], "s": ["u", "u", "v", "v"]}
    roles = {"y": T, "p": P, "s": ColumnRole(Role.SLICE)}
    result = run(tmp_path, columns, roles, positive="b")
    assert (result.n, [s.n for s in result.slices]) == (2, [1, 1])
    assert result.notes[0].params == {"column": "y", "count": 2}


def test_unseen_class_is_a_class_of_a_multiclass_run(tmp_path: Path) -> None:
    result = run(tmp_path, {"y": ["a", "b", "a"], "p": ["a", "b", "new"]}, {"y": T, "p": P})
    assert result.classes == ("a", "b", "new")
    assert "new" in str(result.notes[0])


def test_probabilities_within_tolerance_pass_and_a_class_without_column_has_none(tmp_path: Path) -> None:
    columns = {"y": ["a", "b", "c"], "pa": [0.9995, 0.3, 0.5], "pb": [0.0, 0.7, 0.5]}
    roles = {"y": T, "pa": probability("a"), "pb": probability("b")}
    result = run(tmp_path, columns, roles)
    assert result.metric("accuracy").value == pytest.approx(2 / 3)
    assert "c" in str(result.notes[-1])


def test_latency_weight_and_time_of_any_task(tmp_path: Path) -> None:
    start = datetime(2024, 1, 31, 23, 0)
    columns = {
        "y": [1.5, 2.0, 3.0],
        "p": [1.0, 2.0, 4.0],
        "w": [1.0, 2.0, 1.0],
        "ms": [5.0, -1.0, 7.0],
        "t": [start, start + timedelta(hours=2), None],
    }
    roles = {"y": T, "p": P, "w": ColumnRole(Role.WEIGHT), "ms": ColumnRole(Role.LATENCY)}
    result = run(tmp_path, columns, roles | {"t": ColumnRole(Role.TIMESTAMP)})
    assert result.weighted
    assert result.metric("mae").value == pytest.approx(1.5 / 4)
    assert result.metric("latency_p50").value == 6.0
    assert {note.params.get("column") for note in result.notes} == {"t", "ms"}
    rows = result.tables["residual_by_time"].columns
    assert (rows["n"], rows["mean"], rows["mae"]) == ([1, 1], [-0.5, 0.0], [0.5, 0.0])


def test_text_timestamps_are_read_and_other_texts_noted(tmp_path: Path) -> None:
    columns = {"y": ["a", "b"], "p": ["a", "a"], "t": ["2024-01-01", "2024-03-01"]}
    roles = {"y": T, "p": P, "t": ColumnRole(Role.TIMESTAMP)}
    result = run(tmp_path, columns, roles, positive="b")
    assert result.tables["metric_by_time"].columns["value"] == [1.0, 0.0]
    result = run(tmp_path, {**columns, "t": ["early", "late"]}, roles, positive="b")
    assert "metric_by_time" not in result.tables
    assert result.notes[-1].params["column"] == "t"


LOW, HIGH = ColumnRole(Role.INTERVAL_LOW), ColumnRole(Role.INTERVAL_HIGH)
WEIGHT = ColumnRole(Role.WEIGHT)
REFUSED = [
    # code, column, row, columns, roles, spec
    ("missing_column", "gone", None, {"y": [1]}, {"y": T, "gone": P}, {}),
    ("missing_role", None, None, {"y": [1]}, {"y": T}, {}),
    ("missing_role", None, None, {"p": [1]}, {"p": P}, {}),
    ("missing_role", None, None, {"y": [1]}, {"y": T}, {"task": Task.REGRESSION}),
    ("doubled_role", "z", None, {"y": [1], "z": [1]}, {"y": T, "z": T}, {}),
    ("no_rows", None, None, {"y": pl.Series([], dtype=pl.Int64), "p": pl.Series([], dtype=pl.Int64)}, {"y": T, "p": P}, {}),
    ("no_truth", "y", None, {"y": [None, None], "p": [1, 0]}, {"y": T, "p": P}, {}),
    ("no_truth", "y", None, {"y": [float("nan")], "p": [1.0]}, {"y": T, "p": P}, {}),
    ("missing_value", "p", 3, {"y": [None, "a", "b"], "p": ["a", "a", None]}, {"y": T, "p": P}, {}),
    ("missing_value", "p", 2, {"y": [1.5, 2.5], "p": [1.0, None]}, {"y": T, "p": P}, {}),
    ("missing_value", "p", 2, {"y": [0, 1], "p": [0.5, float("nan")]}, {"y": T, "p": probability()}, {}),
    ("not_finite", "p", 1, {"y": [1.5, 2.5], "p": [float("inf"), 2]}, {"y": T, "p": P}, {}),
    ("not_finite", "y", 2, {"y": [1.5, float("-inf")], "p": [1, 2]}, {"y": T, "p": P}, {"task": Task.REGRESSION}),
    ("not_numeric", "y", 2, {"y": ["1.5", "<b>two</b>"], "p": [1, 2]}, {"y": T, "p": P}, {"task": Task.REGRESSION}),
    ("not_numeric", "p", None, {"y": [1.5, 2], "p": [datetime(2024, 1, 1)] * 2}, {"y": T, "p": P}, {"task": Task.REGRESSION}),
    ("probability_out_of_range", "p", 2, {"y": [0, 1, 1], "p": [0.1, 1.2, -3]}, {"y": T, "p": probability()}, {}),
    ("probability_sum", "a", 2, {"y": ["a", "b"], "a": [0.5, 0.5], "b": [0.5, 0.6]}, {"y": T, "a": probability("a"), "b": probability("b")}, {}),
    ("probability_sum", "a", 1, {"y": ["a", "b", "c"], "a": [0.5] * 3}, {"y": T, "a": probability("a")}, {"task": Task.MULTICLASS}),
    ("probability_without_class", "p", None, {"y": ["a", "b", "c"], "p": [0.5] * 3}, {"y": T, "p": probability()}, {}),
    ("unknown_class", "x", None, {"y": ["a", "b", "c"], "x": [0.5] * 3, "z": [0.5] * 3}, {"y": T, "x": probability("x"), "z": probability("z")}, {}),
    ("unknown_class", "x", None, {"y": ["a", "b"], "x": [0.5] * 2}, {"y": T, "x": probability("x")}, {"task": Task.BINARY}),
    ("doubled_class", "z", None, {"y": ["a", "b"], "x": [0.5] * 2, "z": [0.5] * 2}, {"y": T, "x": probability("a"), "z": probability("a")}, {}),
    ("unknown_positive", None, None, {"y": ["a", "b"], "p": ["a", "b"]}, {"y": T, "p": P}, {"positive": "c"}),
    ("more_than_two_classes", "p", None, {"y": ["a", "b"], "p": ["a", "c"]}, {"y": T, "p": P}, {"task": Task.BINARY}),
    ("more_than_two_classes", "y", None, {"y": ["a", "b", "c"], "p": ["a", "b", "c"]}, {"y": T, "p": P}, {"task": Task.BINARY}),
    ("too_many_classes", "y", None, {"y": [f"id{n}" for n in range(2001)], "p": ["a"] * 2001}, {"y": T, "p": P}, {}),
    ("prediction_is_probability", "p", None, {"y": [0, 1], "p": [0.3, 0.8]}, {"y": T, "p": P}, {}),
    ("negative_weight", "w", 2, {"y": [0, 1], "p": [0, 1], "w": [1, -1]}, {"y": T, "p": P, "w": WEIGHT}, {}),
    ("zero_weight", "w", None, {"y": [0, 1], "p": [0, 1], "w": [0, 0]}, {"y": T, "p": P, "w": WEIGHT}, {}),
    ("threshold_out_of_range", None, None, {"y": [0, 1], "p": [0.3, 0.8]}, {"y": T, "p": probability()}, {"threshold": 1.5}),
    ("threshold_without_probability", None, None, {"y": [0, 1], "p": [0, 1]}, {"y": T, "p": P}, {"threshold": 0.5}),
    ("bad_quantile_level", "q", None, {"y": [1.5], "p": [1], "q": [2]}, {"y": T, "p": P, "q": ColumnRole(Role.QUANTILE, "90")}, {}),
    ("half_interval", "l", None, {"y": [1.5], "p": [1], "l": [2]}, {"y": T, "p": P, "l": LOW}, {}),
    ("interval_upside_down", "l", 2, {"y": [1.5, 1], "p": [1, 1], "l": [0, 2], "h": [1, 1]}, {"y": T, "p": P, "l": LOW, "h": HIGH}, {}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "column", "row", "columns", "roles", "spec"), REFUSED)
def test_input_is_refused_with_its_place(
    tmp_path: Path,
    code: str,
    column: str | None,
    row: int | None,
    columns: dict[str, Any],
    roles: dict[str, ColumnRole],
    spec: dict[str, Any],
) -> None:
    with pytest.raises(InputRejected) as caught:
        run(tmp_path, columns, roles, **spec)
    assert (caught.value.code, caught.value.column, caught.value.row) == (code, column, row)
    sentence = str(caught.value)
    assert sentence.endswith(".")
    assert column is None or column in sentence
    assert row is None or f"row {row}" in sentence


def test_a_single_row_of_each_task(tmp_path: Path) -> None:
    assert run(tmp_path, {"y": [1], "p": [0.7]}, {"y": T, "p": probability()}).metric("accuracy").value == 1
    labels = {"y": ["a"], "p": ["b"]}
    assert run(tmp_path, labels, {"y": T, "p": P}, task=Task.MULTICLASS).metric("accuracy").value == 0
    assert run(tmp_path, {"y": [1.5], "p": [1]}, {"y": T, "p": P}).metric("mae").value == 0.5
