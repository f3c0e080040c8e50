"""The list of suspicious rows that people fill in, read back and applied to the truth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import polars as pl

from apps.compute import labels
from apps.compute.inputs import names
from apps.compute.messages import InputRejected, gettext_noop

ID, GIVEN, NEW_LABEL, DROP = "id", "given_label", "new_label", "drop"
COLUMNS = (
    *(ID, "row", GIVEN, "suggested_label", "suspicion", "probability_of_given"),
    *(NEW_LABEL, DROP),
)
_YES = frozenset({"yes", "y", "true", "1", "x", "drop", "да"})
_NO = frozenset({"", "no", "n", "false", "0", "нет"})
#: A spreadsheet runs what begins like this as a formula; numbers such as -1 are none.
_FORMULA = re.compile(r"^[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")
_KEY = "__key__"


@dataclass(frozen=True, slots=True)
class Corrections:
    """What people filled in: ``ids`` as the truth holds them, ``labels`` (texts of classes, None to leave the
    label) and ``drops``, all of one length. Rows with nothing filled in are not here.
    """

    ids: pl.Series
    labels: tuple[str | None, ...]
    drops: tuple[bool, ...]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True)
class Applied:
    """Rows of the truth with another label, rows left out, and rows as they were; they add up to all rows."""

    changed: int
    dropped: int
    unchanged: int


def write_list(suspects: pl.DataFrame, target: Path | IO[bytes]) -> None:
    """Write ``suspects`` (columns id, row, given, suggested, suspicion, self_confidence; see `find`) as a CSV
    with empty columns for people's answers. A text that a spreadsheet would run as a formula gets a quotation
    mark before it, which `read_list` takes away again.
    """
    table = suspects.select(
        pl.col("id").cast(pl.String).map_elements(_plain, return_dtype=pl.String).alias(ID),
        "row",
        pl.col("given").map_elements(_plain, return_dtype=pl.String).alias(GIVEN),
        pl.col("suggested").map_elements(_plain, return_dtype=pl.String).alias("suggested_label"),
        pl.col("suspicion").round(4),
        pl.col("self_confidence").round(4).alias("probability_of_given"),
        pl.lit(None, pl.String).alias(NEW_LABEL),
        pl.lit(None, pl.String).alias(DROP),
    )
    table.write_csv(target)


def _plain(text: str) -> str:
    return f"'{text}" if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def read_list(
    path: Path, *, truth_ids: pl.Series, classes: Sequence[str] | None, given: pl.Series | None = None
) -> Corrections:
    """Read a filled-in list that was normalised to Parquet. ``truth_ids`` are the ids of the truth, without
    repetition; ``classes`` the texts of the classes, None where the label is a number. ``given`` are the
    labels of the truth, in the order of its ids: a list that names another label for a row is one of other
    data (it is not looked at without classes, where numbers are rounded in the list).

    Rows are found by their id alone, so that columns may be added, sorted or taken out. The answer to drop is
    yes or no (or 1, x, true …). InputRejected, with the row: no column of ids or of answers, an id that is
    missing, unknown or there twice, another given label, a label outside the classes, an unknown answer, a
    label for a row that is to be dropped, nothing filled in.
    """
    frame = pl.read_parquet(path)
    if ID not in frame.columns:
        raise InputRejected("missing_column", _NO_COLUMN, column=ID, columns=names(frame.columns, 20))
    if NEW_LABEL not in frame.columns and DROP not in frame.columns:
        raise InputRejected("missing_column", _NO_COLUMN, column=NEW_LABEL, columns=names(frame.columns, 20))
    ids, answers, drops = (_texts(frame, name) for name in (ID, NEW_LABEL, DROP))
    rows = [row for row in range(len(ids)) if answers[row] or drops[row].lower() not in _NO]
    if not rows:
        raise InputRejected("nothing_filled_in", _NOTHING, label=NEW_LABEL, drop=DROP)
    known = {key: place for place, key in enumerate(_keys(truth_ids))}
    places, seen = [], dict[str, int]()
    for row in rows:
        _check_answer(row, answers[row], drops[row], classes)
        key = ids[row]
        if not key:
            raise InputRejected("missing_value", _NO_ID, column=ID, row=row + 1)
        if key in seen:
            raise InputRejected("doubled_id", _TWICE, column=ID, row=row + 1, id=key, first=seen[key] + 1)
        if key not in known:
            raise InputRejected("unknown_id", _UNKNOWN_ID, column=ID, row=row + 1, id=key)
        seen[key] = row
        places.append(known[key])
    if given is not None and classes is not None and GIVEN in frame.columns:
        _check_given(rows, _texts(frame, GIVEN), _keys(given.gather(places)))
    return Corrections(
        truth_ids.gather(places),
        tuple(answers[row] or None for row in rows),
        tuple(drops[row].lower() in _YES for row in rows),
    )


def _texts(frame: pl.DataFrame, name: str) -> list[str]:
    """The cells as canonical texts, without a quotation mark that keeps a formula from running."""
    if name not in frame.columns:
        return [""] * frame.height
    return [
        text[1:] if text.startswith("'") and _FORMULA.match(text[1:]) else text for text in _keys(frame[name])
    ]


def _keys(column: pl.Series) -> list[str]:
    texts = labels.distinct(column)
    return [texts.get(value, "") if value is not None else "" for value in column.to_list()]


def _check_answer(row: int, label: str, drop: str, classes: Sequence[str] | None) -> None:
    if drop.lower() not in _YES | _NO:
        raise InputRejected("unknown_answer", _YES_OR_NO, column=DROP, row=row + 1, value=drop[:50])
    if label and drop.lower() in _YES:
        raise InputRejected("label_and_drop", _BOTH, row=row + 1, label=label[:50])
    if not label:
        return
    if classes is None:
        try:
            number = float(label)
        except ValueError:
            number = np.nan
        if not np.isfinite(number):
            raise InputRejected("not_numeric", _NO_NUMBER, column=NEW_LABEL, row=row + 1, value=label[:50])
    elif label not in classes:
        params: dict[str, Any] = {"value": label[:50], "classes": names(classes, 20)}
        raise InputRejected("unknown_class", _NO_CLASS, column=NEW_LABEL, row=row + 1, **params)


def _check_given(rows: Sequence[int], listed: Sequence[str], there: Sequence[str]) -> None:
    same = labels.unite([[listed[row] for row in rows], there])
    for row, label in zip(rows, there, strict=True):
        said = listed[row]
        if said and same.get(said, said) != same.get(label, label):
            params: dict[str, Any] = {"said": said[:50], "label": label[:50]}
            raise InputRejected("other_list", _OTHER_LIST, column=GIVEN, row=row + 1, **params)


def apply(truth: Path, id_column: str, target_column: str, corrections: Corrections, target: Path) -> Applied:
    """Write the truth at ``truth`` (Parquet, ids without repetition) with the corrections to ``target``: rows
    that are to be dropped are left out, others keep their order and all columns. A new label is written the
    way in which the truth writes that class. Memory grows with the corrections and one batch of rows.

    InputRejected: a label that the type of the column cannot hold, such as 4.5 among whole numbers.
    """
    frame = pl.scan_parquet(truth, glob=False)
    written = frame.select(pl.col(target_column).unique()).collect(engine="streaming").to_series()
    dtype = frame.collect_schema()[target_column]
    answers = pl.DataFrame(
        {
            id_column: corrections.ids,
            _KEY: pl.Series(_as_written(corrections.labels, written), dtype=dtype, strict=False),
            f"{_KEY}drop": pl.Series(corrections.drops, dtype=pl.Boolean),
        }
    )
    joined = frame.join(answers.lazy(), on=id_column, how="left", maintain_order="left")
    drop = pl.col(f"{_KEY}drop").fill_null(False)
    changes = ~drop & pl.col(_KEY).is_not_null() & pl.col(_KEY).ne_missing(pl.col(target_column))
    counted = joined.select(
        changes.sum().alias("changed"), drop.sum().alias("dropped"), pl.len().alias("all")
    )
    changed, dropped, rows = counted.collect(engine="streaming").row(0)
    corrected = pl.coalesce(_KEY, target_column).alias(target_column)
    kept = joined.filter(~drop).with_columns(corrected).drop(_KEY, f"{_KEY}drop")
    kept.sink_parquet(target, maintain_order=True)
    return Applied(int(changed), int(dropped), int(rows - changed - dropped))


def _as_written(texts: Sequence[str | None], written: pl.Series) -> list[Any]:
    """The value of the truth's column for each text of a class: the one that stands there, else by its
    type.
    """
    found = labels.distinct(written)
    same = labels.unite([found.values(), [text for text in texts if text is not None]])
    values = {same.get(text, text): value for value, text in found.items() if text}
    new = sorted({text for text in texts if text is not None and same.get(text, text) not in values})
    for text, value in zip(
        new, pl.Series(new, dtype=pl.String).cast(written.dtype, strict=False), strict=True
    ):
        if value is None:
            raise InputRejected("label_of_other_type", _OTHER_TYPE, column=written.name, value=text[:50])
        values[same.get(text, text)] = value
    return [None if text is None else values[same.get(text, text)] for text in texts]


_NO_COLUMN = gettext_noop(
    "The list has no column %(column)s. It has: %(columns)s. Export the list again and fill it in without "
    "renaming its columns."
)
_NOTHING = gettext_noop(
    "No row of the list has an answer. Fill in the column %(label)s or %(drop)s of the rows you have checked."
)
_NO_ID = gettext_noop("Row %(row)s of the list has an answer but no id. Copy the id from the exported list.")
_TWICE = gettext_noop(
    "The id “%(id)s” in row %(row)s has an answer in row %(first)s already. Keep one answer for each row."
)
_UNKNOWN_ID = gettext_noop(
    "The id “%(id)s” in row %(row)s is not in the truth. Check that the list belongs to this run and that "
    "the spreadsheet has not changed the ids."
)
_OTHER_LIST = gettext_noop(
    "Row %(row)s of the list gives “%(said)s” as the present label, and in the truth it is “%(label)s”. The "
    "list belongs to another run, or its column %(column)s was changed. Export the list of this run again."
)
_YES_OR_NO = gettext_noop(
    "The column %(column)s has “%(value)s” in row %(row)s. Write yes to leave the row out, or leave it empty."
)
_BOTH = gettext_noop(
    "Row %(row)s has the new label “%(label)s” and is to be dropped too. Keep one of the two answers."
)
_NO_CLASS = gettext_noop(
    "The column %(column)s has “%(value)s” in row %(row)s, which is none of the classes: %(classes)s."
)
_OTHER_TYPE = gettext_noop(
    "The new label “%(value)s” cannot be written into the column %(column)s of the truth, whose values are "
    "of another type. Correct the label."
)
_NO_NUMBER = gettext_noop("The column %(column)s has “%(value)s” in row %(row)s, which is no number.")
