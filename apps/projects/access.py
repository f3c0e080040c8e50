"""THE access rule. Nothing else knows what a role may do.

What a person may not see does not exist for them (404); what they see but may not do is forbidden (403).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.projects.models import Membership, Project, Role

M = TypeVar("M", bound=models.Model)


class Action(StrEnum):
    VIEW = "view"
    UPLOAD = "upload"  # files, runs, jobs
    MANAGE = "manage"  # name and description
    ADMINISTER = "administer"  # members, deletion


_LEAST_ROLE = {
    Action.VIEW: Role.VIEWER,
    Action.UPLOAD: Role.ENGINEER,
    Action.MANAGE: Role.MANAGER,
    Action.ADMINISTER: Role.OWNER,
}
_ORDER = list(Role)


def visible(queryset: models.QuerySet[M], user: User, path: str = "project") -> models.QuerySet[M]:
    """Rows whose project, reached by ``path``, the user may see."""
    if user.is_superuser:
        return queryset
    return queryset.filter(**{f"{path}__in": Project.objects.filter(memberships__user=user)})


def role_of(user: User, project: Project) -> Role | None:
    """The user's role; a site admin is an owner everywhere."""
    if user.is_superuser:
        return Role.OWNER
    value = Membership.objects.filter(project=project, user=user).values_list("role", flat=True).first()
    return Role(value) if value else None


def allowed(user: User, project: Project) -> frozenset[Action]:
    """Everything that the user may do there."""
    role = role_of(user, project)
    if role is None:
        return frozenset()
    reach = _ORDER.index(role)
    return frozenset(action for action, least in _LEAST_ROLE.items() if _ORDER.index(least) <= reach)


def allows(user: User, action: Action, project: Project) -> bool:
    return action in allowed(user, project)


def where_allowed(user: User, action: Action) -> models.QuerySet[Project]:
    """The projects in which the user may do this."""
    if user.is_superuser:
        return Project.objects.all()
    roles = _ORDER[_ORDER.index(_LEAST_ROLE[action]) :]
    return Project.objects.filter(memberships__user=user, memberships__role__in=roles)


def people_allowed(action: Action, project: Project) -> models.QuerySet[User]:
    """The active members who may do this; site admins besides may do everything."""
    roles = _ORDER[_ORDER.index(_LEAST_ROLE[action]) :]
    return User.objects.filter(
        is_active=True, memberships__project=project, memberships__role__in=roles
    ).distinct()


def require(user: User, action: Action, project: Project) -> None:
    """Raise PermissionDenied with a sentence that says which role is needed."""
    if not allows(user, action, project):
        needed: Any = _LEAST_ROLE[action].label
        raise PermissionDenied(
            _("This needs the role “%(role)s” in the project “%(project)s”. Ask an owner of the project.")
            % {"role": needed, "project": project.name}
        )
