"""Faults of the data: likely label errors, copies of rows, rows that move a metric, suspicious clusters."""

from __future__ import annotations

from collections.abc import Mapping

from apps.analysis.kinds import asked
from apps.analysis.registry import Kind, Params, register
from apps.compute.faults.influence import BINARY, MULTICLASS, REGRESSION
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.results import Task
from apps.evaluations.models import Run

KEY = "faults"
#: Metrics for which the influence of each row is known, by the kind of problem.
METRICS: Mapping[str, tuple[str, ...]] = {
    Task.BINARY.value: BINARY,
    Task.MULTICLASS.value: MULTICLASS,
    Task.REGRESSION.value: REGRESSION,
}
#: Kinds of suspects in the order in which a row is counted, and what each is called.
SUSPECTS: Mapping[str, str] = {
    "label": gettext_noop("Likely label error"),
    "cluster": gettext_noop("In a suspicious cluster"),
    "trigger": gettext_noop("Has a suspicious value"),
    "conflict": gettext_noop("Equal rows, other label"),
    "near": gettext_noop("Near copy"),
    "copy": gettext_noop("Copy"),
    "influence": gettext_noop("Moves the metric most"),
}


def metrics_of(run: Run) -> list[str]:
    """The metrics of ``run`` for which the influence of each row is known."""
    measured = {metric["key"] for metric in (run.result or {}).get("metrics", ())}
    return [key for key in METRICS[run.task] if key in measured]


def check(run: Run, params: Params) -> Params:
    """``metric``: whose change by leaving out single rows is looked at (default: the logarithmic loss,
    accuracy without probabilities, or the root mean square error).
    """
    asked.only(params, "metric")
    metric = asked.text(params, "metric")
    if metric and metric not in (known := metrics_of(run)):
        raise InputRejected(
            "influence_unknown", _UNKNOWN_METRIC, metric=metric[:50], known=", ".join(known) or "—"
        )
    return {"metric": metric}


_UNKNOWN_METRIC = gettext_noop(
    "The influence of single rows of this run is not known for the metric “%(metric)s”. Choose one of: "
    "%(known)s."
)

register(
    Kind(
        key=KEY,
        label=gettext_noop("Data faults"),
        description=gettext_noop(
            "Looks for labels that are likely wrong, copies of rows, rows that move a metric most, and "
            "clusters that may be poisoned. People check the list, and the run is judged again."
        ),
        check=check,
        worker="apps.analysis.working.faults:find",
        ask="analysis:ask-faults",
        url="analysis:faults",
        tasks=frozenset(METRICS),
    )
)
