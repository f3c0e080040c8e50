"""Scores and decisions of a table whose labels need not be known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from apps.compute import labels
from apps.compute.inputs import Inputs, names, present
from apps.compute.labels import Codes
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import ColumnRoles, Role
from apps.compute.uncertainty import Floats


@dataclass(frozen=True, slots=True)
class Scored:
    """Probabilities as the file has them, shape (classes, n), and the codes of the predicted labels, shape
    (n,), None without such a column.
    """

    scores: Floats
    predicted: Codes | None


def read_scored(path: Path, roles: ColumnRoles, classes: tuple[str, ...], positive: str | None) -> Scored:
    """Read the rows of the Parquet file at ``path`` that have every probability and a prediction.

    InputRejected: a column is not in the file, a probability is outside 0..1 or no number, a label or the
    class of a probability column is none of ``classes``.
    """
    wanted = {n: use for n, use in roles.items() if use.role in (Role.PROBABILITY, Role.PREDICTION)}
    held = pl.read_parquet_schema(path)
    for name in wanted:
        if name not in held:
            raise InputRejected("missing_column", _MISSING, column=name, columns=names(list(held), 20))
    inputs = complete(Inputs(pl.read_parquet(path, columns=list(wanted)), wanted, None, None, ()))
    return Scored(scores_of(inputs, classes, positive), _predicted(inputs, classes))


def complete(inputs: Inputs) -> Inputs:
    """The rows that have every probability and, where there is such a column, a prediction."""
    usable = np.ones(inputs.frame.height, np.bool_)
    for name in (*inputs.columns(Role.PROBABILITY), *inputs.columns(Role.PREDICTION)):
        usable &= present(inputs.frame.get_column(name))
    if usable.all():
        return inputs
    before = np.ones(len(usable), np.bool_) if inputs.labelled is None else inputs.labelled
    kept = np.zeros(len(before), np.bool_)
    kept[np.flatnonzero(before)[usable]] = True
    return replace(inputs, frame=inputs.frame.filter(pl.Series(usable)), labelled=kept)


def scores_of(inputs: Inputs, classes: tuple[str, ...], positive: str | None) -> Floats:
    """Shape (classes, n): a class without a column has the probability 0, or of two classes what the other
    leaves. ``positive`` is the class of a column that names none.
    """
    same = _united(inputs, classes)
    scores = np.zeros((len(classes), inputs.frame.height))
    given = set()
    for column in inputs.columns(Role.PROBABILITY):
        label = labels.canonical(inputs.label(column)) or positive or ""
        label = same.get(label, label)
        if label not in classes:
            params: dict[str, Any] = {"label": label, "classes": names(classes)}
            raise InputRejected("unknown_class", _STRANGE_COLUMN, column=column, **params)
        scores[classes.index(label)] = inputs.probabilities(column)
        given.add(label)
    if positive is not None and len(given) == 1:
        code = classes.index(given.pop())
        scores[1 - code] = 1 - scores[code]
    return scores


def _predicted(inputs: Inputs, classes: tuple[str, ...]) -> Codes | None:
    column = inputs.column(Role.PREDICTION)
    if column is None:
        return None
    series, same = inputs.frame.get_column(column), _united(inputs, classes)
    texts = {value: same.get(text, text) for value, text in labels.distinct(series).items()}
    strange = sorted({text for text in texts.values() if text not in classes})
    codes = labels.encode(series, texts, (*classes, *strange))
    faulty = codes >= len(classes)
    if faulty.any():
        label = strange[int(codes[np.argmax(faulty)]) - len(classes)]
        params: dict[str, Any] = {"label": label, "classes": names(classes), **inputs.first(faulty)}
        raise InputRejected("unknown_class", _STRANGE, column=column, **params)
    return codes


def _united(inputs: Inputs, classes: tuple[str, ...]) -> Mapping[str, str]:
    """true and false as 1 and 0, where the reference has those or the other way round."""
    column = inputs.column(Role.PREDICTION)
    predicted = [] if column is None else labels.distinct(inputs.frame.get_column(column)).values()
    named = [labels.canonical(inputs.label(name)) for name in inputs.columns(Role.PROBABILITY)]
    found = labels.unite([classes, predicted, [label for label in named if label]])
    # The reference settled which of the two forms its classes have.
    return found if set(found.values()) <= set(classes) else {new: old for old, new in found.items()}


_MISSING = gettext_noop(
    "There is no column %(column)s in the file, from which the metrics are estimated while labels are not "
    "known. It has: %(columns)s. Add the column or correct the roles of the monitor."
)
_STRANGE_COLUMN = gettext_noop(
    "The column %(column)s is said to hold the probability of “%(label)s”, which is no class of the labelled "
    "reference (%(classes)s). Correct the role of the column or use a reference that has this class."
)
_STRANGE = gettext_noop(
    "The column %(column)s predicts “%(label)s” in row %(row)s (%(count)s such rows), which is no class of "
    "the labelled reference (%(classes)s). Correct the labels or use a reference that has this class."
)
