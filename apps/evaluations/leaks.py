"""Looks for rows of the hold-out in the data that the model was trained on, as the project's policy says."""

from __future__ import annotations

from collections.abc import Mapping

from apps.compute.leaks import Leak, Overlap, overlap
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import PREDICTED, ColumnRole, Role
from apps.datasets.pipeline import Table
from apps.evaluations.models import EvaluationPolicy, Run

EXAMPLES = 5


def look_for_leaks(run: Run, training: Table, holdout: Table) -> Overlap:
    """The rows of ``holdout`` that occur in ``training``.

    Raises InputRejected (``holdout_in_training``) for copies where the project refuses them.
    """
    found = overlap(
        training.path,
        holdout.path,
        target=_only(holdout.roles, Role.TARGET),
        holdout_id=_only(holdout.roles, Role.ID),
        training_id=_only(training.roles, Role.ID),
        ignored=[name for name, use in holdout.roles.items() if use.role in PREDICTED],
    )
    if found.leak is Leak.COPIED and EvaluationPolicy.of(run.project).leak == EvaluationPolicy.Leak.REFUSE:
        raise InputRejected(
            "holdout_in_training",
            gettext_noop(
                "%(count)d of the %(all)d rows of the hold-out “%(holdout)s” are in the training file "
                "“%(training)s”, the first of them rows %(examples)s; the project refuses such runs. Train "
                "without these rows and upload new predictions, or judge them on a hold-out that the model "
                "has not seen."
            ),
            count=found.rows,
            all=found.holdout_rows,
            holdout=(run.truth or run.file).name,
            training=run.training.name if run.training else "",
            examples=", ".join(str(twin.holdout_row) for twin in found.twins[:EXAMPLES]),
        )
    return found


def _only(roles: Mapping[str, ColumnRole], role: Role) -> str:
    """The one column with this role, "" where there is none or several."""
    names = [name for name, use in roles.items() if use.role is role]
    return names[0] if len(names) == 1 else ""
