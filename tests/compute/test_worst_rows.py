"""The rows with the largest loss, worst first, and their pages."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from apps.compute.conditions import Condition, Op
from apps.compute.messages import InputRejected
from apps.compute.worst_rows import LOSS, ROW, page, write_worst

ADULT = Path(__file__).parent.parent / "data" / "predictions" / "adult"


def test_worst_first_and_equal_ones_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Few different losses, so that many are equal at the border too."""
    rng = np.random.default_rng(0)
    loss = rng.integers(0, 5, 1000).astype(float)
    loss[:50] = np.nan
    names = ["^a.*$", "*", "text"]
    frame = pl.DataFrame(
        {"^a.*$": np.arange(1000), "*": np.arange(1000) * 2, "text": [f"t{i}" for i in range(1000)]}
    )
    frame.write_parquet(tmp_path / "all.parquet")
    expected = (
        frame.with_columns(pl.Series(LOSS, loss), pl.Series(ROW, np.arange(1, 1001)))
        .filter(pl.Series(~np.isnan(loss)))
        .sort(LOSS, descending=True, maintain_order=True)[[ROW, LOSS, *names]]
    )
    for most in (1, 300, 2000):
        written = write_worst(
            tmp_path / "all.parquet", loss, tmp_path / "worst.parquet", keep=names, most=most
        )
        found = pl.read_parquet(tmp_path / "worst.parquet")
        assert written == len(found)
        assert found.rows() == expected.head(most).rows()
        assert found.columns == expected.columns


def test_pages_of_a_slice(tmp_path: Path) -> None:
    frame = pl.read_parquet(ADULT / "truth.parquet").join(
        pl.read_csv(ADULT / "pred_hgb.csv.gz"), on="id", maintain_order="left"
    )
    frame.write_parquet(tmp_path / "all.parquet")
    truth = (frame["y_true"] == ">50K").to_numpy()
    loss = np.abs(truth - frame["proba_>50K"].to_numpy())
    keep = ["id", "sex", "age", "y_true"]
    write_worst(tmp_path / "all.parquet", loss, tmp_path / "worst.parquet", keep=keep, most=500)
    conditions = [Condition("sex", Op.IS, ("Female",)), Condition("age", Op.AT_LEAST, ("40",))]
    worst = frame.with_columns(loss=loss).sort("loss", descending=True, maintain_order=True).head(500)
    fitting = worst.filter(pl.col("sex") == "Female", pl.col("age") >= 40)
    rows, total = page(tmp_path / "worst.parquet", conditions, 10, 5)
    assert total == len(fitting) > 15
    assert [row["id"] for row in rows] == fitting["id"][10:15].to_list()
    assert [frame["id"][row[ROW] - 1] for row in rows] == [row["id"] for row in rows]
    assert page(tmp_path / "worst.parquet", conditions, total, 5) == ([], total)
    assert page(tmp_path / "worst.parquet", [], 0, 3)[1] == 500
    assert page(tmp_path / "worst.parquet", [Condition("sex", Op.MISSING)], 0, 3) == ([], 0)


def test_what_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "all.parquet"
    pl.DataFrame({"a": [1, 2, 3], ROW: [1, 2, 3]}).write_parquet(path)
    for keep, rows, code in (
        (["b"], 3, "missing_column"),
        ([ROW], 3, "reserved_name"),
        (["a"], 2, "rows_differ"),
    ):
        with pytest.raises(InputRejected) as caught:
            write_worst(path, np.zeros(rows), tmp_path / "worst.parquet", keep=keep)
        assert caught.value.code == code
