"""Predictions and truth meet one to one, or it is said why not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.join import JoinReport, join_predictions
from apps.compute.messages import InputRejected


def joined(
    folder: Path, predictions: dict[str, Any], truth: dict[str, Any], **options: Any
) -> tuple[JoinReport, pl.DataFrame]:
    pl.DataFrame(predictions).write_parquet(folder / "predictions.parquet")
    pl.DataFrame(truth).write_parquet(folder / "truth.parquet")
    names = {"prediction_id": "id", "truth_id": "id", **options}
    target = folder / "joined.parquet"
    report = join_predictions(
        folder / "predictions.parquet", folder / "truth.parquet", target=target, **names
    )
    return report, pl.read_parquet(target)


def rejection(
    folder: Path, predictions: dict[str, Any], truth: dict[str, Any], **options: Any
) -> InputRejected:
    with pytest.raises(InputRejected) as caught:
        joined(folder, predictions, truth, **options)
    assert not (folder / "joined.parquet").exists()
    assert "%(" not in str(caught.value)
    return caught.value


def test_counts_and_examples(tmp_path: Path) -> None:
    report, frame = joined(
        tmp_path,
        {"id": [9, 3, 1, 8, 2], "y_pred": [0.9, 0.3, 0.1, 0.8, 0.2]},
        {"id": [1, 2, 3, 4, 5, 6], "y_true": [10, 20, 30, 40, 50, 60]},
    )
    assert report == JoinReport(
        3, missing=3, surplus=2, missing_examples=("4", "5", "6"), surplus_examples=("9", "8")
    )
    assert frame.columns == ["id", "y_true", "y_pred"]
    assert frame.rows() == [(1, 10, 0.1), (2, 20, 0.2), (3, 30, 0.3)]
    assert report.to_json()["surplus_examples"] == ("9", "8")


def test_ids_of_other_names_and_types(tmp_path: Path) -> None:
    for ids in (["1", "2", "03"], [1.0, 2.0, 7.5], pl.Series([1, 2, 77], dtype=pl.Int8)):
        report, frame = joined(
            tmp_path,
            {"key": ids, "y_pred": [5, 6, 7]},
            {"id": [1, 2, 3], "y_true": [0, 1, 0]},
            prediction_id="key",
        )
        assert (report.rows, report.missing, report.surplus) == (2, 1, 1)
        assert frame.rows() == [(1, 0, 5), (2, 1, 6)]


def test_truth_wins_but_for_what_the_model_said(tmp_path: Path) -> None:
    predictions = {"id": [1], "group": ["theirs"], "score": [0.9], "y_pred": [1]}
    truth = {"id": [1], "group": ["ours"], "score": [0.1], "y_true": [0]}
    report, frame = joined(tmp_path, predictions, truth, keep=["score", "y_pred"])
    assert frame.to_dicts() == [{"id": 1, "group": "ours", "y_true": 0, "score": 0.9, "y_pred": 1}]
    assert report.replaced == ("group",)


def test_a_prediction_column_called_as_the_truth_id(tmp_path: Path) -> None:
    report, frame = joined(
        tmp_path, {"key": [7], "id": ["other"]}, {"id": [7], "y": [1]}, prediction_id="key", keep=["id"]
    )
    assert frame.to_dicts() == [{"id": 7, "y": 1}]
    assert report.replaced == ("id",)


@pytest.mark.parametrize("side", ["prediction", "truth"])
def test_doubled_ids(tmp_path: Path, side: str) -> None:
    good, bad = {"id": [1, 2, 3, 4, 5]}, {"id": [4, 2, 4, 2, 4]}
    caught = rejection(tmp_path, bad if side == "prediction" else good, good if side == "prediction" else bad)
    assert (caught.code, caught.column, caught.row) == ("duplicate_id", "id", 1)
    assert f"2 ids of the {side} file" in str(caught)
    assert "4: 1, 3, 5; 2: 2, 4" in str(caught)


def test_missing_ids(tmp_path: Path) -> None:
    caught = rejection(tmp_path, {"id": [1, None, None]}, {"id": [1]})
    assert (caught.code, caught.row, caught.message.params["count"]) == ("missing_id", 2, 2)


def test_nothing_matches(tmp_path: Path) -> None:
    caught = rejection(tmp_path, {"id": ["user-1", "user-2"]}, {"id": [1, 2]})
    assert caught.code == "nothing_matches"
    assert "user-1, user-2" in str(caught)
    assert "1, 2" in str(caught)


def test_unknown_columns(tmp_path: Path) -> None:
    for option in ("prediction_id", "truth_id"):
        caught = rejection(tmp_path, {"id": [1]}, {"id": [1]}, **{option: "nope"})
        assert (caught.code, caught.column) == ("unknown_column", "nope")


def test_many_rows_stay_in_the_order_of_the_truth(tmp_path: Path) -> None:
    ids = pl.Series(range(200_000))
    report, frame = joined(
        tmp_path,
        {"id": ids.shuffle(seed=1), "y_pred": ids.shuffle(seed=1) * 2},
        {"id": ids.shuffle(seed=2), "y_true": ids.shuffle(seed=2) * 3},
    )
    assert report.rows == 200_000
    assert frame["id"].equals(ids.shuffle(seed=2).alias("id"))
    assert (frame["y_pred"] == frame["id"] * 2).all()
    assert (frame["y_true"] == frame["id"] * 3).all()
