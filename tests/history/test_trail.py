"""The trail is written by PostgreSQL: neither SQL from outside nor a deletion gets past it."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from rest_framework.test import APIClient

from apps.history.models import Change
from apps.projects.models import Membership, Role
from tests.factories import make_member, make_project, make_token, make_user

pytestmark = pytest.mark.django_db


def test_sql_from_outside_is_recorded_with_what_it_changed() -> None:
    project = make_project(name="Before")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE projects_project SET name = 'After' WHERE id = %s", [project.pk])
    change = Change.objects.filter(table="projects_project", operation="UPDATE").get()
    assert (change.project_id, change.object_id) == (project.pk, str(project.pk))
    assert (change.old, change.new) == ({"name": "Before"}, {"name": "After"})
    assert change.actor_id is None


def test_an_update_that_changes_nothing_or_a_counter_leaves_no_trace() -> None:
    project = make_project()
    project.last_run_number = 7
    project.save()
    assert not Change.objects.filter(operation="UPDATE").exists()


def test_a_deletion_keeps_the_whole_row() -> None:
    project = make_project()
    member = make_member(project, Role.VIEWER)
    membership = Membership.objects.get(user=member)
    key = membership.pk
    membership.delete()
    change = Change.objects.get(table="projects_membership", operation="DELETE")
    assert (change.object_id, change.project_id) == (str(key), project.pk)
    assert change.old is not None
    assert change.old["role"] == "viewer"


def test_the_trail_itself_cannot_be_changed() -> None:
    make_project()
    for statement in ("UPDATE history_change SET actor_id = 1", "DELETE FROM history_change"):
        with pytest.raises(DatabaseError, match="append_only"), transaction.atomic():
            connection.cursor().execute(statement)


def test_pages_name_who_was_at_work() -> None:
    owner = make_user()
    project = make_project(owner)
    client = Client()
    client.force_login(owner)
    client.post(f"/projects/{project.slug}/settings/", {"name": "Changed", "use_case": "other"})
    assert Change.objects.get(table="projects_project", operation="UPDATE").actor_id == owner.pk
    project.refresh_from_db()
    project.name = "By nobody"
    project.save()
    assert Change.objects.filter(operation="UPDATE").order_by("-pk")[0].actor_id is None


def test_the_api_names_the_owner_of_the_token() -> None:
    owner = make_user()
    project = make_project(owner)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {make_token(owner)}")
    answer = api.patch(f"/api/v1/projects/{project.slug}/", {"description": "New"}, format="json")
    assert answer.status_code == 200
    assert Change.objects.get(table="projects_project", operation="UPDATE").actor_id == owner.pk
