"""The rows that the model got most wrong: of all rows, or of a slice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.analysis.columns import columns_of
from apps.analysis.kinds import asked
from apps.analysis.models import SavedSlice
from apps.analysis.registry import Kind, Params, register
from apps.compute.conditions import conditions_from_json, expression
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.results import Task
from apps.evaluations.models import Run

KEY = "errors"
#: Columns of the file of rows beside those of the table. ``TRUE`` is the probability that was given to the
#: true class, ``SURE`` that of the predicted one, ``OFF`` prediction minus truth.
TRUTH, PREDICTION, TRUE, SURE, WRONG, OFF = MADE = (
    "__truth",
    "__prediction",
    "__true",
    "__sure",
    "__wrong",
    "__off",
)
#: A wrong prediction of at least this probability is a confident mistake.
CONFIDENT = 0.9
CLASSES = frozenset({Task.BINARY.value, Task.MULTICLASS.value})
SEPARATOR = " × "


def check(run: Run, params: Params) -> Params:
    """Which rows: ``conditions`` (that all must hold), or a slice of the report by ``column`` and ``value``
    (crossings joined by " × "), or a ``saved_slice`` by its id; none of them means all rows. ``name`` is that
    of a saved slice.
    """
    asked.only(params, "conditions", "column", "value", "saved_slice", "name")
    name, column, value = (asked.text(params, key) for key in ("name", "column", "value"))
    conditions = params.get("conditions") or []
    saved = asked.whole(params, "saved_slice", 1)
    if sum((bool(conditions), bool(column or value), saved is not None)) > 1:
        raise InputRejected("two_slices", _TWO_SLICES)
    if column or value:
        slice_of_report(run, column, value)
    if saved is not None:
        found = SavedSlice.objects.filter(project=run.project_id, pk=saved).first()
        if found is None:
            raise InputRejected("unknown_slice", _NO_SAVED_SLICE, id=saved)
        name, conditions = found.name, found.conditions
    checked = checked_conditions(run, conditions)
    return {"conditions": checked, "column": column, "value": value, "name": name if checked else ""}


def checked_conditions(run: Run, conditions: Any) -> list[dict[str, Any]]:
    """Conditions that can be put to the table of ``run``. InputRejected: no list of objects; see
    `conditions_from_json` and `expression`.
    """
    if not isinstance(conditions, list) or not all(isinstance(each, Mapping) for each in conditions):
        raise InputRejected("odd_conditions", _ODD_CONDITIONS)
    checked = conditions_from_json(conditions)
    expression({name: column.dtype for name, column in columns_of(run).items()}, checked)
    return [condition.to_json() for condition in checked]


def slice_of_report(run: Run, column: str, value: str) -> tuple[list[str], list[str]]:
    """Columns and values of the slice that the report of ``run`` names so."""
    for found in (run.result or {}).get("slices", ()):
        if SEPARATOR.join(found["columns"]) == column and SEPARATOR.join(found["values"]) == value:
            return found["columns"], found["values"]
    raise InputRejected("unknown_slice", _NO_SUCH_SLICE, column=column[:200] or "—", value=value[:200] or "—")


_TWO_SLICES = gettext_noop("Choose one slice: by conditions, by column and value, or a saved one.")
_NO_SAVED_SLICE = gettext_noop("The project has no saved slice with the id %(id)d. Choose another.")
_NO_SUCH_SLICE = gettext_noop(
    "The report of this run has no slice “%(value)s” of “%(column)s”. Choose a value that it lists."
)
_ODD_CONDITIONS = gettext_noop(
    "Conditions are a list of objects, each with a column, an op and values. Correct the list."
)

register(
    Kind(
        key=KEY,
        label=gettext_noop("Worst rows"),
        description=gettext_noop(
            "Lists the rows that the model got most wrong, the worst first: of all rows, or of a slice."
        ),
        check=check,
        worker="apps.analysis.working.errors:find_errors",
        ask="analysis:ask-errors",
        url="analysis:errors",
    )
)
