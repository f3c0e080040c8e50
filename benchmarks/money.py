"""Money of a million rows with amounts, against a baseline on the same rows."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from apps.compute.aligned import Side
from apps.compute.money.judge import judge_money
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role
from apps.compute.value import Prices
from benchmarks.measure import measure

MODULE = "benchmarks.money"  # also when run as __main__
ROWS = 1_000_000
PRICES = Prices(
    volume_per_year=5_000_000,
    amount_column="amount",
    hit_of_amount=0.8,
    miss_of_amount=0.1,
    false_alarm=4,
    review=1.5,
    running_cost=90_000,
)
ROLES = {
    "id": ColumnRole(Role.ID),
    "y_true": ColumnRole(Role.TARGET),
    "score": ColumnRole(Role.PROBABILITY, "1"),
}


def make_files(model: str, rule: str) -> None:
    """Seeded payments, 2 % of them fraud; a fair model, and a rule that looks at the amount alone."""
    rng = np.random.default_rng(6)
    fraud = rng.random(ROWS) < 0.02
    amount = rng.lognormal(4, 1.2, ROWS)
    score = 1 / (1 + np.exp(-(rng.normal(size=ROWS) + 4 * fraud - 3)))
    frame = pl.DataFrame({"id": np.arange(ROWS), "y_true": fraud.astype(np.int8), "amount": amount})
    frame.with_columns(score=score).write_parquet(model)
    frame.with_columns(score=amount / amount.max()).sample(fraction=1, shuffle=True, seed=1).write_parquet(
        rule
    )


def alone(model: str) -> None:
    judge_money(Path(model), ROLES, Task.BINARY, PRICES)


def against_baseline(model: str, rule: str) -> None:
    baseline = Side("rule", Path(rule), ROLES)
    judge_money(Path(model), ROLES, Task.BINARY, PRICES, baseline=baseline, process=100_000, spent=500_000)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="mlsd-bench-") as folder:
        model, rule = f"{folder}/model.parquet", f"{folder}/rule.parquet"
        make_files(model, rule)
        print(f"money, {ROWS:,} rows with amounts  {measure(MODULE, 'alone', model)}", flush=True)
        shown = measure(MODULE, "against_baseline", model, rule)
        print(f"the same against a baseline        {shown}", flush=True)


if __name__ == "__main__":
    main()
