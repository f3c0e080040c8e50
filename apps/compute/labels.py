"""Class labels in one canonical text form, so that ``1``, ``1.0``, ``"1"`` and ``True`` can be one class.

Truth and predictions often come from different files, and the same class is an integer in one, a float
(because of a missing value) or a text in the other. Every label becomes text by these rules:

* numbers: a whole number is written without its fraction (``1.0`` -> ``1``, ``-0.0`` -> ``0``), any other
  in its shortest form (``0.5``);
* booleans: ``true`` and ``false``, as are the texts ``True``, ``TRUE`` …;
* texts: without surrounding blanks; texts that are plain whole numbers (``1.0``) like the number;
* missing, NaN and blank texts: no label.

Where one column has only ``true``/``false`` and another only ``1``/``0``, they are the same two classes
and all become ``1`` and ``0`` (`unite`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

#: Positions in the list of classes; -1 is no label.
Codes = NDArray[np.int32]

_WHOLE = re.compile(r"(-?)(0|[1-9][0-9]*)(?:\.0*)?")
_BOOLEAN = {"true": "1", "false": "0"}
#: Pairs of (negative, positive) words, compared in lower case.
_OPPOSITES = (
    ("0", "1"),
    ("false", "true"),
    ("no", "yes"),
    ("n", "y"),
    ("negative", "positive"),
    ("neg", "pos"),
    ("-1", "1"),
    ("<=50K".lower(), ">50K".lower()),
    ("benign", "malignant"),
    ("ham", "spam"),
    ("normal", "fraud"),
    ("bad", "good"),
)


def canonical(label: str) -> str:
    """The canonical text of one label that is text already; empty when it is no label."""
    text = label.strip()
    if whole := _WHOLE.fullmatch(text):
        sign, digits = whole.groups()
        return digits if digits == "0" else sign + digits
    lowered = text.lower()
    return lowered if lowered in _BOOLEAN else text


def distinct(column: pl.Series) -> dict[object, str]:
    """Map each distinct present value of ``column`` to its canonical text (blank texts map to '')."""
    values = column.unique().drop_nulls()
    if column.dtype.is_float():
        values = values.filter(values.is_not_nan())
    texts = values.cast(pl.String)
    if column.dtype.is_float():
        texts = pl.Series([_float_text(value) for value in values.to_list()], dtype=pl.String)
    return {value: canonical(text) for value, text in zip(values.to_list(), texts.to_list(), strict=True)}


def _float_text(value: float) -> str:
    return str(int(value)) if value.is_integer() and abs(value) < 2**63 else repr(value)


def unite(groups: Iterable[Iterable[str]]) -> Mapping[str, str]:
    """Map ``true``/``false`` to ``1``/``0`` when some group of labels is boolean and another is 0/1.

    A group is the set of labels of one column. Labels that stay as they are, are not in the map.
    """
    sets = [set(group) - {""} for group in groups]
    boolean = any(labels and labels <= {"true", "false"} for labels in sets)
    numeric = any(labels and labels <= {"0", "1"} for labels in sets)
    only_these = all(labels <= {"true", "false", "0", "1"} for labels in sets)
    return _BOOLEAN if boolean and numeric and only_these else {}


def encode(column: pl.Series, texts: Mapping[object, str], classes: Sequence[str]) -> Codes:
    """Positions in ``classes`` of the labels of ``column``; -1 where there is no label.

    ``texts`` maps the column's values to class texts (`distinct`); all texts must be '' or in ``classes``.
    """
    place = {text: code for code, text in enumerate(classes)} | {"": -1}
    plain = column.cast(pl.String) if column.dtype in (pl.Categorical, pl.Enum) else column
    values = pl.Series(list(texts), dtype=plain.dtype)
    codes = pl.Series([place[text] for text in texts.values()], dtype=pl.Int32)
    return (
        np.full(len(column), -1, np.int32)
        if not len(values)
        else plain.replace_strict(values, codes, default=-1, return_dtype=pl.Int32).to_numpy()
    )


def order(labels: Iterable[str]) -> tuple[str, ...]:
    """Labels in report order: numbers by value, then texts in alphabetical order."""

    def place(label: str) -> tuple[bool, float, str]:
        try:
            return False, float(label), label
        except ValueError:
            return True, 0.0, label

    return tuple(sorted(labels, key=place))


def positive_of(classes: Sequence[str]) -> str | None:
    """The class of two that is plainly the positive one by its name, or None."""
    lowered = {label.lower(): label for label in classes}
    for negative, positive in _OPPOSITES:
        if set(lowered) == {negative, positive}:
            return lowered[positive]
    return None


def opposite(label: str) -> str:
    """A name for the class that never occurs in data where every row is ``label``."""
    for pair in _OPPOSITES:
        if label.lower() in pair:
            return pair[1 - pair.index(label.lower())]
    return f"not {label}"
