"""Every metric of every real two-class prediction file, whole and per slice, against other libraries."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from apps.compute.metrics.binary import BinaryGroups, evaluate_binary
from apps.compute.metrics.binary.calibration import bin_scores, expected_calibration_error
from apps.compute.metrics.binary.ranking import rank
from apps.compute.uncertainty import score_interval

DATA = Path(__file__).parents[1] / "data"
MODELS = [
    ("adult", "lr"),
    ("adult", "hgb"),
    ("adult", "rule"),
    ("elec2", "lr"),
    ("elec2", "hgb"),
    ("elec2", "rule_persistence"),
    ("sentiment", "nb"),
    ("sentiment", "lr"),
    ("sentiment", "rule"),
    ("nba_538", "fivethirtyeight"),
    ("breast_cancer", "tree"),
    ("breast_cancer", "lr"),
    ("breast_cancer", "rule"),
]
#: Golden name -> ours, where they differ.
KEYS = {"ece_pos_10bins": "ece", "mce_pos_10bins": "mce", "pred_pos_rate": "predicted_positive_rate"}
#: Facts of the golden files that are no metric of ours; several are checked by other tests here.
NOT_METRICS = {
    "n",
    "n_pos",
    "tn",
    "fp",
    "fn",
    "tp",
    "fpr",
    "fnr",
    "f1_macro",
    "mean_proba",
    "ece_pos_15bins",
    "ece_toplabel_10bins",
    "torchmetrics_float32",
}


def golden(dataset: str) -> dict[str, Any]:
    return json.loads((DATA / "golden" / f"{dataset}_metrics.json").read_text())


def read(path: Path) -> pl.DataFrame:
    return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema_length=None)


class Predictions:
    def __init__(self, dataset: str, model: str) -> None:
        folder = DATA / "predictions" / dataset
        (truth_file,) = folder.glob("truth.*")
        (model_file,) = folder.glob(f"pred_{model}.*")
        self.golden = golden(dataset)["models"][model]
        positive = golden(dataset)["positive_label"]
        self.frame = read(model_file).join(read(truth_file), on="id", validate="1:1")
        self.y = (self.frame["y_true"].cast(pl.String) == positive).to_numpy()
        self.predicted = (self.frame["y_pred"].cast(pl.String) == positive).to_numpy()
        column = f"proba_{positive}"
        self.proba = self.frame[column].to_numpy() if column in self.frame.columns else None

    def rows(self, kept: np.ndarray | slice) -> tuple[np.ndarray, np.ndarray | None, np.ndarray]:
        return self.y[kept], None if self.proba is None else self.proba[kept], self.predicted[kept]

    def slice_columns(self) -> dict[str, tuple[np.ndarray, dict[str, Any]]]:
        """Column -> the rows' values as text and the golden metrics by value."""
        found = {
            name: (np.array([str(value) for value in self.frame[name]]), values)
            for name, values in self.golden["slices"].items()
        }
        if "slice_sex_x_race" in self.golden:
            crossed = self.frame.select(pl.concat_str("sex", "race", separator=" & ")).to_series()
            found["sex x race"] = (crossed.to_numpy(), self.golden["slice_sex_x_race"])
        if "slice_team1" in self.golden:
            found["team1"] = (self.frame["team1"].to_numpy(), self.golden["slice_team1"])
        return found


@pytest.fixture(params=MODELS, ids="-".join, scope="module")
def predictions(request: pytest.FixtureRequest) -> Predictions:
    return Predictions(*request.param)


def assert_metrics(metrics: Any, expected: dict[str, Any], *, all_of_them: bool) -> None:
    found = {metric.key: metric for metric in metrics}
    compared = 0
    for name, value in expected.items():
        key = KEYS.get(name, name)
        if name in NOT_METRICS or (not all_of_them and key not in found):
            continue
        compared += 1
        if value is None:
            assert found[key].value is None, key
            assert found[key].undefined is not None, key
        else:
            assert found[key].value == pytest.approx(value, rel=1e-9, abs=1e-12), key
    assert compared >= 7


