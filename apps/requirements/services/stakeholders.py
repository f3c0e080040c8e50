"""Stakeholders and the matrix of who wants what."""

from __future__ import annotations

from dataclasses import asdict

from django.db import IntegrityError, transaction

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Project
from apps.requirements.models import Requirement, Stakeholder, Stance
from apps.requirements.services.checks import check_choice, check_same_project, check_texts
from apps.requirements.services.fields import StakeholderFields


def add_stakeholder(*, project: Project, user: User, fields: StakeholderFields) -> Stakeholder:
    require(user, Action.MANAGE, project)
    return _saved(Stakeholder(project=project), fields)


@transaction.atomic
def edit_stakeholder(*, stakeholder: Stakeholder, user: User, fields: StakeholderFields) -> Stakeholder:
    require(user, Action.MANAGE, stakeholder.project)
    lock_stakeholder(stakeholder)
    return _saved(stakeholder, fields)


def lock_stakeholder(stakeholder: Stakeholder) -> None:
    """One after the other in the project: nobody edits, or gives a stance to, who is deleted meanwhile."""
    Project.objects.select_for_update(no_key=True).get(pk=stakeholder.project_id)
    if not Stakeholder.objects.filter(pk=stakeholder.pk).exists():
        raise InputRejected(
            "deleted_already", gettext_noop("“%(name)s” was deleted already."), name=stakeholder.name
        )


def _saved(stakeholder: Stakeholder, fields: StakeholderFields) -> Stakeholder:
    check_texts(Stakeholder, fields, required=("name",))
    check_choice(Stakeholder, "direction", fields.direction, required=False)
    check_choice(Stakeholder, "influence", fields.influence)
    for name, value in asdict(fields).items():
        setattr(stakeholder, name, value.strip() if isinstance(value, str) else value)
    try:
        with transaction.atomic():
            # save() alone inserts what it does not find: an edit would bring back a row that is gone.
            stakeholder.save(force_update=not stakeholder._state.adding)
    except IntegrityError as error:
        raise InputRejected(
            "stakeholder_taken",
            gettext_noop("The project has a stakeholder “%(name)s” already. Choose another name."),
            name=fields.name,
        ) from error
    return stakeholder


@transaction.atomic
def delete_stakeholder(*, stakeholder: Stakeholder, user: User) -> None:
    """Delete who has no stake any more; the trail keeps what was said."""
    require(user, Action.MANAGE, stakeholder.project)
    lock_stakeholder(stakeholder)
    stances = stakeholder.stances.select_related("requirement").order_by("requirement__number")
    if codes := [stance.requirement.code for stance in stances]:
        raise InputRejected(
            "stakeholder_has_requirements",
            gettext_noop(
                "“%(name)s” has a stake in %(codes)s. Take it out of these requirements first, or give them "
                "to another stakeholder."
            ),
            name=stakeholder.name,
            codes=", ".join(codes),
        )
    stakeholder.delete()


@transaction.atomic
def set_stance(*, requirement: Requirement, stakeholder: Stakeholder, user: User, kind: str) -> Stance | None:
    """Fill one cell of the matrix; an empty ``kind`` clears it."""
    require(user, Action.MANAGE, requirement.project)
    check_same_project(requirement.project, stakeholder)
    check_choice(Stance, "kind", kind, required=False)
    lock_stakeholder(stakeholder)
    if not kind:
        Stance.objects.filter(requirement=requirement, stakeholder=stakeholder).delete()
        return None
    stance, _created = Stance.objects.update_or_create(
        requirement=requirement,
        stakeholder=stakeholder,
        defaults={"kind": kind, "project": requirement.project},
    )
    return stance
