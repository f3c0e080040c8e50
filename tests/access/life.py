"""The requirements and the phases of the world in which everybody asks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.utils import timezone

from apps.lifecycle.models import Criterion, Decision, Deliverable, FitAnswer, Gate, Hypothesis, Phase
from apps.projects.models import Project
from apps.requirements.models import (
    Conflict,
    Requirement,
    RequirementVersion,
    Stakeholder,
    ValueCase,
    Waiver,
)


def make_life(project: Project) -> dict[str, Any]:
    """One row of each kind; the parts of their addresses in the API."""
    return {**_wishes(project), **_phases(project)}


def _wishes(project: Project) -> dict[str, Any]:
    owner = project.created_by
    stakeholder = Stakeholder.objects.create(project=project, name="Operations")
    first = _requirement(project, 1, RequirementVersion.Comparison.AT_LEAST, 0.9)
    second = _requirement(project, 2, RequirementVersion.Comparison.AT_MOST, 0.8)
    waiver = Waiver.objects.create(
        project=project,
        requirement=first,
        owner=owner,
        granted_by=owner,
        reason="The law comes later",
        expires_on=timezone.localdate() + timedelta(days=30),
    )
    conflict = Conflict.objects.create(
        project=project,
        kind=Conflict.Kind.LIMITS,
        first=first,
        second=second,
        reason={"text": "They exclude each other.", "params": {}},
    )
    case = ValueCase.objects.create(project=project, number=1, volume_per_year=1_000, author=owner)
    return {
        "stakeholder_pk": stakeholder.pk,
        "requirement_pk": first.pk,
        "waiver": waiver.pk,
        "conflict_pk": conflict.pk,
        "value_case_pk": case.pk,
    }


def _requirement(project: Project, number: int, comparison: str, limit: float) -> Requirement:
    requirement = Requirement.objects.create(project=project, number=number)
    requirement.current = RequirementVersion.objects.create(
        project=project,
        requirement=requirement,
        number=1,
        statement="So many are right",
        kind=RequirementVersion.Kind.QUALITY,
        priority=RequirementVersion.Priority.SHOULD,
        verification="On the hold-out",
        metric="accuracy",
        comparison=comparison,
        limit=limit,
        author=project.created_by,
    )
    requirement.save()
    return requirement


def _phases(project: Project) -> dict[str, Any]:
    owner, today = project.created_by, timezone.localdate()
    discovery = Phase.objects.create(
        project=project,
        kind=Phase.Kind.DISCOVERY,
        started_on=today,
        ends_on=today + timedelta(days=30),
        created_by=owner,
    )
    delivery = Phase.objects.create(
        project=project, kind=Phase.Kind.DELIVERY, started_on=today, created_by=owner
    )
    hypothesis = Hypothesis.objects.create(
        project=project, phase=discovery, number=1, text="Weather matters", added_on=today
    )
    criterion = Criterion.objects.create(project=project, gate=Gate.DELIVERY, text="The team is there")
    return {
        "phase_pk": discovery.pk,
        "delivery_pk": delivery.pk,
        "hypothesis_pk": hypothesis.pk,
        "deliverable_pk": _deliverable(delivery, today).pk,
        "fit_answer_pk": FitAnswer.objects.create(
            project=project, question="patterns", state=FitAnswer.State.ASSUMED, answered_by=owner
        ).pk,
        "criterion_pk": criterion.pk,
        "decision_pk": _proposed(discovery).pk,
    }


def _deliverable(delivery: Phase, today: date) -> Deliverable:
    return Deliverable.objects.create(
        project=delivery.project, phase=delivery, number=1, name="Scores every night", added_on=today
    )


def _proposed(phase: Phase) -> Decision:
    """Against the advice of the gate, so that a second person is asked."""
    return Decision.objects.create(
        project=phase.project,
        phase=phase,
        number=1,
        subject=Decision.Subject.DELIVERY_GATE,
        outcome=Decision.Outcome.GO,
        state=Decision.State.PROPOSED,
        reason="The season starts",
        decided_by=phase.project.created_by,
    )
