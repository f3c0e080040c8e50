"""What is odd about a column or a side has a stated outcome, and no odd column spoils the others."""

from __future__ import annotations

import json
import math
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from apps.compute.drift.engine import compare
from apps.compute.drift.registry import ColumnKind
from apps.compute.drift.result import ColumnDrift, DriftResult, Verdict
from apps.compute.drift.spec import ColumnSettings, DriftSpec, Side
from apps.compute.messages import InputRejected, Message
from apps.compute.roles import Role
from apps.compute.selection import Condition, Operator, Selection

N = 2_000
RNG = np.random.default_rng(7)
PLAIN = RNG.normal(size=N)


def silent(message: Message, share: float) -> None:
    """Progress that nobody watches."""


@pytest.fixture
def compared(tmp_path: Path) -> Any:
    """Compare two tables; ``plain`` stands beside the odd columns and never drifts."""

    def run(reference: dict[str, Any], current: dict[str, Any], **spec: Any) -> DriftResult:
        sides = []
        for name, columns in (("reference", reference), ("current", current)):
            frame = pl.DataFrame(columns)
            frame = frame.with_columns(pl.Series("plain", PLAIN[: frame.height]))
            frame.write_parquet(tmp_path / f"{name}.parquet")
            sides.append(Side(tmp_path / f"{name}.parquet", missing_values=spec.get("missing_values", {})))
        spec.pop("missing_values", None)
        result = compare(sides[0], sides[1], DriftSpec(**{"classify": False, **spec}), silent)
        stored = json.loads(json.dumps(result.to_json(), allow_nan=False))
        assert DriftResult.from_json(stored) == result
        return result

    return run


def column(result: DriftResult, name: str = "odd") -> ColumnDrift:
    return next(column for column in result.columns if column.name == name)


NUMBERS, LABELS = RNG.normal(5, 2, N), [f"label {k}" for k in RNG.integers(0, 5, N)]
NOTHING = pl.Series([None] * N, dtype=pl.Float64)
ZEROS_AND_ONES = RNG.integers(0, 2, N)
DAYS = [date(2024, 1, 1) + timedelta(days=int(k)) for k in RNG.integers(0, 300, N)]

INCOMPARABLE = [
    (NOTHING, NUMBERS, "the reference has no value in it"),
    (NUMBERS, NOTHING, "the current side has no value in it"),
    (NUMBERS, pl.Series([None] * N, dtype=pl.String), "the current side has no value in it"),
    (NOTHING, pl.Series([None] * N, dtype=pl.Null), "neither side has a value in it"),
    (pl.Series([None] * N, dtype=pl.Null), pl.Series([None] * N, dtype=pl.Null), "neither side has a value"),
    (np.full(N, np.nan), NUMBERS, "the reference has no value in it"),
    (NUMBERS, np.full(N, np.inf), "one side has no values but infinite ones"),
    (NUMBERS, LABELS, "the reference holds numbers and the current side texts"),
    (DAYS, NUMBERS, "the reference holds dates and the current side numbers"),
    (ZEROS_AND_ONES == 1, NUMBERS, "one side holds yes and no, the other numbers that are not only 0 and 1"),
    (NUMBERS * 1e200, NUMBERS, "its numbers are too large"),
]


@pytest.mark.parametrize(("reference", "current", "reason"), INCOMPARABLE)
def test_incomparable(compared: Any, reference: Any, current: Any, reason: str) -> None:
    result = compared({"odd": reference}, {"odd": current})

    odd = column(result)
    assert odd.verdict is Verdict.INCOMPARABLE
    assert str(odd.reason).startswith(reason)
    assert (odd.value, odd.flagged) == (None, False)
    assert (odd.reference.rows, odd.current.rows) == (N, N)
    assert result.columns[-1] is odd
    assert (result.compared, result.flagged) == (1, 0)
    assert column(result, "plain").verdict is Verdict.NONE


SAME = [
    (NUMBERS, pl.Series(NUMBERS, dtype=pl.Float32), "number"),
    (ZEROS_AND_ONES, pl.Series(ZEROS_AND_ONES, dtype=pl.UInt64), "number"),
    (ZEROS_AND_ONES == 1, ZEROS_AND_ONES == 1, "boolean"),
    (ZEROS_AND_ONES == 1, ZEROS_AND_ONES, "boolean"),
    (ZEROS_AND_ONES.astype(float), ZEROS_AND_ONES == 1, "boolean"),
    (np.full(N, 3), np.full(N, 3), "number"),
    (["constant"] * N, ["constant"] * N, "category"),
    (DAYS, DAYS, "date"),
    (DAYS, [datetime(day.year, day.month, day.day) for day in DAYS], "date"),
    (LABELS, LABELS, "category"),
]


