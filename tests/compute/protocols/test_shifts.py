"""Shifts protocols equal the official code on its fixtures."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.protocols.ensembles import (
    class_measures,
    normal_nll,
    number_measures,
)
from apps.compute.protocols.lesions import lesion_f1
from apps.compute.protocols.records import CLASS_MEASURES, DISPLACEMENTS, NUMBER_MEASURES
from apps.compute.protocols.retention import error_curve, f1_curve, f1_scores, summary
from apps.compute.results import MetricResult
from apps.compute.roles import Role
from tests.compute.protocols.golden import Golden, run

OFFICIAL = "official_results"
NAMES = {
    "R_AUC": "retention_auc",
    "F1_AUC": "f1_retention_auc",
    "F1_at_95pct_retention": "f1_at_95_retention",
}
TRUTH = {"id": Role.ID, "y_true": Role.TARGET}


def check_scores(golden: Golden, prefix: str, row: dict) -> None:
    for theirs, ours in NAMES.items():
        golden.equal(f"{prefix}/{theirs}", row[ours])
    golden.equal(f"{prefix}/rejection_ratio_percent", 100 * row["rejection_ratio"])


def measures_of(result: object, *names: str) -> dict[str, dict]:
    return {
        row[0]: dict(zip(names, row[1:], strict=True))
        for row in result.tables["measures"].rows("measure", *names)
    }


RETENTION = ("mean", "retention_auc", "rejection_ratio", "f1_retention_auc", "f1_at_95_retention")


def test_ensemble_of_classifiers(tmp_path: Path) -> None:
    golden = Golden("shifts/classification_ensemble", 1e-7, relative=True)
    columns = [f"m{member}_p{label}" for member in range(1, 6) for label in (0, 1)]
    params = {"members": columns, "shifted": "shifted"}
    result = run(golden.folder, "ensemble_classification", params, tmp_path, TRUTH)
    frame = pl.read_csv(golden.folder / "input.csv")
    probability = frame.select(columns).to_numpy().reshape(-1, 5, 2).transpose(1, 0, 2)
    first = class_measures(probability)
    table = measures_of(result, *RETENTION, "ood_roc_auc")
    for measure in CLASS_MEASURES:
        golden.equal(f"{OFFICIAL}/uncertainty_mean/{measure}", table[measure]["mean"])
        for place in range(5):
            golden.equal(f"{OFFICIAL}/uncertainty_first5/{measure}/{place}", first[measure][place])
        prefix = f"{OFFICIAL}/retention_threshold_0.5/{measure}"
        check_scores(golden, prefix, table[measure])
        golden.equal(f"{prefix}/sign_reversed", measure == "confidence")
        golden.equal(f"{OFFICIAL}/ood_ROC_AUC/{measure}", table[measure]["ood_roc_auc"])
    golden.equal(f"{OFFICIAL}/nll_class_mean", result.metric("ensemble_nll").value)
    for place, error in enumerate(result.tables["groups"].columns["error"]):
        golden.equal(f"{OFFICIAL}/accuracy_in_and_shifted/{place}", 1 - error)
    golden.done()
    assert result.metric("retention_auc").value == table["entropy_of_expected"]["retention_auc"]


def test_ensemble_of_regressors(tmp_path: Path) -> None:
    golden = Golden("shifts/regression_ensemble", 1e-9, relative=True)
    means, variances = ([f"m{member}_{kind}" for member in range(1, 6)] for kind in ("mean", "var"))
    params = {"means": means, "variances": variances, "shifted": "shifted"}
    result = run(golden.folder, "ensemble_regression", params, tmp_path, TRUTH)
    frame = pl.read_csv(golden.folder / "input.csv")
    truth = frame["y_true"].to_numpy()
    mean, variance = frame.select(means).to_numpy().T, frame.select(variances).to_numpy().T
    measures = number_measures(mean, variance)
    errors = (mean.mean(axis=0) - truth) ** 2
    good = errors <= 1.0
    table = measures_of(result, *RETENTION, "ood_roc_auc", "ood_pr_auc")
    for measure in NUMBER_MEASURES:
        golden.equal(f"{OFFICIAL}/uncertainty_mean/{measure}", table[measure]["mean"])
        golden.equal(f"{OFFICIAL}/ood_ROC_AUC/{measure}", table[measure]["ood_roc_auc"])
        golden.equal(f"{OFFICIAL}/ood_PR_AUC/{measure}", table[measure]["ood_pr_auc"])
        for place in range(5):
            golden.equal(f"{OFFICIAL}/uncertainty_first5/{measure}/{place}", measures[measure][place])
        check_scores(golden, f"{OFFICIAL}/retention_threshold_1.0/{measure}", table[measure])
        check_curves(golden, f"{OFFICIAL}/retention_threshold_1.0/{measure}", errors, measures[measure], good)
    for check, uncertainty in (("constant", np.zeros(len(truth))), ("perfect", errors)):
        prefix = f"{OFFICIAL}/retention_{check}_uncertainty_check"
        found = {m.key: m.value for m in summary(errors, uncertainty, 1.0, np.random.default_rng(0))}
        if check == "constant":  # the reference rounds to -8.9e-14 %
            golden.leave(f"{prefix}/rejection_ratio_percent", "a rounding error in place of 0")
            assert abs(found["rejection_ratio"]) < 1e-12
            for theirs, ours in NAMES.items():
                golden.equal(f"{prefix}/{theirs}", found[ours])
        else:
            check_scores(golden, prefix, found)
        check_curves(golden, prefix, errors, uncertainty, good)
    golden.equal(f"{OFFICIAL}/rmse", result.metric("rmse").value)
    by_shift = result.tables["groups"].columns["error"]
    golden.equal(f"{OFFICIAL}/rmse_in", math.sqrt(by_shift[0]))
    golden.equal(f"{OFFICIAL}/rmse_shifted", math.sqrt(by_shift[1]))
    shifted = frame["shifted"].to_numpy() == 1
    absolute = np.abs(mean.mean(axis=0) - truth)
    for place, which in enumerate((~shifted, shifted)):
        golden.equal(f"{OFFICIAL}/mae_in_and_shifted/{place}", absolute[which].mean())
    golden.equal(f"{OFFICIAL}/ens_nll_regression", result.metric("ensemble_nll").value)
    single = normal_nll(truth, mean.mean(axis=0), measures["tvar"]).mean()
    golden.equal(f"{OFFICIAL}/nll_regression_mean_and_total_var", single)
    golden.equal(f"{OFFICIAL}/prr_regression_tvar/R_AUC", result.metric("retention_auc").value)
    ratio = result.metric("rejection_ratio").value
    golden.equal(f"{OFFICIAL}/prr_regression_tvar/rejection_ratio_percent", 100 * ratio)
    golden.done()


def check_curves(
    golden: Golden, prefix: str, errors: np.ndarray, uncertainty: np.ndarray, good: np.ndarray
) -> None:
    for name, short, curve in (
        ("error_curve_thinned", "error_curve", error_curve(errors, uncertainty)),
        ("F1_curve_thinned_retention_ascending", "F1_curve", f1_curve(good, uncertainty)),
    ):
        golden.equal(f"{prefix}/{short}_len", len(curve))
        node = golden.data
        for step in prefix.split("/"):
            node = node[step]
        for place, at in enumerate(node[name]["index"]):
            golden.equal(f"{prefix}/{name}/index/{place}", at)
            golden.equal(f"{prefix}/{name}/value/{place}", curve[at])


def test_single_uncertainty_is_the_ensemble_of_total_variance(tmp_path: Path) -> None:
    golden = Golden("shifts/regression_ensemble", 1e-9, relative=True)
    frame = pl.read_csv(golden.folder / "input.csv")
    mean, variance = (
        frame.select([f"m{member}_{kind}" for member in range(1, 6)]).to_numpy() for kind in ("mean", "var")
    )
    folder = tmp_path / "single"
    folder.mkdir()
    pl.DataFrame(
        {
            "y_true": frame["y_true"],
            "y_pred": mean.mean(axis=1),
            "u": mean.var(axis=1) + variance.mean(axis=1),
        }
    ).write_csv(folder / "input.csv")
    roles = {"y_true": Role.TARGET, "y_pred": Role.PREDICTION, "u": Role.STD}
    result = run(folder, "error_retention", {}, tmp_path, roles)
    check_scores(
        golden,
        f"{OFFICIAL}/retention_threshold_1.0/tvar",
        {metric.key: metric.value for metric in result.metrics},
    )


def test_tiny_cases() -> None:
    golden = Golden("shifts/tiny_TOY", 1e-12, relative=True)
    for case, data in enumerate(golden.data["cases"]):
        errors, uncertainty = (np.array(data[name]) for name in ("errors", "uncertainty"))
        for name in ("errors", "uncertainty", "threshold"):
            for path in [p for p in golden.left if p.startswith(f"cases/{case}/{name}")]:
                golden.leave(path, "input")
        found = {m.key: m for m in summary(errors, uncertainty, data["threshold"], np.random.default_rng(0))}
        golden.equal(f"cases/{case}/R_AUC", found["retention_auc"].value)
        for theirs, ours in (("F1_AUC", "f1_retention_auc"), ("F1_at_95pct_retention", "f1_at_95_retention")):
            golden.equal(f"cases/{case}/{theirs}", found[ours].value)
        ratio = found["rejection_ratio"].value
        golden.equal(f"cases/{case}/rejection_ratio_percent", None if ratio is None else 100 * ratio)
        for place, value in enumerate(error_curve(errors, uncertainty)):
            golden.equal(f"cases/{case}/error_curve/{place}", value)
        curve = f1_curve(errors <= data["threshold"], uncertainty)
        for place, value in enumerate(curve):
            shown = None if np.isnan(value) else float(value)
            golden.equal(f"cases/{case}/F1_curve_retention_ascending/{place}", shown)
        assert np.isnan(f1_scores(curve)[0]) == (found["f1_retention_auc"].value is None)
    golden.done()


def test_planned_paths(tmp_path: Path) -> None:
    golden = Golden("shifts/sdc_trajectories_TOY", 1e-9, relative=True)
    params = {
        "request": "request", "plan": "plan", "step": "step", "true_x": "true_x", "true_y": "true_y",
        "x": "pred_x", "y": "pred_y", "confidence": "plan_confidence_logit",
        "uncertainty": "request_uncertainty",
    }  # fmt: skip
    result = run(golden.folder, "trajectories", params, tmp_path)
    table = measures_of(result, *RETENTION)
    for key in DISPLACEMENTS:
        which, kind = key.split("_")
        theirs = f"{'avg' if which == 'mean' else which}{kind.upper()}"
        golden.equal(f"{OFFICIAL}/{theirs}/mean", result.metric(key).value)
        golden.equal(f"{OFFICIAL}/{theirs}/R_AUC", table[key]["retention_auc"])
        golden.equal(f"{OFFICIAL}/{theirs}/F1_AUC_threshold_1.0", table[key]["f1_retention_auc"])
        golden.equal(f"{OFFICIAL}/{theirs}/F1_at_95pct", table[key]["f1_at_95_retention"])
        for place, value in enumerate(result.tables["units"].columns[key]):
            golden.equal(f"per_request/{theirs}/{place}", value)
    golden.equal(f"{OFFICIAL}/corrected_nll_mean", result.metric("trajectory_nll").value)
    golden.done()


def test_lesion_masks(tmp_path: Path) -> None:
    golden = Golden("shifts/lesion_masks_digits", 1e-5)
    params = {
        "coordinates": ["z", "y", "x"],
        "truth": "true",
        "prediction": "pred",
        "uncertainty": "uncertainty",
    }
    result = run(golden.folder, "lesion_masks", params, tmp_path)
    golden.equal(f"{OFFICIAL}/dice", result.metric("dice").value)
    golden.equal(f"{OFFICIAL}/nDSC", result.metric("normalized_dice").value)
    golden.equal(f"{OFFICIAL}/lesion_F1_IoU0.25", result.metric("lesion_f1").value)
    golden.equal(f"{OFFICIAL}/nDSC_R_AAC", result.metric("ndsc_retention_error").value)
    frame = pl.read_csv(golden.folder / "input.csv")
    masks = [frame[name].to_numpy().reshape(8, 8, 8) == 1 for name in ("true", "pred")]
    golden.equal(f"{OFFICIAL}/lesion_F1_IoU0.5", lesion_f1(*masks, 0.5))
    golden.done()


def test_intervals_follow_the_bootstrap_of_rows() -> None:
    """The delta method of R-AUC and rejection ratio agrees with a plain bootstrap of the definition."""
    rng = np.random.default_rng(5)
    uncertainty = rng.gamma(2, 1, 800)
    errors = (rng.normal(0, 1, 800) * uncertainty) ** 2
    found = {m.key: m for m in summary(errors, uncertainty, 1.0, rng)}
    samples = []
    for _ in range(400):
        rows = rng.integers(0, 800, 800)
        own, ideal = (error_curve(errors[rows], by[rows]).mean() for by in (uncertainty, errors))
        random = errors[rows].mean() / 2
        samples.append((own, (own - random) / (ideal - random), *f1_of(errors[rows], uncertainty[rows])))
    spread = np.std(np.array(samples), axis=0)
    for key, expected in zip(found, spread, strict=True):
        assert abs(width(found[key]) / 3.92 / expected - 1) < 0.2, key


def f1_of(errors: np.ndarray, uncertainty: np.ndarray) -> tuple[float, float]:
    return f1_scores(f1_curve(errors <= 1.0, uncertainty))


def width(metric: MetricResult) -> float:
    assert metric.low is not None
    assert metric.high is not None
    return metric.high - metric.low