def test_whole_file(predictions: Predictions) -> None:
    metrics, tables = evaluate_binary(*predictions.rows(slice(None)), resamples=50)
    expected = predictions.golden["overall"]
    assert_metrics(metrics, expected, all_of_them=True)
    assert tables["confusion"].columns["n"] == [expected[cell] for cell in ("tn", "fp", "fn", "tp")]
    assert all(metric.low <= metric.value <= metric.high for metric in metrics)
    assert {metric.n for metric in metrics if metric.key == "accuracy"} == {expected["n"]}
    if "brier_skill_vs_base_rate" in predictions.golden:
        skill = next(metric for metric in metrics if metric.key == "brier_skill")
        assert skill.value == pytest.approx(predictions.golden["brier_skill_vs_base_rate"], rel=1e-9)


def test_slices_one_by_one_and_grouped(predictions: Predictions) -> None:
    groups = BinaryGroups(*predictions.rows(slice(None)))
    for values, expected in predictions.slice_columns().values():
        names, codes = np.unique(values, return_inverse=True)
        grouped = dict(zip(names, groups.evaluate(codes, len(names)), strict=True))
        for name, of_slice in expected.items():
            alone, _ = evaluate_binary(*predictions.rows(values == name), resamples=20)
            assert_metrics(alone, of_slice, all_of_them=True)
            assert_metrics(grouped[name], of_slice, all_of_them=False)


def test_other_calibration_bins(predictions: Predictions) -> None:
    if predictions.proba is None:
        assert "ece_pos_15bins" not in predictions.golden["overall"]
        return
    expected = predictions.golden["overall"]
    ranking = rank(predictions.y, predictions.proba)
    for bins in (10, 15):
        error = expected_calibration_error(bin_scores(ranking, bins))
        assert error == pytest.approx(expected[f"ece_pos_{bins}bins"], rel=1e-9)
        torch = expected["torchmetrics_float32"].get(f"binary_calibration_error_{bins}")
        if torch is not None and predictions.proba.max() < 1:  # torchmetrics gives 1 a bin of its own
            assert error == pytest.approx(torch, abs=5e-5)


def test_calibration_curve(predictions: Predictions) -> None:
    """scikit-learn's uniform curve, which closes bins above: the two agree on bins without border scores."""
    if predictions.proba is None:
        assert "calibration" not in predictions.golden
        return
    _, tables = evaluate_binary(*predictions.rows(slice(None)), resamples=20)
    table, expected = tables["calibration"], predictions.golden["calibration"]["uniform"]
    borders = np.linspace(0, 1, 11)
    on_border = [np.any(predictions.proba == b) for b in borders[1:-1]]
    touched = np.array([False, *on_border]) | np.array([*on_border, False])
    filled = np.rint(np.array(table.columns["low"]) * 10).astype(int)
    clear = ~touched[filled]
    assert clear.sum() >= 2 or len(filled) == 2
    assert len(table) == len(expected["prob_true"])
    observed, mean = np.array(table.columns["observed"]), np.array(table.columns["mean_predicted"])
    np.testing.assert_allclose(observed[clear], np.array(expected["prob_true"])[clear], rtol=1e-9)
    np.testing.assert_allclose(mean[clear], np.array(expected["prob_pred"])[clear], rtol=1e-9)


def test_delong_variance_is_the_published_codes() -> None:
    """Golden variances come from the reference implementation of fast DeLong (Sun & Xu 2014)."""
    for model, letter in (("lr", "a"), ("hgb", "b")):
        predictions = Predictions("adult", model)
        expected = golden("adult")["pairwise"]["delong_lr_vs_hgb"]
        metrics, _ = evaluate_binary(*predictions.rows(slice(None)), resamples=20)
        auc = next(metric for metric in metrics if metric.key == "roc_auc")
        low, high = score_interval(expected[f"auc_{letter}"], expected[f"var_{letter}"])
        assert (auc.low, auc.high) == pytest.approx((float(low), float(high)), rel=1e-9)
