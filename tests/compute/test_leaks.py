"""Copies are found, and strangers that look alike are not called copies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_breast_cancer

from apps.compute.leaks import Leak, Overlap, overlap

DATA = Path(__file__).parents[1] / "data"
Compare = Callable[..., Overlap]
ADULT = pl.read_parquet(DATA / "datasets" / "adult_census.parquet")


@pytest.fixture
def compared(tmp_path: Path) -> Compare:
    def compare(training: pl.DataFrame, holdout: pl.DataFrame, **said: str) -> Overlap:
        training.write_parquet(tmp_path / "training.parquet")
        holdout.write_parquet(tmp_path / "holdout.parquet")
        return overlap(tmp_path / "training.parquet", tmp_path / "holdout.parquet", **said)

    return compare


def breast_cancer() -> pl.DataFrame:
    data = load_breast_cancer(as_frame=True).frame
    frame = pl.DataFrame({name: data[name].to_numpy() for name in data.columns})
    return frame.with_row_index("id").sample(fraction=1, shuffle=True, seed=1)


def test_breast_cancer_has_no_row_twice_and_planted_copies_are_found(compared: Compare) -> None:
    cells = breast_cancer()
    training, holdout = cells[:398], cells[398:]
    ids = {"target": "target", "holdout_id": "id", "training_id": "id"}
    clean = compared(training, holdout, **ids)
    assert (clean.leak, clean.rows, clean.ids, clean.holdout_rows) == (Leak.NONE, 0, 0, 171)
    copies = holdout[5:25].with_columns(target=1 - pl.col("target").head(20))
    leaked = compared(pl.concat([training, copies]), holdout, **ids)
    assert (leaked.leak, leaked.rows, leaked.with_target, leaked.ids) == (Leak.COPIED, 20, 0, 20)
    assert (len(leaked.columns), len(leaked.twins), leaked.twins[0].holdout_row) == (30, 20, 6)
    assert leaked.twins[0].training_row == 399
    assert leaked.twins[0].values[0] == holdout["id"][5]
    assert Overlap.from_json(leaked.to_json()) == leaked


def test_the_split_of_adult_cannot_be_told_from_chance(compared: Compare) -> None:
    """Without the census's weight of each person, thousands of different people have equal rows."""
    holdout = pl.read_parquet(DATA / "predictions" / "adult" / "truth.parquet")
    training = ADULT.join(holdout, on="id", how="anti").drop("fnlwgt")
    ids = {"holdout_id": "id", "training_id": "id", "target": "y_true"}
    found = compared(training, holdout, **ids)
    names = list(found.columns)
    again = set(training.select(names).rows())
    assert found.rows == sum(row in again for row in holdout.select(names).rows()) > 1_000
    assert (found.leak, found.ids, found.with_target, len(names)) == (Leak.CHANCE, 0, None, 13)
    leaked = compared(
        pl.concat([training, ADULT.join(holdout[:1_000], on="id", how="semi").drop("fnlwgt")]), holdout, **ids
    )
    assert (leaked.leak, leaked.ids) == (Leak.COPIED, 1_000)


def test_few_columns_cannot_tell(compared: Compare) -> None:
    few = ADULT.select("sex", "race", "education", "hours-per-week").sample(fraction=1, shuffle=True, seed=3)
    found = compared(few[:32_000], few[32_000:])
    assert (found.leak, found.share > 0.9) == (Leak.CHANCE, True)


def test_oversampled_training_does_not_hide_a_whole_hold_out(compared: Compare) -> None:
    cells = breast_cancer()
    training = pl.concat([cells] * 10)
    assert compared(training, cells[398:]).leak is Leak.COPIED
    assert compared(pl.concat([cells[:398]] * 10), cells[398:]).leak is Leak.NONE


def test_columns_that_only_name_the_table_and_types_that_differ_hide_nothing(compared: Compare) -> None:
    cells = breast_cancer()
    training = cells.with_columns(pl.lit("train").alias("split"))
    holdout = cells[:100].with_columns(pl.lit("test").alias("split"), pl.col("id").cast(pl.Float64))
    found = compared(training, holdout, target="target")
    assert (found.rows, found.with_target, "split" in found.columns) == (100, 100, False)
    nothing = compared(
        cells.select("id", "target"), cells.select("id", "mean area"), holdout_id="id", training_id="id"
    )
    assert (nothing.leak, nothing.ids, nothing.columns) == (Leak.UNKNOWN, 569, ())


@pytest.mark.parametrize("letters", [40, 400])
def test_the_expected_rows_are_those_of_random_splits(compared: Compare, letters: int) -> None:
    rng = np.random.default_rng(5)
    pool = pl.DataFrame({"a": rng.zipf(1.6, 900).clip(max=letters), "b": rng.integers(0, 3, 900)})
    found = []
    for seed in range(60):
        mixed = pool.sample(fraction=1, shuffle=True, seed=seed)
        found.append(compared(mixed[:600], mixed[600:]))
    rows = [each.rows for each in found]
    assert found[0].expected == pytest.approx(np.mean(rows), abs=4 * np.std(rows) / np.sqrt(60) + 0.3)
    assert sum(each.leak is Leak.COPIED for each in found) <= 4
