"""Money per year by hand, against value per year, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from scipy import stats

from apps.common.formats import message
from apps.compute.aligned import Side
from apps.compute.evaluation import EvaluationSpec, evaluate
from apps.compute.messages import InputRejected
from apps.compute.money.formula import formula
from apps.compute.money.judge import judge_money
from apps.compute.money.result import Estimate, MoneyResult
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role
from apps.compute.value import Prices, value_per_year

ROLES = {
    "id": ColumnRole(Role.ID),
    "y": ColumnRole(Role.TARGET),
    "p": ColumnRole(Role.PROBABILITY, "1"),
}
LABELS = {**ROLES, "p": ColumnRole(Role.PREDICTION)}
#: tn, fp, fn, tp and again fn and tp, with their amounts.
ROWS = pl.DataFrame(
    {
        "id": [1, 2, 3, 4, 5, 6],
        "y": [0, 0, 1, 1, 1, 1],
        "p": [0.1, 0.9, 0.2, 0.8, 0.3, 0.7],
        "amount": [10.0, 20.0, 30.0, 40.0, 50.0, 60.0],
    }
)
PRICES = Prices(
    volume_per_year=600,
    hit=1,
    miss=2,
    false_alarm=3,
    review=0.5,
    amount_column="amount",
    hit_of_amount=0.1,
    miss_of_amount=1,
    false_alarm_of_amount=0.05,
    running_cost=1_000,
    training_cost=50,
    trainings_per_year=4,
)
#: 0; -(3 + 1) - 0.5; -(2 + 30); 1 + 4 - 0.5; -(2 + 50); 1 + 6 - 0.5
MONEY = np.array([0.0, -4.5, -32.0, 4.5, -52.0, 6.5])


def saved(folder: Path, frame: pl.DataFrame, name: str = "run") -> Path:
    path = folder / f"{name}.parquet"
    frame.write_parquet(path)
    return path


def test_each_cell_and_amount_has_its_price(tmp_path: Path) -> None:
    found = judge_money(saved(tmp_path, ROWS), ROLES, Task.BINARY, PRICES)
    assert found.money.value == pytest.approx(600 * MONEY.mean() - 1_000 - 200)
    assert found.amounts is not None
    assert (found.amounts.total, found.amounts.median, found.amounts.largest) == (210, 35, 60)
    assert found.amounts.cells.rows("cell", "n", "amount") == [
        ("tn", 1, 10),
        ("fp", 1, 20),
        ("fn", 2, 80),
        ("tp", 2, 100),
    ]
    adds = {effect.name: effect.per_year for effect in found.effects}
    assert adds["miss_of_amount"] == pytest.approx(-100 * 80)
    assert adds["review"] == pytest.approx(-100 * 0.5 * 3)
    assert adds["training_cost"] == -200
    assert [message(note) for note in found.notes] == [
        "No threshold is chosen: one half of the rows would choose and the other judge, and that takes 40 "
        "rows."
    ]


def test_each_price_halved_doubled_and_turning_is_what_a_new_price_list_gives(tmp_path: Path) -> None:
    path = saved(tmp_path, ROWS)
    base = Side("baseline", saved(tmp_path, ROWS.with_columns(p=pl.lit(0.0)), "base"), ROLES, "1")
    prices = replace(PRICES, volume_per_year=40)
    found = judge_money(path, ROLES, Task.BINARY, prices, baseline=base)
    turning = 0
    for effect in found.effects:
        for factor, expected in ((0.5, effect.halved), (2, effect.doubled)):
            other = replace(prices, **{effect.name: effect.price * factor})
            assert judge_money(path, ROLES, Task.BINARY, other).money.value == pytest.approx(expected)
        if effect.turning is not None:
            turning += 1
            at = replace(prices, **{effect.name: effect.turning})
            assert judge_money(path, ROLES, Task.BINARY, at, baseline=base).gain.value == pytest.approx(
                0, abs=1e-6
            )
    assert turning >= 5


def test_a_price_that_does_not_move_the_gain_has_no_turning_point(tmp_path: Path) -> None:
    path = saved(tmp_path, ROWS)
    same = Side("baseline", path, ROLES, "1")
    found = judge_money(path, ROLES, Task.BINARY, PRICES, baseline=same)
    turning = {effect.name: effect.turning for effect in found.effects}
    assert turning["miss"] is None
    assert turning["running_cost"] is None  # only a cost below 0 would do
    assert found.gain.value == -1_200  # the baseline neither runs nor trains a model
    assert found.baseline is not None
    assert found.baseline.baseline.value == pytest.approx(found.baseline.run.value + 1_200)


def _scored(rows: int, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    y = rng.random(rows) < 0.2
    other = np.clip(0.3 * y + rng.normal(0.35, 0.15, rows), 0, 1)
    better = np.clip(other + 0.1 * (y - 0.5) + rng.normal(0, 0.02, rows), 0, 1)
    return pl.DataFrame(
        {"id": range(rows), "y": y.astype(int), "p": better, "q": other, "w": rng.uniform(0.5, 2, rows)}
    )


YEAR = Prices(
    volume_per_year=1e6,
    hit=30,
    miss=90,
    false_alarm=4,
    review=1,
    running_cost=9e4,
    training_cost=100,
    trainings_per_year=12,
)


def test_without_amounts_it_is_the_value_per_year(tmp_path: Path) -> None:
    path = saved(tmp_path, _scored(2_000))
    spec = EvaluationSpec(ROLES, Task.BINARY, "1")
    stored = value_per_year(evaluate(path, spec, lambda _message, _share: None), YEAR)
    found = judge_money(path, ROLES, Task.BINARY, YEAR, positive="1")
    assert stored is not None
    assert (found.money.value, found.money.low, found.money.high) == pytest.approx(
        (stored.value, stored.low, stored.high)
    )


def test_weights_count_as_in_a_ratio_of_sums(tmp_path: Path) -> None:
    """Särndal, Swensson & Wretman (1992), 5.6; two more rows hardly matter among 2,000."""
    frame = _scored(2_000)
    roles = {**ROLES, "w": ColumnRole(Role.WEIGHT)}
    found = judge_money(saved(tmp_path, frame), roles, Task.BINARY, YEAR, positive="1")
    y, called, w = frame["y"].to_numpy() == 1, frame["p"].to_numpy() >= 0.5, frame["w"].to_numpy()
    money = np.select([y & called, y, called], [29.0, -90.0, -5.0])
    mean = np.average(money, weights=w)
    half = stats.norm.ppf(0.975) * np.sqrt(np.sum((w * (money - mean)) ** 2)) / w.sum()
    assert found.money.value == pytest.approx(1e6 * mean - 9e4 - 1_200)
    assert found.money.high - found.money.low == pytest.approx(2e6 * half, rel=1e-2)


def test_multiclass_and_numbers(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": range(10), "y": list("abcabcabca"), "p": list("abcabcabcb")})
    prices = Prices(volume_per_year=1_000, hit=30, miss=100, running_cost=10)
    found = judge_money(saved(tmp_path, frame), LABELS, Task.MULTICLASS, prices)
    assert found.money.value == pytest.approx(1_000 * (0.9 * 30 - 0.1 * 100) - 10)

    error = np.array([0.5, 0.5, 0.0, 1.5])
    frame = pl.DataFrame({"id": range(4), "y": [1.0, 2.5, 4.5, 7.0], "p": [1.5, 2.0, 4.5, 8.5]})
    prices = Prices(volume_per_year=100, hit=20, error_unit=8, running_cost=50)
    for task in (Task.REGRESSION, Task.FORECAST):
        found = judge_money(saved(tmp_path, frame), LABELS, task, prices)
        money = 20 - 8 * error
        low, high = stats.t.interval(0.95, 3, money.mean(), stats.sem(money))
        assert (found.money.value, found.money.low, found.money.high) == pytest.approx(
            (100 * money.mean() - 50, 100 * low - 50, 100 * high - 50)
        )


def test_the_gain_is_paired_on_the_common_rows(tmp_path: Path) -> None:
    frame = _scored(3_000)
    base = frame.select("id", "y", p="q").head(2_500).sample(fraction=1, shuffle=True, seed=3)
    prices = Prices(volume_per_year=1_000, hit=30, miss=100, false_alarm=4, running_cost=700)
    found = judge_money(
        saved(tmp_path, frame),
        ROLES,
        Task.BINARY,
        prices,
        baseline=Side("b", saved(tmp_path, base, "b"), ROLES),
    )
    y, p, q = (frame[name].to_numpy()[:2_500] for name in ("y", "p", "q"))

    def money(score: np.ndarray) -> np.ndarray:
        called = score >= 0.5
        return np.select([(y == 1) & called, y == 1, called], [30.0, -100.0, -4.0])

    change = money(p) - money(q)
    assert (found.gain.n, found.n, found.basis) == (2_500, 3_000, "baseline")
    assert found.gain.value == pytest.approx(1_000 * change.mean() - 700)
    half = stats.norm.ppf(0.975) * 1_000 * stats.sem(change)
    assert found.gain.high - found.gain.low == pytest.approx(
        2 * half, rel=0.05
    )  # a quarter of a row in each cell
    assert found.baseline is not None
    widths = [each.high - each.low for each in (found.baseline.run, found.baseline.baseline)]
    assert found.gain.high - found.gain.low < np.hypot(*widths)


def test_when_it_pays(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": range(200), "y": [0, 1] * 100, "p": [0, 1] * 99 + [1, 0]})
    prices = Prices(volume_per_year=1_000, hit=10, miss=10, running_cost=1_000)
    found = judge_money(
        saved(tmp_path, frame), LABELS, Task.BINARY, prices, process=500, spent=670, positive="1"
    )
    mean = (99 * 10 - 10) / 200
    assert found.over_process is not None
    assert found.over_process.value == pytest.approx(1_000 * mean - 1_500)
    assert found.break_even.volume.value == pytest.approx(1_500 / mean)
    assert found.break_even.running_cost.value == pytest.approx(1_000 * mean - 500)
    assert found.break_even.months.value == pytest.approx(12 * 670 / (1_000 * mean - 1_500))
    assert found.delay_per_week.value == pytest.approx((1_000 * mean - 1_500) / 52)
    assert "probability" in message(found.notes[0])
    never = judge_money(
        saved(tmp_path, frame), LABELS, Task.BINARY, prices, process=9e6, spent=1, positive="1"
    )
    assert (never.break_even.months.value, never.break_even.months.high) == (None, None)


def test_the_formula_shows_the_prices_that_count() -> None:
    assert message(formula(PRICES, Task.BINARY)) == (
        "600 decisions a year × (€1 × share of hits + 0.10 × mean amount of hits over all rows − €2 × share "
        "of misses − 1.00 × mean amount of misses over all rows − €3 × share of false alarms − 0.05 × mean "
        "amount of false alarms over all rows − €0.50 × share of alarms) − €1,000 running cost a year − 4 "
        "trainings a year × €50"
    )
    only_costs = Prices(volume_per_year=24_421, error_unit=0.25, currency="USD")
    assert message(formula(only_costs, Task.REGRESSION)) == (
        "24,421 decisions a year × (−$0.25 × mean absolute error)"
    )


def test_it_survives_json(tmp_path: Path) -> None:
    frame = _scored(200).with_columns(amount=pl.col("w"))
    path = saved(tmp_path, frame)
    found = judge_money(
        path, ROLES, Task.BINARY, PRICES, baseline=Side("b", path, ROLES), process=10.0, spent=5, seed=2
    )
    assert found.choice is not None
    assert MoneyResult.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize(
    ("prices", "task", "frame", "sentence"),
    [
        (
            Prices(volume_per_year=9, error_unit=5),
            Task.BINARY,
            ROWS,
            "no price that this kind of problem uses",
        ),
        (Prices(volume_per_year=9, hit=5), Task.REGRESSION, ROWS, "Cost of one unit of absolute error"),
        (Prices(volume_per_year=9, hit=5), Task.RANKING, ROWS, "no rule for the money"),
        (Prices(volume_per_year=-9, hit=5), Task.BINARY, ROWS, "decisions in a year are -9"),
        (Prices(volume_per_year=9, miss=-5), Task.BINARY, ROWS, "-5 as “Cost of a miss or a wrong answer”"),
        (Prices(volume_per_year=9, miss_of_amount=1), Task.BINARY, ROWS, "names no column that holds them"),
        (PRICES, Task.BINARY, ROWS.drop("amount"), "column amount, which the file does not have"),
        (
            PRICES,
            Task.BINARY,
            ROWS.with_columns(amount=pl.Series([1, 2, None, 4, 5, 6])),
            "no value in row 3",
        ),
        (PRICES, Task.BINARY, ROWS.with_columns(amount=pl.Series([1, 2, 3, 4, -5, 6])), "negative in row 5"),
    ],
)
def test_what_cannot_be_counted_is_said(
    tmp_path: Path, prices: Prices, task: Task, frame: pl.DataFrame, sentence: str
) -> None:
    with pytest.raises(InputRejected, match=sentence):
        judge_money(saved(tmp_path, frame), ROLES, task, prices)


def test_a_baseline_needs_common_rows(tmp_path: Path) -> None:
    path, other = saved(tmp_path, ROWS), saved(tmp_path, ROWS.with_columns(pl.col("id") + 10), "other")
    with pytest.raises(InputRejected, match="no row in common"):
        judge_money(path, ROLES, Task.BINARY, PRICES, baseline=Side("baseline", other, ROLES))


def test_one_row_has_no_interval(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [1], "y": [1.5], "p": [2.0]})
    found = judge_money(
        saved(tmp_path, frame), LABELS, Task.REGRESSION, Prices(volume_per_year=2, error_unit=1)
    )
    assert found.money == Estimate(-1.0, n=1)
