"""Requirements that cannot both hold: found on paper, and in the evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.pareto import Points, holds, never_together
from apps.compute.queueing import Load
from apps.requirements.drafts import Draft
from apps.requirements.facts import Facts
from apps.requirements.measures import metric_of
from apps.requirements.models import Conflict, Requirement, RequirementVersion, VerdictState
from apps.requirements.points import points_of

AT_LEAST = RequirementVersion.Comparison.AT_LEAST


@dataclass(frozen=True, slots=True)
class Found:
    """A conflict as the facts show it; ``first`` has the smaller number."""

    kind: Conflict.Kind
    first: Requirement
    second: Requirement
    reason: Message


def conflicts_of(facts: Facts, drafts: Sequence[Draft]) -> list[Found]:
    """All conflicts of the requirements in force, in the order of their numbers."""
    measurable = [draft for draft in drafts if draft.version.is_measurable]
    return [*_on_paper(measurable, facts.currency), *_in_evidence(facts, measurable)]


def with_conflicts(drafts: Sequence[Draft], found: Sequence[Found]) -> list[Draft]:
    """The drafts, contradicting where a conflict was found."""
    reasons: dict[int, list[Message]] = {}
    for conflict in found:
        for own, other in ((conflict.first, conflict.second), (conflict.second, conflict.first)):
            reason = Message(gettext_noop("It cannot hold together with %(other)s."), {"other": other.code})
            reasons.setdefault(own.pk, []).extend((reason, conflict.reason))
    return [
        replace(
            draft,
            state=VerdictState.CONTRADICTING,
            reasons=(*reasons[draft.requirement.pk], *draft.reasons),
        )
        if draft.requirement.pk in reasons
        else draft
        for draft in drafts
    ]


# On paper


def _on_paper(drafts: Sequence[Draft], currency: str) -> Iterator[Found]:
    for one, other in combinations(drafts, 2):
        if reason := limits_exclude(one.version, other.version, currency):
            yield Found(Conflict.Kind.LIMITS, one.requirement, other.requirement, reason)
        if reason := load_breaks(one.version, other.version):
            yield Found(Conflict.Kind.LOAD, one.requirement, other.requirement, reason)


def limits_exclude(one: RequirementVersion, other: RequirementVersion, currency: str) -> Message | None:
    """Same measure, data and slice, and no number is on the wanted side of both limits."""
    same = ("metric", "dataset_id", "file_id", "slice_column", "slice_value", "every_slice")
    if one.comparison == other.comparison or any(getattr(one, n) != getattr(other, n) for n in same):
        return None
    floor, ceiling = (one, other) if one.comparison == AT_LEAST else (other, one)
    if floor.limit is None or ceiling.limit is None or floor.limit <= ceiling.limit:
        return None
    metric = metric_of(one.metric)
    return Message(
        gettext_noop("No %(metric)s is both at least %(low)s and at most %(high)s."),
        {
            "metric": Message(metric.label) if metric else one.metric,
            "low": limit_of(floor, currency),
            "high": limit_of(ceiling, currency),
        },
    )


def limit_of(version: RequirementVersion, currency: str, limit: float | None = None) -> Quantity:
    """The limit with its unit, or ``limit`` in its place."""
    metric = metric_of(version.metric)
    unit = metric.unit if metric else "score"
    return Quantity(
        version.limit if limit is None else limit, unit, currency=currency if unit == "money" else ""
    )


def load_of(version: RequirementVersion) -> Load:
    return Load(version.batch_size, version.concurrency, version.call_ms)


def throughput_and_latency(
    one: RequirementVersion, other: RequirementVersion
) -> tuple[RequirementVersion, RequirementVersion] | None:
    """The pair in this order if one asks for throughput and the other limits a latency."""
    for fast, quick in ((one, other), (other, one)):
        if (
            fast.metric == "throughput"
            and fast.comparison == AT_LEAST
            and quick.metric.startswith("latency_")
            and quick.comparison != AT_LEAST
        ):
            return fast, quick
    return None


def load_breaks(one: RequirementVersion, other: RequirementVersion) -> Message | None:
    """Little's law with the load that both say together: throughput against calls, latency against a call."""
    pair = throughput_and_latency(one, other)
    if pair is None:
        return None
    fast, quick = pair
    load = load_of(fast).over(load_of(quick))
    if fast.limit is None or quick.limit is None or load.call_ms is None:
        return None
    call = Quantity(load.call_ms, "ms")
    if quick.limit < load.call_ms:
        return Message(
            gettext_noop(
                "A call takes %(call)s and every row of it waits that long; at most %(limit)s are allowed. "
                "Larger batches raise the throughput and the latency alike."
            ),
            {"call": call, "limit": Quantity(quick.limit, "ms")},
        )
    if load.throughput is None or load.throughput >= fast.limit:
        return None
    return Message(
        gettext_noop(
            "By Little's law, %(concurrency)s × %(batch)s rows in flight and %(call)s a call give at most "
            "%(most)s; %(limit)s are asked for."
        ),
        {
            "concurrency": load.concurrency,
            "batch": load.batch_size,
            "call": call,
            "most": Quantity(load.throughput, "per_second"),
            "limit": Quantity(fast.limit, "per_second"),
        },
    )


# In the evidence


def _in_evidence(facts: Facts, drafts: Sequence[Draft]) -> Iterator[Found]:
    whole = [draft for draft in drafts if not draft.version.slice_column]
    if len({draft.version.metric for draft in whole}) < 2 or not facts.runs:
        return
    points = points_of(facts, {draft.version.metric for draft in whole})
    known = np.array([judged_at(facts, draft.version, points) for draft in whole])
    held = np.array([held_at(draft.version, points) for draft in whole])
    for i, j in never_together(held, known):
        one, other = whole[i], whole[j]
        if one.version.metric == other.version.metric:
            continue
        runs = len(np.unique(points.run[known[i] & known[j]]))
        reason = Message(
            gettext_noop(
                "Each of both holds alone, but none of %(runs)s runs meets both at any threshold (by their "
                "point estimates)."
            ),
            {"runs": runs},
        )
        yield Found(Conflict.Kind.EVIDENCE, one.requirement, other.requirement, reason)


def judged_at(facts: Facts, version: RequirementVersion, points: Points) -> np.ndarray:
    """Where the version can be judged: on its data, with a value of its metric. Shape (points,)."""
    on_data = [run.pk for run in facts.runs_on(version)]
    return np.isin(points.run, on_data) & np.isfinite(points.of(version.metric))


def held_at(version: RequirementVersion, points: Points) -> np.ndarray:
    """Where the estimate meets the limit. Shape (points,)."""
    assert version.limit is not None  # noqa: S101  of a measurable version
    return holds(points.of(version.metric), version.limit, version.comparison == AT_LEAST)
