"""What cannot be judged is refused with a sentence that says where and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.messages import InputRejected
from apps.compute.protocols import PROTOCOLS, ProtocolResult, Tables, check_params, judge
from apps.compute.roles import ColumnRole, Role

ROLES = {
    "id": ColumnRole(Role.ID),
    "y": ColumnRole(Role.TARGET),
    "p": ColumnRole(Role.PREDICTION),
    "u": ColumnRole(Role.STD),
}
FOUR = {"y": [1, 0, 1, 0], "p": [1, 0, 0, 0]}
ENSEMBLE = {"y": [0, 1], "a0": [0.9, 0.2], "a1": [0.1, 0.8], "b0": [0.8, 0.3], "b1": [0.2, 0.7]}
MEANS = {"y": [1.0, 2.0], "m1": [1.0, 2.0], "m2": [1.1, 1.9], "v1": [0.1, 0.1], "v2": [0.2, -0.1]}
PATH = {"r": [0, 0], "k": [0, 0], "s": [0, 0], "tx": [0.0, 1], "ty": [0.0, 1], "x": [0.0, 1], "c": [1.0, 1]}
PATHS = {"request": "r", "plan": "k", "step": "s", "true_x": "tx", "true_y": "ty", "x": "x", "y": "x"} | {
    "confidence": "c",
    "uncertainty": "c",
}
VOXELS = {"z": [0, 0], "y": [1, 0], "p": [1, 0], "u": [0.1, 0.2]}


def judged(where: Path, key: str, data: Mapping[str, Any], params: Mapping[str, Any]) -> ProtocolResult:
    path = where / "joined.parquet"
    pl.DataFrame(data, strict=False).write_parquet(path)
    return judge(key, Tables(path, path), params, roles={n: r for n, r in ROLES.items() if n in data})


@pytest.mark.parametrize(
    ("key", "data", "params", "code", "words"),
    [
        ("group_accuracy", FOUR | {"g": ["a"] * 4}, {"group": "g"}, "one_group", "one group only, “a”"),
        ("group_accuracy", FOUR | {"g": ["a", "b", None, ""]}, {"group": "g"}, "no_group",
         "2 rows have no group"),
        ("group_accuracy", FOUR | {"g": list("aabb")}, {"group": "g", "left_out": ["x"]}, "unknown_group",
         "“x”"),
        ("group_accuracy", FOUR | {"g": list("aabb")}, {"group": "g", "left_out": ["a", "b"]},
         "no_group_left",
         "All groups"),
        ("group_accuracy", {**FOUR, "p": [1, None, 0, 0], "g": list("aabb")}, {"group": "g"}, "no_label",
         "row 2"),
        ("group_accuracy", FOUR, {}, "missing_part", "needs “Groups”"),
        ("group_accuracy", FOUR, {"group": "gg"}, "missing_column", "no column “gg”"),
        ("group_accuracy", FOUR, {"grop": "g"}, "unknown_part", "no setting “grop”"),
        ("group_accuracy", FOUR | {"g": list("aabb")}, {"group": "g", "percentile": "x"}, "wrong_part",
         "“x”"),
        ("no_such", FOUR, {}, "unknown_protocol", "“no_such”"),
        ("identity_label_groups", FOUR | {"i": [0, 1, 2, 0]}, {"identities": ["i"]}, "not_a_flag",
         "row 3 has 2"),
        ("detection", {"y": ["[[0,0,1,1]]", "[1,"], "p": ["[]", "[]"], "g": ["a", "b"]}, {"group": "g"},
         "no_boxes",
         "Row 2 of the column y"),
        ("detection", {"y": ["[[5,0,1,1]]", "[]"], "p": ["[]", "[]"], "g": ["a", "b"]}, {"group": "g"},
         "turned_box", "row 1"),
        ("precision_at_recall", {"y": [0, 1, 2], "s": [0.1, 0.5, 0.9], "g": list("aab")},
         {"group": "g", "score": "s"}, "not_two_classes", "has 3 classes"),
        ("token_accuracy", FOUR | {"t": list("aabb")}, {"type": "t", "chosen": ["c"]}, "unknown_group",
         "“c”"),
        ("multi_task", {"a": [1, 0], "b": [None, 1], "s": [0.5, None], "t": [0.1, 0.2]},
         {"truths": ["a", "b"], "scores": ["s", "t"]}, "missing_value", "row 2"),
        ("multi_task", {"a": [1, 0], "b": [0, 1], "s": [0.5, 0.1]}, {"truths": ["a", "b"], "scores": ["s"]},
         "tasks_differ", "2 columns of truth and 1"),
        ("ensemble_classification", ENSEMBLE, {"members": ["a0", "b0", "a1", "b1"]}, "member_without_class",
         "a0, b0 are taken as one member"),
        ("ensemble_classification", ENSEMBLE, {"members": ["a0", "a1", "b0"]}, "missing_member", "3 columns"),
        ("ensemble_classification", {**ENSEMBLE, "b0": [0.8, None]}, {"members": ["a0", "a1", "b0", "b1"]},
         "missing_member", "b0 is empty in row 2"),
        ("ensemble_regression", MEANS, {"means": ["m1", "m2"], "variances": ["v1"]}, "missing_member",
         "2 columns of means and 1"),
        ("ensemble_regression", MEANS, {"means": ["m1", "m2"], "variances": ["v1", "v2"]},
         "negative_variance",
         "v2 is negative in row 2"),
        ("trajectories", PATH, PATHS, "doubled_step", "1 rows repeat"),
        ("lesion_masks", VOXELS, {"coordinates": ["z"]}, "doubled_voxel", "repeat a voxel"),
        ("rowwise_correlation", {"id": [1], "a": [1.0], "b": [2.0]}, {}, "no_truth_file", "file of its own"),
    ],
)  # fmt: skip
def test_refused(
    key: str, data: Mapping[str, Any], params: Mapping[str, Any], code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputRejected) as refused:
        judged(tmp_path, key, data, params)
    assert refused.value.code == code
    assert words in str(refused.value)


@pytest.mark.parametrize(
    ("truth", "prediction", "code", "words"),
    [
        ({"id": [1, 2], "a": [1.0, 2], "b": [2.0, 1]}, {"id": [3, 4], "a": [1.0, 2], "b": [2.0, 1]},
         "nothing_common", "“id”"),
        ({"id": [1, 2], "a": [1.0, 2]}, {"id": [1, 2], "b": [1.0, 2]}, "no_targets", "share 0 columns"),
        ({"id": [1, 2], "a": [1.0, 2], "b": [1.0, 2]}, {"id": [1, 2], "a": [1.0, 2], "b": [2.0, 1]},
         "constant_truth", "all the same in each of the 2 rows"),
        ({"id": [1, 2], "a": [1.0, 2], "b": [1.0, 3]}, {"id": [2, 1], "a": [1.0, None], "b": [2.0, 1]},
         "missing_value", "prediction file has no finite number in row 2"),
    ],
)  # fmt: skip
def test_wide_files_refused(
    truth: Mapping[str, Any], prediction: Mapping[str, Any], code: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputRejected) as refused:
        wide(tmp_path, truth, prediction)
    assert refused.value.code == code
    assert words in str(refused.value)


def wide(where: Path, truth: Mapping[str, Any], prediction: Mapping[str, Any]) -> ProtocolResult:
    paths = where / "t.parquet", where / "p.parquet"
    for path, data in zip(paths, (truth, prediction), strict=True):
        pl.DataFrame(data).write_parquet(path)
    return judge(
        "rowwise_correlation", Tables(paths[0], paths[1], paths[0]), {}, roles={"id": ColumnRole(Role.ID)}
    )


def test_constant_truth_and_lacking_rows_are_told(tmp_path: Path) -> None:
    truth = {"id": ["k", "l", "m"], "a": [1.0, 2, 5], "b": [1.0, 3, 6], "c": [1.0, 5, 2]}
    prediction = {"id": ["l", "k"], "a": [2.0, 1], "b": [3.0, 2], "c": [5.0, 4]}
    result = wide(tmp_path, truth, prediction)
    assert result.metric("rowwise_pearson").value == pytest.approx(1)
    assert result.metric("cell_pearson").value == pytest.approx(0.5)  # a row without spread counts 0
    assert [note.params for note in result.notes] == [{"count": 1, "all": 3}, {"count": 1, "first": "k"}]


def test_groups_without_rows_are_told(tmp_path: Path) -> None:
    identities = FOUR | {"i": [1, 0, 1, 0]}
    result = judged(tmp_path, "identity_label_groups", identities, {"identities": ["i"]})
    assert result.metric("worst_group_accuracy").value == 0.0  # as in the reference
    assert "i × 0" in str(result.notes[0])
    groups = FOUR | {"g": list("aabb")}
    result = judged(tmp_path, "group_accuracy", groups, {"group": "g", "expected": ["a", "c"]})
    assert result.metric("worst_group_accuracy").value == 0.5
    assert str(result.notes[0]).endswith("c.")


def test_settings_come_from_the_roles() -> None:
    columns = ["y", "p", "g"]
    given = check_params("group_accuracy", {"group": "g"}, columns, {n: ROLES[n] for n in ("y", "p")})
    assert given == {"truth": "y", "prediction": "p", "group": "g", "percentile": 10.0}
    assert check_params(PROTOCOLS["group_accuracy"], {"group": "g"}, columns) == {
        "group": "g",
        "percentile": 10.0,
    }


def test_naming_scores_does_not_mean_the_predictions_of_the_run() -> None:
    given = check_params("multi_task", {"scores": ["s"]}, ["y", "p", "s"], {n: ROLES[n] for n in ("y", "p")})
    assert given == {"truths": ["y"], "scores": ["s"]}
