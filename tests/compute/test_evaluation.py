"""Every number of the golden files, by way of `evaluate` on the real prediction files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from apps.compute import slices
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.inputs import read
from apps.compute.judged import (
    JudgedBinary,
    JudgedMulticlass,
    judge_binary,
    judge_multiclass,
    judge_regression,
)
from apps.compute.messages import Message
from apps.compute.metrics import multiclass, regression
from apps.compute.metrics.binary import evaluate_binary
from apps.compute.results import EvaluationResult, Table
from apps.compute.roles import ColumnRole, Role
from tests.golden import BINARY, CASES, DATA, MULTICLASS, Case, compare, golden_of

RUNS = [pytest.param(c, m, id=f"{c.name}-{m}-{c.overall}") for c in CASES for m in c.models]


def table_of(name: str) -> pl.DataFrame:
    (path,) = (DATA / "predictions" / name.split("/")[0]).glob(f"{name.split('/')[1]}.*")
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path)


def prediction_file(case: Case, model: str, path: Path) -> dict[str, ColumnRole]:
    """Truth joined with one model's predictions, and the roles that are plain from the names."""
    frame = table_of(f"{case.name}/truth").join(table_of(f"{case.name}/pred_{model}"), on="id")
    if case.overall == "overall_corrected_labels":
        frame = frame.filter(~pl.col("drop_after_check"))
    frame.write_parquet(path)
    roles = {case.target: ColumnRole(Role.TARGET), "y_pred": ColumnRole(Role.PREDICTION)}
    roles |= {name: ColumnRole(Role.SLICE) for name in case.slices}
    if case.timestamp:
        roles["timestamp"] = ColumnRole(Role.TIMESTAMP)
    for name in frame.columns:
        if name.startswith("proba_"):
            roles[name] = ColumnRole(Role.PROBABILITY, name.removeprefix("proba_"))
    return roles


def silent(message: Message, share: float) -> None:
    """Progress that nobody watches."""


def cells(table: Table) -> dict[tuple[str, str], float]:
    return {(truth, predicted): n for truth, predicted, n in table.rows()}


@pytest.mark.parametrize(("case", "model"), RUNS)
def test_whole_file_equals_golden(case: Case, model: str, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    roles = prediction_file(case, model, path)
    expected = golden_of(case, model)[case.overall]

    result = evaluate(path, EvaluationSpec(roles), silent)

    assert (result.task, result.n, result.positive) == (case.task, expected["n"], case.positive)
    assert EvaluationResult.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False))) == result
    assert compare(case, expected, {m.key: m.value for m in result.metrics}) >= 9
    for metric in result.metrics:
        if metric.low is not None:
            assert metric.low <= metric.value <= metric.high, metric
    if case.task is BINARY:
        compare_binary_cells(expected, cells(result.tables["confusion"]), result.classes)
        largest = pl.read_parquet(path).select(pl.max_horizontal(pl.col("^proba_.*$").max(), 0.0)).item()
        if 0 < largest < 1:  # torchmetrics gives a probability of exactly 1 a bin of its own.
            peer = expected["torchmetrics_float32"]["binary_calibration_error_10"]
            assert result.metric("ece").value == pytest.approx(peer, abs=5e-5)
    if case.task is MULTICLASS:
        assert list(result.classes) == expected["classes"]
        compare_multiclass_tables(expected, result.tables, result.classes)
    assert ("residual_by_time" in result.tables or "metric_by_time" in result.tables) == case.timestamp


def compare_binary_cells(
    expected: dict[str, Any], found: dict[tuple[str, str], float], classes: tuple[str, ...]
) -> None:
    negative, positive = classes
    for key, cell in (
        ("tn", (negative, negative)),
        ("fp", (negative, positive)),
        ("fn", (positive, negative)),
        ("tp", (positive, positive)),
    ):
        assert found[cell] == expected[key]
    assert found[positive, positive] + found[positive, negative] == expected["n_pos"]


def compare_multiclass_tables(
    expected: dict[str, Any], tables: dict[str, Table], classes: tuple[str, ...]
) -> None:
    found = cells(tables["confusion"])
    matrix = [[found[truth, predicted] for predicted in classes] for truth in classes]
    assert matrix == expected["confusion_matrix_rows_true"]
    columns = tables["per_class"].columns
    for at, name in enumerate(columns["class"]):
        for key, number in expected["per_class"][name].items():
            assert columns[key][at] == pytest.approx(number, rel=1e-9, abs=1e-12), (name, key)


