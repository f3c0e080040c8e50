"""One profile per column of a normalised Parquet file: what it holds, in numbers that fit on a page.

Columns are read in batches of about `BATCH_CELLS` cells. A column of numbers is sorted once, and everything
exact about it (quantiles, distinct and top values, histogram) is read off the sorted values. Texts are
hashed to 64 bits while they stream by, so that ten million long texts take as much memory as numbers.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

BATCH_CELLS = 2**24
TOP_VALUES = 20
BINS = 30
EXAMPLES = 3
#: With more columns than this, profiles are brief: without histograms, quantiles and frequent values.
MOST_IN_FULL = 2_000
TEXT_LENGTH = 200
#: A name that no column of a file can have by accident.
ROW = "\0row"
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


class Kind(StrEnum):
    INTEGER = "integer"
    FLOAT = "float"
    BOOLEAN = "boolean"
    TEXT = "text"
    TIMESTAMP = "timestamp"
    DATE = "date"
    EMPTY = "empty"


#: A value as JSON holds it; times and dates as ISO text.
Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class TopValue:
    """A value and how many rows hold it; ``rows`` are the first two of them, counted from 1."""

    value: Scalar
    count: int
    rows: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What a column holds.

    ``minimum``, ``maximum``, ``quantiles`` (level -> value, nearest rank) and the ``edges`` of the
    histogram are over finite values, of times as ISO text; ``mean`` and ``std`` (n - 1) are of numbers and
    booleans. ``*_row`` is the first row concerned, counted from 1. ``outside_unit`` counts numbers outside
    0..1, infinities included. ``not_number`` counts texts that are no number. ``top`` is sorted by count.
    """

    name: str
    kind: Kind
    rows: int
    missing: int = 0
    missing_row: int | None = None
    distinct: int = 0
    is_unique: bool = False
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    mean: float | None = None
    std: float | None = None
    quantiles: tuple[tuple[float, Scalar], ...] = ()
    infinite: int = 0
    infinite_row: int | None = None
    outside_unit: int = 0
    outside_unit_row: int | None = None
    not_number: int = 0
    not_number_row: int | None = None
    mean_length: float | None = None
    top: tuple[TopValue, ...] = ()
    edges: tuple[Scalar, ...] = ()
    counts: tuple[int, ...] = ()
    examples: tuple[Scalar, ...] = ()

    @property
    def is_number(self) -> bool:
        return self.kind in (Kind.INTEGER, Kind.FLOAT)

    def brief(self) -> ColumnProfile:
        """What a table of thousands of columns keeps of each, some 450 bytes."""
        return replace(self, quantiles=(), top=(), edges=(), counts=(), examples=self.examples[:1])

    def to_json(self) -> dict[str, Any]:
        """Plain JSON without NaN or infinity."""
        shown = {name: getattr(self, name) for name in self.__slots__}
        return {**shown, "kind": self.kind.value, "top": tuple(asdict(top) for top in self.top)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ColumnProfile:
        known = {field.name: data[field.name] for field in fields(cls) if field.name in data}
        known |= {key: tuple(known.get(key, ())) for key in ("edges", "counts", "examples")}
        known["kind"] = Kind(known["kind"])
        known["quantiles"] = tuple((level, value) for level, value in known.get("quantiles", ()))
        known["top"] = tuple(
            TopValue(top["value"], top["count"], tuple(top["rows"])) for top in known.get("top", ())
        )
        return cls(**known)


def profile_table(parquet: Path) -> list[ColumnProfile]:
    """Profile every column of a normalised Parquet file, in the order of the file; more than `MOST_IN_FULL`
    columns briefly.
    """
    frame = pl.scan_parquet(parquet, glob=False)
    schema = frame.collect_schema()
    rows = int(frame.select(pl.len()).collect().item())
    in_full = len(schema) <= MOST_IN_FULL
    profiles: dict[str, ColumnProfile] = {}
    for names in _batches(list(schema), rows):
        texts = [name for name in names if schema[name] == pl.String]
        numbers = [name for name in names if schema[name] != pl.String]
        columns = frame.select(numbers).collect()
        profiles |= {name: _profile_ordered(columns[name], in_full) for name in numbers}
        if texts:
            profiles |= _profile_texts(frame, texts, rows)
        if not in_full:
            profiles |= {name: profiles[name].brief() for name in names}
    return [profiles[name] for name in schema]


def _batches(names: Sequence[str], rows: int) -> Iterator[Sequence[str]]:
    size = max(1, BATCH_CELLS // max(rows, 1))
    for start in range(0, len(names), size):
        yield names[start : start + size]


# Numbers, booleans, times


def _profile_ordered(column: pl.Series, in_full: bool) -> ColumnProfile:
    kind = _kind(column.dtype)
    rows = len(column)
    missing = column.null_count()
    if missing == rows:
        return ColumnProfile(column.name, Kind.EMPTY, rows, missing, 1 if rows else None)
    physical = column.to_physical() if column.dtype.is_temporal() else column
    if kind is Kind.BOOLEAN:
        physical = physical.cast(pl.UInt8)
    present = (physical.drop_nulls() if missing else physical).to_numpy()
    values = np.sort(present)
    finite = values[np.isfinite(values)] if kind is Kind.FLOAT else values
    starts = np.flatnonzero(np.concatenate(([True], values[1:] != values[:-1])))
    show = _shower(column.dtype)
    numeric = kind in (Kind.INTEGER, Kind.FLOAT)
    in_rows = physical.to_numpy() if numeric else np.empty(0)  # NaN where nothing is, outside of nothing
    outside = (in_rows < 0) | (in_rows > 1)
    edges, counts = _histogram(finite, show) if in_full and kind is not Kind.BOOLEAN else ((), ())
    arithmetic = finite.astype(np.float64) if numeric or kind is Kind.BOOLEAN else np.empty(0)
    with np.errstate(over="ignore"):  # numbers near 1e308: what is infinite is left out
        mean = _finite(arithmetic.mean()) if len(arithmetic) else None
        std = _finite(arithmetic.std(ddof=1)) if len(arithmetic) > 1 else None
    return ColumnProfile(
        column.name,
        kind,
        rows,
        missing,
        _first_row(column.is_null().to_numpy()) if missing else None,
        distinct=len(starts),
        is_unique=missing == 0 and len(starts) == rows,
        minimum=show(finite[0]) if len(finite) else None,
        maximum=show(finite[-1]) if len(finite) else None,
        mean=mean,
        std=std,
        quantiles=tuple((q, show(finite[_rank(q, len(finite))])) for q in QUANTILES) if len(finite) else (),
        infinite=len(values) - len(finite),
        infinite_row=_first_row(np.isinf(in_rows)) if len(finite) < len(values) else None,
        outside_unit=int(outside.sum()),
        outside_unit_row=_first_row(outside),
        top=_top_ordered(physical, values, starts, show) if in_full else (),
        edges=edges,
        counts=counts,
        examples=tuple(show(value) for value in present[:EXAMPLES].tolist()),
    )


def _kind(dtype: pl.DataType) -> Kind:
    if dtype.is_integer():
        return Kind.INTEGER
    if dtype.is_float():
        return Kind.FLOAT
    if dtype == pl.Boolean:
        return Kind.BOOLEAN
    return Kind.DATE if dtype == pl.Date else Kind.TIMESTAMP


def _shower(dtype: pl.DataType) -> Any:
    """A function from a physical value to what JSON may hold."""
    if dtype == pl.Date:
        return lambda value: date.fromordinal(date(1970, 1, 1).toordinal() + int(value)).isoformat()
    if isinstance(dtype, pl.Datetime):
        suffix = "+00:00" if dtype.time_zone else ""
        return lambda value: _iso(int(value)) + suffix
    if dtype == pl.Boolean:
        return bool
    if dtype.is_integer():
        return int
    return lambda value: float(value) if math.isfinite(value) else str(float(value))


def _iso(microseconds: int) -> str:
    seconds, rest = divmod(microseconds, 10**6)
    moment = datetime.fromtimestamp(seconds, UTC).replace(microsecond=rest, tzinfo=None)
    return moment.isoformat()


def _rank(level: float, count: int) -> int:
    return min(count - 1, max(0, math.ceil(level * count) - 1))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _first_row(flags: NDArray[np.bool_]) -> int | None:
    return int(flags.argmax()) + 1 if flags.any() else None


def _histogram(finite: NDArray[Any], show: Any) -> tuple[tuple[Scalar, ...], tuple[int, ...]]:
    """Equal-width bins [a, b), the last one closed; few integers get one bin each."""
    if len(finite) == 0 or finite[0] == finite[-1]:
        return (), ()
    low, high = finite[0], finite[-1]
    if finite.dtype.kind in "iu" and int(high) - int(low) < BINS:
        edges = np.arange(int(low), int(high) + 2)
    else:
        # Halved, as the width of the range may overflow where its ends do not.
        edges = (np.linspace(float(low) / 2, float(high) / 2, BINS + 1) * 2).astype(np.float64)
    inner = np.searchsorted(finite, edges[1:-1].astype(finite.dtype if finite.dtype.kind == "f" else None))
    counts = np.diff(inner, prepend=0, append=len(finite))
    shown = tuple(show(edge) for edge in edges) if show is not int else tuple(edges.tolist())
    return shown, tuple(int(count) for count in counts)


def _top_ordered(
    physical: pl.Series, values: NDArray[Any], starts: NDArray[np.intp], show: Any
) -> tuple[TopValue, ...]:
    if len(starts) == len(values):
        return ()
    counts = np.diff(starts, append=len(values))
    best = [(values[starts[i]], int(counts[i])) for i in _largest(counts)]
    return tuple(
        TopValue(
            show(value),
            count,
            _rows_of(physical, value) if _is_repeat(i, count, len(starts), len(values)) else (),
        )
        for i, (value, count) in enumerate(best)
    )


def _is_repeat(position: int, count: int, distinct: int, present: int) -> bool:
    """Whether a top value is worth its row numbers: a repeated one in a column that is nearly unique."""
    return position < EXAMPLES and count > 1 and distinct > present / 2


def _rows_of(column: pl.Series, value: Any) -> tuple[int, ...]:
    return tuple(row + 1 for row in (column == value).fill_null(False).arg_true().head(2).to_list())


def _largest(counts: NDArray[Any]) -> NDArray[np.intp]:
    """Positions of the largest counts, the first of equal ones first."""
    if len(counts) > TOP_VALUES:
        bound = np.partition(counts, -TOP_VALUES)[-TOP_VALUES]
        above = np.flatnonzero(counts > bound)
        equal = np.flatnonzero(counts == bound)[: TOP_VALUES - len(above)]
        kept = np.sort(np.concatenate((above, equal)))
    else:
        kept = np.arange(len(counts))
    return kept[np.argsort(-counts[kept], kind="stable")]


# Texts


def _profile_texts(frame: pl.LazyFrame, names: Sequence[str], rows: int) -> dict[str, ColumnProfile]:
    numbered = frame.select(names).with_row_index(ROW, offset=1)
    sums = numbered.select(expr for i, name in enumerate(names) for expr in _text_sums(i, name))
    totals = sums.collect(engine="streaming").row(0, named=True)
    hashes = frame.select(pl.col(name).hash() for name in names).collect(engine="streaming")
    found = {name: _group(hashes[name], totals[f"missing{i}"]) for i, name in enumerate(names)}
    wanted = sorted({int(row) for group in found.values() for row in group.top["first"]})
    shown = _texts_at(frame, names, wanted)
    profiles = {}
    for i, name in enumerate(names):
        missing, group = totals[f"missing{i}"], found[name]
        present = rows - missing
        profiles[name] = ColumnProfile(
            name,
            Kind.TEXT if present else Kind.EMPTY,
            rows,
            missing,
            totals[f"missing_row{i}"],
            distinct=group.distinct,
            is_unique=0 < present == rows == group.distinct,
            not_number=totals[f"words{i}"],
            not_number_row=totals[f"words_row{i}"],
            mean_length=_finite(totals[f"length{i}"]) if present else None,
            top=tuple(
                TopValue(
                    shown[name][int(first)],
                    int(count),
                    (int(first) + 1, int(second) + 1)
                    if _is_repeat(position, count, group.distinct, present)
                    else (),
                )
                for position, (count, first, second) in enumerate(
                    group.top.select("len", "first", "second").rows()
                )
                if group.distinct < present
            ),
            examples=tuple(_cut(text) for text in totals[f"examples{i}"]),
        )
    return profiles


def _text_sums(i: int, name: str) -> list[pl.Expr]:
    text, first_row = pl.col(name), pl.col(ROW)
    is_word = text.is_not_null() & text.str.strip_chars(" ").cast(pl.Float64, strict=False).is_null()
    return [
        text.null_count().alias(f"missing{i}"),
        first_row.filter(text.is_null()).min().alias(f"missing_row{i}"),
        is_word.sum().alias(f"words{i}"),
        first_row.filter(is_word).min().alias(f"words_row{i}"),
        text.str.len_chars().mean().alias(f"length{i}"),
        text.drop_nulls().head(EXAMPLES).implode().alias(f"examples{i}"),
    ]


@dataclass(frozen=True, slots=True)
class _Group:
    distinct: int
    top: pl.DataFrame  # len, first, second: count and the first two positions of a value


def _group(hashes: pl.Series, missing: int) -> _Group:
    """Count values by 64-bit hashes: 10 million texts collide with a chance of 1 to 370,000."""
    table = hashes.rename("hash").to_frame().with_row_index("at")
    if missing:
        null_hash = pl.Series([None], dtype=pl.String).hash()[0]
        table = table.filter(pl.col("hash") != null_hash)
    groups = table.group_by("hash").agg(
        pl.len(), pl.col("at").min().alias("first"), pl.col("at").slice(1, 1).first().alias("second")
    )
    top = groups.sort("len", "first", descending=[True, False]).head(TOP_VALUES)
    return _Group(len(groups), top)


def _texts_at(
    frame: pl.LazyFrame, names: Sequence[str], positions: Sequence[int]
) -> dict[str, dict[int, str]]:
    """The (cut) texts of ``names`` in the rows at ``positions``."""
    at = pl.Series("at", positions, dtype=pl.get_index_type())
    rows = (
        frame.select(names)
        .with_row_index(ROW)
        .filter(pl.col(ROW).is_in(at.implode()))
        .collect(engine="streaming")
    )
    index = rows[ROW].to_list()
    return {
        name: {i: _cut(text) for i, text in zip(index, rows[name], strict=True) if text is not None}
        for name in names
    }


def _cut(text: str) -> str:
    return text if len(text) <= TEXT_LENGTH else text[: TEXT_LENGTH - 1] + "…"