@pytest.mark.parametrize(("reference", "current", "kind"), SAME)
def test_equal_values_of_other_types_do_not_drift(
    compared: Any, reference: Any, current: Any, kind: str
) -> None:
    odd = column(compared({"odd": reference}, {"odd": current}))

    assert (odd.kind, odd.verdict) == (kind, Verdict.NONE)
    assert odd.value == pytest.approx(0, abs=1e-6)


def test_times_with_and_without_zone(compared: Any) -> None:
    naive = [datetime(day.year, day.month, day.day, 12) for day in DAYS]
    odd = column(compared({"odd": naive}, {"odd": [moment.replace(tzinfo=UTC) for moment in naive]}))

    assert (odd.kind, odd.value) == ("date", 0)
    assert "time zone" in str(odd.notes[0])
    assert odd.reference.minimum == naive[int(np.argmin(DAYS))].replace(tzinfo=UTC).timestamp()  # type: ignore[arg-type]


def test_infinite_values_are_counted_and_left_out(compared: Any) -> None:
    spoiled = NUMBERS.copy()
    spoiled[:40], spoiled[40:50] = np.inf, -np.inf
    result = compared({"odd": NUMBERS}, {"odd": spoiled})

    odd = column(result)
    assert odd.current.infinite == 50
    assert odd.value == compared({"odd": NUMBERS}, {"odd": [*spoiled[50:], *[None] * 50]}).columns[0].value
    assert str(odd.notes[0]) == ("Infinite values were left out: 0 in the reference, 50 on the current side.")
    finding = next(finding for finding in result.findings if finding.code == "infinite")
    assert (finding.column, finding.rows, finding.state) == ("odd", 50, "warn")


def test_rise_of_empty_values_is_told(compared: Any) -> None:
    emptied = pl.Series(NUMBERS).set(pl.Series(np.arange(N) % 4 > 0), None)
    result = compared({"odd": NUMBERS}, {"odd": emptied})

    assert not column(result).flagged
    worst = result.findings[0]
    assert (worst.code, worst.state, worst.column, worst.rows) == ("empty", "bad", "odd", 1_500)
    assert str(worst.text) == "75.0% of rows, reference 0.0%."


def test_special_values_are_missing(compared: Any) -> None:
    marked, labels = NUMBERS.copy(), np.array(LABELS, dtype=object)
    marked[:100], labels[:100] = -200, "?"
    data = {"odd": marked, "label": labels.tolist()}
    result = compared(data, data, missing_values={"*": (-200, "?")})

    assert column(result).reference.missing == column(result, "label").current.missing == 100
    assert column(result).reference.minimum == pytest.approx(NUMBERS[100:].min(), abs=1e-4)


def test_columns_of_one_side_only(compared: Any) -> None:
    ages = RNG.integers(18, 90, N)
    result = compared({"user_age": ages, "gone": LABELS}, {"User age": ages, "<b>new</b>": NUMBERS})

    assert (result.only_reference, result.only_current) == (("user_age", "gone"), ("User age", "<b>new</b>"))
    told = {finding.code: finding for finding in result.findings}
    assert str(told["columns_missing"].text) == "user_age, gone"
    assert str(told["columns_added"].text) == "User age, <b>new</b>"
    assert (told["renamed"].state, told["renamed"].column) == ("warn", "User age")


def test_unseen_and_vanished_categories(compared: Any) -> None:
    now = [*LABELS[: N - 200], *["HarmonyOS 5"] * 150, *["<script>"] * 50]
    result = compared({"odd": [*LABELS[:-1], "once"]}, {"odd": now})

    odd = column(result)
    assert [(seen.value, seen.count) for seen in odd.unseen] == [("HarmonyOS 5", 150), ("<script>", 50)]
    assert (odd.unseen_rows, odd.unseen_count, odd.gone_count) == (200, 2, 1)
    finding = next(finding for finding in result.findings if finding.code == "unseen")
    assert (finding.state, finding.rows) == ("bad", 200)


def test_disjoint_categories_in_the_hundred_thousands(tmp_path: Path) -> None:
    """Where Evidently needs quadratic time, so that this would not end."""
    many = 200_000
    for name in ("reference", "current"):
        pl.DataFrame({"id": [f"{name} {k}" for k in range(many)]}).write_parquet(tmp_path / name)
    result = compare(Side(tmp_path / "reference"), Side(tmp_path / "current"), DriftSpec(), silent)

    (ids,) = result.columns
    assert ids.value == pytest.approx(math.sqrt(math.log(2)))
    assert (ids.kind, ids.unseen_count, ids.unseen_rows) == ("category", many, many)
    assert len(json.dumps(ids.to_json())) < 10_000


