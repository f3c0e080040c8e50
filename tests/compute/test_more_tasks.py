"""Counts, distributions and several outputs: against scikit-learn, scipy and hand-work, on real files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from plotly import graph_objects as go
from scipy import integrate, stats
from sklearn import metrics as sk

from apps.common.charts import figure_json
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.figures import figures_of
from apps.compute.messages import InputRejected
from apps.compute.results import EvaluationResult, Task
from apps.compute.roles import ColumnRole, ColumnRoles, Role
from tests.golden import DATA
from tests.outputs import days

BIKE_DAYS = DATA / "golden_official" / "single_cell" / "rowwise_pearson_bike_days"
ROLES = {
    "id": ColumnRole(Role.ID),
    "y_true": ColumnRole(Role.TARGET),
    "y_pred": ColumnRole(Role.PREDICTION),
    "timestamp": ColumnRole(Role.TIMESTAMP),
}


def run(frame: pl.DataFrame, folder: Path, roles: ColumnRoles, task: Task | None = None) -> EvaluationResult:
    frame.write_parquet(folder / "run.parquet")
    return evaluate(folder / "run.parquet", EvaluationSpec(roles=roles, task=task), lambda *_: None)


def bikes(model: str = "hgb") -> pl.DataFrame:
    folder = DATA / "predictions" / "bike"
    truth = pl.read_csv(folder / "truth.csv.gz").select("id", "timestamp", "y_true")
    said = pl.read_csv(folder / f"pred_{model}.csv.gz")
    frame = truth.join(said, on="id").with_columns(pl.col("timestamp").str.to_datetime())
    return frame.filter(pl.col("y_pred") > 0)


def values(result: EvaluationResult) -> dict[str, float]:
    return {metric.key: metric.value for metric in result.metrics if metric.value is not None}


def bounded(result: EvaluationResult) -> None:
    for metric in result.metrics:
        if metric.low is not None and metric.value is not None:
            assert metric.low <= metric.value <= metric.high, metric.key


def drawn(result: EvaluationResult) -> set[str]:
    """Keys of the figures, each accepted by plotly and with numbers under all its headings."""
    for figure in (figures := figures_of(result)):
        sent = figure_json(figure)
        go.Figure(data=sent["data"], layout=sent["layout"])
        assert {heading.name for heading in figure.headings} <= set(figure.table.columns), figure.key
    return {figure.key for figure in figures}


def test_counts_of_bikes(tmp_path: Path) -> None:
    frame = bikes()
    result = run(frame, tmp_path, ROLES, Task.COUNT)
    truth, said = frame["y_true"].to_numpy(), frame["y_pred"].to_numpy()
    found = values(result)
    assert found["poisson_deviance"] == pytest.approx(sk.mean_poisson_deviance(truth, said), rel=1e-9)
    assert found["poisson_d2"] == pytest.approx(sk.d2_tweedie_score(truth, said, power=1), abs=1e-9)
    assert found["mae"] == pytest.approx(sk.mean_absolute_error(truth, said), rel=1e-9)
    assert found["zero_share"] == pytest.approx(np.mean(truth == 0))
    assert found["expected_zero_share"] == pytest.approx(stats.poisson.pmf(0, said).mean(), rel=1e-9)
    assert found["count_dispersion"] == pytest.approx(np.mean((truth - said) ** 2 / said), rel=1e-9)
    table = result.tables["rootogram"]
    assert sum(table.columns["observed"]) == pytest.approx(len(frame))
    assert sum(table.columns["expected"]) == pytest.approx(len(frame))
    bounded(result)
    assert {"count_calibration", "rootogram", "residual_histogram"} <= drawn(result)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("y_true", -1.0, "negative_count"),
        ("y_true", 1.5, "fractional_count"),
        ("y_pred", 0.0, "no_positive_prediction"),
    ],
)
def test_what_is_no_count_is_named(tmp_path: Path, column: str, value: float, code: str) -> None:
    frame = bikes().head(20).with_columns(pl.col("y_true").cast(pl.Float64))
    odd = pl.when(pl.int_range(pl.len()) == 6).then(value).otherwise(pl.col(column)).alias(column)
    with pytest.raises(InputRejected, match="row 7") as refused:
        run(frame.with_columns(odd), tmp_path, ROLES, Task.COUNT)
    assert refused.value.code == code


def normal_crps(truth: float, mean: float, std: float) -> float:
    """The integral that defines it, from the truth to either side."""
    below, _ = integrate.quad(lambda x: stats.norm.cdf(x, mean, std) ** 2, mean - 12 * std, truth)
    above, _ = integrate.quad(lambda x: stats.norm.sf(x, mean, std) ** 2, truth, mean + 12 * std)
    return below + above


def test_normal_distributions_of_bikes(tmp_path: Path) -> None:
    frame = bikes("ridge").with_columns(pl.lit(60.0).alias("y_std") + pl.col("y_pred") * 0.2)
    result = run(frame, tmp_path, {**ROLES, "y_std": ColumnRole(Role.STD)})
    assert result.task is Task.PROBABILISTIC
    truth, mean, std = (frame[name].to_numpy() for name in ("y_true", "y_pred", "y_std"))
    found = values(result)
    assert found["log_score"] == pytest.approx(-stats.norm.logpdf(truth, mean, std).mean(), rel=1e-9)
    for percent in (50, 80, 90, 95):
        half = stats.norm.ppf(0.5 + percent / 200) * std
        inside = np.abs(truth - mean) <= half
        assert found[f"coverage_{percent}"] == pytest.approx(inside.mean(), abs=1e-12)
        assert found[f"width_{percent}"] == pytest.approx((2 * half).mean(), rel=1e-9)
    few = run(frame.head(40), tmp_path, {**ROLES, "y_std": ColumnRole(Role.STD)})
    by_hand = [normal_crps(*row) for row in zip(truth[:40], mean[:40], std[:40], strict=True)]
    assert values(few)["crps"] == pytest.approx(np.mean(by_hand), rel=1e-6)
    bounded(result)
    assert {"coverage_levels", "pit_histogram", "quantile_calibration"} <= drawn(result)


def test_quantiles_as_a_distribution(tmp_path: Path) -> None:
    frame = bikes().with_columns(
        (pl.col("y_pred") * factor).alias(f"q{level}") for level, factor in ((0.1, 0.6), (0.5, 1), (0.9, 1.5))
    )
    roles = {**ROLES, **{f"q{level}": ColumnRole(Role.QUANTILE, str(level)) for level in (0.1, 0.5, 0.9)}}
    result = run(frame, tmp_path, roles, Task.PROBABILISTIC)
    truth = frame["y_true"].to_numpy()
    losses = [sk.mean_pinball_loss(truth, frame[f"q{level}"], alpha=level) for level in (0.1, 0.5, 0.9)]
    assert values(result)["crps"] == pytest.approx(2 * np.mean(losses), rel=1e-9)
    inside = (truth >= frame["q0.1"].to_numpy()) & (truth <= frame["q0.9"].to_numpy())
    assert values(result)["coverage_80"] == pytest.approx(inside.mean(), abs=1e-12)


def test_a_distribution_without_spread_is_named(tmp_path: Path) -> None:
    frame = bikes("ridge").head(20).with_columns(pl.lit(0.0).alias("y_std"))
    with pytest.raises(InputRejected, match="row 1"):
        run(frame, tmp_path, {**ROLES, "y_std": ColumnRole(Role.STD)})


def test_the_hours_of_a_day_as_outputs(tmp_path: Path) -> None:
    frame, roles = days()
    result = run(frame, tmp_path, roles)
    assert result.task is Task.MULTIOUTPUT
    truth, said = (
        frame.select([name for name, use in roles.items() if use.role is role]).to_numpy()
        for role in (Role.TARGET, Role.PREDICTION)
    )
    found = values(result)
    assert found["outputs_r2"] == pytest.approx(sk.r2_score(truth, said), abs=1e-9)
    weighted = sk.r2_score(truth, said, multioutput="variance_weighted")
    assert found["outputs_r2_weighted"] == pytest.approx(weighted, abs=1e-9)
    assert found["outputs_mae"] == pytest.approx(sk.mean_absolute_error(truth, said), rel=1e-9)
    assert found["outputs_rmse"] == pytest.approx(sk.root_mean_squared_error(truth, said), rel=1e-9)
    expected = json.loads((BIKE_DAYS / "expected.json").read_text())["official_results"]
    assert found["outputs_row_correlation"] == pytest.approx(expected["kaggle_2022_score"], abs=1e-9)
    table = result.tables["per_output"]
    assert list(table.columns["r2"]) == sorted(table.columns["r2"])
    bounded(result)
    assert {"r2_by_output", "row_correlations"} <= drawn(result)


def test_an_output_without_partner_is_named(tmp_path: Path) -> None:
    frame, roles = days()
    last = next(name for name, use in reversed(roles.items()) if use.role is Role.PREDICTION)
    with pytest.raises(InputRejected) as refused:
        run(frame, tmp_path, {**roles, last: ColumnRole(Role.IGNORE)})
    assert refused.value.code == "output_without_prediction"
