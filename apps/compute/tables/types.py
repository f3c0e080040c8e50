"""Types for columns that came as text.

A column gets a type only if **every** value of it is of that type, so nothing is lost: ``007``, an id of
20 digits or one stray word keep the whole column text. A first look at some rows rules types out; the types
that are left are tried on all rows, strictest first, in one streamed pass (one more for columns that
turn out to be different further down).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

SAMPLE_ROWS = 100
#: What stands for "no value" in a column of numbers, booleans or times. In text only "" is missing.
MISSING = ("", "NA", "N/A", "n/a", "<NA>", "NaN", "nan", "NAN", "NULL", "Null", "null", "None", "NaT")
#: 007 and +01 are codes, not numbers; more than 16 digits do not fit into a float.
LEADING_ZERO = r"^[+-]?0\d"
NO_FLOAT = r"^[+-]?(0\d|\d{17,}$)"


@dataclass(frozen=True, slots=True)
class TextType:
    """How to tell that a text is of a type (true/false/null) and how to turn it into a value.

    ``shape`` is a quick test that every text of the type passes, and others may pass as well.
    """

    shape: re.Pattern[str]
    matches: Callable[[pl.Expr], pl.Expr]
    convert: Callable[[pl.Expr], pl.Expr]


def _number(shape: str, dtype: pl.DataType, forbidden: str) -> TextType:
    def convert(text: pl.Expr) -> pl.Expr:
        value = text.str.strip_chars(" ").cast(dtype, strict=False)
        return value.fill_nan(None) if dtype.is_float() else value

    def matches(text: pl.Expr) -> pl.Expr:
        trimmed = text.str.strip_chars(" ")
        return trimmed.cast(dtype, strict=False).is_not_null() & ~trimmed.str.contains(forbidden)

    return TextType(re.compile(shape), matches, convert)


def _boolean() -> TextType:
    def matches(text: pl.Expr) -> pl.Expr:
        return text.str.to_lowercase().is_in(["true", "false"])

    def convert(text: pl.Expr) -> pl.Expr:
        return pl.when(matches(text)).then(text.str.to_lowercase() == "true")

    return TextType(re.compile("(?i)true|false"), matches, convert)


def _time(shape: str, pattern: str, dtype: pl.Date | pl.Datetime) -> TextType:
    def convert(text: pl.Expr) -> pl.Expr:
        return text.str.strptime(dtype, pattern, strict=False)

    def matches(text: pl.Expr) -> pl.Expr:
        # strptime also takes 2020-1-2, which ISO 8601 does not know.
        return convert(text).is_not_null() & (text.str.len_bytes() >= len("2020-01-02"))

    return TextType(re.compile(shape), matches, convert)


NAIVE, ZONED = pl.Datetime("us"), pl.Datetime("us", "UTC")
DAY, SECONDS = r"\d{4}-\d\d-\d\d", r"\d\d:\d\d:\d\d(\.\d+)?"
#: Strictest first.
TYPES = (
    _number(r" *[+-]?\d+ *", pl.Int64(), LEADING_ZERO),
    _number(r" *[+-]?\d+ *", pl.UInt64(), LEADING_ZERO),
    _number(r" *[+-]?(\d*\.?\d*([eE][+-]?\d+)?|(?i:inf|infinity|nan)) *", pl.Float64(), NO_FLOAT),
    _boolean(),
    _time(DAY, "%Y-%m-%d", pl.Date()),
    *(_time(f"{DAY}{sep}{SECONDS}", f"%Y-%m-%d{sep}%H:%M:%S%.f", NAIVE) for sep in "T "),
    *(_time(rf"{DAY}{sep}\d\d:\d\d", f"%Y-%m-%d{sep}%H:%M", NAIVE) for sep in "T "),
    *(_time(rf"{DAY}{sep}{SECONDS} ?[Z+-].*", f"%Y-%m-%d{sep}%H:%M:%S%.f%#z", ZONED) for sep in "T "),
)
#: Any of these types makes a text a whole number, a number, a day ...
INTEGERS, NUMBERS, BOOLEANS, DATES, TIMES = TYPES[:2], TYPES[:3], TYPES[3:4], TYPES[4:5], TYPES[5:]


def with_types(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Give each column of texts its type. Values that are missing become null."""
    texts = [name for name, dtype in frame.collect_schema().items() if dtype == pl.String]
    sample = frame.select(texts).head(SAMPLE_ROWS).collect()
    found = _decide(frame, {name: _candidates(sample[name].to_list()) for name in texts})
    return frame.with_columns(
        found[name].convert(pl.col(name)) if name in found else _text(pl.col(name)).alias(name)
        for name in texts
    )


def _text(column: pl.Expr) -> pl.Expr:
    return pl.when(column != "").then(column)


def _candidates(values: Sequence[str | None]) -> tuple[TextType, ...]:
    """The types that these values may be of."""
    present = [value for value in values if value is not None and value not in MISSING]
    return tuple(kind for kind in TYPES if all(kind.shape.fullmatch(value) for value in present))


def _decide(frame: pl.LazyFrame, candidates: dict[str, tuple[TextType, ...]]) -> dict[str, TextType]:
    """For each column the strictest candidate that all of its rows are of; columns without one stay out."""
    found: dict[str, TextType] = {}
    while candidates := {name: types for name, types in candidates.items() if types}:
        tried = {name: types[0] for name, types in candidates.items()}
        fitting, empty = _fitting(frame, tried)
        found |= {name: tried[name] for name in fitting - empty}
        candidates = {name: types[1:] for name, types in candidates.items() if name not in fitting}
    return found


def _fitting(frame: pl.LazyFrame, kinds: dict[str, TextType]) -> tuple[set[str], set[str]]:
    """The columns whose values are all of their kind or missing, and those that have no values at all."""
    if not kinds:
        return set(), set()
    exprs = []
    for i, (name, kind) in enumerate(kinds.items()):
        missing = pl.col(name).is_null() | pl.col(name).is_in(MISSING)
        exprs += [(missing | kind.matches(pl.col(name))).all().alias(f"f{i}"), missing.all().alias(f"e{i}")]
    row = frame.select(exprs).collect(engine="streaming").row(0, named=True)
    return (
        {name for i, name in enumerate(kinds) if row[f"f{i}"]},
        {name for i, name in enumerate(kinds) if row[f"e{i}"]},
    )
