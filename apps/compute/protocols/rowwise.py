"""Correlations of many targets row by row, in bounded memory: the single-cell integration challenge.

Truth and predictions have the same columns, so they are read side by side, some columns at a time (the layout
of Parquet), and the rows of both are brought together by id. Per row five sums are kept, of values less the
row's mean in the first columns, so that nothing cancels.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.stats import rankdata

from apps.compute.join import KEY, PREDICTION_FILE, ROW, TRUTH_FILE, check_ids, id_key
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.metrics.estimates import bounded
from apps.compute.protocols.given import Given
from apps.compute.protocols.result import MOST_GROUPS, ProtocolResult
from apps.compute.results import MetricResult, Table
from apps.compute.uncertainty import Floats, Z, log_interval, mean_and_variance, normal_interval

#: Values that are held at once of either file.
CHUNK = 2_500_000
#: Rank correlations need all values of a row at once; above this many they are left out.
MOST_RANKED = 2_000_000
_READING = Message(gettext_noop("Correlating the targets"))


@dataclass(frozen=True, slots=True)
class Sides:
    """``ids`` of the common rows in the order of the truth, and where they stand in either file."""

    truth: Path
    predictions: Path
    ids: list[str]
    truth_rows: NDArray[np.int64]
    prediction_rows: NDArray[np.int64]
    columns: list[str]

    def block(self, names: list[str]) -> tuple[Floats, Floats]:
        """(truth, prediction) of some columns, shape (columns, rows), finite."""
        return (
            _read(self.truth, names, self.truth_rows, TRUTH_FILE),
            _read(self.predictions, names, self.prediction_rows, PREDICTION_FILE),
        )


class Sums:
    """Sums over the columns read so far, by row (shape (rows,)), of values less ``shift``."""

    def __init__(self, rows: int) -> None:
        self.columns = 0
        self.shift = np.zeros((2, rows))
        self.first, self.second = np.zeros((2, rows)), np.zeros((2, rows))
        self.product, self.squared, self.absolute = (np.zeros(rows) for _ in range(3))
        self.low, self.high = np.full((2, rows), np.inf), np.full((2, rows), -np.inf)

    def add(self, truth: Floats, predicted: Floats) -> None:
        """Arrays (columns, rows)."""
        if not self.columns:
            self.shift = np.stack([truth.mean(axis=0), predicted.mean(axis=0)])
        self.columns += len(truth)
        error = predicted - truth
        self.squared += np.einsum("ij,ij->j", error, error)
        self.absolute += np.abs(error, out=error).sum(axis=0)
        for side, values in enumerate((truth, predicted)):
            np.minimum(self.low[side], values.min(axis=0), out=self.low[side])
            np.maximum(self.high[side], values.max(axis=0), out=self.high[side])
            values -= self.shift[side]
            self.first[side] += values.sum(axis=0)
            self.second[side] += np.einsum("ij,ij->j", values, values)
        self.product += np.einsum("ij,ij->j", truth, predicted)

    @property
    def constant(self) -> NDArray[np.bool_]:
        """Shape (2, rows): whether all targets of a row have one value in the truth and in the prediction."""
        return np.asarray(self.low == self.high)

    def by_row(self) -> Floats:
        """Pearson's correlation of each row; NaN where one side is constant."""
        m = self.columns
        spread = np.maximum(self.second - self.first**2 / m, 0)
        shared = self.product - self.first[0] * self.first[1] / m
        with np.errstate(divide="ignore", invalid="ignore"):
            r = np.clip(shared / np.sqrt(spread[0] * spread[1]), -1, 1)
        return np.where(self.constant.any(axis=0), np.nan, r)

    def overall(self) -> tuple[float, float]:
        """(r over all rows and columns, variance of atanh r with rows as the units)."""
        rows = self.first.shape[1]
        m = self.columns
        centre = self.shift.mean(axis=1) + self.first.sum(axis=1) / (m * rows)
        move = self.shift - centre[:, None]
        squares = self.second + 2 * move * self.first + m * move**2
        product = self.product + move[0] * self.first[1] + move[1] * self.first[0] + m * move[0] * move[1]
        variance = squares.sum(axis=1) / (m * rows)
        if (variance <= 0).any():
            return np.nan, np.nan
        r = float(product.sum() / (m * rows) / np.sqrt(variance[0] * variance[1]))
        influence = (
            product / np.sqrt(variance[0] * variance[1])
            - r * (squares[0] / variance[0] + squares[1] / variance[1]) / 2
        )
        influence /= m
        if rows < 4 or 1 - r * r < 1e-12:
            return r, np.nan
        return r, float(np.dot(influence, influence) / rows / (rows - 3) / (1 - r * r) ** 2)


