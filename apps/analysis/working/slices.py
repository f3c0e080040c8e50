"""The search for weak slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl

from apps.analysis.pipeline import Outcome, Work
from apps.analysis.working.rows import judge_rows
from apps.compute.messages import Message, gettext_noop
from apps.compute.roles import Role
from apps.compute.weak_slices import SearchSpec, search

_SEARCHING = Message(gettext_noop("Looking at slices and pairs of them"))
_TOGETHER = Message(
    gettext_noop(
        "Rows of one series or query go together, and the search takes each row as one of its own: its "
        "p-values are rather too small. Look whether a slice is weak on other data too before you act on it."
    )
)


def search_slices(work: Work) -> Outcome:
    """The result is a `SliceSearch`."""
    columns = work.params["columns"]
    inputs, judged = judge_rows(work, *columns)
    loss, weight = judged.errors(), inputs.weight()
    counts = np.isfinite(loss) if weight is None else np.isfinite(loss) & (weight > 0)
    work.progress(_SEARCHING, 0.3)
    found = search(
        inputs.frame.filter(pl.Series(counts)),
        columns,
        loss[counts],
        weight=None if weight is None else weight[counts],
        spec=SearchSpec(least=work.params["least"]),
    )
    if {Role.SERIES, Role.QUERY} & {use.role for use in work.table.roles.values()}:
        found = replace(found, notes=(*found.notes, _TOGETHER))
    return Outcome(found.to_json())
