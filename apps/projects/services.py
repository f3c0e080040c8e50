"""What people do with projects."""

from __future__ import annotations

from django.db import transaction
from django.utils.text import slugify

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Membership, Project, Role

#: Addresses below /projects/ that are pages of their own.
RESERVED_SLUGS = frozenset({"new", "upload"})

_LATIN = "a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch - y - e yu ya"
_CYRILLIC = dict(zip("абвгдеёжзийклмнопрстуфхцчшщъыьэюя", _LATIN.replace("-", "").split(" "), strict=True))


def make_slug(name: str) -> str:
    """A free short name made from ``name``: Latin letters, digits and hyphens, at most 60."""
    latin = "".join(_CYRILLIC.get(letter, letter) for letter in name.lower())
    base = slugify(latin)[:50].strip("-") or "project"
    taken = set(Project.objects.filter(slug__startswith=base).values_list("slug", flat=True))
    taken |= RESERVED_SLUGS
    if base not in taken:
        return base
    number = 2
    while f"{base}-{number}" in taken:
        number += 1
    return f"{base}-{number}"


@transaction.atomic
def create_project(*, user: User, name: str, slug: str = "", description: str = "") -> Project:
    """Make a project; its maker owns it."""
    if slug and (slug in RESERVED_SLUGS or Project.objects.filter(slug=slug).exists()):
        raise InputRejected(
            "slug_taken", gettext_noop("The short name “%(slug)s” is taken. Choose another."), slug=slug
        )
    project = Project.objects.create(
        name=name, slug=slug or make_slug(name), description=description, created_by=user
    )
    Membership.objects.create(project=project, user=user, role=Role.OWNER)
    return project


@transaction.atomic
def edit_project(*, project: Project, user: User, name: str, description: str) -> Project:
    require(user, Action.MANAGE, project)
    project.name, project.description = name, description
    project.save(update_fields=["name", "description"])
    return project


@transaction.atomic
def add_member(*, project: Project, user: User, email: str, role: str) -> Membership:
    """Give a person of the portal a role. Their e-mail address must be known here."""
    require(user, Action.ADMINISTER, project)
    person = User.objects.filter(email__iexact=email.strip(), is_active=True).first()
    if person is None:
        raise InputRejected(
            "unknown_person",
            gettext_noop("Nobody here signs in as %(email)s. Ask a site admin to make the account first."),
            email=email,
        )
    membership, created = Membership.objects.get_or_create(
        project=project, user=person, defaults={"role": role}
    )
    if not created:
        raise InputRejected(
            "already_member", gettext_noop("%(email)s is a member already."), email=person.email
        )
    return membership


@transaction.atomic
def change_role(*, membership: Membership, user: User, role: str) -> Membership:
    require(user, Action.ADMINISTER, membership.project)
    _keep_an_owner(membership, role)
    membership.role = role
    membership.save(update_fields=["role"])
    return membership


@transaction.atomic
def remove_member(*, membership: Membership, user: User) -> None:
    require(user, Action.ADMINISTER, membership.project)
    _keep_an_owner(membership, "")
    membership.delete()


def _keep_an_owner(membership: Membership, new_role: str) -> None:
    """Refuse to take the last owner away. The lock orders two owners who remove each other."""
    Project.objects.select_for_update().get(pk=membership.project_id)
    owners = Membership.objects.filter(project=membership.project_id, role=Role.OWNER)
    if new_role != Role.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise InputRejected(
            "last_owner",
            gettext_noop("A project needs an owner. Make another member an owner first."),
        )
