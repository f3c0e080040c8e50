"""Saved slices as data: every op, odd columns, and the way from a found slice and back."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import polars as pl
import pytest

from apps.compute.conditions import Condition, Op, conditions_from_json, describe, from_slice, mask
from apps.compute.messages import InputRejected
from apps.compute.weak_slices import SearchSpec, search
from apps.compute.weak_slices_result import Kind

FRAME = pl.DataFrame(
    {
        "^a.*$": ["x", "y", "x", None, "", "z"],
        "*": [1, 2, 3, None, 5, 6],
        "a": [1.0, float("nan"), 2.5, float("inf"), None, 2.5],
        "text": ["1", "12 ", "n/a", None, "-3.5", "1"],
        "yes": [True, False, None, True, False, False],
        "id": [2**53, 2**53 + 1, 2**53, 2**53 + 1, 0, 0],
    }
)


def rows(column: str, op: str, *values: str) -> list[int]:
    return np.flatnonzero(mask(FRAME, [Condition(column, Op(op), values)])).tolist()


def test_texts_in_columns_with_odd_names() -> None:
    assert rows("^a.*$", "is", "x") == [0, 2]
    assert rows("^a.*$", "is", "x", "z") == [0, 2, 5]
    assert rows("^a.*$", "is_not", "x") == [1, 5]
    assert rows("^a.*$", "is_not") == [0, 1, 2, 5]
    assert rows("^a.*$", "missing") == [3, 4]
    assert rows("*", "at_least", "3") == [2, 4, 5]
    assert rows("yes", "is", "true") == [0, 3]


def test_numbers_however_they_are_written() -> None:
    assert rows("*", "is", "1.0", "2") == [0, 1]
    assert rows("a", "is", "2.50") == [2, 5]
    assert rows("a", "missing") == [1, 3, 4]
    assert rows("a", "is_not", "1") == [2, 5]
    assert rows("text", "below", "2") == [0, 4, 5]
    assert rows("text", "at_least", "1") == [0, 1, 5]
    assert rows("id", "is", str(2**53 + 1)) == [1, 3]


def test_all_conditions_must_hold() -> None:
    band = [Condition("*", Op.AT_LEAST, ("2",)), Condition("*", Op.BELOW, ("6",))]
    assert np.flatnonzero(mask(FRAME, band)).tolist() == [1, 2, 4]
    assert mask(FRAME, []).all()


def test_json_and_words() -> None:
    conditions = (Condition("*", Op.BELOW, ("6",)), Condition("a", Op.MISSING), Condition("b", Op.IS_NOT))
    assert conditions_from_json(json.loads(json.dumps([each.to_json() for each in conditions]))) == conditions
    assert [str(describe(each)) for each in conditions] == [
        "* is below 6",
        "a is missing",
        "b is not missing",
    ]
    assert str(describe(Condition("100 %", Op.IS, ("a %s", "b")))) == "100 % is a %s, b"


def test_a_found_slice_becomes_its_conditions() -> None:
    """Of every kind: a value, a band of numbers, other values, missing ones."""
    rng = np.random.default_rng(0)
    shops = [None, "north", "south", *(f"rare {i}" for i in range(30))]
    code = rng.choice(len(shops), 4000, p=[0.1, 0.3, 0.3, *[0.3 / 30] * 30])
    price = np.where(rng.random(4000) < 0.1, np.nan, rng.gamma(2.0, 10.0, 4000))
    frame = pl.DataFrame({"shop": [shops[i] for i in code], "price": price})
    seen = set()
    for weak in (code == 0, code == 1, code > 2, np.isnan(price), price > 40, (price > 12) & (price < 16)):
        loss = rng.random(4000) + 2 * weak
        result = search(frame, frame.columns, loss, spec=SearchSpec(least=100))
        for found in result.found:
            chosen = mask(frame, from_slice(found))
            assert chosen.sum() == found.n
            assert loss[chosen].mean() == pytest.approx(found.mean)
            seen |= {(part.column, part.kind) for part in found.conditions}
    kinds = {("shop", kind) for kind in (Kind.VALUE, Kind.OTHER, Kind.MISSING)}
    assert kinds | {("price", Kind.BAND), ("price", Kind.MISSING)} <= seen


@pytest.mark.parametrize(
    ("data", "code"),
    [
        ({"column": "a", "op": "like", "values": ["1"]}, "unknown_op"),
        ({"column": "planet", "op": "is", "values": ["1"]}, "missing_column"),
        ({"column": "a", "op": "is", "values": ["many"]}, "number_wanted"),
        ({"column": "text", "op": "below", "values": ["many"]}, "number_wanted"),
        ({"column": "text", "op": "below", "values": ["nan"]}, "number_wanted"),
        ({"column": "text", "op": "below", "values": []}, "wrong_values"),
        ({"column": "text", "op": "missing", "values": ["1"]}, "wrong_values"),
        ({"column": "text", "op": "is", "values": ["no such"]}, "no_row_fits"),
        ({"column": "^a.*$", "op": "is", "values": ["y"]}, "one_row_fits"),
        ({"column": "id", "op": "at_least", "values": ["9" * 30]}, "no_row_fits"),
        ({"column": "text", "op": "is", "values": ["1"] * 101}, "too_many_values"),
        ({}, "unknown_op"),
    ],
)
def test_what_is_refused(data: dict[str, Any], code: str) -> None:
    with pytest.raises(InputRejected) as caught:
        mask(FRAME, conditions_from_json([data]))
    assert caught.value.code == code
    assert str(caught.value)
