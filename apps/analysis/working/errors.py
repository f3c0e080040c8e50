"""The worst rows, written to a small file that pages read a piece of."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from apps.analysis.kinds.errors import (
    MADE,
    OFF,
    PREDICTION,
    SURE,
    TRUE,
    TRUTH,
    WRONG,
    slice_of_report,
)
from apps.analysis.pipeline import Outcome, Work
from apps.analysis.working.rows import judge_rows
from apps.compute.conditions import conditions_from_json, expression
from apps.compute.inputs import Inputs
from apps.compute.judged import Judged, JudgedBinary, JudgedMulticlass, JudgedRegression
from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import Role
from apps.compute.slices import groupings
from apps.compute.worst_rows import ROW, write_worst

MOST_SLICES, MOST_OTHERS, MOST_CHARACTERS = 20, 30, 500
#: What is said of a row by columns of the table, where the task has no columns of its own for it.
_SAID = (Role.TARGET, Role.PREDICTION, Role.PROBABILITY)
_WRITING = Message(gettext_noop("Writing the worst rows"))


def find_errors(work: Work) -> Outcome:
    """The result says how many rows there were, how many are wrong, and what the columns of the file are."""
    named = [condition["column"] for condition in work.params["conditions"]]
    columns, values = _report_slice(work)
    inputs, judged = judge_rows(work, *named, *columns)
    fits = _rows(inputs, work.params["conditions"], columns, values)
    surprise = np.where(fits, judged.surprise(), np.nan)
    made = _made(judged)
    keep = _shown(work, inputs, bool(made), [*columns, *named])
    work.progress(_WRITING, 0.6)
    path = work.folder / "worst.parquet"
    count = write_worst(work.table.path, _whole(inputs, surprise), path, keep=keep)
    _complete(path, inputs, made, keep)
    result = {
        "n": int(fits.sum()),
        "wrong": int((fits & made[WRONG]).sum()) if WRONG in made else None,
        "columns": [{"name": name, "role": work.table.roles[name].role.value} for name in keep],
    }
    return Outcome(result, path, count)


def _report_slice(work: Work) -> tuple[list[str], list[str]]:
    column, value = work.params["column"], work.params["value"]
    return slice_of_report(work.run, column, value) if column else ([], [])


def _rows(
    inputs: Inputs, conditions: list[dict[str, Any]], columns: list[str], values: list[str]
) -> NDArray[np.bool_]:
    """Which of the judged rows are meant, (n,)."""
    if columns:
        found, _notes = groupings(inputs.frame, columns, [tuple(columns)] if len(columns) > 1 else [])
        grouping = next(each for each in found if list(each.columns) == columns)
        shown: NDArray[np.bool_] = grouping.codes == grouping.values.index(tuple(values))
        return shown
    if not conditions:
        return np.ones(len(inputs.frame), dtype=bool)
    fits = expression(inputs.frame.schema, conditions_from_json(conditions))
    return inputs.frame.select(fits.alias("fits")).to_series().to_numpy()


def _whole(inputs: Inputs, judged: NDArray[np.float64]) -> NDArray[np.float64]:
    """One number for each row of the table; NaN for those without a target."""
    if inputs.labelled is None:
        return judged
    whole = np.full(len(inputs.labelled), np.nan)
    whole[inputs.labelled] = judged
    return whole


def _made(judged: Judged) -> dict[str, NDArray[Any]]:
    """What the model said of each judged row, by the names of the file's further columns."""
    match judged:
        case JudgedBinary():
            truth, decided = judged.data.truth.astype(np.intp), judged.decisions().astype(np.intp)
            probability = judged.data.probability
            both = None if probability is None else np.stack((1 - probability, probability))
            return _of_classes(judged.data.classes, truth, decided, both)
        case JudgedMulticlass():
            data = judged.data
            return _of_classes(data.classes, data.truth, data.predicted, data.probability)
        case JudgedRegression():
            true, predicted = judged.data.truth, judged.data.predicted
            return {TRUTH: true, PREDICTION: predicted, OFF: predicted - true}
    return {}


def _of_classes(
    classes: tuple[str, ...],
    truth: NDArray[Any],
    predicted: NDArray[Any],
    probability: NDArray[np.float64] | None,
) -> dict[str, NDArray[Any]]:
    """``probability`` has shape (classes, n)."""
    names = np.array(classes, dtype=object)
    made: dict[str, NDArray[Any]] = {TRUTH: names[truth], PREDICTION: names[predicted]}
    made[WRONG] = truth != predicted
    if probability is not None:
        rows = np.arange(len(truth))
        made |= {TRUE: probability[truth, rows], SURE: probability[predicted, rows]}
    return made


def _shown(work: Work, inputs: Inputs, is_made: bool, asked: list[str]) -> list[str]:
    """Columns of the table that are kept: the id, the slice that was asked for, slice columns, then texts,
    times and features.
    """
    schema, roles = pl.read_parquet_schema(work.table.path), work.table.roles
    for name in MADE:
        if name in schema:
            raise InputRejected("reserved_name", _RESERVED, column=name)

    def having(*wanted: Role) -> list[str]:
        return [name for name in schema if name in roles and roles[name].role in wanted]

    texts = [name for name in having(Role.FEATURE, Role.IGNORE) if schema[name] == pl.String]
    others = [*texts, *having(Role.TIMESTAMP, Role.QUERY, Role.SERIES, Role.HORIZON, Role.FEATURE)]
    said = [] if is_made else having(*_SAID)[:MOST_OTHERS]
    chosen = [*having(Role.ID), *said, *asked, *having(Role.SLICE)[:MOST_SLICES]]
    chosen += list(dict.fromkeys(others))[:MOST_OTHERS]
    return [name for name in dict.fromkeys(chosen) if name in roles]


def _complete(path: Path, inputs: Inputs, made: Mapping[str, NDArray[Any]], keep: list[str]) -> None:
    """Add what the model said, and cut long texts."""
    found = pl.read_parquet(path)
    rows = found.get_column(ROW).to_numpy() - 1
    places = rows if inputs.labelled is None else np.searchsorted(np.flatnonzero(inputs.labelled), rows)
    cut = [_cut(found.get_column(name)) for name in keep if found.schema[name] == pl.String]
    said = [pl.Series(name, list(values[places])) for name, values in made.items()]
    found.with_columns(*cut, *said).write_parquet(path)


def _cut(column: pl.Series) -> pl.Series:
    long = column.str.len_chars() > MOST_CHARACTERS
    short = column.str.slice(0, MOST_CHARACTERS) + "…"
    return short.zip_with(long.fill_null(False), column)


_RESERVED = gettext_noop(
    "A column may not be called %(column)s: the list of errors uses that name. Rename it in the file."
)
