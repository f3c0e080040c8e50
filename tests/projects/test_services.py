"""Projects and members."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from apps.compute.messages import InputRejected
from apps.projects import services
from apps.projects.access import Action, allows
from apps.projects.models import Membership, Project, Role
from tests.factories import make_member, make_project, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Payment fraud screening", "payment-fraud-screening"),
        ("Отток клиентов", "ottok-klientov"),
        ("Спрос: объём", "spros-obem"),
        ("new", "new-2"),
        ("漢字", "project"),
        ("a" * 120, "a" * 50),
    ],
)
def test_a_slug_is_made_from_any_name(name: str, slug: str) -> None:
    assert make_project(name=name).slug == slug


def test_the_same_name_gets_another_slug() -> None:
    slugs = [make_project(name="Churn").slug for _ in range(3)]
    assert slugs == ["churn", "churn-2", "churn-3"]


def test_the_maker_owns_the_project() -> None:
    user = make_user()
    project = make_project(user)
    assert Membership.objects.get(project=project).role == Role.OWNER
    assert Project.objects.visible_to(user).get() == project
    assert not Project.objects.visible_to(make_user()).exists()


def test_each_role_may_what_the_one_before_may() -> None:
    project = make_project()
    may = {
        role: {action for action in Action if allows(make_member(project, role), action, project)}
        for role in Role
    }
    assert may == {
        Role.VIEWER: {Action.VIEW},
        Role.ENGINEER: {Action.VIEW, Action.UPLOAD},
        Role.MANAGER: {Action.VIEW, Action.UPLOAD, Action.MANAGE},
        Role.OWNER: set(Action),
    }


def test_a_manager_cannot_add_members() -> None:
    project = make_project()
    manager = make_member(project, Role.MANAGER)
    with pytest.raises(PermissionDenied, match="Owner"):
        services.add_member(project=project, user=manager, email=make_user().email, role=Role.VIEWER)


def test_adding_a_stranger_or_a_member_is_refused_with_a_sentence() -> None:
    owner = make_user()
    project = make_project(owner)
    with pytest.raises(InputRejected, match=r"Nobody here signs in as x@example\.org"):
        services.add_member(project=project, user=owner, email="x@example.org", role=Role.VIEWER)
    with pytest.raises(InputRejected, match="is a member already"):
        services.add_member(project=project, user=owner, email=owner.email.upper(), role=Role.VIEWER)


def test_the_last_owner_stays() -> None:
    owner = make_user()
    membership = make_project(owner).memberships.get()
    with pytest.raises(InputRejected, match="needs an owner"):
        services.remove_member(membership=membership, user=owner)
    with pytest.raises(InputRejected, match="needs an owner"):
        services.change_role(membership=membership, user=owner, role=Role.VIEWER)


@pytest.mark.django_db(transaction=True)
def test_two_owners_who_remove_each_other_leave_one() -> None:
    first = make_user()
    project = make_project(first)
    second = make_member(project, Role.OWNER)
    memberships = {m.user_id: m for m in Membership.objects.select_related("project")}

    def remove(by, whom) -> bool:
        try:
            services.remove_member(membership=memberships[whom.pk], user=by)
        except (InputRejected, PermissionDenied):
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, [first, second], [second, first]))
    assert done.count(True) == 1
    assert Membership.objects.filter(project=project, role=Role.OWNER).count() == 1


def test_who_is_gone_cannot_be_removed_or_promoted() -> None:
    owner = make_user()
    project = make_project(owner)
    member = project.memberships.get(user=make_member(project, Role.VIEWER))
    services.remove_member(membership=member, user=owner)
    with pytest.raises(InputRejected, match="removed from the project already"):
        services.change_role(membership=member, user=owner, role=Role.OWNER)
    with pytest.raises(InputRejected, match="removed from the project already"):
        services.remove_member(membership=member, user=owner)


@pytest.mark.django_db(transaction=True)
def test_one_short_name_goes_to_one_of_two_who_ask_at_once() -> None:
    users = [make_user(), make_user()]
    start = Barrier(2)

    def create(user) -> bool:
        try:
            start.wait()
            services.create_project(user=user, name="Churn", slug="churn")
        except InputRejected as error:
            return error.code != "slug_taken"
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(create, users)) == [False, True]
    assert Project.objects.count() == 1


@pytest.mark.parametrize("slug", ["new", "upload"])
def test_addresses_of_pages_are_no_short_names(slug: str) -> None:
    with pytest.raises(InputRejected, match="is taken"):
        services.create_project(user=make_user(), name="A project", slug=slug)
