"""Slices whose names and values no database column was made for."""

from collections.abc import Callable
from pathlib import Path

import polars as pl

from apps.compute.roles import ColumnRole, Role
from apps.evaluations.models import MetricValue, Run

USES = {"y": ColumnRole(Role.TARGET), "p": ColumnRole(Role.PROBABILITY)}


def evaluated(
    evaluate: Callable[..., Run], path: Path, slices: dict[str, list[str]], **fields: object
) -> Run:
    rows = len(next(iter(slices.values())))
    labels = {"y": [row % 2 for row in range(rows)], "p": [row / rows for row in range(rows)]}
    pl.DataFrame(labels | slices).write_parquet(path)
    roles = USES | {name: ColumnRole(Role.SLICE) for name in slices}
    return evaluate(path, roles=roles, **fields)


def groups(run: Run) -> set[tuple[str, str]]:
    rows = MetricValue.objects.filter(run=run, metric="accuracy").exclude(slice_column="")
    found = list(rows.values_list("slice_column", "slice_value"))
    assert len(found) == len(set(found))
    return set(found)


def test_names_and_values_of_any_length_stay_apart(evaluate: Callable[..., Run], tmp_path: Path) -> None:
    texts = ["я" * 700 + end for end in "ab"] * 10
    run = evaluated(evaluate, tmp_path / "x.parquet", {"к" * 700: texts})
    assert len(groups(run)) == 2


def test_a_crossing_named_twice_is_reported_once(evaluate: Callable[..., Run], tmp_path: Path) -> None:
    columns = {"a": ["u", "v"] * 10, "b": ["w"] * 10 + ["z"] * 10}
    run = evaluated(evaluate, tmp_path / "x.parquet", columns, cross_slices=[["a", "b"], ["a", "b"]])
    assert {value for column, value in groups(run) if column == "a × b"} == {
        "u × w",
        "u × z",
        "v × w",
        "v × z",
    }


def test_a_nul_becomes_a_visible_character(evaluate: Callable[..., Run], tmp_path: Path) -> None:
    run = evaluated(evaluate, tmp_path / "x.parquet", {"g": ["u\0", "v"] * 10})
    assert groups(run) == {("g", "u\ufffd"), ("g", "v")}
