"""The ways out of a conflict, with their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from apps.compute.messages import Message, Quantity, gettext_noop
from apps.compute.pareto import Points, front
from apps.compute.queueing import concurrency_needed, longest_call_ms
from apps.compute.value import VALUE_PER_YEAR
from apps.requirements.conflicts import (
    AT_LEAST,
    held_at,
    judged_at,
    limit_of,
    load_of,
    throughput_and_latency,
)
from apps.requirements.facts import Facts, facts_of
from apps.requirements.models import Conflict, Requirement, RequirementVersion, ValueCase
from apps.requirements.points import points_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A way out. ``relaxes`` is "first", "second" or None; ``limit`` is the new limit of that one.

    ``first`` and ``second`` are what run ``run`` reaches there at ``threshold``; ``value`` is money per year.
    """

    key: str
    title: Message
    text: Message
    relaxes: str | None = None
    limit: float | None = None
    run: int | None = None
    run_number: int | None = None
    threshold: float | None = None
    first: float | None = None
    second: float | None = None
    value: float | None = None
    currency: str = ""

    def to_json(self) -> dict[str, Any]:
        said = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return said | {"title": self.title.to_json(), "text": self.text.to_json()}


@dataclass(frozen=True, slots=True)
class Curve:
    """One run in the plane of both metrics, from threshold to threshold; ``working`` is its own point."""

    run: int
    number: int
    name: str
    threshold: tuple[float | None, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    working: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class FrontPoint:
    """A point that no other beats in both. ``loses`` names the requirements that fail there."""

    run: int
    number: int
    threshold: float | None
    first: float
    second: float
    first_holds: bool
    second_holds: bool
    value: float | None

    @property
    def loses(self) -> tuple[str, ...]:
        held = (("first", self.first_holds), ("second", self.second_holds))
        return tuple(name for name, holds in held if not holds)


@dataclass(frozen=True, slots=True)
class Ways:
    """Everything that the page of a conflict shows. On paper there are options alone."""

    curves: tuple[Curve, ...]
    front: tuple[FrontPoint, ...]
    options: tuple[Option, ...]


def options_of(conflict: Conflict) -> Ways:
    """The ways out of ``conflict`` by what is known now; needs both requirements with their versions."""
    first, second = _version(conflict.first), _version(conflict.second)
    if conflict.kind == Conflict.Kind.LIMITS:
        return Ways((), (), _of_limits(conflict, first, second))
    if conflict.kind == Conflict.Kind.LOAD:
        return Ways((), (), _of_load(conflict, first, second))
    return _of_evidence(conflict, first, second)


def _version(requirement: Requirement) -> RequirementVersion:
    assert requirement.current is not None  # noqa: S101  written with the requirement
    return requirement.current


def relaxed(
    name: str, requirement: Requirement, limit: float, text: Message, currency: str = "", **numbers: Any
) -> Option:
    """The option that moves the limit of one of both."""
    version = _version(requirement)
    title = Message(
        gettext_noop("Relax %(code)s from %(old)s to %(new)s"),
        {
            "code": requirement.code,
            "old": limit_of(version, currency),
            "new": limit_of(version, currency, limit),
        },
    )
    return Option(
        key=f"relax_{name}", title=title, text=text, relaxes=name, limit=limit, currency=currency, **numbers
    )


# On paper


def _of_limits(
    conflict: Conflict, first: RequirementVersion, second: RequirementVersion
) -> tuple[Option, ...]:
    text = Message(gettext_noop("Both limits are then the same, and a number can meet both."))
    assert first.limit is not None and second.limit is not None  # noqa: S101,PT018  of a conflict of limits
    case = ValueCase.objects.in_force(conflict.project_id).first()
    currency = case.currency if case else ""
    return (
        relaxed("first", conflict.first, second.limit, text, currency),
        relaxed("second", conflict.second, first.limit, text, currency),
    )


def _of_load(conflict: Conflict, first: RequirementVersion, second: RequirementVersion) -> tuple[Option, ...]:
    """Allow the latency of a call, ask for the throughput that the calls give, or change the calls."""
    pair = throughput_and_latency(first, second)
    if pair is None:
        return ()
    fast, quick = pair
    load = load_of(fast).over(load_of(quick))
    assert load.call_ms is not None and fast.limit is not None and quick.limit is not None  # noqa: S101,PT018
    options = []
    for name, version, requirement in (("first", first, conflict.first), ("second", second, conflict.second)):
        if version is quick and quick.limit < load.call_ms:
            text = Message(gettext_noop("Every row may then wait for the end of its call."))
            options.append(relaxed(name, requirement, load.call_ms, text))
        if version is fast and load.throughput is not None and load.throughput < fast.limit:
            text = Message(gettext_noop("That is all that calls of this kind can give."))
            options.append(relaxed(name, requirement, rounded(load.throughput, True), text))
    batch, concurrency = load.batch_size or 1, load.concurrency or 1
    call = min(quick.limit, longest_call_ms(fast.limit, batch, concurrency))
    text = Message(
        gettext_noop(
            "With %(concurrency)s × %(batch)s rows in flight a call must end within %(call)s. At %(limit)s a "
            "call, the calls side by side must be at least %(needed)s."
        ),
        {
            "batch": batch,
            "call": Quantity(call, "ms"),
            "concurrency": concurrency,
            "needed": concurrency_needed(fast.limit, quick.limit, batch),
            "limit": Quantity(quick.limit, "ms"),
        },
    )
    title = Message(gettext_noop("Keep both and change the calls"))
    return (*options, Option(key="keep_both", title=title, text=text))


# In the evidence


@dataclass(frozen=True, slots=True)
class _Plane:
    """The common points of both requirements, and where each holds."""

    facts: Facts
    points: Points
    first: RequirementVersion
    second: RequirementVersion
    holds: tuple[np.ndarray, np.ndarray]

    def number(self, at: int) -> int:
        return next(run.number for run in self.facts.runs if run.pk == self.points.run[at])

    def numbers(self, at: int) -> dict[str, Any]:
        """What an option or a point of the front says of the point ``at``."""
        threshold, value = self.points.threshold[at], self.points.of(VALUE_PER_YEAR.key)[at]
        return {
            "run": int(self.points.run[at]),
            "threshold": float(threshold) if np.isfinite(threshold) else None,
            "first": float(self.points.of(self.first.metric)[at]),
            "second": float(self.points.of(self.second.metric)[at]),
            "value": float(value) if np.isfinite(value) else None,
        }


def _of_evidence(conflict: Conflict, first: RequirementVersion, second: RequirementVersion) -> Ways:
    facts = facts_of(conflict.project_id)
    points = points_of_pair(facts, first, second)
    if not len(points):
        return Ways((), (), ())
    plane = _Plane(facts, points, first, second, (held_at(first, points), held_at(second, points)))
    options = [
        _relax(plane, "first", conflict.first, conflict.second),
        _relax(plane, "second", conflict.second, conflict.first),
        _keep(plane, conflict),
    ]
    return Ways(tuple(_curves(plane)), tuple(_front(plane)), tuple(option for option in options if option))


def points_of_pair(facts: Facts, first: RequirementVersion, second: RequirementVersion) -> Points:
    points = points_of(facts, {first.metric, second.metric, VALUE_PER_YEAR.key})
    return points.where(judged_at(facts, first, points) & judged_at(facts, second, points))


def _relax(plane: _Plane, name: str, requirement: Requirement, kept: Requirement) -> Option | None:
    """Hold on to ``kept``, and ask of the other one what the best point gives where ``kept`` holds."""
    mine, other = _version(requirement), _version(kept)
    candidates = np.flatnonzero(plane.holds[1] if name == "first" else plane.holds[0])
    if not len(candidates):
        return None
    values = plane.points.of(mine.metric)[candidates]
    up = mine.comparison == AT_LEAST
    at = int(candidates[np.argmax(values) if up else np.argmin(values)])
    currency = plane.facts.currency
    text = Message(
        gettext_noop("Run %(run)s meets %(other)s there: %(reached)s, limit %(limit)s."),
        {
            "run": plane.number(at),
            "other": kept.code,
            "reached": limit_of(other, currency, float(plane.points.of(other.metric)[at])),
            "limit": limit_of(other, currency),
        },
    )
    return relaxed(
        name,
        requirement,
        rounded(float(plane.points.of(mine.metric)[at]), up),
        text,
        run_number=plane.number(at),
        currency=currency,
        **plane.numbers(at),
    )


def _keep(plane: _Plane, conflict: Conflict) -> Option:
    """Hold on to both: the point that falls least short, and by how much."""
    short = [_shortfall(plane, version) for version in (plane.first, plane.second)]
    at = int(np.argmin(np.maximum(*short)))
    gaps = [
        abs(float(plane.points.of(version.metric)[at]) - (version.limit or 0.0)) if short[i][at] > 0 else 0.0
        for i, version in enumerate((plane.first, plane.second))
    ]
    currency = plane.facts.currency
    text = Message(
        gettext_noop(
            "The closest is run %(run)s: %(first)s short of %(one)s and %(second)s short of %(other)s. A "
            "better model or better data have to close that gap."
        ),
        {
            "run": plane.number(at),
            "first": _gap(plane.first, currency, gaps[0]),
            "one": conflict.first.code,
            "second": _gap(plane.second, currency, gaps[1]),
            "other": conflict.second.code,
        },
    )
    return Option(
        key="keep_both",
        title=Message(gettext_noop("Keep both and improve")),
        text=text,
        run_number=plane.number(at),
        currency=currency,
        **plane.numbers(at),
    )


def _gap(version: RequirementVersion, currency: str, gap: float) -> Quantity:
    """A distance to the limit: shares are apart by percentage points."""
    distance = limit_of(version, currency, gap)
    return replace(distance, unit="points") if distance.unit == "share" else distance


def _shortfall(plane: _Plane, version: RequirementVersion) -> np.ndarray:
    """How far each point is short of the limit, in units of what the metric spans over all points."""
    values = plane.points.of(version.metric)
    short = (version.limit or 0.0) - values
    if version.comparison != AT_LEAST:
        short = -short
    return np.maximum(short, 0.0) / (float(np.ptp(values)) or 1.0)


def rounded(value: float, at_least: bool) -> float:
    """Three digits, towards what is easier to reach, so that the point keeps meeting the limit."""
    if value == 0:
        return 0.0
    digits = 2 - math.floor(math.log10(abs(value)))
    scaled = round(value * 10.0**digits, 6)
    return round((math.floor(scaled) if at_least else math.ceil(scaled)) / 10.0**digits, max(digits, 0))


def _curves(plane: _Plane) -> Sequence[Curve]:
    """Run by run, the newest first."""
    points = plane.points
    first, second = points.of(plane.first.metric), points.of(plane.second.metric)
    curves = []
    for run in plane.facts.runs:
        at = np.flatnonzero(points.run == run.pk)
        if not len(at):
            continue
        swept = at[~points.working[at]] if len(at) > 1 else at
        own = at[points.working[at]]
        curves.append(
            Curve(
                run=run.pk,
                number=run.number,
                name=run.name,
                threshold=tuple(t if np.isfinite(t) else None for t in points.threshold[swept].tolist()),
                first=tuple(first[swept].tolist()),
                second=tuple(second[swept].tolist()),
                working=(float(first[own[0]]), float(second[own[0]])) if len(own) else None,
            )
        )
    return curves


def _front(plane: _Plane) -> Sequence[FrontPoint]:
    at = front(
        plane.points.of(plane.first.metric),
        plane.points.of(plane.second.metric),
        first_up=plane.first.comparison == AT_LEAST,
        second_up=plane.second.comparison == AT_LEAST,
    )
    return [
        FrontPoint(
            number=plane.number(int(i)),
            first_holds=bool(plane.holds[0][i]),
            second_holds=bool(plane.holds[1][i]),
            **plane.numbers(int(i)),
        )
        for i in at
    ]