@pytest.mark.parametrize(("case", "model"), [p for p in RUNS if p.values[0].slices])
def test_slices_equal_golden(case: Case, model: str, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    roles = prediction_file(case, model, path)
    golden = golden_of(case, model)
    crossings = (("sex", "race"),) if case.name == "adult" else ()

    result = evaluate(path, EvaluationSpec(roles, cross_slices=crossings), silent)

    expected = {
        ((column,), (text.lower() if text in ("True", "False") else text,)): numbers
        for column, groups in golden["slices"].items()
        for text, numbers in groups.items()
    }
    for text, n in golden.get("slice_sex_x_race", {}).items():
        sex, race = text.split(" & ")
        expected[("sex", "race"), (sex, race)] = n
    found = {(s.columns, s.values): s for s in result.slices}
    shown = {key for key in found if key[0][0] in golden["slices"]}
    assert shown == set(expected)
    everything = all_metrics_of_groups(case, path, roles, crossings)
    for key, numbers in expected.items():
        part = found[key]
        assert part.n == numbers["n"]
        assert compare(case, numbers, everything[key]) >= 5
        for metric in part.metrics:
            same = everything[key][metric.key]
            assert metric.value == (same if same is None else pytest.approx(same, rel=1e-9, abs=1e-12)), (
                metric
            )


def all_metrics_of_groups(
    case: Case, path: Path, roles: dict[str, ColumnRole], crossings: tuple[tuple[str, ...], ...]
) -> dict[tuple[tuple[str, ...], tuple[str, ...]], dict[str, float | None]]:
    """Not only the headline metrics of each group, from the functions that judge a whole file."""
    inputs = read(path, roles)
    groupings, _ = slices.groupings(inputs.frame, case.slices, crossings)
    if case.task is BINARY:
        judged = judge_binary(inputs, None, case.positive, None, 0)
    elif case.task is MULTICLASS:
        judged = judge_multiclass(inputs, None, None)
    else:
        judged = judge_regression(inputs, None)
    found = {}
    for grouping in groupings:
        order, places = grouping.parts()
        for values, place in zip(grouping.values, places, strict=True):
            rows = order[place]
            if isinstance(judged, JudgedBinary):
                data = judged.data
                proba = None if data.probability is None else data.probability[rows]
                metrics, _ = evaluate_binary(data.truth[rows], proba, data.predicted[rows], resamples=2)
            elif isinstance(judged, JudgedMulticlass):
                metrics = multiclass.measure(judged.data.rows(rows))
            else:
                metrics = regression.measure(judged.data.rows(rows))
            found[grouping.columns, values] = {m.key: m.value for m in metrics}
    return found


@pytest.mark.parametrize(("case", "model"), [p for p in RUNS if p.values[0].task is MULTICLASS])
def test_calibration_with_fifteen_bins_equals_golden(case: Case, model: str, tmp_path: Path) -> None:
    path = tmp_path / "run.parquet"
    roles = prediction_file(case, model, path)
    expected = golden_of(case, model)[case.overall]
    data = judge_multiclass(read(path, roles), None, None).data
    if data.probability is None:
        assert "ece_toplabel_15bins" not in expected
        return
    bins = multiclass.calibration_bins(data, 15)
    error = float(np.dot(np.abs(bins["observed"] - bins["mean_predicted"]), bins["share"]))
    assert error == pytest.approx(expected["ece_toplabel_15bins"], rel=1e-9)
    if data.confidence.max() < 1:  # torchmetrics gives a confidence of exactly 1 a bin of its own.
        peer = expected["torchmetrics_float32"]["multiclass_calibration_error_15"]
        assert error == pytest.approx(peer, abs=5e-5)


@pytest.mark.parametrize("case", [c for c in CASES if c.overall != "overall_corrected_labels"])
def test_every_golden_model_and_slice_is_compared(case: Case) -> None:
    golden = json.loads((DATA / "golden" / f"{case.name}_metrics.json").read_text())
    assert set(golden["models"]) == set(case.models)
    for model in case.models:
        assert set(golden["models"][model].get("slices", {})) == set(case.slices)
