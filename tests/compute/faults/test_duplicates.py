"""Exact and near copies: by plain Python on real rows, and planted."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import combinations

import numpy as np
import polars as pl
import pytest

from apps.compute.difference.table import Table
from apps.compute.faults import near_duplicates
from apps.compute.faults.duplicates import exact
from apps.compute.faults.minhash import plain
from apps.compute.faults.near_duplicates import TOLERANCE, near_rows, near_texts
from tests.golden import DATA

PREDICTIONS = DATA / "predictions"


def test_adult_has_as_many_copies_as_python_counts() -> None:
    path = PREDICTIONS / "adult" / "truth.parquet"
    frame = pl.read_parquet(path)
    names = [name for name in frame.columns if name not in ("id", "y_true")]
    table = Table.of(path)
    found = exact(table.row_hashes(table.schema, names), (frame["y_true"] == ">50K").to_numpy())
    rows = defaultdict(list)
    for number, values in enumerate(frame.select(names).iter_rows()):
        rows[values].append(number)
    labels = frame["y_true"].to_list()
    groups = [places for places in rows.values() if len(places) > 1]
    mixed = [places for places in groups if len({labels[place] for place in places}) > 1]
    assert (len(found), found.extra) == (len(groups), sum(map(len, groups)) - len(groups))
    assert int(found.conflicting.sum()) == len(mixed)
    assert found.members(found.conflicting).tolist() == sorted(place for places in mixed for place in places)
    shown = list(found.largest(3))
    assert all(group.conflicting for group in shown)
    assert sorted(map(len, mixed), reverse=True)[:3] == [len(group.rows) for group in shown]
    assert all(group.rows.tolist() in mixed for group in shown)


def test_near_sentences_are_those_that_share_their_pieces() -> None:
    """All short sentences against all, with sets of plain Python."""
    frame = pl.read_csv(PREDICTIONS / "sentiment" / "truth.csv").filter(pl.col("text").str.len_chars() < 45)
    texts = frame["text"].to_list()
    pieces = [{word[i : i + 5] for i in range(max(1, len(word) - 4))} for word in map(plain, texts)]
    parent = list(range(len(texts)))

    def root(at: int) -> int:
        while parent[at] != at:
            at = parent[at]
        return at

    for one, other in combinations(range(len(texts)), 2):
        small, large = sorted((len(pieces[one]), len(pieces[other])))
        if small >= 0.8 * large and len(pieces[one] & pieces[other]) >= 0.8 * len(
            pieces[one] | pieces[other]
        ):
            parent[root(one)] = root(other)
    sizes = Counter(root(at) for at in range(len(texts)))
    expected = sorted(size for size in sizes.values() if size > 1)
    found = near_texts(texts, frame["y_true"].to_numpy())
    assert sorted(found.groups.sizes.tolist()) == expected
    assert len(expected) >= 10


def test_planted_near_copies_are_found_and_no_others() -> None:
    rng = np.random.default_rng(2)
    values = rng.normal(size=(3_000, 8)) * 10.0 ** np.arange(8)
    spread = np.diff(np.quantile(values, (0.05, 0.95), axis=0), axis=0)
    values[2_000:2_040] = values[:40] + rng.uniform(-0.9, 0.9, (40, 8)) * TOLERANCE * spread
    values[2_100:2_140] = values[100:140] + 3 * TOLERANCE * spread  # too far off
    kinds = np.zeros(3_000, np.uint64)
    kinds[2_039] = 1  # of another category
    labels = np.zeros(3_000)
    labels[2_000] = 1
    found = near_rows(values, kinds, labels).groups
    assert {tuple(group.rows) for group in found.largest(100)} == {(i, 2_000 + i) for i in range(39)}
    assert int(found.conflicting.sum()) == 1


def test_rows_that_are_near_by_chance_are_not_called_copies() -> None:
    values = np.random.default_rng(3).normal(size=(2_000, 1))
    found = near_rows(values, np.zeros(2_000, np.uint64), np.zeros(2_000))
    assert len(found.groups) == 0
    assert "do not tell rows apart" in str(found.notes[0])


def test_what_is_left_out_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(near_duplicates, "MOST_ROWS", 40)
    texts = [f"the sentence about number {number} of all" for number in range(50)]
    assert "40 of 50 rows" in str(near_texts(texts, np.zeros(50)).notes[0])
