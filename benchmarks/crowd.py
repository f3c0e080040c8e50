"""Fills a database with projects in every phase: 20 requirements and 100 runs in each."""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import numpy as np
from django.utils import timezone

from apps.accounts.models import User
from apps.datasets.models import DataFile
from apps.evaluations.models import Run
from apps.jobs.models import Job, State
from apps.lifecycle.models import Deliverable, Hypothesis, Phase, ScopeChange
from apps.projects.models import Membership, Project, Role, UseCase
from apps.requirements.models import (
    ProjectJudgement,
    Requirement,
    RequirementVersion,
    Stakeholder,
    Stance,
    ValueCase,
    Verdict,
)

REQUIREMENTS, RUNS, HYPOTHESES, DELIVERABLES = 20, 100, 8, 24
STATES = ["confirmed"] * 10 + ["refuted"] * 3 + ["unverified"] * 7
BATCH = 5_000
DOMAINS = ("Payments", "Retail supply", "Energy", "Manufacturing", "Telecom", "Logistics")
#: Kinds of phases, project by project.
LIVES = (
    ("discovery",),
    ("discovery", "delivery"),
    ("discovery", "delivery", "production"),
    ("discovery", "delivery", "production", "discovery"),
)


def make_person(name: str = "Portfolio manager") -> User:
    return User.objects.create(email=f"{name.lower().replace(' ', '-')}@example.org", name=name)


def fill(person: User, first: int, last: int) -> None:
    """Add the projects with the numbers ``first`` to ``last - 1``; always the same ones."""
    rng = np.random.default_rng(first)
    projects = _made(
        Project(
            name=f"{DOMAINS[i % len(DOMAINS)]} question {i}",
            slug=f"question-{i}",
            domain=DOMAINS[i % len(DOMAINS)],
            use_case=UseCase.values[i * i % len(UseCase.values)],
            created_by=person,
            last_run_number=RUNS,
        )
        for i in range(first, last)
    )
    _made(Membership(project=project, user=person, role=Role.OWNER) for project in projects)
    _add_runs(person, projects)
    _add_requirements(person, projects, rng)
    _add_phases(person, projects, rng)
    _add_money(person, projects, rng)


def _made(rows: Iterable[Any]) -> list[Any]:
    """Save all of one kind, batch by batch."""
    saved: list[Any] = []
    iterator = iter(rows)
    while batch := list(itertools.islice(iterator, BATCH)):
        saved += type(batch[0])._default_manager.bulk_create(batch)
    return saved


def _add_runs(person: User, projects: list[Project]) -> None:
    now = timezone.now()
    files = _made(
        DataFile(
            project=project,
            name="predictions.parquet",
            sha256=hashlib.sha256(project.slug.encode()).hexdigest(),
            size=1_000,
            uploaded_by=person,
        )
        for project in projects
    )
    jobs = _made(
        Job(
            project=project,
            created_by=person,
            task="evaluations.evaluate",
            title="Run",
            state=State.SUCCEEDED,
        )
        for project in projects
        for _run in range(RUNS)
    )
    _made(
        Run(
            project=file.project,
            number=number,
            name=f"Run {number}",
            file=file,
            job=job,
            task="binary",
            created_by=person,
            evaluated_at=now - timedelta(days=RUNS - number),
            rows=10_000,
        )
        for (file, number), job in zip(itertools.product(files, range(1, RUNS + 1)), jobs, strict=True)
    )


def _add_requirements(person: User, projects: list[Project], rng: np.random.Generator) -> None:
    now = timezone.now()
    newest = {run.project_id: run for run in Run.objects.filter(number=RUNS, project__in=projects)}
    asked = _made(Stakeholder(project=project, name=name) for project in projects for name in DOMAINS)
    requirements = _made(
        Requirement(project=project, number=number, state=STATES[number % len(STATES)])
        for project in projects
        for number in range(1, REQUIREMENTS + 1)
    )
    versions = _made(
        RequirementVersion(
            requirement=requirement,
            project=requirement.project,
            number=1,
            statement="Catch most of what is worth catching before it costs money.",
            kind=RequirementVersion.Kind.QUALITY,
            priority=RequirementVersion.Priority.values[requirement.number % 3],
            verification="Every run on the hold-out data.",
            metric="recall",
            comparison=RequirementVersion.Comparison.AT_LEAST,
            limit=0.8,
            author=person,
        )
        for requirement in requirements
    )
    for requirement, version in zip(requirements, versions, strict=True):
        requirement.current = version
    Requirement.objects.bulk_update(requirements, ["current"], batch_size=BATCH)
    by_project = {pk: list(rows) for pk, rows in itertools.groupby(asked, lambda row: row.project_id)}
    _made(
        Stance(
            project=requirement.project,
            stakeholder=by_project[requirement.project_id][requirement.number % len(DOMAINS)],
            requirement=requirement,
            kind=Stance.Kind.ASKED,
        )
        for requirement in requirements
    )
    _made(_verdicts(requirements, versions, newest, now, rng))


