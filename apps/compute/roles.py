"""What a column of a prediction file is used for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.compute.messages import gettext_noop


class Role(StrEnum):
    """Use of one column. ``label`` of a `ColumnRole` carries what the name alone cannot say.

    A file with several targets or predictions (multi-label, multi-output) labels each with its output.
    """

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
    STD = "std"  # the standard deviation that a prediction claims
    QUERY = "query"  # rows with one value are ranked against each other
    SERIES = "series"
    HORIZON = "horizon"  # steps ahead
    SCALE = "scale"  # mean absolute error of the naive forecast on the series' history
    FEATURE = "feature"
    IGNORE = "ignore"


#: What a model says; everything else about a row is the truth file's to say.
PREDICTED = frozenset(
    {
        Role.PREDICTION,
        Role.PROBABILITY,
        Role.QUANTILE,
        Role.INTERVAL_LOW,
        Role.INTERVAL_HIGH,
        Role.LATENCY,
        Role.STD,
    }
)

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
    Role.STD: gettext_noop("Predicted standard deviation"),
    Role.QUERY: gettext_noop("Query of a ranking"),
    Role.SERIES: gettext_noop("Time series"),
    Role.HORIZON: gettext_noop("Steps ahead"),
    Role.SCALE: gettext_noop("Naive error of the series"),
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
        Role.STD,
        Role.QUERY,
        Role.SERIES,
        Role.HORIZON,
        Role.SCALE,
    }
)
#: Of these a file may have several columns when each has a label of its own: the name of the output.
LABELLED_ROLES = frozenset({Role.TARGET, Role.PREDICTION})


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


def doubled(roles: ColumnRoles) -> dict[Role, list[str]]:
    """The columns that share a role of which there may be one only, by role."""
    found = {}
    for role in sorted(SINGLE_ROLES):
        labels = {name: use.label for name, use in roles.items() if use.role is role}
        apart = role in LABELLED_ROLES and all(labels.values()) and len(set(labels.values())) == len(labels)
        if len(labels) > 1 and not apart:
            found[role] = list(labels)
    return found


def roles_to_json(roles: ColumnRoles) -> dict[str, dict[str, str]]:
    return {name: role.to_json() for name, role in roles.items()}


def roles_from_json(data: Mapping[str, Mapping[str, Any]]) -> dict[str, ColumnRole]:
    return {name: ColumnRole.from_json(value) for name, value in data.items()}
