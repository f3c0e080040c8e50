"""A reader who is signed in, and projects with a little of everything."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.models import User
from apps.lifecycle.models import Deliverable, Hypothesis, Phase
from apps.projects.models import Project
from apps.requirements.models import ProjectJudgement, Requirement, RequirementVersion, ValueCase, Verdict
from tests.factories import make_project, make_user


@pytest.fixture
def person(client: Client) -> User:
    user = make_user("Portfolio manager")
    client.force_login(user)
    return user


def make_requirement(project: Project, number: int, state: str, *, since_days: int = 0) -> Requirement:
    """With its version, and with a verdict that was unverified until ``since_days`` ago."""
    now, author = timezone.now(), project.created_by
    requirement = Requirement.objects.create(project=project, number=number, state=state)
    version = RequirementVersion.objects.create(
        requirement=requirement, project=project, number=1, statement=f"Hope {number}", kind="quality",
        priority="must", verification="Every run", author=author,
    )  # fmt: skip
    requirement.current = version
    requirement.save()
    since = now - timedelta(days=since_days)
    common = {"project": project, "requirement": requirement, "version": version}
    Verdict.objects.create(**common, state="unverified", since=now - timedelta(days=200), until=since)
    Verdict.objects.create(**common, state=state, since=since)
    return requirement


def make_phase(project: Project, kind: str, *, began: int, closed: int | None = None) -> Phase:
    """``began`` and ``closed`` are days before today."""
    today, now = timezone.localdate(), timezone.now()
    start = today - timedelta(days=began)
    return Phase.objects.create(
        project=project,
        kind=kind,
        started_on=start,
        ends_on=start + timedelta(days=42) if kind == "discovery" else None,
        closed_at=None if closed is None else now - timedelta(days=closed),
        created_by=project.created_by,
    )


def make_value(project: Project, *, value: float | None, hoped: float, currency: str = "EUR") -> None:
    """With an interval of a tenth on both sides."""
    ValueCase.objects.create(
        project=project, number=1, currency=currency, volume_per_year=1_000, hoped_per_year=hoped,
        author=project.created_by,
    )  # fmt: skip
    if value is not None:
        ProjectJudgement.objects.create(
            project=project, currency=currency, value=value, low=value * 0.9, high=value * 1.1
        )


def make_lived_in(owner: User, name: str = "") -> Project:
    """In delivery beside a second discovery, with requirements and money."""
    project = make_project(owner, name)
    for number, state in enumerate(["confirmed", "confirmed", "refuted", "unverified"], start=1):
        make_requirement(project, number, state)
    make_phase(project, "discovery", began=200, closed=158)
    delivery = make_phase(project, "delivery", began=150)
    discovery = make_phase(project, "discovery", began=10)
    today = timezone.localdate()
    for number in range(1, 5):
        Hypothesis.objects.create(
            project=project, phase=discovery, number=number, text="It is so", added_on=discovery.started_on
        )
        Deliverable.objects.create(
            project=project, phase=delivery, number=number, name="Part", added_on=delivery.started_on,
            done_on=today if number < 3 else None,
        )  # fmt: skip
    make_value(project, value=100_000.0, hoped=200_000.0)
    return project
