"""What people do with projects."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.text import slugify

from apps.accounts.models import User
from apps.compute.messages import InputRejected, gettext_noop
from apps.projects.access import Action, require
from apps.projects.models import Membership, Project, Role, UseCase

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
def create_project(
    *,
    user: User,
    name: str,
    slug: str = "",
    description: str = "",
    domain: str = "",
    use_case: str = UseCase.OTHER,
) -> Project:
    """Make a project; its maker owns it."""
    slug = slug or make_slug(name)
    if slug in RESERVED_SLUGS:
        raise _slug_taken(slug)
    try:
        with transaction.atomic():
            project = Project.objects.create(
                name=name,
                slug=slug,
                description=description,
                domain=domain,
                use_case=use_case,
                created_by=user,
            )
    except IntegrityError as error:  # somebody was faster, maybe by a moment
        raise _slug_taken(slug) from error
    Membership.objects.create(project=project, user=user, role=Role.OWNER)
    return project


def _slug_taken(slug: str) -> InputRejected:
    return InputRejected(
        "slug_taken", gettext_noop("The short name “%(slug)s” is taken. Choose another."), slug=slug
    )


@transaction.atomic
def edit_project(
    *, project: Project, user: User, name: str, description: str, domain: str, use_case: str
) -> Project:
    require(user, Action.MANAGE, project)
    project.name, project.description = name, description
    project.domain, project.use_case = domain, use_case
    project.save(update_fields=["name", "description", "domain", "use_case"])
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
    member = _locked(membership, user)
    _keep_an_owner(member, role)
    member.role = role
    member.save(update_fields=["role"])
    return member


@transaction.atomic
def remove_member(*, membership: Membership, user: User) -> None:
    member = _locked(membership, user)
    _keep_an_owner(member, "")
    member.delete()


def _locked(membership: Membership, user: User) -> Membership:
    """The membership as it stands now. The lock orders two owners who remove each other.

    The role is looked up behind the lock: who was removed a moment ago removes nobody any more.
    """
    project = Project.objects.select_for_update().get(pk=membership.project_id)
    require(user, Action.ADMINISTER, project)
    member = project.memberships.select_related("user").filter(pk=membership.pk).first()
    if member is None:
        raise InputRejected("no_member", gettext_noop("This person was removed from the project already."))
    return member


def _keep_an_owner(membership: Membership, new_role: str) -> None:
    """Refuse to take the last owner away."""
    owners = Membership.objects.filter(project=membership.project_id, role=Role.OWNER)
    if new_role != Role.OWNER and not owners.exclude(pk=membership.pk).exists():
        raise InputRejected(
            "last_owner",
            gettext_noop("A project needs an owner. Make another member an owner first."),
        )
