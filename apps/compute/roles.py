"""What a column of a prediction file is used for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.compute.messages import gettext_noop


class Role(StrEnum):
    """Use of one column. ``label`` of a `ColumnRole` carries what the name alone cannot say."""

    ID = "id"
    TIMESTAMP = "timestamp"
    TARGET = "target"
    PREDICTION = "prediction"
    PROBABILITY = "probability"  # label: the class, as text; empty = the positive class
    QUANTILE = "quantile"  # label: the level, such as "0.9"
    INTERVAL_LOW = "interval_low"
    INTERVAL_HIGH = "interval_high"
    WEIGHT = "weight"
    SLICE = "slice"
    LATENCY = "latency"  # milliseconds
    FEATURE = "feature"
    IGNORE = "ignore"


#: What a reader calls the roles, in the order in which they are offered.
ROLE_NAMES = {
    Role.ID: gettext_noop("Row id"),
    Role.TARGET: gettext_noop("Truth"),
    Role.PREDICTION: gettext_noop("Prediction"),
    Role.PROBABILITY: gettext_noop("Probability"),
    Role.SLICE: gettext_noop("Slice"),
    Role.TIMESTAMP: gettext_noop("Time"),
    Role.WEIGHT: gettext_noop("Weight"),
    Role.LATENCY: gettext_noop("Latency in ms"),
    Role.QUANTILE: gettext_noop("Quantile"),
    Role.INTERVAL_LOW: gettext_noop("Interval, low end"),
    Role.INTERVAL_HIGH: gettext_noop("Interval, high end"),
    Role.FEATURE: gettext_noop("Feature"),
    Role.IGNORE: gettext_noop("Do not use"),
}

#: Roles that at most one column of a file may have.
SINGLE_ROLES = frozenset(
    {
        Role.ID,
        Role.TIMESTAMP,
        Role.TARGET,
        Role.PREDICTION,
        Role.INTERVAL_LOW,
        Role.INTERVAL_HIGH,
        Role.WEIGHT,
        Role.LATENCY,
    }
)


@dataclass(frozen=True, slots=True)
class ColumnRole:
    role: Role
    label: str = ""

    def to_json(self) -> dict[str, str]:
        return {"role": self.role.value, "label": self.label}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ColumnRole:
        return cls(Role(data["role"]), str(data.get("label", "")))


#: Column name -> its use, in the order of the file.
ColumnRoles = Mapping[str, ColumnRole]


def roles_to_json(roles: ColumnRoles) -> dict[str, dict[str, str]]:
    return {name: role.to_json() for name, role in roles.items()}


def roles_from_json(data: Mapping[str, Mapping[str, Any]]) -> dict[str, ColumnRole]:
    return {name: ColumnRole.from_json(value) for name, value in data.items()}
