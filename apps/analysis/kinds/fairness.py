"""Fairness: how differently the model treats the groups of a column."""

from __future__ import annotations

from apps.analysis.columns import columns_of, grouping_column
from apps.analysis.kinds import asked
from apps.analysis.registry import Kind, Params, register
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.compute.results import Task
from apps.compute.slices import MOST_NUMBERS
from apps.evaluations.models import Run

KEY = "fairness"
MOST_GROUPS = 50
#: How the keys of the metrics that it measures end.
_ENDINGS = ("_difference", "_ratio")


def check(run: Run, params: Params) -> Params:
    """``column``: makes the groups. A column of many numbers is cut into ten bands."""
    asked.only(params, "column")
    name = asked.text(params, "column")
    if not name:
        raise InputRejected("no_column", gettext_noop("Name the column that makes the groups."))
    column = grouping_column(columns_of(run), name)
    groups = column.distinct + (column.missing > 0)
    if groups < 2:
        raise InputRejected(
            "one_group",
            gettext_noop("All rows have the same value in the column %(column)s. Choose another column."),
            column=name,
        )
    if groups > MOST_GROUPS and not (column.is_number and column.distinct > MOST_NUMBERS):
        raise too_many_groups(name, groups)
    return {"column": name}


def too_many_groups(column: str, groups: int) -> InputRejected:
    return InputRejected(
        "too_many_groups",
        gettext_noop(
            "The column %(column)s makes %(groups)d groups; at most %(most)d can be compared. Choose a "
            "column with fewer values, such as bands."
        ),
        column=column,
        groups=groups,
        most=MOST_GROUPS,
    )


def measures(metric: str, column: str, value: str) -> Params | None:
    record = METRICS.get(metric)
    if record is None or not column or value or not (record.of_groups and metric.endswith(_ENDINGS)):
        return None
    return {"column": column}


register(
    Kind(
        key=KEY,
        label=gettext_noop("Fairness"),
        description=gettext_noop(
            "Compares the groups of a column: how often each is selected, found and wrongly accused, and how "
            "far apart the groups are."
        ),
        check=check,
        worker="apps.analysis.working.fairness:compare_groups",
        ask="analysis:ask-fairness",
        url="analysis:fairness",
        tasks=frozenset({Task.BINARY.value, Task.MULTICLASS.value, Task.REGRESSION.value}),
        measures=measures,
    )
)
