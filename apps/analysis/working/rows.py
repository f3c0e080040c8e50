"""The rows of a run as they are judged, with further columns beside them."""

from __future__ import annotations

import polars as pl

from apps.analysis.pipeline import Work
from apps.compute.evaluation import EvaluationSpec, judge
from apps.compute.inputs import Inputs, read
from apps.compute.judged import Judged
from apps.compute.messages import Message, gettext_noop
from apps.compute.results import Task
from apps.compute.roles import ColumnRole, Role

_UNREAD = frozenset({Role.ID, Role.FEATURE, Role.IGNORE})
_JUDGING = Message(gettext_noop("Judging the rows"))


def judge_rows(work: Work, *further: str) -> tuple[Inputs, Judged]:
    """The rows with a target, judged as the run was. ``further`` columns are in the frame too, as far as the
    table has them.
    """
    work.progress(_JUDGING, 0.1)
    run, roles = work.run, dict(work.table.roles)
    for name in pl.read_parquet_schema(work.table.path):
        if name in further and (name not in roles or roles[name].role in _UNREAD):
            roles[name] = ColumnRole(Role.SLICE)
    inputs = read(work.table.path, roles)
    spec = EvaluationSpec(roles, positive=run.positive or None, threshold=run.threshold, seed=run.seed)
    return inputs, judge(inputs, Task(run.task), spec)
