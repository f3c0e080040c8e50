"""Requirements: said, changed, withdrawn. Every change is a version with its author and reason."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from apps.accounts.models import User
from apps.analysis.services import always_measure
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.requirements.judging import judge_project
from apps.requirements.models import Requirement, RequirementVersion, Stakeholder, Stance
from apps.requirements.services.checks import check_not_too_early, check_reason, check_same_project
from apps.requirements.services.fields import RequirementFields
from apps.requirements.services.stakeholders import lock_stakeholder
from apps.requirements.services.targets import check_requirement


@transaction.atomic
def add_requirement(
    *,
    project: Project,
    user: User,
    fields: RequirementFields,
    asked_by: Iterable[Stakeholder] = (),
    asked_on: date | None = None,
) -> Requirement:
    """Write a hypothesis down; the evidence that exists judges it at once."""
    require(user, Action.MANAGE, project)
    check_requirement(project, fields)
    if asked_on is not None and asked_on > timezone.localdate():
        raise InputRejected(
            "day_in_future",
            gettext_noop("A requirement cannot be asked for in the future. Give today or an earlier day."),
        )
    if asked_on is not None:
        check_not_too_early(asked_on)
    Project.objects.select_for_update(no_key=True).get(pk=project.pk)  # two at once get two numbers
    newest = Requirement.objects.filter(project=project).aggregate(number=Max("number"))["number"]
    requirement = Requirement.objects.create(
        project=project, number=(newest or 0) + 1, asked_on=asked_on or timezone.localdate()
    )
    write_version(requirement, user, fields)
    for stakeholder in dict.fromkeys(asked_by):
        check_same_project(project, stakeholder)
        lock_stakeholder(stakeholder)
        Stance.objects.create(
            project=project, stakeholder=stakeholder, requirement=requirement, kind=Stance.Kind.ASKED
        )
    return _judged(requirement)


@transaction.atomic
def change_requirement(
    *,
    requirement: Requirement,
    user: User,
    fields: RequirementFields,
    reason: str,
    based_on: int | None = None,
) -> Requirement:
    """Say it anew. ``based_on`` is the number of the version that the editor had before them."""
    require(user, Action.MANAGE, requirement.project)
    check_reason(RequirementVersion, reason)
    check_requirement(requirement.project, fields)
    requirement = locked(requirement)
    current = current_version(requirement)
    if based_on is not None and current.number > based_on:
        raise InputRejected(
            "changed_meanwhile",
            gettext_noop(
                "%(code)s was changed while you wrote: version %(number)s came in between. Read it and make "
                "your change again."
            ),
            code=requirement.code,
            number=current.number,
        )
    if fields == RequirementFields.of(current):
        raise InputRejected(
            "nothing_changed", gettext_noop("Nothing was changed in %(code)s."), code=requirement.code
        )
    write_version(requirement, user, fields, reason)
    return _judged(requirement)


@transaction.atomic
def withdraw_requirement(*, requirement: Requirement, user: User, reason: str) -> Requirement:
    """Nobody wants it any more. Its number, versions and verdicts stay; the last version keeps the reason."""
    require(user, Action.MANAGE, requirement.project)
    check_reason(RequirementVersion, reason)
    requirement = locked(requirement)
    write_version(requirement, user, RequirementFields.of(current_version(requirement)), reason)
    requirement.withdrawn_at = timezone.now()
    requirement.save(update_fields=["withdrawn_at"])
    return _judged(requirement)


def locked(requirement: Requirement) -> Requirement:
    """The requirement as it stands now, held until the end of the transaction; not a withdrawn one.

    The project is held first, as the judging does it: two who write at once wait for each other in order.
    """
    Project.objects.select_for_update(no_key=True).get(pk=requirement.project_id)
    row = Requirement.objects.select_related("project", "current").get(pk=requirement.pk)
    if row.withdrawn_at is not None:
        raise InputRejected(
            "withdrawn",
            gettext_noop("%(code)s was withdrawn. Write a new requirement instead."),
            code=row.code,
        )
    return row


def current_version(requirement: Requirement) -> RequirementVersion:
    """The version in force; a requirement without one was never finished by any service."""
    assert requirement.current is not None  # noqa: S101  written with the requirement
    return requirement.current


def write_version(
    requirement: Requirement, user: User, fields: RequirementFields, reason: str = ""
) -> RequirementVersion:
    said = {name: getattr(fields, name) for name in fields.__dataclass_fields__}
    version = RequirementVersion.objects.create(
        **said | {"scenario": dict(fields.scenario)},
        requirement=requirement,
        project=requirement.project,
        number=requirement.current.number + 1 if requirement.current else 1,
        reason=reason,
        author=user,
    )
    requirement.current = version
    requirement.save(update_fields=["current"])
    if fields.metric:
        always_measure(
            project=requirement.project,
            user=user,
            metric=fields.metric,
            column=fields.slice_column,
            value=fields.slice_value,
        )
    return version


def _judged(requirement: Requirement) -> Requirement:
    judge_project(requirement.project_id)
    requirement.refresh_from_db(fields=["state"])
    return requirement
