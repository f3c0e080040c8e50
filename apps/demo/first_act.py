"""Before anything is measured: people, data, runs, stakeholders, requirements and open questions."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.utils import timezone

from apps.accounts.models import User
from apps.compute.roles import ColumnRole, Role
from apps.datasets.models import DataFile, Dataset
from apps.datasets.services import add_dataset, add_version, submit_file
from apps.datasets.uploads import incoming_from_path
from apps.demo.story.records import DemoProject, DemoRun, Discovery, Money, Voice, Wish
from apps.evaluations.models import Model, Run
from apps.evaluations.services import RunFields, name_baseline, submit_run
from apps.lifecycle import services as lifecycle
from apps.projects.models import Project
from apps.projects.models import Role as MemberRole
from apps.projects.services import add_member, create_project
from apps.requirements import services as requirements
from apps.requirements.models import Stakeholder

PREDICTIONS = Path(__file__).parent / "predictions"
ROLES = {
    "product": MemberRole.MANAGER,
    "risk": MemberRole.MANAGER,
    "science": MemberRole.ENGINEER,
    "data": MemberRole.ENGINEER,
}


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)


def open_project(story: DemoProject, owner: User, people: Mapping[str, User]) -> Project:
    """Everything up to the runs, whose evaluation the workers then begin."""
    project = create_project(
        user=owner,
        name=story.name,
        slug=story.slug,
        description=story.description,
        domain=story.domain,
        use_case=story.use_case,
    )
    for key, role in ROLES.items():
        add_member(project=project, user=owner, email=people[key].email, role=role)
    if story.discovery is not None:
        start_discovery(project, story.discovery, people)
    if story.runs:
        _submit_runs(project, story, people["science"])
    voices = {
        voice.name: requirements.add_stakeholder(
            project=project, user=owner, fields=requirements.StakeholderFields(**_fields_of(voice))
        )
        for voice in story.voices
    }
    if story.money is not None:
        requirements.set_value_case(project=project, user=owner, fields=_value_fields(story.money))
    for wish in story.wishes:
        _add_wish(project, owner, voices, wish)
    return project


def _fields_of(record: Voice | Money) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__slots__}


def _value_fields(money: Money) -> requirements.ValueFields:
    return requirements.ValueFields(currency="EUR", **_fields_of(money))


def start_discovery(project: Project, discovery: Discovery, people: Mapping[str, User]) -> None:
    start = days_ago(discovery.started).date()
    phase = lifecycle.start_discovery(
        project=project,
        user=people["product"],
        started_on=start,
        ends_on=start + timedelta(days=discovery.length),
        goal=discovery.goal,
        at=days_ago(discovery.started),
    )
    for question in discovery.questions:
        lifecycle.add_hypothesis(
            phase=phase,
            user=people["science"],
            text=question.text,
            added_on=start + timedelta(days=question.added),
        )


def _submit_runs(project: Project, story: DemoProject, user: User) -> None:
    folder = PREDICTIONS / story.folder
    truth = submit_file(
        project=project,
        user=user,
        upload=incoming_from_path(folder / story.truth),
        purpose=DataFile.Purpose.TRUTH,
        roles={name: ColumnRole(Role.IGNORE) for name in story.not_features},
    )
    dataset = add_dataset(
        project=project, user=project.created_by, name=story.holdout, role=Dataset.Role.HOLDOUT
    )
    add_version(dataset=dataset, user=user, file=truth)
    for run in story.runs:
        _submit_run(project, user, folder, truth, story, run)
    baseline = next((run.model for run in story.runs if run.baseline), None)
    if baseline is not None:
        name_baseline(
            project=project,
            user=project.created_by,
            model=Model.objects.get(project=project, name=baseline),
            kind=story.baseline_kind,
            description=story.baseline_text,
        )


def _submit_run(
    project: Project, user: User, folder: Path, truth: DataFile, story: DemoProject, run: DemoRun
) -> None:
    submit_run(
        project=project,
        user=user,
        upload=incoming_from_path(folder / run.file),
        truth=truth,
        parent=_parent(project, run),
        fields=RunFields(
            name=f"{run.model}, {run.version}",
            model=run.model,
            model_version=run.version,
            baseline=run.baseline,
            notes=run.notes,
            code_revision=run.code_revision,
            parameters=run.parameters,
            training_hash=run.training_hash,
            cross_slices=story.cross_slices,
            evaluated_at=days_ago(run.days_ago),
        ),
    )


def _parent(project: Project, run: DemoRun) -> Run | None:
    return Run.objects.filter(project=project, model_version__model__name=run.grew_from).first()


def _add_wish(project: Project, user: User, voices: Mapping[str, Stakeholder], wish: Wish) -> None:
    fields = requirements.RequirementFields(
        statement=wish.statement,
        kind=wish.kind,
        priority=wish.priority,
        verification=wish.verification,
        scenario=wish.scenario,
        **wish.target,
    )
    requirement = requirements.add_requirement(
        project=project,
        user=user,
        fields=fields,
        asked_by=[voices[name] for name in wish.asked_by],
        asked_on=days_ago(wish.days_ago).date(),
    )
    for kind, names in (("supports", wish.supports), ("opposes", wish.opposes)):
        for name in names:
            requirements.set_stance(requirement=requirement, stakeholder=voices[name], user=user, kind=kind)
