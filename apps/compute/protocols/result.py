"""The result of a protocol: small frozen records that survive a trip through JSON.

The tables and their columns are:

==============  =========================================================================================
``groups``      group, n, and for each number of a group: its name, ``<name>_low``, ``<name>_high``;
                the worst first, at most `MOST_GROUPS`
``retention``   retained (share of rows kept), error, random, ideal (at most `POINTS` rows)
``f1``          retained, f1
``roc``         fpr, tpr
``measures``    measure, mean, and by measure the four numbers of the retention curves, ood_roc_auc and, of
                regression, ood_pr_auc, each with its bounds
``units``       unit and its numbers: images, requests or rows, the first `MOST_GROUPS`
``histogram``   low, high, n: how many rows have which correlation
==============  =========================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.compute.messages import Message
from apps.compute.results import MetricResult, Table

SCHEMA_VERSION = 1
MOST_GROUPS, POINTS = 300, 200


@dataclass(frozen=True, slots=True)
class ProtocolResult:
    """What a protocol said of one run. ``n`` counts its units (rows, images, requests, scans); ``params`` are
    the settings as they were used, defaults filled in.
    """

    protocol: str
    n: int
    metrics: tuple[MetricResult, ...]
    tables: Mapping[str, Table] = field(default_factory=dict)
    notes: tuple[Message, ...] = ()
    params: Mapping[str, Any] = field(default_factory=dict)
    seed: int = 0
    schema_version: int = SCHEMA_VERSION

    def metric(self, key: str) -> MetricResult:
        """The metric named ``key``; KeyError if it was not computed."""
        for metric in self.metrics:
            if metric.key == key:
                return metric
        raise KeyError(key)

    def to_json(self) -> dict[str, Any]:
        return {
            "schema_version": self.schema_version,
            "protocol": self.protocol,
            "n": self.n,
            "metrics": [metric.to_json() for metric in self.metrics],
            "tables": {k: {c: list(v) for c, v in t.columns.items()} for k, t in self.tables.items()},
            "notes": [note.to_json() for note in self.notes],
            "params": dict(self.params),
            "seed": self.seed,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> ProtocolResult:
        return cls(
            schema_version=data["schema_version"],
            protocol=data["protocol"],
            n=data["n"],
            metrics=tuple(MetricResult.from_json(metric) for metric in data["metrics"]),
            tables={name: Table(columns) for name, columns in data["tables"].items()},
            notes=tuple(Message.from_json(note) for note in data["notes"]),
            params=data["params"],
            seed=data["seed"],
        )
