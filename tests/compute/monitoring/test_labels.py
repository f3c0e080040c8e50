"""Which of several labels counts, and how different writings of one label meet."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.monitoring.labels import Labelled, LabelTable, doubled, with_labels


def joined(
    folder: Path, batch: dict[str, Any], *uploads: dict[str, Any]
) -> tuple[list[Any], pl.DataType, Labelled]:
    """The labels of the batch's rows with their type, after the uploads came."""
    own = folder / "batch.parquet"
    pl.DataFrame(batch).write_parquet(own)
    tables = []
    for place, upload in enumerate(uploads):
        path = folder / f"{place}.parquet"
        pl.DataFrame(upload).write_parquet(path)
        tables.append(LabelTable(path, "id", "label"))
    made = folder / "made.parquet"
    found = with_labels(own, tables, made, id_column="id", truth="y")
    column = pl.read_parquet(made)["y"]
    return column.to_list(), column.dtype, found


def test_the_newest_wins_and_the_change_is_counted(tmp_path: Path) -> None:
    values, _dtype, found = joined(
        tmp_path,
        {"id": [1, 2, 3, 4], "y": [0, 0, None, None]},
        {"id": [2, 3, 9], "label": [1, 1, 1]},
        {"id": [2, 4, 4, 1], "label": [0, 1, 0, None]},
    )
    assert values == [0, 0, 1, 0]
    assert found == Labelled(rows=4, labelled=4, changed=1)


@pytest.mark.parametrize(
    ("own", "labels", "values", "dtype"),
    [
        ([1, 0], ["1", "0"], [1, 0], pl.Int64),
        ([1, 0], [1.0, 0.0], [1.0, 0.0], pl.Float64),
        ([1, 0], [True, False], [1, 0], pl.Int64),
        ([True, False], ["True", "false"], [True, False], pl.Boolean),
        (["a", "b"], ["a", "b "], ["a", "b"], pl.String),
        (["yes", "1"], [None, 1.0], ["yes", "1"], pl.String),
        (["01", "02"], ["01", "02"], ["01", "02"], pl.String),
    ],
)
def test_one_label_in_several_writings_is_no_change(
    tmp_path: Path, own: list[Any], labels: list[Any], values: list[Any], dtype: pl.DataType
) -> None:
    found = joined(tmp_path, {"id": [7, 8], "y": own}, {"id": ["7", "8"], "label": labels})
    assert found == (values, dtype, Labelled(rows=2, labelled=2, changed=0))


def test_ids_of_other_types_and_rows_without_an_id(tmp_path: Path) -> None:
    values, _dtype, found = joined(tmp_path, {"id": [7.0, None], "y": [None, 1]}, {"id": ["7"], "label": [0]})
    assert values == [0, 1]
    assert found.labelled == 2


def test_a_batch_without_truth_or_ids(tmp_path: Path) -> None:
    values, _dtype, found = joined(tmp_path, {"id": [1, 2]}, {"id": [2], "label": ["x"]})
    assert values == [None, "x"]
    assert found == Labelled(rows=2, labelled=1, changed=0)
    values, _dtype, _found = joined(tmp_path, {"z": [1, 2]}, {"id": [2], "label": ["x"]})
    assert values == [None, None]


def test_contradictions_within_an_upload(tmp_path: Path) -> None:
    path = tmp_path / "labels.parquet"
    pl.DataFrame({"id": [1, 1, 2, 2, 3], "label": [0, 1, 1, 1, None]}).write_parquet(path)
    assert doubled(LabelTable(path, "id", "label")) == (1, ("1",))
