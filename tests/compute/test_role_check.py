"""What is said about chosen roles: faults with counts and rows, and what is fine."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from apps.compute.profile import profile_table
from apps.compute.role_check import Problem, check_roles
from apps.compute.roles import ColumnRole, Role

ANSWERS = {"y_true": [0, 1, 1], "y_pred": [0, 1, 0]}
USES = {"y_true": ColumnRole(Role.TARGET), "y_pred": ColumnRole(Role.PREDICTION)}


def checked(
    folder: Path, columns: dict[str, Any], roles: dict[str, ColumnRole], **options: Any
) -> dict[tuple[str | None, str], Problem]:
    """Findings by column and code."""
    pl.DataFrame(columns).write_parquet(folder / "table.parquet")
    findings = check_roles(roles, profile_table(folder / "table.parquet"), **options)
    for finding in findings:
        assert "%(" not in str(finding.message)
    return {(finding.column, finding.code): finding for finding in findings}


@pytest.mark.parametrize(
    ("values", "role", "code", "sentence", "row"),
    [
        ([1, 2, 1, 2, 1], Role.ID, "duplicate_id", "3 rows repeat an earlier id", None),
        (["a", "b", "c", "b", "d"], Role.ID, "duplicate_id", "b (2, 4)", 4),
        ([1, None, None, 4, 5], Role.ID, "missing_values", "2 values of “x” are missing or NaN", 2),
        ([1, 2, 3, 4, 5], Role.TIMESTAMP, "not_a_time", "ISO 8601", None),
        (
            [0.5, 1.5, -1.0, 0.1, 0.2],
            Role.PROBABILITY,
            "outside_unit",
            "2 values of “x” are not between 0",
            2,
        ),
        ([0.5, None, 0.1, 0.1, 0.1], Role.PROBABILITY, "missing_values", "1 values", 2),
        ([0.5, math.inf, 0.1, 0.1, 0.1], Role.PROBABILITY, "infinite", "1 values of “x” are infinite", 2),
        (["1", "2", "x", "y", None], Role.PROBABILITY, "not_numbers", "2 values of “x” are not numbers", 3),
        ([True, False, True, True, True], Role.WEIGHT, "not_numbers", "does not hold numbers", None),
        ([1.0, -2.0, 1.0, 1.0, 1.0], Role.WEIGHT, "negative", "goes down to -2.0", None),
        ([1.0, -2.0, 1.0, 1.0, 1.0], Role.LATENCY, "negative", "goes down to -2.0", None),
        ([None] * 5, Role.QUANTILE, "empty_column", "holds no values", None),
        ([1.0, None, 2.0, 3.0, 4.0], Role.PREDICTION, "missing_values", "first in row 2", 2),
        ([1.0, math.inf, 2.0, 3.0, 4.0], Role.TARGET, "infinite", "first in row 2", 2),
    ],
)
def test_faults(
    tmp_path: Path, values: list[Any], role: Role, code: str, sentence: str, row: int | None
) -> None:
    finding = checked(tmp_path, {"x": values}, {"x": ColumnRole(role)})["x", code]
    assert not finding.ok
    assert sentence in str(finding.message)
    assert finding.row == row


@pytest.mark.parametrize(
    ("values", "role", "sentence"),
    [
        ([1, 2, 3], Role.ID, "unique"),
        ([0.0, 0.5, 1.0], Role.PROBABILITY, "between 0 and 1"),
        ([0, 1, 1, 0, 0, 0, 0, 0], Role.TARGET, "0 and 1, 25.0% are 1"),
        (["b", "a", "c"], Role.TARGET, "3 different values"),
        ([1.5, 2.5, 9.0], Role.PREDICTION, "1.5 to 9.0"),
        (["a", "a", "a"], Role.TARGET, "all rows are a"),
        ([7, 7, 7], Role.TARGET, "all rows are 7"),
        ([0.5, 2.0, 1.0], Role.WEIGHT, "0.5 to 2.0"),
        ([0, None, 1], Role.TARGET, "1 rows have no “x” and are left out, the first is row 2."),
    ],
)
def test_what_is_fine(tmp_path: Path, values: list[Any], role: Role, sentence: str) -> None:
    findings = [
        f for (name, _), f in checked(tmp_path, {"x": values}, {"x": ColumnRole(role)}).items() if name
    ]
    assert all(finding.ok for finding in findings)
    assert sentence in " ".join(str(finding.message) for finding in findings)


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    assert all(finding.ok for finding in checked(tmp_path, ANSWERS, USES).values())


def test_no_target_and_no_prediction(tmp_path: Path) -> None:
    findings = checked(tmp_path, ANSWERS, {"y_true": ColumnRole(Role.FEATURE)})
    assert {(None, "no_target"), (None, "no_prediction")} == set(findings)


def test_the_target_may_come_from_the_truth_file(tmp_path: Path) -> None:
    columns = {"id": [1, 2, 3], "y_pred": [0, 1, 0]}
    roles = {"id": ColumnRole(Role.ID), "y_pred": ColumnRole(Role.PREDICTION)}
    truth = {"key": ColumnRole(Role.ID), "y": ColumnRole(Role.TARGET)}
    assert all(finding.ok for finding in checked(tmp_path, columns, roles, truth_roles=truth).values())
    without_ids = checked(
        tmp_path, columns, {"y_pred": roles["y_pred"]}, truth_roles={"y": ColumnRole(Role.TARGET)}
    )
    assert {code for _, code in without_ids} >= {"no_id", "no_truth_id"}


def test_a_role_or_a_class_given_twice(tmp_path: Path) -> None:
    columns = {**ANSWERS, "other": [1, 1, 0], "p1": [0.1, 0.2, 0.3], "p2": [0.1, 0.2, 0.3]}
    roles = {
        **USES,
        "other": ColumnRole(Role.TARGET),
        "p1": ColumnRole(Role.PROBABILITY, "1"),
        "p2": ColumnRole(Role.PROBABILITY, "1"),
    }
    findings = checked(tmp_path, columns, roles)
    assert "2 have it: y_true, other" in str(findings["other", "role_twice"].message)
    assert not findings["p2", "label_twice"].ok


def test_a_mapped_column_that_is_missing(tmp_path: Path) -> None:
    findings = checked(tmp_path, ANSWERS, {**USES, "gone <b>": ColumnRole(Role.SLICE)})
    assert str(findings["gone <b>", "unknown_column"].message) == "The file has no column “gone <b>”."
