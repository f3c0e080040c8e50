"""Groups of rows by slice columns."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from apps.compute.messages import InputRejected
from apps.compute.slices import BANDS, MISSING, MOST_GROUPS, Grouping, groupings


def one(column: pl.Series) -> Grouping:
    (grouping,), _ = groupings(column.to_frame(), [column.name], [])
    return grouping


def sizes(grouping: Grouping) -> dict[tuple[str, ...], int]:
    order, places = grouping.parts()
    return {values: len(order[place]) for values, place in zip(grouping.values, places, strict=True)}


def test_texts_numbers_and_booleans_become_values_in_their_order() -> None:
    assert sizes(one(pl.Series("a", ["x", "y", "x"]))) == {("x",): 2, ("y",): 1}
    assert one(pl.Series("a", [10, 9, 9, 100])).values == (("9",), ("10",), ("100",))
    assert one(pl.Series("a", [1.0, 2.0, 2.0])).values == (("1",), ("2",))
    assert one(pl.Series("a", [True, False])).values == (("false",), ("true",))


def test_missing_values_are_a_group() -> None:
    assert sizes(one(pl.Series("a", ["x", None, ""]))) == {(MISSING,): 2, ("x",): 1}
    assert sizes(one(pl.Series("a", [1.5, None, float("nan")]))) == {("1.5",): 1, (MISSING,): 2}


def test_rows_of_a_part_have_its_value() -> None:
    column = pl.Series("a", np.random.default_rng(0).choice(["x", "y", "z"], 100))
    grouping = one(column)
    order, places = grouping.parts()
    for (text,), place in zip(grouping.values, places, strict=True):
        assert set(column.gather(order[place]).to_list()) == {text}


def test_many_numbers_become_bands_of_equal_counts() -> None:
    column = pl.Series("a", np.random.default_rng(0).permutation(1000))
    found = sizes(one(column))
    assert list(found.values()) == [100] * BANDS
    assert next(iter(found)) == ("0 – 99",)
    assert list(found)[1] == ("99 < … ≤ 199",)


def test_equal_numbers_share_a_band() -> None:
    column = pl.Series("a", [0] * 500 + list(range(1, 101)) + [None])
    grouping = one(column)
    assert len(set(grouping.codes[:500].tolist())) == 1
    assert sum(sizes(grouping).values()) == 601
    assert grouping.values[-1] == (MISSING,)


def test_only_the_largest_groups_are_shown() -> None:
    texts = [f"v{number:03}" for number in range(MOST_GROUPS + 50)]
    column = pl.Series("team", texts + texts[50:])
    (grouping,), (note,) = groupings(column.to_frame(), ["team"], [])
    assert set(grouping.values) == {(text,) for text in texts[50:]}
    assert note.params == {"columns": "team", "most": MOST_GROUPS, "dropped": 50}
    assert np.array_equal(grouping.codes[:50], np.full(50, -1))
    assert set(sizes(grouping).values()) == {2}


def test_crossing_holds_the_combinations_that_occur() -> None:
    frame = pl.DataFrame({"a": ["x", "x", "y", None], "b": [1, 2, 1, 1]})
    *_, crossed = groupings(frame, ["a", "b"], [("a", "b")])[0]
    assert crossed.columns == ("a", "b")
    assert sizes(crossed) == {("x", "1"): 1, ("x", "2"): 1, ("y", "1"): 1, (MISSING, "1"): 1}


def test_crossing_of_three_agrees_with_a_group_by() -> None:
    rng = np.random.default_rng(1)
    frame = pl.DataFrame({name: rng.integers(0, 4, 500) for name in "abc"})
    *_, crossed = groupings(frame, list("abc"), [("a", "b", "c")])[0]
    expected = {tuple(map(str, row[:3])): row[3] for row in frame.group_by("a", "b", "c").len().iter_rows()}
    assert sizes(crossed) == expected


def test_crossing_with_a_column_that_is_no_slice() -> None:
    with pytest.raises(InputRejected) as caught:
        groupings(pl.DataFrame({"a": ["x"]}), ["a"], [("a", "b")])
    assert (caught.value.code, caught.value.column) == ("not_a_slice", "b")
