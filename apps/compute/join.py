"""Predictions meet their truth: a one-to-one join by id, streamed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from apps.compute.messages import InputRejected, Message, gettext_noop

EXAMPLES = 5
PREDICTION_FILE = Message(gettext_noop("prediction file"))
TRUTH_FILE = Message(gettext_noop("truth file"))
#: Names that no column of a file can have by accident.
KEY, ROW = "\0key", "\0row"


@dataclass(frozen=True, slots=True)
class JoinReport:
    """How two files met: ``rows`` joined; ``missing`` truth ids without a prediction, ``surplus``
    predictions without a truth, both left out of the result and shown by their first examples;
    ``replaced`` names the prediction file's columns that gave way to a truth column of the same name.
    """

    rows: int
    missing: int
    surplus: int
    missing_examples: tuple[str, ...] = ()
    surplus_examples: tuple[str, ...] = ()
    replaced: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def join_predictions(
    predictions: Path,
    truth: Path,
    *,
    prediction_id: str,
    truth_id: str,
    target: Path,
    keep: Collection[str] = (),
) -> JoinReport:
    """Write the rows that both normalised Parquet files have to ``target``, in the order of the truth.

    The columns are those of the truth, then those of the predictions without their id. Where both have a
    column of one name the truth's stays, unless the name is in ``keep`` (the columns with the roles
    prediction and probability), for which the predictions' stays.

    Ids of different types meet as text: 7 and 7.0 and "7" are one id, "007" is another. Raises
    `InputRejected`: ``unknown_column``, ``missing_id`` and ``duplicate_id`` (in either file),
    ``nothing_matches``.
    """
    ours, theirs = pl.scan_parquet(predictions, glob=False), pl.scan_parquet(truth, glob=False)
    ours_schema, theirs_schema = ours.collect_schema(), theirs.collect_schema()
    _check_column(prediction_id, ours_schema, PREDICTION_FILE)
    _check_column(truth_id, theirs_schema, TRUTH_FILE)
    as_text = ours_schema[prediction_id] != theirs_schema[truth_id]
    ours = ours.with_columns(id_key(prediction_id, ours_schema, as_text=as_text).alias(KEY))
    theirs = theirs.with_columns(id_key(truth_id, theirs_schema, as_text=as_text).alias(KEY))
    check_ids(ours, prediction_id, PREDICTION_FILE)
    check_ids(theirs, truth_id, TRUTH_FILE)

    missing, missing_examples = _without(theirs, ours)
    surplus, surplus_examples = _without(ours, theirs)
    total = int(theirs.select(pl.len()).collect().item())
    if missing == total:
        raise _nothing_matches(prediction_id, truth_id, surplus_examples, missing_examples)

    both = (set(ours_schema) - {prediction_id}) & set(theirs_schema)
    replaced = both - (set(keep) - {truth_id})
    added = [name for name in ours_schema if name != prediction_id and name not in replaced]
    kept = [name for name in theirs_schema if name not in both - replaced]
    theirs.select(KEY, *kept).join(ours.select(KEY, *added), on=KEY, how="inner", maintain_order="left").drop(
        KEY
    ).sink_parquet(target, compression="zstd")
    return JoinReport(
        rows=total - missing,
        missing=missing,
        surplus=surplus,
        missing_examples=missing_examples,
        surplus_examples=surplus_examples,
        replaced=tuple(name for name in ours_schema if name in replaced),
    )


def id_key(name: str, schema: pl.Schema, *, as_text: bool) -> pl.Expr:
    """The id as both files can hold it: ids of different types meet as text, 7.0 as 7."""
    column = pl.col(name)
    if not as_text:
        return column
    if schema[name].is_float():
        whole = column.cast(pl.Int64, strict=False)
        return pl.when(whole == column).then(whole.cast(pl.String)).otherwise(column.cast(pl.String))
    return column.cast(pl.String)


def _check_column(name: str, schema: pl.Schema, file: Message) -> None:
    if name not in schema:
        raise InputRejected(
            "unknown_column",
            gettext_noop("The %(file)s has no column “%(column)s”. Choose the column that holds the id."),
            column=name,
            file=file,
        )


def check_ids(frame: pl.LazyFrame, name: str, file: Message) -> None:
    """InputRejected when a row has no id in the column `KEY`, in the file ``name``, or two have the same."""
    counts = frame.select(
        pl.len().alias("rows"),
        pl.col(KEY).null_count().alias("missing"),
        pl.col(KEY).n_unique().alias("distinct"),
    ).collect(engine="streaming")
    rows, missing, distinct = counts.row(0)
    numbered = frame.select(KEY).with_row_index(ROW, offset=1)
    if missing:
        first = numbered.filter(pl.col(KEY).is_null()).select(pl.col(ROW).min()).collect(engine="streaming")
        raise InputRejected(
            "missing_id",
            gettext_noop(
                "%(count)s rows of the %(file)s have no “%(column)s”, the first of them row %(row)s. "
                "Give every row an id."
            ),
            column=name,
            row=int(first.item()),
            count=missing,
            file=file,
        )
    if distinct < rows:
        raise _doubled(numbered, name, file)


def _doubled(numbered: pl.LazyFrame, name: str, file: Message) -> InputRejected:
    """Count the ids that occur more than once, and show the first few with their rows."""
    groups = (
        numbered.group_by(KEY)
        .agg(pl.len(), pl.col(ROW).min())
        .filter(pl.col("len") > 1)
        .collect(engine="streaming")
        .sort(ROW)
    )
    first = groups.head(EXAMPLES)
    rows = (
        numbered.filter(pl.col(KEY).is_in(first[KEY].implode()))
        .collect(engine="streaming")
        .group_by(KEY, maintain_order=True)
        .agg(pl.col(ROW).head(3))
    )
    examples = "; ".join(f"{key}: {', '.join(map(str, places))}" for key, places in rows.rows())
    return InputRejected(
        "duplicate_id",
        gettext_noop(
            "%(count)s ids of the %(file)s occur more than once in “%(column)s”. The first, with their "
            "rows: %(examples)s. Each id may occur only once."
        ),
        column=name,
        row=int(first[ROW][0]),
        count=len(groups),
        file=file,
        examples=examples,
    )


def _without(frame: pl.LazyFrame, other: pl.LazyFrame) -> tuple[int, tuple[str, ...]]:
    """How many keys of ``frame`` the ``other`` lacks, and the first of them in the order of the file."""
    lacking = (
        frame.select(KEY)
        .with_row_index(ROW)
        .join(other.select(KEY), on=KEY, how="anti")
        .select(pl.len().alias("count"), pl.col(KEY).sort_by(ROW).head(EXAMPLES).implode().alias("examples"))
        .collect(engine="streaming")
    )
    count, examples = lacking.row(0)
    return int(count), tuple(str(example) for example in examples)


def _nothing_matches(
    prediction_id: str, truth_id: str, ours: tuple[str, ...], theirs: tuple[str, ...]
) -> InputRejected:
    return InputRejected(
        "nothing_matches",
        gettext_noop(
            "No id of the predictions occurs in the truth file. “%(column)s” holds %(ours)s and "
            "“%(truth_column)s” holds %(theirs)s. Choose columns that hold the same ids."
        ),
        column=prediction_id,
        truth_column=truth_id,
        ours=", ".join(ours),
        theirs=", ".join(theirs),
    )
