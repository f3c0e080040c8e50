"""The search for weak slices."""

from __future__ import annotations

import numpy as np
import polars as pl

from apps.analysis.pipeline import Outcome, Work
from apps.analysis.working.rows import judge_rows
from apps.compute.messages import Message, gettext_noop
from apps.compute.weak_slices import SearchSpec, search

_SEARCHING = Message(gettext_noop("Looking at slices and pairs of them"))


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
    return Outcome(found.to_json())
