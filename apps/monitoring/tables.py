"""What the columns of a monitor's batches are used for, and the rows that they are compared with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from apps.compute.drift.spec import QUICK, DriftSpec, Side
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.roles import ColumnRole, Role, roles_from_json
from apps.compute.selection import Selection
from apps.datasets import storage
from apps.datasets.models import DataFile
from apps.monitoring.models import Monitor, WatchedModel
from apps.requirements.models import Requirement

#: What a model says; everything else about a row is the monitor's to say.
PREDICTED = frozenset(
    {Role.PREDICTION, Role.PROBABILITY, Role.QUANTILE, Role.INTERVAL_LOW, Role.INTERVAL_HIGH}
)
#: Between the columns of a crossing in the name of a requirement's slice.
CROSSING = " × "


def watched_models(monitor: Monitor) -> list[WatchedModel]:
    """All that are watched or were, the oldest first."""
    return list(monitor.models.select_related("version__model").order_by("since", "pk"))


def watched_at(models: Iterable[WatchedModel], moment: datetime) -> list[WatchedModel]:
    """The models to which a window that starts at ``moment`` belongs."""
    return [
        model for model in models if model.since <= moment and (model.until is None or moment < model.until)
    ]


def roles_of(monitor: Monitor, *models: WatchedModel) -> dict[str, ColumnRole]:
    """The uses of the columns that the monitor and these models name."""
    shared = roles_from_json(monitor.roles)
    roles = {name: use for name, use in shared.items() if use.role not in PREDICTED}
    for model in models:
        roles |= roles_from_json(model.roles)
    return roles


def check_columns(roles: Iterable[str], reference: DataFile, known: Collection[str]) -> None:
    """InputRejected: ``known``, the columns of the reference, lack one that is used."""
    for name in roles:
        if name not in known:
            raise InputRejected(
                "missing_column",
                gettext_noop(
                    "The reference “%(file)s” has no column “%(column)s”. Correct the columns of the monitor."
                ),
                column=name,
                file=reference.name,
            )


def target_of(monitor: Monitor) -> str | None:
    """The column with the labels, None when none is said."""
    return _named(monitor, Role.TARGET)


def id_of(monitor: Monitor) -> str | None:
    return _named(monitor, Role.ID)


def _named(monitor: Monitor, role: Role) -> str | None:
    return next((name for name, use in roles_from_json(monitor.roles).items() if use.role is role), None)


def requirements_of(monitor: Monitor) -> list[Requirement]:
    """The requirements that the monitor speaks to: the chosen ones, else all of the project."""
    chosen = list(monitor.requirements.filter(withdrawn_at=None).select_related("current"))
    if chosen or monitor.requirements.exists():
        return chosen
    return list(
        Requirement.objects.filter(project=monitor.project_id, withdrawn_at=None).select_related("current")
    )


def segments_of(monitor: Monitor) -> list[tuple[str, ...]]:
    """Columns, and crossings of columns, on whose values metrics are wanted."""
    roles = roles_from_json(monitor.roles)
    found: list[tuple[str, ...]] = [(name,) for name, use in roles.items() if use.role is Role.SLICE]
    for requirement in requirements_of(monitor):
        if requirement.current is not None and requirement.current.slice_column:
            found.append(tuple(requirement.current.slice_column.split(CROSSING)))
    return list(dict.fromkeys(found))


def drift_spec_of(monitor: Monitor) -> DriftSpec:
    return DriftSpec.from_json({**QUICK.to_json(), **monitor.drift_spec})


def special_values_of(monitor: Monitor) -> Mapping[str, tuple[str | float | int, ...]]:
    """Values that stand for "missing", as the data set of the reference says."""
    if monitor.reference_version is None:
        return {}
    said = monitor.reference_version.dataset.special_values
    return {column: tuple(values) for column, values in said.items()}


def reference_side(monitor: Monitor, path: Path) -> Side:
    """``path`` is the reference's table."""
    return Side(path, Selection.from_json(monitor.reference_selection), special_values_of(monitor))


def reference_folder(monitor: Monitor) -> Path:
    """Where a worker keeps what it found in the reference."""
    said = [monitor.reference_selection, special_values_of(monitor)]
    return storage.reference_folder(monitor.reference_file.sha256, digest(said)[:32])


def digest(said: Sequence[object]) -> str:
    """SHA-256 of what can be said in JSON."""
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()