def judge(given: Given) -> ProtocolResult:
    """`rowwise_pearson` (a row with constant predictions counts -1), and the variants of 2021 in which rows
    and columns without spread count 0.

    Rows whose truth is constant have no correlation and do not count in `rowwise_pearson`; a note says so.
    InputRejected: no truth file, no common row or column, ids missing or doubled, cells without a number, a
    truth that is constant in every row.
    """
    sides = _sides(given)
    rows, m = len(sides.ids), len(sides.columns)
    step = max(1, CHUNK // rows)
    sums, genes = Sums(rows), np.empty(m)
    for start in range(0, m, step):
        given.progress(_READING, start / m)
        names = sides.columns[start : start + step]
        truth, predicted = sides.block(names)
        genes[start : start + len(names)] = columns_pearson(truth, predicted)
        sums.add(truth, predicted)
    row_r, constant = sums.by_row(), sums.constant
    counted = ~constant[0]
    if not counted.any():
        raise InputRejected("constant_truth", _ALL_CONSTANT, count=rows)
    _notes(given, sides, constant)
    scored = np.where(constant[1], -1.0, row_r)
    metrics = [
        _mean("rowwise_pearson", scored[counted]),
        _mean("cell_pearson", np.nan_to_num(row_r)),
        _mean("gene_pearson", genes),
        _overall("overall_pearson", *sums.overall(), rows),
        *_errors(sums),
    ]
    metrics += _ranked(given, sides)
    shown = slice(0, MOST_GROUPS)
    listed = [
        float(value) if there else None for value, there in zip(scored[shown], counted[shown], strict=True)
    ]
    edges = np.linspace(-1, 1, 41)
    counts, _edges = np.histogram(scored[counted], edges)
    drawn = {
        "units": Table({"unit": sides.ids[shown], "pearson": listed}),
        "histogram": Table({"low": edges[:-1].tolist(), "high": edges[1:].tolist(), "n": counts.tolist()}),
    }
    return given.result(rows, metrics, drawn)


def columns_pearson(truth: Floats, predicted: Floats) -> Floats:
    """Correlation along the last axis, shape (columns,); 0 where one side does not vary."""
    x = truth - truth.mean(axis=1, keepdims=True)
    y = predicted - predicted.mean(axis=1, keepdims=True)
    shared = np.einsum("ij,ij->i", x, y)
    spread = np.einsum("ij,ij->i", x, x) * np.einsum("ij,ij->i", y, y)
    flat = (truth == truth[:, :1]).all(axis=1) | (predicted == predicted[:, :1]).all(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(flat, 0.0, shared / np.sqrt(spread))


def _sides(given: Given) -> Sides:
    """InputRejected: see `judge`."""
    truth, predictions = given.tables.truth, given.tables.predictions
    if truth is None:
        raise InputRejected("no_truth_file", _NO_TRUTH_FILE)
    ours, theirs = pl.read_parquet_schema(predictions), pl.read_parquet_schema(truth)
    own = given.params["id"]
    other = given.name("truth_id") or own
    if other not in theirs:
        raise InputRejected(
            "missing_column", _NO_TRUTH_ID, column=other, columns=", ".join(list(theirs)[:20])
        )
    as_text = ours[own] != theirs[other]
    keys = []
    for path, schema, name, file in (
        (truth, theirs, other, TRUTH_FILE),
        (predictions, ours, own, PREDICTION_FILE),
    ):
        key = id_key(name, pl.Schema(schema), as_text=as_text).alias(KEY)
        frame = pl.scan_parquet(path, glob=False).select(key).collect()
        check_ids(frame.lazy(), name, file)
        keys.append(frame)
    common = (
        keys[0]
        .with_row_index(ROW)
        .join(keys[1].with_row_index("\0other"), on=KEY, how="inner", maintain_order="left")
    )
    if not common.height:
        raise InputRejected("nothing_common", _NOTHING_COMMON, column=own)
    if lacking := keys[0].height - common.height:
        given.notes.append(Message(_LACKING, {"count": lacking, "all": keys[0].height}))
    return Sides(
        truth,
        predictions,
        common.get_column(KEY).cast(pl.String).to_list(),
        common.get_column(ROW).cast(pl.Int64).to_numpy(),
        common.get_column("\0other").cast(pl.Int64).to_numpy(),
        _targets(given, dict(ours), dict(theirs), {own, other}),
    )


def _targets(
    given: Given, ours: dict[str, pl.DataType], theirs: dict[str, pl.DataType], ids: set[str]
) -> list[str]:
    chosen = given.names("targets")
    for name in chosen:
        if name not in theirs:
            raise InputRejected("missing_column", _NOT_IN_TRUTH, column=name)
        if not (ours[name].is_numeric() and theirs[name].is_numeric()):
            raise InputRejected("not_numeric", _NOT_NUMERIC, column=name)
    found = chosen or [
        name
        for name, kind in theirs.items()
        if name not in ids and name in ours and kind.is_numeric() and ours[name].is_numeric()
    ]
    if len(found) < 2:
        raise InputRejected("no_targets", _NO_TARGETS, count=len(found))
    return found


def _read(path: Path, names: list[str], rows: NDArray[np.int64], file: Message) -> Floats:
    frame = pl.read_parquet(path, columns=names, glob=False)
    in_order = frame.height == len(rows) and bool((rows == np.arange(len(rows))).all())
    values = np.empty((len(names), len(rows)))
    for place, name in enumerate(names):
        column = frame.get_column(name).to_numpy()
        values[place] = column if in_order else column[rows]
    faulty = ~np.isfinite(values.sum(axis=1))
    if faulty.any():
        place = int(np.argmax(faulty))
        wrong = ~np.isfinite(values[place])
        if wrong.any():
            raise InputRejected(
                "missing_value",
                _NO_VALUE,
                column=names[place],
                row=int(rows[np.argmax(wrong)]) + 1,
                file=file,
            )
    return values


def _notes(given: Given, sides: Sides, constant: NDArray[np.bool_]) -> None:
    for side, text in ((1, _CONSTANT_PREDICTIONS), (0, _CONSTANT_TRUTH)):
        if count := int(constant[side].sum()):
            first = sides.ids[int(np.argmax(constant[side]))][:50]
            given.notes.append(Message(text, {"count": count, "first": first}))


def _mean(key: str, values: Floats) -> MetricResult:
    mean, variance = mean_and_variance(values)
    low, high = normal_interval(mean, variance)
    return bounded(key, mean, np.maximum(low, -1), np.minimum(high, 1), len(values), "normal")


def _overall(key: str, r: float, variance: float, n: int) -> MetricResult:
    half = Z * np.sqrt(variance)
    if not np.isfinite(half):
        return MetricResult(key, r, n=n)
    low, high = (float(np.tanh(np.arctanh(r) + sign * half)) for sign in (-1, 1))
    return bounded(key, r, low, high, n, "fisher")


def _errors(sums: Sums) -> list[MetricResult]:
    """Root of the mean squared error and mean absolute error over all values; rows are the units."""
    rows, m = len(sums.squared), sums.columns
    mse, spread = mean_and_variance(sums.squared / m)
    low, high = log_interval(mse, spread)
    mae, variance = mean_and_variance(sums.absolute / m)
    return [
        bounded("rmse", float(np.sqrt(mse)), np.sqrt(low), np.sqrt(high), rows, "log-normal"),
        bounded("mae", mae, *log_interval(mae, variance), rows, "log-normal"),
    ]


def _ranked(given: Given, sides: Sides) -> list[MetricResult]:
    rows, m = len(sides.ids), len(sides.columns)
    if rows * m > MOST_RANKED:
        given.notes.append(Message(_NOT_RANKED, {"most": MOST_RANKED}))
        return []
    truth, predicted = sides.block(sides.columns)
    by_gene = columns_pearson(rankdata(truth, axis=1), rankdata(predicted, axis=1))
    by_row = columns_pearson(rankdata(truth.T, axis=1), rankdata(predicted.T, axis=1))
    ranks = Sums(rows)
    ranks.add(rankdata(truth).reshape(truth.shape), rankdata(predicted).reshape(truth.shape))
    return [
        _mean("cell_spearman", by_row),
        _mean("gene_spearman", by_gene),
        _overall("overall_spearman", *ranks.overall(), rows),
    ]


_NO_TRUTH_FILE = gettext_noop(
    "This protocol reads truth and predictions side by side, because their columns have the same names. "
    "Upload "
    "the truth as a file of its own."
)
_NO_TRUTH_ID = gettext_noop(
    "The truth has no column “%(column)s” with the row ids. It has: %(columns)s. Name the one that holds "
    "them."
)
_NOTHING_COMMON = gettext_noop(
    "No row of the predictions is in the truth: no id of “%(column)s” occurs in both. Choose columns that "
    "hold "
    "the same ids."
)
_LACKING = gettext_noop("%(count)s of %(all)s rows of the truth have no prediction and are left out.")
_NOT_IN_TRUTH = gettext_noop("The truth has no column “%(column)s”. Choose targets that both files have.")
_NOT_NUMERIC = gettext_noop("The target “%(column)s” does not hold numbers in both files. Leave it out.")
_NO_TARGETS = gettext_noop(
    "Truth and predictions share %(count)s columns of numbers; a correlation by row needs at least two."
)
_NO_VALUE = gettext_noop(
    "The column %(column)s of the %(file)s has no finite number in row %(row)s. Fill the values in or "
    "leave the "
    "row out of both files."
)
_ALL_CONSTANT = gettext_noop(
    "The true targets are all the same in each of the %(count)s rows, so no row has a correlation. Check "
    "that "
    "the right file is the truth."
)
_CONSTANT_PREDICTIONS = gettext_noop(
    "The predictions are all the same in %(count)s rows, which count -1 by the rule; the first is %(first)s."
)
_CONSTANT_TRUTH = gettext_noop(
    "The true targets are all the same in %(count)s rows, which have no correlation and do not count in the "
    "row-wise one; the first is %(first)s."
)
_NOT_RANKED = gettext_noop("Rank correlations are left out above %(most)s values.")
