"""The re-labelling round trip: on CIFAR-10's human corrections, and with lists that cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.faults.relabelling import COLUMNS, Applied, apply, read_list, write_list
from apps.compute.messages import InputRejected
from tests.golden import DATA

CIFAR = DATA / "predictions" / "cifar10_label_errors"


def suspects(ids: list[Any], **columns: list[Any]) -> pl.DataFrame:
    n = len(ids)
    plain = {
        "row": range(1, n + 1), "given": ["a"] * n, "suggested": ["b"] * n,
        "suspicion": [0.9] * n, "self_confidence": [0.1] * n,
    }  # fmt: skip
    return pl.DataFrame({"id": ids, **plain, **columns})


def filled(folder: Path, **columns: list[Any]) -> Path:
    path = folder / "list.parquet"
    pl.DataFrame(columns).write_parquet(path)
    return path


def test_the_corrections_of_people_raise_the_accuracy_on_cifar10(tmp_path: Path) -> None:
    truth = pl.read_csv(CIFAR / "truth.csv.gz", infer_schema_length=None)
    truth.select("id", "y_true").write_parquet(tmp_path / "truth.parquet")
    checked = truth.filter("checked_by_humans")
    n = checked.height
    assert n == 275
    listed = suspects(
        checked["id"].to_list(),
        given=checked["y_true"].to_list(),
        suggested=checked["guessed_label"].to_list(),
    )
    write_list(listed, tmp_path / "list.csv")
    exported = pl.read_csv(tmp_path / "list.csv")
    assert tuple(exported.columns) == COLUMNS
    answered = exported.with_columns(
        new_label=pl.when(checked["drop_after_check"]).then(None).otherwise(checked["y_corrected"]),
        drop=pl.when(checked["drop_after_check"]).then(pl.lit("yes")),
    )
    answered.write_parquet(tmp_path / "list.parquet")
    classes = sorted(truth["y_true"].unique())
    found = read_list(tmp_path / "list.parquet", truth_ids=truth["id"], classes=classes)
    applied = apply(tmp_path / "truth.parquet", "id", "y_true", found, tmp_path / "corrected.parquet")
    assert applied == Applied(changed=18, dropped=36, unchanged=9_946)
    corrected = pl.read_parquet(tmp_path / "corrected.parquet")
    published = pl.read_csv(CIFAR / "labels_corrected.csv.gz", infer_schema_length=None)
    assert corrected.equals(published)
    predictions = pl.read_parquet(CIFAR / "pred_cleanlab_cnn.parquet")
    given, better = (
        table.join(predictions, on="id").select((pl.col("y_true") == pl.col("y_pred")).mean()).item()
        for table in (truth, corrected)
    )
    assert (round(given, 4), round(better, 4)) == (0.9294, 0.9346)


def test_formulas_do_not_run_and_ids_come_back(tmp_path: Path) -> None:
    ids = ["=1+1", "-7", "@a", "plain"]
    write_list(suspects(ids, given=["=cmd", "-1", "x", "y"]), tmp_path / "list.csv")
    exported = pl.read_csv(tmp_path / "list.csv", infer_schema=False)
    assert exported["id"].to_list() == ["'=1+1", "-7", "'@a", "plain"]
    assert exported["given_label"].to_list() == ["'=cmd", "-1", "x", "y"]
    path = filled(tmp_path, id=exported["id"].to_list(), new_label=["'=cmd", "-1", "x", None])
    found = read_list(path, truth_ids=pl.Series(ids), classes=["=cmd", "-1", "x"])
    assert found.ids.to_list() == ids[:3]
    assert found.labels == ("=cmd", "-1", "x")


@pytest.mark.parametrize(
    ("truth", "label", "expected"),
    [
        (pl.Series([1, 0, 0]), "1", [1, 1, 0]),
        (pl.Series([True, False, False]), "1", [True, True, False]),
        (pl.Series([1.0, 0.0, None]), "1", [1.0, 1.0, None]),
        (pl.Series([" Yes", "no", "no"]), "Yes", [" Yes", " Yes", "no"]),
        (pl.Series([1, 0, 0]), "2", [1, 2, 0]),
    ],
)
def test_a_label_is_written_as_the_truth_writes_it(
    tmp_path: Path, truth: pl.Series, label: str, expected: list[Any]
) -> None:
    pl.DataFrame({"id": [10, 11, 12], "y": truth, "x": [1, 2, 3]}).write_parquet(tmp_path / "truth.parquet")
    # A spreadsheet may have turned whole ids into floats.
    path = filled(tmp_path, id=[11.0], new_label=[label])
    found = read_list(path, truth_ids=pl.Series([10, 11, 12]), classes=[label])
    assert apply(tmp_path / "truth.parquet", "id", "y", found, tmp_path / "new.parquet").changed == 1
    corrected = pl.read_parquet(tmp_path / "new.parquet")
    assert corrected["y"].to_list() == expected
    assert corrected["y"].dtype == truth.dtype
    assert corrected.columns == ["id", "y", "x"]


@pytest.mark.parametrize(
    ("code", "row", "sentence", "columns"),
    [
        ("unknown_id", 2, "“9” in row 2 is not in the truth", {"id": [1, 9], "new_label": ["b", "b"]}),
        ("doubled_id", 2, "in row 1 already", {"id": [1, 1], "new_label": ["b", "a"]}),
        ("unknown_class", 1, "none of the classes: a, b", {"id": [1], "new_label": ["c"]}),
        ("label_and_drop", 1, "Keep one of the two", {"id": [1], "new_label": ["b"], "drop": ["x"]}),
        ("unknown_answer", 2, "“maybe” in row 2", {"id": [1, 2], "drop": ["yes", "maybe"]}),
        ("missing_value", 1, "no id", {"id": [None, 2], "new_label": ["a", None]}),
        ("nothing_filled_in", None, "No row of the list", {"id": [1], "new_label": [None], "drop": ["no"]}),
        ("missing_column", None, "no column id", {"row": [1], "new_label": ["a"]}),
        ("missing_column", None, "no column new_label", {"id": [1], "given": ["a"]}),
    ],
)
def test_a_list_that_cannot_be_used_gets_a_sentence(
    tmp_path: Path, code: str, row: int | None, sentence: str, columns: dict[str, list[Any]]
) -> None:
    path = filled(tmp_path, **columns)
    with pytest.raises(InputRejected, match=sentence) as caught:
        read_list(path, truth_ids=pl.Series([1, 2]), classes=["a", "b"])
    assert (caught.value.code, caught.value.row) == (code, row)


def test_a_list_of_other_data_is_told_by_its_labels(tmp_path: Path) -> None:
    path = filled(tmp_path, id=[1, 2], given_label=["a", "b"], new_label=["b", "a"])
    with pytest.raises(InputRejected, match=r"Row 2 .* gives “b” .* it is “a”") as caught:
        read_list(path, truth_ids=pl.Series([1, 2]), classes=["a", "b"], given=pl.Series(["a", "a"]))
    assert (caught.value.code, caught.value.row) == ("other_list", 2)
    path = filled(tmp_path, id=[2], given_label=["1"], new_label=["0"])
    truth = pl.Series([True, True, False])
    assert len(read_list(path, truth_ids=pl.Series([1, 2, 3]), classes=["0", "1"], given=truth)) == 1


def test_numbers_are_checked_where_there_are_no_classes(tmp_path: Path) -> None:
    path = filled(tmp_path, id=[1, 2], new_label=["4.5", "much"])
    with pytest.raises(InputRejected, match="“much” in row 2, which is no number"):
        read_list(path, truth_ids=pl.Series([1, 2]), classes=None)


def test_a_label_must_fit_the_type_of_the_truth(tmp_path: Path) -> None:
    pl.DataFrame({"id": [1, 2], "y": [3, 4]}).write_parquet(tmp_path / "truth.parquet")
    found = read_list(filled(tmp_path, id=[1], new_label=["4.5"]), truth_ids=pl.Series([1, 2]), classes=None)
    with pytest.raises(InputRejected, match=r"“4\.5” cannot be written into the column y"):
        apply(tmp_path / "truth.parquet", "id", "y", found, tmp_path / "new.parquet")
