"""Labels that arrive after the predictions: which of several counts, and where it goes.

An id has the label that came last: first the one of the batch itself, then those of the uploads in their
order, within an upload the last row. A missing label says nothing and changes nothing.

Sources may write one label in several ways (1, "1", 1.0, true). They meet by this rule:

* texts that are all numbers count as numbers, texts that are all true or false as booleans;
* only booleans stay booleans, only numbers stay numbers, and of both a boolean is 1 or 0;
* as soon as one source has other texts, all are texts in the form of `compute.labels.canonical`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from apps.compute import labels
from apps.compute.join import KEY, ROW, id_key

LABEL, SOURCE = "\0label", "\0source"
#: Without leading zeros: 007 is a code and no number.
NUMBER = r"^[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?$"


@dataclass(frozen=True, slots=True)
class LabelTable:
    """A normalised Parquet table with an id and a label in each row."""

    path: Path
    id_column: str
    label_column: str


@dataclass(frozen=True, slots=True)
class Labelled:
    """Rows of a batch: all, those with a label, and those whose label a later source changed."""

    rows: int
    labelled: int
    changed: int


def with_labels(
    batch: Path, uploads: Sequence[LabelTable], target: Path, *, id_column: str, truth: str
) -> Labelled:
    """Write the batch with its labels in the column ``truth`` to ``target``; its rows keep their order.

    ``uploads`` in their order. Ids meet as text (7, 7.0 and "7" are one); a row without an id keeps its own
    label. A batch without the column ``id_column`` gets nothing from the uploads.
    """
    frame = pl.read_parquet(batch, glob=False).with_row_index(ROW)
    if id_column in frame.columns:
        frame = frame.with_columns(id_key(id_column, frame.schema, as_text=True).alias(KEY))
    else:
        frame = frame.with_columns(pl.lit(None, pl.String).alias(KEY))
    own = frame.select(ROW, frame[truth].alias(LABEL)) if truth in frame.columns else None
    arrived = [_rows_with_labels(frame.select(ROW, KEY), upload) for upload in uploads]
    sources = united([source for source in (own, *arrived) if source is not None])
    newest = _newest(sources)
    joined = frame.drop(truth, strict=False).join(newest, on=ROW, how="left", maintain_order="left")
    changed = int(newest["changed"].sum())
    joined = joined.rename({LABEL: truth}).drop(ROW, KEY, "changed")
    order = frame.columns if truth in frame.columns else joined.columns
    joined.select(name for name in order if name in joined.columns).write_parquet(target, compression="zstd")
    return Labelled(len(frame), len(frame) - joined[truth].null_count(), changed)


def read_labels(upload: LabelTable) -> pl.LazyFrame:
    """Ids as text (`KEY`) and labels (`LABEL`) of the rows that have both, each id once: its last row."""
    frame = pl.scan_parquet(upload.path, glob=False)
    schema = frame.collect_schema()
    pairs = frame.select(
        id_key(upload.id_column, schema, as_text=True).alias(KEY), pl.col(upload.label_column).alias(LABEL)
    )
    return pairs.drop_nulls().unique(KEY, keep="last", maintain_order=True)


def doubled(upload: LabelTable) -> tuple[int, tuple[str, ...]]:
    """How many ids of an upload have rows that contradict each other, and the first five of them."""
    frame = pl.scan_parquet(upload.path, glob=False)
    schema = frame.collect_schema()
    said = frame.select(
        id_key(upload.id_column, schema, as_text=True).alias(KEY), pl.col(upload.label_column).alias(LABEL)
    ).drop_nulls()
    several = (
        said.group_by(KEY, maintain_order=True)
        .agg(pl.col(LABEL).n_unique().alias("labels"))
        .filter(pl.col("labels") > 1)
        .collect()
    )
    return len(several), tuple(several[KEY].head(5))


def united(sources: Sequence[pl.DataFrame]) -> list[pl.DataFrame]:
    """The sources with their column `LABEL` in one type; those without any label are left out."""
    plain = [source.with_columns(_plain(source[LABEL])).drop_nulls(LABEL) for source in sources]
    plain = [source for source in plain if len(source)]
    types = [source.schema[LABEL] for source in plain]
    if all(dtype == pl.Boolean for dtype in types):
        return plain
    if all(dtype == pl.Boolean or dtype.is_numeric() for dtype in types):
        whole = all(not dtype.is_float() for dtype in types)
        number = pl.Int64 if whole else pl.Float64
        return [source.with_columns(pl.col(LABEL).cast(number)) for source in plain]
    return [source.with_columns(_canonical(source[LABEL])) for source in plain]


def _rows_with_labels(rows: pl.DataFrame, upload: LabelTable) -> pl.DataFrame:
    ids = rows.lazy().drop_nulls(KEY)
    return ids.join(read_labels(upload), on=KEY, how="inner").select(ROW, LABEL).collect(engine="streaming")


def _newest(sources: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """For each row the label of its last source, and whether an earlier one said something else."""
    if not sources:
        return pl.DataFrame(schema={ROW: pl.UInt32, LABEL: pl.String, "changed": pl.Boolean})
    said = pl.concat(
        source.select(ROW, LABEL).with_columns(pl.lit(place).alias(SOURCE))
        for place, source in enumerate(sources)
    )
    return said.group_by(ROW).agg(
        pl.col(LABEL).sort_by(SOURCE).last(), (pl.col(LABEL).n_unique() > 1).alias("changed")
    )


def _plain(column: pl.Series) -> pl.Series:
    """Numbers and booleans where the texts of the column are nothing else; NaN and blanks are missing."""
    if column.dtype.is_float():
        return column.fill_nan(None)
    if column.dtype.is_numeric() or column.dtype == pl.Boolean:
        return column
    texts = column.cast(pl.String).str.strip_chars().replace("", None)
    lowered = texts.str.to_lowercase()
    if lowered.is_in(["true", "false"]).all():
        return lowered == "true"
    if not texts.str.contains(NUMBER).all():
        return texts
    whole = texts.cast(pl.Int64, strict=False)
    return whole if whole.null_count() == texts.null_count() else texts.cast(pl.Float64)


def _canonical(column: pl.Series) -> pl.Series:
    texts = labels.distinct(column)
    return column.replace_strict(list(texts), list(texts.values()), return_dtype=pl.String).alias(column.name)
