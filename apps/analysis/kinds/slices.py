"""Weak slices: where among the rows is the model worse than elsewhere?"""

from __future__ import annotations

from collections.abc import Mapping

from apps.analysis.columns import Column, columns_of, grouping_column
from apps.analysis.kinds import asked
from apps.analysis.registry import Kind, Params, register
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import Role
from apps.evaluations.models import Run

KEY = "slices"
#: Columns that are searched, with all pairs of them; features among them when nobody chose.
MOST_COLUMNS, MOST_FEATURES = 30, 20


def check(run: Run, params: Params) -> Params:
    """``columns``: names (default: every slice column and up to 20 numeric features). ``least``: the fewest
    rows of a slice, 2 or more (default: 30, or 0.5 % of the rows).
    """
    asked.only(params, "columns", "least")
    columns = columns_of(run)
    names = asked.texts(params, "columns", MOST_COLUMNS)
    chosen = [grouping_column(columns, name).name for name in names] or usual_columns(columns)
    if not chosen:
        raise InputRejected("no_columns", _NO_COLUMNS)
    return {"columns": chosen, "least": asked.whole(params, "least", 2)}


def usual_columns(columns: Mapping[str, Column]) -> list[str]:
    slices = [column.name for column in columns.values() if column.role is Role.SLICE]
    features = [c.name for c in columns.values() if c.role is Role.FEATURE and c.is_number and c.distinct > 1]
    return (slices + features[:MOST_FEATURES])[:MOST_COLUMNS]


_NO_COLUMNS = gettext_noop(
    "The rows of this run have no slice column and no numeric feature to search by. Choose columns, or give "
    "a column the role of a slice when you upload."
)

register(
    Kind(
        key=KEY,
        label=gettext_noop("Weak slices"),
        description=gettext_noop(
            "Looks at every value of every column, and at every pair of them, for rows on which the model is "
            "worse than elsewhere beyond chance."
        ),
        check=check,
        worker="apps.analysis.working.slices:search_slices",
        ask="analysis:ask-slices",
        url="analysis:slices",
    )
)