def _verdicts(
    requirements: list[Requirement],
    versions: list[RequirementVersion],
    newest: dict[int, Run],
    now: Any,
    rng: np.random.Generator,
) -> Iterable[Verdict]:
    """Each requirement was unverified before its present verdict."""
    for requirement, version in zip(requirements, versions, strict=True):
        asked, settled = sorted(rng.integers(1, 120, 2), reverse=True)
        since = now - timedelta(days=int(settled))
        common = {"project": requirement.project, "requirement": requirement, "version": version}
        yield Verdict(**common, state="unverified", since=now - timedelta(days=int(asked)), until=since)
        value = float(rng.uniform(0.7, 0.95))
        yield Verdict(
            **common,
            state=requirement.state,
            run=newest[requirement.project_id],
            value=value,
            low=value - 0.02,
            high=value + 0.02,
            n=10_000,
            level=0.95,
            since=since,
        )


def _add_phases(person: User, projects: list[Project], rng: np.random.Generator) -> None:
    today = timezone.localdate()
    phases = _made(
        phase for project in projects for phase in _life(project, person, today, int(rng.integers(0, 60)))
    )
    discoveries = [phase for phase in phases if phase.kind == Phase.Kind.DISCOVERY]
    deliveries = [phase for phase in phases if phase.kind == Phase.Kind.DELIVERY]
    counters: dict[int, Any] = {project.pk: itertools.count(1) for project in projects}
    _made(
        Hypothesis(
            project=phase.project,
            phase=phase,
            number=next(counters[phase.project_id]),
            text="Last week says more than last year.",
            added_on=phase.started_on,
            state="confirmed" if n < settled else "open",
            settled_on=phase.started_on + timedelta(days=3 * (n + 1)) if n < settled else None,
        )
        for phase in discoveries
        for settled in (HYPOTHESES if phase.closed_at else int(rng.integers(2, HYPOTHESES)),)
        for n in range(HYPOTHESES)
    )
    work = _made(
        Deliverable(
            project=phase.project,
            phase=phase,
            number=n + 1,
            name=f"Part {n + 1}",
            added_on=phase.started_on,
            done_on=phase.started_on + timedelta(days=4 * (n + 1)) if n < done else None,
        )
        for phase in deliveries
        for done in (DELIVERABLES if phase.closed_at else int(rng.integers(4, 20)),)
        for n in range(DELIVERABLES)
    )
    _made(
        ScopeChange(
            project=part.project,
            phase=part.phase,
            deliverable=part,
            kind="added",
            change=1,
            reason="Asked for later.",
            day=part.added_on + timedelta(days=30),
            changed_by=person,
        )
        for part in work
        if part.number % 8 == 0
    )


def _life(project: Project, person: User, today: Any, late: int) -> Iterable[Phase]:
    """A discovery of 42 days, a delivery of 98, production; the last of each kind may still be open."""
    kinds = LIVES[project.pk % len(LIVES)]
    start = today - timedelta(days=20 + late + 120 * (len(kinds) - 1))
    for place, kind in enumerate(kinds):
        is_open = kind == "production" or place == len(kinds) - 1
        length = 42 if kind == "discovery" else 98
        closed = None if is_open else timezone.now() - (today - start - timedelta(days=length))
        yield Phase(
            project=project,
            kind=kind,
            cycle=2 if place == 3 else 1,
            started_on=start,
            ends_on=start + timedelta(days=42) if kind == "discovery" else None,
            promised_on=start + timedelta(days=98) if kind == "delivery" else None,
            closed_at=closed,
            created_by=person,
        )
        start += timedelta(days=120 if place else 45)


def _add_money(person: User, projects: list[Project], rng: np.random.Generator) -> None:
    hoped = rng.lognormal(13, 1, len(projects))
    _made(
        ValueCase(
            project=project,
            number=1,
            currency="EUR",
            volume_per_year=1e6,
            hoped_per_year=float(amount),
            author=person,
        )
        for project, amount in zip(projects, hoped, strict=True)
    )
    _made(
        ProjectJudgement(
            project=project,
            judged_at=timezone.now(),
            currency="EUR",
            value=float(amount * share),
            low=float(amount * share * 0.85),
            high=float(amount * share * 1.15),
        )
        for project, amount, share in zip(projects, hoped, rng.uniform(0.2, 1.2, len(projects)), strict=True)
        if project.pk % 3
    )
