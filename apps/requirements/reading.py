"""Requirements as pages and the API read them, in a number of queries that does not grow with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from apps.compute.messages import Message
from apps.compute.metrics.registry import Metric
from apps.projects.models import Project
from apps.requirements.measures import metric_of
from apps.requirements.models import (
    Conflict,
    Requirement,
    RequirementVersion,
    Stakeholder,
    Stance,
    ValueCase,
    Verdict,
    VerdictState,
    Waiver,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequirementRow:
    """A requirement with everything that a list shows of it. ``scale`` are the ends of its interval plot."""

    requirement: Requirement
    version: RequirementVersion
    verdict: Verdict | None
    asked_by: tuple[Stakeholder, ...] = ()
    waiver: Waiver | None = None  # one that holds today
    conflicts: tuple[Conflict, ...] = ()  # that are not gone
    currency: str = ""
    now: datetime = field(default_factory=timezone.now)

    @property
    def metric(self) -> Metric | None:
        return metric_of(self.version.metric)

    @property
    def unit(self) -> str:
        """Of the value and the limit; drills have a unit of their own words, which `Evidence.unit` says."""
        if self.metric is not None:
            return self.metric.unit
        evidence = self.verdict.evidence if self.verdict else None
        return "share" if evidence is not None and evidence.kind == "judgement" else "target"

    @property
    def limit(self) -> float | None:
        """The version's limit, or that of the evidence of people."""
        evidence = self.verdict.evidence if self.verdict else None
        return self.version.limit if evidence is None else evidence.limit

    @property
    def at_least(self) -> bool:
        evidence = self.verdict.evidence if self.verdict else None
        comparison = self.version.comparison if evidence is None else evidence.comparison
        return comparison == RequirementVersion.Comparison.AT_LEAST

    @property
    def is_stale(self) -> bool:
        """There is evidence, and it counts no more: too old, or of data that were replaced."""
        return (
            self.verdict is not None
            and self.verdict.stale_at is not None
            and self.verdict.stale_at <= self.now
        )

    @property
    def reasons(self) -> list[Message]:
        return [Message.from_json(reason) for reason in self.verdict.reasons] if self.verdict else []

    @property
    def scale(self) -> tuple[float, float] | None:
        """Ends of the interval plot: limit and interval with air on both sides, within the metric's range."""
        verdict = self.verdict
        if verdict is None or verdict.value is None or self.limit is None:
            return None
        known = (verdict.value, verdict.low, verdict.high, self.limit)
        parts = [part for part in known if part is not None]
        air = (max(parts) - min(parts)) * 0.4 or abs(self.limit) * 0.1 or 1.0
        start, end = min(parts) - air, max(parts) + air
        if self.metric is not None and self.metric.low is not None:
            start = max(start, self.metric.low)
        if self.metric is not None and self.metric.high is not None:
            end = min(end, self.metric.high)
        return start, end


def rows_for(project: Project, *, withdrawn: bool = False) -> list[RequirementRow]:
    """The rows of all requirements in force, or of the withdrawn ones, in the order of their numbers."""
    requirements = (
        Requirement.objects.filter(project=project, withdrawn_at__isnull=not withdrawn)
        .select_related("current__dataset", "current__file", "current__author")
        .order_by("number")
    )
    verdicts = {
        verdict.requirement_id: verdict
        for verdict in Verdict.objects.filter(project=project, until=None)
        .select_related("run", "evidence", "file", "version")
        .defer("run__result", "run__join_report", "run__roles", "file__profile", "file__roles")
    }
    asked = _asked_by(project)
    waivers = {
        waiver.requirement_id: waiver
        for waiver in Waiver.objects.filter(
            project=project, revoked_at=None, expires_on__gte=timezone.localdate()
        ).select_related("owner")
    }
    conflicts = _conflicts(project)
    currency = ValueCase.objects.in_force(project).values_list("currency", flat=True).first()
    now = timezone.now()
    return [
        RequirementRow(
            requirement=requirement,
            version=requirement.current,
            verdict=verdicts.get(requirement.pk),
            asked_by=tuple(asked[requirement.pk]),
            waiver=waivers.get(requirement.pk),
            conflicts=tuple(conflicts[requirement.pk]),
            currency=currency or "",
            now=now,
        )
        for requirement in requirements
        if requirement.current is not None
    ]


def _asked_by(project: Project) -> Mapping[int, list[Stakeholder]]:
    asked: dict[int, list[Stakeholder]] = defaultdict(list)
    stances = Stance.objects.filter(project=project, kind=Stance.Kind.ASKED).select_related("stakeholder")
    for stance in stances.order_by("-stakeholder__influence", "stakeholder__name"):
        asked[stance.requirement_id].append(stance.stakeholder)
    return asked


def _conflicts(project: Project) -> Mapping[int, list[Conflict]]:
    found: dict[int, list[Conflict]] = defaultdict(list)
    for conflict in Conflict.objects.filter(project=project, gone_at=None).select_related("first", "second"):
        found[conflict.first_id].append(conflict)
        found[conflict.second_id].append(conflict)
    return found


@dataclass(frozen=True, slots=True)
class Matrix:
    """Who wants what: ``cells[stakeholder.pk, requirement.pk]`` is a `Stance.Kind`."""

    stakeholders: list[Stakeholder]
    requirements: list[Requirement]
    cells: Mapping[tuple[int, int], str]


def matrix(project: Project) -> Matrix:
    """Stakeholders by influence, requirements in force by number; three queries."""
    stances = Stance.objects.filter(project=project)
    return Matrix(
        list(Stakeholder.objects.filter(project=project)),
        list(Requirement.objects.filter(project=project, withdrawn_at=None).select_related("current")),
        {(stance.stakeholder_id, stance.requirement_id): stance.kind for stance in stances},
    )


def counts(projects: Iterable[Project | int]) -> dict[int, dict[str, int]]:
    """How many requirements in force have which verdict, by project; 0 where none has. One query."""
    keys = [project if isinstance(project, int) else project.pk for project in projects]
    rows = (
        Requirement.objects.filter(Q(withdrawn_at=None), project__in=keys)
        .order_by()
        .values("project", "state")
        .annotate(n=Count("pk"))
        .values_list("project", "state", "n")
    )
    found = {key: dict.fromkeys(VerdictState.values, 0) for key in keys}
    for project, state, n in rows:
        found[project][state] = n
    return found