@pytest.mark.parametrize("rows", [1, 2])
def test_hardly_any_rows(compared: Any, rows: int) -> None:
    data = {"number": NUMBERS, "label": LABELS, "yes": ZEROS_AND_ONES == 1, "day": DAYS}
    few = {name: values[:rows] for name, values in data.items()}

    for reference, current in ((data, few), (few, data), (few, few)):
        result = compared(reference, current, classify=True)
        assert result.compared == 5
        assert result.drifted == 0
        assert next(finding for finding in result.findings if finding.code == "rows").state == "warn"


def test_sides_without_rows_are_refused(compared: Any, tmp_path: Path) -> None:
    with pytest.raises(InputRejected, match="The current side has no rows"):
        compared({"odd": NUMBERS}, {"odd": []})
    side = Side(tmp_path / "reference.parquet")
    nothing = Selection((Condition("odd", Operator.FROM, (1e6,)),))
    with pytest.raises(InputRejected, match="The selection leaves no row of the reference"):
        compare(Side(side.path, nothing), side, DriftSpec(), silent)
    ignored = {name: ColumnSettings(ignore=True) for name in ("odd", "plain")}
    with pytest.raises(InputRejected, match="no column in common"):
        compare(side, side, DriftSpec(columns=ignored), silent)


def test_settings_of_a_column(compared: Any) -> None:
    """Kind, method and limit are those of the person; what cannot be done is said."""
    columns = {
        "kept": ColumnSettings(method="psi", limit=0.5),
        "codes": ColumnSettings(kind=ColumnKind.CATEGORY),
        "mixed": ColumnSettings(kind=ColumnKind.CATEGORY),
        "texts": ColumnSettings(kind=ColumnKind.NUMBER),
        "wrong": ColumnSettings(method="chisquare", kind=ColumnKind.TEXT),
        "method": ColumnSettings(method="wasserstein"),
        "unknown": ColumnSettings(method="no such"),
    }
    codes = RNG.integers(0, 9, N)
    data = {"kept": NUMBERS, "codes": codes, "mixed": codes, "texts": LABELS}
    data |= {"wrong": NUMBERS, "method": LABELS, "unknown": LABELS}
    now = data | {"mixed": [str(code) for code in codes], "codes": codes.astype(float)}
    result = compared(data, now, columns=columns, roles={"kept": Role.PREDICTION})

    assert result.columns[0].name == "kept"
    assert (result.columns[0].method, result.columns[0].limit) == ("psi", 0.5)
    for name in ("codes", "mixed"):
        assert (column(result, name).kind, column(result, name).value) == ("category", 0)
    reasons = {c.name: str(c.reason) for c in result.columns if c.reason}
    assert set(reasons) == {"texts", "wrong", "method", "unknown"}
    assert "Compare it as categories" in reasons["texts"]
    assert "“no such”" in reasons["unknown"]


def test_prose_is_compared_as_text(compared: Any) -> None:
    words = np.array(["parcel", "arrived", "late", "and", "the", "box", "was", "broken", "again", "today"])
    before = [" ".join(RNG.choice(words, 8)) + f" {k}" for k in range(300)]
    now = [text.replace("parcel", "refund") + " refund" for text in before]
    odd = column(compared({"odd": before}, {"odd": now}))

    assert (odd.kind, odd.verdict) == ("text", Verdict.DRIFT)
    assert odd.words[0].word == "refund"


def test_duplicate_ids_are_told_and_not_compared(compared: Any) -> None:
    data = {"id": [1, *range(1, N)], "odd": NUMBERS}
    result = compared(data, data, roles={"id": Role.ID})

    assert {column.name for column in result.columns} == {"odd", "plain"}
    told = next(finding for finding in result.findings if finding.code == "duplicate_ids")
    assert (told.state, told.column, told.rows) == ("bad", "id", 1)


@pytest.mark.slow
def test_five_thousand_columns(tmp_path: Path) -> None:
    data = {f"<i>{k}</i>": RNG.integers(0, 3, 50) for k in range(5_000)}
    pl.DataFrame(data).write_parquet(tmp_path / "wide.parquet")
    side = Side(tmp_path / "wide.parquet")
    result = compare(side, side, DriftSpec(), silent)

    assert (result.compared, result.flagged, len(result.findings) <= 50) == (5_000, 0, True)
    assert "same rows" in str(result.notes[0])
