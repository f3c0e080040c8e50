"""Where the metrics of a protocol are kept, so that requirements can name them.

A metric of groups is kept under the column of the groups. The slice value is empty for the usual settings of
the protocol that gives it first; other settings and protocols have a short text in its place, such as
"without Other". A metric of all rows has no such place, so it is kept for the usual settings alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apps.compute.metrics.registry import METRICS
from apps.compute.protocols import PROTOCOLS, Part, Protocol, ProtocolResult
from apps.compute.results import MetricResult, Task
from apps.compute.tasks import TASK_KINDS
from apps.evaluations.models import Run
from apps.evaluations.pipeline import SLICE_SEPARATOR, fitted

#: What is said of an unusual setting. The texts are kept in the database and are not translated.
_SETTINGS = {
    "left_out": "without {}",
    "percentile": "percentile {}",
    "recall": "at recall {} %",
    "positive": "positive {}",
    "iou": "IoU {}",
    "least_score": "scores above {}",
    "acceptable": "acceptable {}",
    "measure": "by {}",
    "error": "of {}",
    "targets": "{} targets",
}
_IDENTITIES = "identity × label"


@dataclass(frozen=True, slots=True)
class Kept:
    """A metric with the slice column and the slice value under which it is kept."""

    result: MetricResult
    column: str
    value: str


def kept_metrics(result: ProtocolResult, run: Run) -> list[Kept]:
    """What of a result is kept. Metrics that the run's evaluation measures itself stay as they are."""
    protocol = PROTOCOLS[result.protocol]
    usual = {"positive": run.positive}
    setting = setting_of(protocol, result.params, usual)
    column = group_column(result.params)
    kept = []
    for metric in result.metrics:
        record = METRICS[metric.key]
        if not record.by_analysis and TASK_KINDS[Task(run.task)].measured:
            continue
        if record.of_groups and column:
            named = setting or _of_protocol(protocol, metric.key, result.params)
            kept.append(Kept(metric, fitted(column), fitted(named)))
        elif not setting:
            kept.append(Kept(metric, "", ""))
    return kept


def group_column(params: Mapping[str, Any]) -> str:
    return str(params.get("group") or SLICE_SEPARATOR.join(params.get("identities", ())))


def setting_of(protocol: Protocol, params: Mapping[str, Any], usual: Mapping[str, Any]) -> str:
    """The settings that differ from the usual ones, "" if none does."""
    said = []
    for part in protocol.parts:
        value = params.get(part.key)
        if part.key in _SETTINGS and value not in (None, [], part.default, usual.get(part.key)):
            said.append(_SETTINGS[part.key].format(_shown(part, value)))
    return ", ".join(said)


def _shown(part: Part, value: Any) -> str:
    if part.key == "targets":
        return str(len(value))
    if part.key == "recall":
        return f"{100 * value:g}"
    if isinstance(value, list):
        return ", ".join(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _of_protocol(protocol: Protocol, metric: str, params: Mapping[str, Any]) -> str:
    """Which protocol gave a metric that another one gives first."""
    first = next(each for each in PROTOCOLS.values() if metric in each.metrics)
    if first is protocol:
        return ""
    if "recall" in params:
        return _SETTINGS["recall"].format(_shown(protocol.part("recall"), params["recall"]))
    return _IDENTITIES if "identities" in params else protocol.key
