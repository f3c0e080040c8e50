"""Which columns a monitor and its models use."""

from __future__ import annotations

from collections.abc import Iterable

from apps.compute.messages import InputRejected, Message, gettext_noop
from apps.compute.roles import ROLE_NAMES, ColumnRoles, Role, doubled, roles_from_json
from apps.datasets.models import DataFile
from apps.monitoring.tables import PREDICTED, check_columns


def shared_roles(file: DataFile) -> ColumnRoles:
    """What the file's roles say of the columns that all models share."""
    return {name: use for name, use in roles_from_json(file.roles).items() if use.role not in PREDICTED}


def model_roles(file: DataFile) -> ColumnRoles:
    """What the file's roles say of the columns of one model."""
    return {name: use for name, use in roles_from_json(file.roles).items() if use.role in PREDICTED}


def check_shared_roles(roles: ColumnRoles, reference: DataFile) -> None:
    """InputRejected: a column that the reference lacks, no ids or no truth, or a role twice."""
    _check_roles(roles, reference, [role for role in Role if role not in PREDICTED])
    used = {use.role for use in roles.values()}
    if Role.ID not in used:
        raise InputRejected(
            "no_id_column",
            gettext_noop(
                "No column has the role of the row id. Labels that come later find their rows by it: choose "
                "the column."
            ),
        )
    if Role.TARGET not in used:
        raise InputRejected(
            "no_target_column",
            gettext_noop(
                "No column has the role of the truth. Choose the column in which the reference holds it; "
                "labels that come later go there."
            ),
        )


def check_model_roles(roles: ColumnRoles, reference: DataFile) -> None:
    """InputRejected: a column that the reference lacks, nothing predicted, or a role twice."""
    _check_roles(roles, reference, PREDICTED)
    if not {Role.PREDICTION, Role.PROBABILITY} & {use.role for use in roles.values()}:
        raise InputRejected(
            "no_prediction_column",
            gettext_noop("No column holds what the model predicts. Choose its prediction or probability."),
        )


def _check_roles(roles: ColumnRoles, reference: DataFile, allowed: Iterable[Role]) -> None:
    if reference.is_read:  # else the check of the first batch looks
        check_columns(roles, reference, {column["name"] for column in reference.profile or []})
    may, sharing = set(allowed), doubled(roles)
    seen: set[Role] = set()
    for name, use in roles.items():
        role = Message(ROLE_NAMES[use.role])
        if use.role not in may:
            raise InputRejected(
                "role_of_other_place",
                gettext_noop(
                    "The column “%(column)s” has the role “%(role)s”. What a model predicts is said of the "
                    "model, everything else of the monitor."
                ),
                column=name,
                role=role,
            )
        if use.role in sharing and use.role in seen:
            raise InputRejected(
                "doubled_role",
                gettext_noop(
                    "Two columns have the role “%(role)s”; only one may. The second is “%(column)s”."
                ),
                column=name,
                role=role,
            )
        seen.add(use.role)
