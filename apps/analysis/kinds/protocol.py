"""Named protocols of evaluation under distribution shift: WILDS, Shifts, single cell."""

from __future__ import annotations

from typing import Any

from apps.analysis.columns import columns_of
from apps.analysis.kinds import asked
from apps.analysis.registry import Kind, Params, register
from apps.compute.messages import InputRejected, gettext_noop
from apps.compute.metrics.registry import METRICS
from apps.compute.protocols import PROTOCOLS, Part, Protocol, check_params
from apps.compute.protocols.params import protocol_of
from apps.compute.roles import ColumnRole, Role, roles_from_json
from apps.compute.tasks import TASK_KINDS
from apps.evaluations.models import Run
from apps.evaluations.pipeline import is_side_by_side

KEY = "protocol"


def check(run: Run, params: Params) -> Params:
    """``protocol``: its key; the other names are its parts. What the roles of the columns say anyway is left
    out, so that equal questions are equal, and a standing one fits files with other names.
    """
    protocol = protocol_of(asked.text(params, "protocol"))
    parts = {name: value for name, value in params.items() if name != "protocol"}
    if run.positive and not parts.get("positive") and any(p.key == "positive" for p in protocol.parts):
        parts["positive"] = run.positive
    roles = roles_for(run, protocol)
    complete = check_params(protocol, parts, roles, roles)
    for part in protocol.parts:
        if part.is_filled and parts.get(part.key):
            rest = {name: value for name, value in parts.items() if name != part.key}
            if _completed(protocol, rest, roles) == complete:
                parts = rest
    by_roles = {part.key for part in protocol.parts if part.is_filled and not parts.get(part.key)}
    return {"protocol": protocol.key, **{k: v for k, v in complete.items() if k not in by_roles}}


def _completed(protocol: Protocol, parts: Params, roles: dict[str, ColumnRole]) -> Params | None:
    try:
        return check_params(protocol, parts, roles, roles)
    except InputRejected:
        return None


def roles_for(run: Run, protocol: Protocol) -> dict[str, ColumnRole]:
    """The columns that ``protocol`` can name, in the order of the table that it judges, with their uses."""
    said = roles_from_json(run.roles)
    if run.truth is not None:
        truth = roles_from_json(run.truth.roles)
        if not protocol.is_wide and not is_side_by_side(run, said, truth):
            return {column.name: ColumnRole(column.role) for column in columns_of(run).values()}
    return said


def measures(metric: str, column: str, value: str) -> Params | None:
    """The protocol that gives ``metric`` with its usual settings, where it needs to be told no more than the
    column of the groups, or nothing. The first of several that do.
    """
    record = METRICS.get(metric)
    if record is None or value or not record.by_analysis or record.of_groups is not bool(column):
        return None
    given: dict[str, Any] = {"group": column} if column else {}
    for protocol in PROTOCOLS.values():
        parts = {part.key for part in protocol.parts}
        open_parts = {part.key for part in protocol.parts if part.required and not _by_role(part)}
        if metric in protocol.metrics and open_parts <= set(given) <= parts:
            return {"protocol": protocol.key, **given}
    return None


def _by_role(part: Part) -> bool:
    """Whether roles alone say which columns are meant. The probabilities of one model are no ensemble."""
    return part.is_filled and (part.kind == "column" or part.role is Role.TARGET)


register(
    Kind(
        key=KEY,
        label=gettext_noop("Named protocols"),
        description=gettext_noop(
            "Judges the run under distribution shift as reference projects do: the worst group, uncertainty "
            "that knows where it errs, detected boxes, planned paths, thousands of targets."
        ),
        check=check,
        worker="apps.analysis.working.protocol:judge_run",
        ask="analysis:ask-protocol",
        url="analysis:protocol",
        tasks=frozenset(task.value for task in TASK_KINDS),
        measures=measures,
    )
)
