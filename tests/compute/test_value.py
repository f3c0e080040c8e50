"""Money per year: exact on real runs, and an interval that covers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.results import EvaluationResult, Table, Task
from apps.compute.roles import ColumnRole, Role
from apps.compute.value import Prices, value_at_thresholds, value_per_year

TARGET, PREDICTION = ColumnRole(Role.TARGET), ColumnRole(Role.PREDICTION)
PRICES = Prices(volume_per_year=1_000_000, hit=30, miss=100, false_alarm=4, running_cost=250_000)


def _evaluated(folder: Path, frame: pl.DataFrame, **roles: ColumnRole) -> EvaluationResult:
    path = folder / "run.parquet"
    frame.write_parquet(path)
    return evaluate(path, EvaluationSpec(roles), lambda _message, _share: None)


def _binary(rows: int, seed: int = 0) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.random(rows) < 0.2
    score = np.clip(0.3 * y + rng.normal(0.35, 0.15, rows), 0, 1)
    return pl.DataFrame({"y": y.astype(int), "p": score, "w": rng.uniform(0.5, 2, rows)})


PROBABILITY = ColumnRole(Role.PROBABILITY, "1")


def test_binary_value_is_the_mean_price_of_a_row(tmp_path: Path) -> None:
    frame = _binary(4_000)
    found = value_per_year(_evaluated(tmp_path, frame, y=TARGET, p=PROBABILITY), PRICES)
    y, called = frame["y"].to_numpy() == 1, frame["p"].to_numpy() >= 0.5
    price = np.where(y & called, 30.0, np.where(y, -100.0, np.where(called, -4.0, 0.0)))
    assert found is not None
    assert found.value == pytest.approx(1_000_000 * price.mean() - 250_000, rel=1e-12)
    half = 1.959963984540054 * 1_000_000 * price.std() / np.sqrt(4_000)
    assert found.high - found.low == pytest.approx(2 * half, rel=2e-3)  # half a row in each cell more
    assert (found.key, found.n, found.method) == ("value_per_year", 4_000, "delta")


def test_equal_weights_change_nothing(tmp_path: Path) -> None:
    frame = _binary(4_000).with_columns(w=pl.lit(3.0))
    plain = value_per_year(_evaluated(tmp_path, frame, y=TARGET, p=PROBABILITY), PRICES)
    weighted = value_per_year(
        _evaluated(tmp_path, frame, y=TARGET, p=PROBABILITY, w=ColumnRole(Role.WEIGHT)), PRICES
    )
    assert plain is not None
    assert weighted is not None
    for part in ("value", "low", "high"):
        assert getattr(weighted, part) == pytest.approx(getattr(plain, part), rel=1e-9)


def test_unequal_weights_widen_the_interval(tmp_path: Path) -> None:
    frame = _binary(4_000)
    plain = value_per_year(_evaluated(tmp_path, frame, y=TARGET, p=PROBABILITY), PRICES)
    weighted = value_per_year(
        _evaluated(tmp_path, frame, y=TARGET, p=PROBABILITY, w=ColumnRole(Role.WEIGHT)), PRICES
    )
    assert plain is not None
    assert weighted is not None
    assert weighted.high - weighted.low > plain.high - plain.low


def test_the_sweep_holds_the_run_at_its_threshold(tmp_path: Path) -> None:
    result = _evaluated(tmp_path, _binary(4_000), y=TARGET, p=PROBABILITY)
    table, found = value_at_thresholds(result, PRICES), value_per_year(result, PRICES)
    assert table is not None
    assert found is not None
    assert table.rows("threshold", "value", "low", "high")[50] == pytest.approx(
        (0.5, found.value, found.low, found.high)
    )
    everything_called = 1_000_000 * (_mean_price(result, hit=30, false_alarm=4)) - 250_000
    assert table.columns["value"][0] == pytest.approx(everything_called)


def _mean_price(result: EvaluationResult, hit: float, false_alarm: float) -> float:
    prevalence = result.metric("prevalence").value
    assert prevalence is not None
    return hit * prevalence - false_alarm * (1 - prevalence)


def test_multiclass_and_regression_are_maps_of_accuracy_and_error(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": list("abcabcabca"), "p": list("abcabcabcb")})
    labels = value_per_year(_evaluated(tmp_path, frame, y=TARGET, p=PREDICTION), PRICES)
    assert labels is not None
    assert labels.value == pytest.approx(1_000_000 * (0.9 * 30 - 0.1 * 100) - 250_000)
    assert labels.low < labels.value < labels.high

    frame = pl.DataFrame({"y": [1.0, 2.5, 4.5, 7.0], "p": [1.5, 2.0, 4.5, 8.5]})
    result = _evaluated(tmp_path, frame, y=TARGET, p=PREDICTION)
    numbers = value_per_year(result, Prices(volume_per_year=100, error_unit=8, running_cost=50))
    assert numbers is not None
    assert numbers.value == pytest.approx(-100 * 8 * 0.625 - 50)
    assert numbers.low < numbers.value < numbers.high


def test_prices_of_another_task_give_no_value(tmp_path: Path) -> None:
    result = _evaluated(tmp_path, _binary(100), y=TARGET, p=PROBABILITY)
    assert value_per_year(result, Prices(volume_per_year=1_000, error_unit=5)) is None
    assert value_at_thresholds(result, Prices(volume_per_year=1_000, error_unit=5)) is None


def test_a_run_without_errors_has_an_interval(tmp_path: Path) -> None:
    frame = pl.DataFrame({"y": [0, 1] * 50, "p": [0, 1] * 50})
    found = value_per_year(_evaluated(tmp_path, frame, y=TARGET, p=PREDICTION), PRICES)
    assert found is not None
    assert found.low < found.value < found.high


@pytest.mark.slow
def test_the_interval_covers() -> None:
    """Of 2,000 samples of 1,000 rows from known shares the interval holds the true value in 93 to 97 %."""
    shares = np.array([0.82, 0.06, 0.04, 0.08])
    true = 1_000_000 * float(shares @ PRICES.of_cells()) - 250_000
    samples = np.random.default_rng(5).multinomial(1_000, shares, 2_000)
    cells = dict(zip(("tn", "fp", "fn", "tp"), samples.T.tolist(), strict=True))
    sweep = Table({"threshold": list(range(2_000)), **cells})
    result = EvaluationResult(Task.BINARY, 1_000, (), tables={"threshold_sweep": sweep})
    found = value_at_thresholds(result, PRICES)
    assert found is not None
    low, high = np.array(found.columns["low"]), np.array(found.columns["high"])
    assert 0.93 <= np.mean((low <= true) & (true <= high)) <= 0.97
